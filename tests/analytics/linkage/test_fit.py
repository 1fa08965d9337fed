from __future__ import annotations

import numpy as np
import pytest

from analytics.linkage.comparisons import comparisons
from analytics.linkage.fit import Patterns, fit, related

FIELDS = ["given_name", "date_of_birth", "national_id", "gender"]
# Shares per level, the last ("different") first.
M = [
    [0.1, 0.05, 0.05, 0.1, 0.7],
    [0.1, 0.02, 0.03, 0.1, 0.75],
    [0.005, 0.05, 0.05, 0.895],
    [0.05, 0.95],
]
U = [
    [0.97, 0.01, 0.01, 0.005, 0.005],
    [0.96, 0.02, 0.015, 0.0045, 0.0005],
    [0.998, 0.001, 0.0009, 0.0001],
    [0.5, 0.5],
]


def drawn(
    shares: list[list[float]], pairs: int, chance: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.column_stack([chance.choice(len(share), pairs, p=share) for share in shares])


def counted(*levels: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> Patterns:
    distinct, pairs = np.unique(np.vstack(levels), axis=0, return_counts=True)
    return Patterns(distinct, pairs.astype(float))


def test_finds_the_shares_the_pairs_were_drawn_with() -> None:
    compared = comparisons(FIELDS)
    chance = np.random.default_rng(7)
    true, others = drawn(M, 4000, chance), drawn(U, 400_000, chance)
    model = fit(compared, counted(true, others), counted(others[:200_000]), 404_000)
    assert model.converged
    assert model.prior == pytest.approx(4000 / 404_000, rel=0.05)
    for found, expected in zip(model.m, M, strict=True):
        assert found == pytest.approx(expected, abs=0.03)
    for found, expected in zip(model.u, U, strict=True):
        assert found == pytest.approx(expected, abs=0.002)


def test_duplicates_in_the_random_sample_are_not_taken_for_chance() -> None:
    compared = comparisons(FIELDS)
    chance = np.random.default_rng(7)
    pairs = counted(drawn(M, 1000, chance), drawn(U, 100_000, chance))
    model = fit(compared, pairs, pairs, 101_000)
    equal_ids = model.u[2][-1]
    assert equal_ids < 0.001, "as they are, 0.8 % of the pairs have equal ids"


def test_a_field_that_is_always_equal_says_nothing() -> None:
    compared = comparisons(FIELDS)
    levels = np.array([[4, 4, 3, 1], [0, 0, 0, 1]])
    model = fit(
        compared,
        Patterns(levels, np.array([50.0, 50.0])),
        Patterns(levels[1:], np.array([5e4])),
        1e5,
    )
    assert model.m[3][1] / model.u[3][1] == pytest.approx(1, abs=0.05)


def test_without_pairs_the_expected_shares_stay() -> None:
    compared = comparisons(FIELDS)
    none = Patterns(np.empty((0, 4), np.int64), np.empty(0))
    model = fit(compared, none, none, 10)
    for found, item in zip(model.m, compared, strict=True):
        assert found[::-1] == pytest.approx([level.prior for level in item.levels], rel=0.2)


def test_relatives_share_what_families_share() -> None:
    def parts(**weights: float) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
        return {field: np.array([weight]) for field, weight in weights.items()}

    family = related(parts(surname=8, address=12, given_name=-5, date_of_birth=-5), 1e-4)
    strangers = related(parts(surname=-5, address=-5, given_name=8, date_of_birth=14), 1e-4)
    assert family > 0 > strangers

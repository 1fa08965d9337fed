"""Answers that others have published or that a page of paper gives, to every printed digit."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from threadpoolctl import threadpool_info

from analytics.attribution import heuristics, journeys, models, shapley

NINE = ["A", "A>B", "A > B > C", "B", "B > A", "B > C > A", "C", "C > A", "C > B > A"]


def paths(names: list[str], **columns: list[float]) -> journeys.Journeys:
    table = {"path": names, "conversions": [1.0] * len(names), **columns}
    return journeys.from_paths(pa.table(table))


@pytest.mark.parametrize(
    ("model", "credit"),
    [
        ("first", (3, 3, 3)),
        ("last", (5, 2, 2)),
        ("last_non_direct", (5, 2, 2)),  # no channel is direct
        ("linear", (3.5, 3, 2.5)),
        ("position", (3.7, 2.8, 2.5)),
        ("markov_1", (3.5477, 2.8382, 2.6141)),
        ("shapley", (4.5, 2.5, 2.0)),
        ("shapley_inside", (3.5, 3, 2.5)),
    ],
)
def test_nine_paths(model: str, credit: tuple[float, ...]) -> None:
    told = models.answer(model, paths(NINE))
    assert told.conversions.round(4).tolist() == list(credit)
    assert told.weights == pytest.approx(np.array(credit) / 9, abs=1e-5)


def test_nine_paths_removal_effects() -> None:
    effects = models.answer("markov_1", paths(NINE)).removal_effects
    assert effects is not None
    assert effects.round(6).tolist() == [0.666667, 0.533333, 0.491228]


def test_shapley_by_hand() -> None:
    worth = dict(
        zip(["O", "F", "D", "OF", "OD", "FD", "OFD"], [7, 6, 4, 15, 7, 9, 19], strict=True)
    )
    found = shapley.values({frozenset(names): float(value) for names, value in worth.items()})
    assert {name: round(value, 4) for name, value in found.items()} == {
        "O": 7.6667,
        "F": 8.1667,
        "D": 3.1667,
    }


def test_markov_with_channels_that_come_back() -> None:
    told = models.answer("markov_1", paths(["A>B>A>B>B>A", "A>B>B>A>A", "A>A"]))
    assert told.removal_effects is not None
    assert told.removal_effects.tolist() == pytest.approx([1.0, 0.5], abs=1e-12)


def test_markov_is_solved_by_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several wait for each other, and give other last digits than one."""
    threads, solve = set(), np.linalg.solve

    def counted(*arguments: np.ndarray) -> np.ndarray:
        threads.update(each["num_threads"] for each in threadpool_info())
        return solve(*arguments)

    monkeypatch.setattr(np.linalg, "solve", counted)
    journey = journeys.from_lists(pa.array([["A", "B"], ["B", "A", "B"]]), np.ones(2), np.ones(2))
    models.answer("markov_2", journey)
    assert threads == {1}


def test_time_decay_halves_every_week() -> None:
    touches = pa.array([["A", "B", "A"]])
    found = journeys.from_lists(touches, [1], [700], ages=[14.0, 7.0, 0.0])
    rule = next(rule for rule in heuristics.RULES if rule.name == "time_decay")
    assert heuristics.touch_shares(rule, found) * 7 == pytest.approx([1, 2, 4])
    assert heuristics.credit(rule, found)[1].tolist() == pytest.approx([500, 200])


def test_position_models_by_length() -> None:
    shares = {
        rule.name: heuristics.touch_shares(rule, paths(["A", "A>A", "A>A>A", "A>A>A>A"]))
        for rule in heuristics.RULES
        if rule.kind == "position"
    }
    third = 1 / 3
    assert shares["position"] == pytest.approx([1, 0.5, 0.5, 0.4, 0.2, 0.4, 0.4, 0.1, 0.1, 0.4])
    assert shares["position_w"] == pytest.approx(
        [1, 0.5, 0.5, third, third, third, 0.3, 0.3, 0.1, 0.3]
    )
    assert shares["position_j"] == pytest.approx([1, 0.25, 0.75, 0.2, 0.2, 0.6, 0.2, 0.1, 0.1, 0.6])


def test_last_non_direct_falls_back_on_a_path_of_direct_visits() -> None:
    told = models.answer(
        "last_non_direct", paths(["A > direct", "Direct > Direct", "direct > A > direct"])
    )
    assert told.conversions.tolist() == [2, 1, 0]  # A, Direct, direct

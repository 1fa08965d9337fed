"""Several treatments at once."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analytics.errors import InputError
from analytics.lift import Panel
from analytics.lift.joint import Joint, Window, joint

UNITS, DAYS = 12, 100
NAMES = tuple(f"u{number:02d}" for number in range(UNITS))


def plan(seed: int, treatments: int = 3, waves: int = 4) -> dict[str, list[Window]]:
    """Each treatment in a third of the units, drawn anew in every wave."""
    random = np.random.default_rng(seed)
    edges = np.linspace(20, DAYS, waves + 1).astype(int)
    return {
        f"t{number}": [
            Window(tuple(random.permutation(NAMES)[:4]), int(first), int(after) - 1)
            for first, after in pairwise(edges)
        ]
        for number in range(treatments)
    }


def means(windows: dict[str, list[Window]], shares: dict[str, float], level: float) -> np.ndarray:
    """Expected sales where ads rest in the windows."""
    unit = level * np.linspace(1, 3, UNITS)[:, None]
    day = 1 + 0.3 * np.sin(2 * math.pi * np.arange(DAYS) / 7)[None, :]
    expected = unit * day
    for name, share in shares.items():
        for window in windows[name]:
            rows = [NAMES.index(unit) for unit in window.units]
            expected[np.ix_(rows, range(window.start, window.end + 1))] *= 1 - share  # type: ignore[operator]
    return expected


def panel(value: np.ndarray) -> Panel:
    return Panel(NAMES[: len(value)], tuple(range(value.shape[1])), value)


@given(seed=st.integers(0, 1000), shares=st.lists(st.floats(-0.3, 0.6), min_size=3, max_size=3))
@settings(max_examples=10)
def test_what_there_is_without_noise_is_found_exactly(seed: int, shares: list[float]) -> None:
    windows = plan(seed)
    truth = dict(zip(windows, shares, strict=True))
    found = joint(panel(means(windows, truth, 100)), windows)
    for name, share in truth.items():
        assert found[name].share == pytest.approx(share, abs=1e-7)


def test_it_is_the_poisson_regression_with_a_coefficient_per_unit_and_day() -> None:
    """Against a general optimizer on the written-out likelihood."""
    windows = {"t": [Window(("u00", "u01"), 3, 6)], "s": [Window(("u01", "u02"), 5, 8)]}
    value = np.random.default_rng(5).poisson(20, (4, 10)).astype(float)
    found = joint(panel(value), windows)
    design = np.zeros((2, 4, 10))
    design[0, :2, 3:7] = 1
    design[1, 1:3, 5:9] = 1

    def loss(free: np.ndarray) -> float:
        unit, day, theta = free[:4, None], np.append(0, free[4:13])[None, :], free[13:]
        level = unit + day + np.einsum("k,kut->ut", theta, design)
        return float((np.exp(level) - value * level).sum())

    best = optimize.minimize(loss, np.zeros(15), method="BFGS", options={"gtol": 1e-7})
    assert found["t"].log_effect == pytest.approx(best.x[13], abs=1e-5)
    assert found["s"].log_effect == pytest.approx(best.x[14], abs=1e-5)


def test_intervals_cover_what_is_true() -> None:
    """Also where shops have shocks that last (standard deviation 10% from day to day, and 5% over
    ten days), which a Poisson model alone would take for certainty."""
    covered, tests = 0, 0
    random = np.random.default_rng(7)
    for seed in range(40):
        windows = plan(seed)
        truth = {"t0": 0.05, "t1": 0.0, "t2": 0.2}
        shocks = np.repeat(random.normal(0, 0.05, (UNITS, DAYS // 10)), 10, axis=1)
        level = means(windows, truth, 60) * np.exp(shocks + random.normal(0, 0.1, (UNITS, DAYS)))
        found = joint(panel(random.poisson(level).astype(float)), windows)
        for name, share in truth.items():
            interval = found[name].interval(0.95)
            covered += interval.low <= share <= interval.high
            tests += 1
    assert covered / tests >= 0.9


def test_what_is_told_of_a_treatment() -> None:
    windows = {"t": [Window(("u00", "u01"), 5, 9)]}
    value = np.full((4, 20), 10.0)
    value[:2, 5:10] = 8.0
    found: Joint = joint(panel(value), windows)["t"]
    assert found.share == pytest.approx(0.2)
    # Days 5 to 9; two of four units had ads, and a fifth of what they sold is theirs.
    assert (found.start, found.end, found.units, found.cells) == (5, 9, 2, 10)
    assert (found.exposed, found.total) == (100.0, 180.0)
    assert found.incremental == pytest.approx(20.0)


def test_what_works_on_is_washed_out() -> None:
    value = np.full((4, 30), 10.0)
    value[:2, 10:20] = 8.0
    value[:2, 10:13] = [9.5, 9.0, 8.5]  # the ads of before
    value[:2, 20:23] = [8.5, 9.0, 9.5]
    windows = {"t": [Window(("u00", "u01"), 10, 19)]}
    assert joint(panel(value), windows)["t"].share < 0.18
    assert joint(panel(value), windows, washout=3)["t"].share == pytest.approx(0.2)


def test_a_treatment_that_adds_is_told_by_what_it_added() -> None:
    value = np.full((4, 20), 10.0)
    value[:2, 5:10] = 12.5
    found = joint(panel(value), {"t": [Window(("u00", "u01"), 5, 9)]}, holdout=False)["t"]
    assert found.share == pytest.approx(0.2)  # of 12.5
    assert found.incremental == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ({}, "no treatment was named"),
        ({"t": [Window(("u00",), 90, 95)]}, "t: the window from 90 to 95 has no period"),
        ({"t": [Window(("x",), 3, 5)]}, "no unit is called x"),
        ({"t": [Window(NAMES[:4], 3, 5)]}, "t covers whole units or whole periods only"),
        (
            {"t": [Window(("u00",), 3, 5)], "s": [Window(("u00",), 3, 5)]},
            "t and s always apply together",
        ),
    ],
)
def test_what_cannot_be_told_says_why(windows: dict[str, list[Window]], words: str) -> None:
    value = np.random.default_rng(1).poisson(20, (4, 20)).astype(float)
    with pytest.raises(InputError, match=words):
        joint(panel(value), windows)


def test_a_negative_value_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        joint(panel(np.full((4, 20), -1.0)), {"t": [Window(("u00",), 3, 5)]})

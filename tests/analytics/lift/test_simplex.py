"""Least squares on the simplex: known weights, optimality, agreement with a general solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from analytics.lift.simplex import simplex_weights


def test_a_convex_combination_is_found_again() -> None:
    random = np.random.default_rng(1)
    donors = random.normal(size=(6, 30)) * 1e6
    weights = np.array([0.5, 0.0, 0.3, 0.0, 0.2, 0.0])
    assert simplex_weights(donors, weights @ donors) == pytest.approx(weights, abs=1e-9)


def test_outside_the_hull_the_nearest_corner_is_taken() -> None:
    assert simplex_weights(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([5.0, 0.0])).tolist() == [
        1,
        0,
    ]


def test_a_donor_that_equals_the_target_gets_all() -> None:
    donors = np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
    assert simplex_weights(donors, donors[0]) == pytest.approx([1, 0])


def test_one_donor_and_no_movement() -> None:
    assert simplex_weights(np.zeros((1, 5)), np.zeros(5)).tolist() == [1]


@given(
    seed=st.integers(0, 10_000),
    donors=st.integers(2, 30),
    periods=st.integers(3, 60),
    scale=st.sampled_from([1e-3, 1.0, 1e7]),
)
def test_no_direction_on_the_simplex_leads_down(
    seed: int, donors: int, periods: int, scale: float
) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(size=(donors, periods)).cumsum(axis=1) * scale
    y = (random.dirichlet(np.full(donors, 0.3)) @ x) + random.normal(size=periods) * scale
    w = simplex_weights(x, y)
    assert w.min() >= 0
    assert w.sum() == pytest.approx(1)
    slope = x @ (w @ x - y)
    assert (slope - w @ slope).min() >= -1e-7 * np.abs(x).max() * np.abs(y).max() * periods


def test_a_general_solver_is_not_better() -> None:
    random = np.random.default_rng(5)
    x = random.normal(size=(5, 40))
    y = random.normal(size=40)
    other = minimize(
        lambda w: np.sum((w @ x - y) ** 2), np.full(5, 0.2), method="SLSQP", bounds=[(0, 1)] * 5,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1}, options={"ftol": 1e-14},
    )  # fmt: skip
    assert simplex_weights(x, y) == pytest.approx(other.x, abs=1e-5)

"""Forecasts of series whose future is known, exactly or in law."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.forecast import HORIZON, LEVELS, forecast
from analytics.forecast.theta import Bools, Floats, theta

ALWAYS = np.ones((1, 7), dtype=bool)
WEEK = np.array([10.0, 20, 30, 40, 50, 90, 0])
SIX_DAYS = np.array([[True] * 6 + [False]])


def shops(seed: int, days: int, *, growth: float = 0.0) -> tuple[Floats, Bools]:
    """Forty shops with weekdays of their own, half of them closed on Sundays, that change slowly;
    counts scatter more than chance alone makes them, and a counter is silent now and then."""
    rng = np.random.default_rng(seed)
    is_open = np.ones((40, 7), dtype=bool)
    is_open[:20, 6] = False
    weekday = np.exp(rng.normal(0, 0.25, 7) + rng.normal(0, 0.1, (40, 7)))
    level = np.exp(rng.normal(0, 0.01, (40, days)).cumsum(axis=1) + growth * np.arange(days))
    size = np.exp(rng.normal(4, 0.8, 40))
    at = np.arange(days) % 7
    mean = size[:, None] * level * weekday[:, at]
    counts = rng.poisson(rng.gamma(mean / 3) * 3).astype(float)
    counts[rng.random(counts.shape) < 0.02] = np.nan
    counts[~is_open[:, at]] = 0
    return counts, is_open


def test_what_repeats_week_by_week_goes_on() -> None:
    found = forecast(np.tile(WEEK, 20)[None], 0, SIX_DAYS)
    assert found.reason == ("",)
    np.testing.assert_allclose(found.mean[0], np.tile(WEEK, 4), atol=1e-6)
    assert found.wape[0] == pytest.approx(0, abs=1e-6)
    assert found.naive_wape[0] == 0


def test_the_week_may_begin_on_any_day_and_old_days_are_forgotten() -> None:
    """Thursday first, and more than half a year: days must not slip."""
    days = np.tile(WEEK, 60)[3:]
    found = theta(days[None], 3, SIX_DAYS, HORIZON)
    np.testing.assert_allclose(found.mean[0], np.tile(WEEK, 4), atol=1e-6)


def test_half_of_a_trend_goes_on() -> None:
    """Theta of a straight line: its last value and half its slope for each day ahead (to within
    what smoothing lags)."""
    line = 100 + 0.5 * np.arange(182.0)
    mean = theta(line[None], 0, ALWAYS, HORIZON).mean[0]
    assert np.diff(mean).mean() == pytest.approx(0.25, rel=0.1)
    assert mean[0] == pytest.approx(line[-1], rel=0.02)


@pytest.mark.parametrize("growth", [0.0, 0.004])
def test_intervals_hold_what_came_and_last_week_is_beaten(growth: float) -> None:
    inside: dict[float, list[float]] = {level: [] for level in LEVELS}
    for seed in range(3):
        counts, is_open = shops(seed, 120 + HORIZON, growth=growth)
        found = forecast(counts[:, :120], 0, is_open)
        came = counts[:, 120:]
        known = is_open[:, (120 + np.arange(HORIZON)) % 7] & ~np.isnan(came)
        for level in LEVELS:
            held = (came >= np.floor(found.low[level])) & (came <= np.ceil(found.high[level]))
            inside[level].append(float(held[known].mean()))
        assert np.mean(found.wape) < 0.9 * np.mean(found.naive_wape)
        assert np.nanmean(found.coverage) == pytest.approx(0.95, abs=0.03)
    # A month has a fate of its own that all shops may share.
    assert np.mean(inside[0.8]) == pytest.approx(0.8, abs=0.07)
    assert np.mean(inside[0.95]) == pytest.approx(0.95, abs=0.03)


def test_nothing_is_below_nothing_and_a_closed_day_has_nobody() -> None:
    falling = np.maximum(100 - np.arange(112.0), 1)
    found = forecast(falling[None], 0, SIX_DAYS)
    closed = np.arange(HORIZON) % 7 == 6
    for values in (found.mean, *found.low.values(), *found.high.values()):
        assert (values >= 0).all()
        assert (values[0, closed] == 0).all()


def test_too_little_is_said_to_be_too_little() -> None:
    counts = np.full((4, 120), np.nan)
    counts[0, -55:] = 5  # a day too few
    counts[1, -56:] = 5
    counts[2, :80] = 5  # the counter was taken down
    counts[3] = 5
    counts[3, -HORIZON:] = 0  # the shop was closed for good
    found = forecast(counts, 0, np.ones((4, 7), dtype=bool))
    assert found.reason == ("short_history", "", "stopped", "stopped")
    assert not np.isnan(found.mean).any()
    assert np.isnan(found.wape[0])


def test_hardly_anything_is_no_error() -> None:
    """Sales on one day in ten: no season to divide by, no interval without a number."""
    rare = np.zeros((2, 150))
    rare[0, ::10] = 500
    found = forecast(rare, 0, np.ones((2, 7), dtype=bool))
    assert found.reason == ("", "stopped")
    for values in (found.mean, *found.low.values(), *found.high.values()):
        assert np.isfinite(values).all()

"""Forecasts with intervals that past forecasts earned: from several earlier days each series is
forecast as if that day were the newest, and how far that was off says how wide intervals are
(conformal: Vovk, Gammerman & Shafer 2005; errors of all series together, each by its own scale).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.forecast.theta import WEEK, Bools, Floats, Ints, theta

HORIZON = 4 * WEEK
# A forecast needs so many days of its series, a back-test so many before its first one.
LEAST_DAYS = 8 * WEEK
ORIGINS = 8
LEVELS = (0.8, 0.95)
# Fewer errors than this tell no 2.5% quantile; the normal's is taken where it is wider.
LEAST_ERRORS = 200
_NORMAL = {0.8: 1.2815515655446004, 0.95: 1.959963984540054}


@dataclass(frozen=True)
class Forecast:
    """Series × days ahead; ``reason`` says why a series has none, '' where it has one."""

    mean: Floats
    low: dict[float, Floats]
    high: dict[float, Floats]
    reason: tuple[str, ...]
    wape: Floats  # of the back-test, NaN without one
    naive_wape: Floats
    coverage: Floats  # share of its days inside the 95% interval that the other back-tests give
    backtest_days: Ints


@dataclass(frozen=True)
class _Tried:
    """One back-test: what was expected, what came, what last week would have said."""

    mean: Floats
    naive: Floats
    actual: Floats
    scale: Floats

    def score(self) -> Floats:
        """How far off, in standard deviations."""
        spread = np.sqrt(self.scale[:, None] * self.mean)
        score: Floats = np.divide(
            self.actual - self.mean, spread, out=np.full_like(self.mean, np.nan), where=spread > 0
        )
        return score


def forecast(values: Floats, weekday: int, is_open: Bools) -> Forecast:
    """``values``: series × days up to the newest whole one, NaN where nobody counted; ``weekday``
    of the first day, 0 is Monday; ``is_open``: series × 7."""
    series, days = values.shape
    reason = tuple(_reason(row) for row in values)
    usable = np.array([not why for why in reason], dtype=bool)
    tried = [
        _try(values, weekday, is_open, origin, usable)
        for origin in range(days - HORIZON, LEAST_DAYS - 1, -WEEK)[:ORIGINS]
    ]
    fitted = theta(values, weekday, is_open, HORIZON)
    spread = np.sqrt(fitted.dispersion[:, None] * fitted.mean)
    ends = _ends([each.score() for each in tried])
    low, high = {}, {}
    for level in LEVELS:
        below, above = ends[level]
        low[level] = np.maximum(fitted.mean + below * spread, 0.0)
        high[level] = np.maximum(fitted.mean + above * spread, 0.0)
    wape, naive_wape, count = _wape(tried, series)
    return Forecast(
        fitted.mean, low, high, reason, wape, naive_wape, _coverage(tried, series), count
    )


def _reason(row: Floats) -> str:
    known = np.flatnonzero(~np.isnan(row))
    if known.size < LEAST_DAYS:
        return "short_history"
    if row.size - 1 - known[-1] >= HORIZON or not np.nansum(row[-HORIZON:]) > 0:
        return "stopped"
    return ""


def _try(values: Floats, weekday: int, is_open: Bools, origin: int, usable: Bools) -> _Tried:
    before, actual = values[:, :origin], values[:, origin : origin + HORIZON]
    fitted = theta(before, weekday, is_open, HORIZON)
    enough = usable & ((~np.isnan(before)).sum(axis=1) >= LEAST_DAYS // 2)
    ahead = (weekday + origin + np.arange(HORIZON)) % WEEK
    compared = enough[:, None] & is_open[:, ahead] & ~np.isnan(actual)
    return _Tried(
        fitted.mean, _naive(before), np.where(compared, actual, np.nan), fitted.dispersion
    )


def _naive(before: Floats) -> Floats:
    """Each day as the same weekday was last, of the last four."""
    weeks = before.shape[1] // WEEK
    latest = before[:, -min(weeks, 4) * WEEK :].reshape(before.shape[0], -1, WEEK)
    found = np.zeros((before.shape[0], WEEK))
    for week in range(latest.shape[1]):
        found = np.where(np.isnan(latest[:, week]), found, latest[:, week])
    return np.tile(found, (1, HORIZON // WEEK))


def _ends(scores: list[Floats]) -> dict[float, tuple[Floats, Floats]]:
    """Quantiles of the errors, per day ahead: those of the week that it lies in."""
    ends = {}
    for level in LEVELS:
        below, above = np.full(HORIZON, -_NORMAL[level]), np.full(HORIZON, _NORMAL[level])
        for week in range(HORIZON // WEEK):
            days = slice(week * WEEK, (week + 1) * WEEK)
            errors = np.concatenate([each[:, days].ravel() for each in scores] or [np.zeros(0)])
            errors = errors[~np.isnan(errors)]
            if errors.size == 0:
                continue
            # One error more than there are: the one to come.
            tail = (1 - level) / 2 * (errors.size - 1) / (errors.size + 1)
            found = np.quantile(errors, [tail, 1 - tail])
            if errors.size < LEAST_ERRORS:
                found = np.minimum(found[0], below[0]), np.maximum(found[1], above[0])
            below[days], above[days] = found
        ends[level] = below, above
    return ends


def _wape(tried: list[_Tried], series: int) -> tuple[Floats, Floats, Ints]:
    """Sum of errors over sum of what came, of all back-tests; of the model and of last week."""
    whole, wrong, naive = np.zeros(series), np.zeros(series), np.zeros(series)
    count = np.zeros(series, dtype=np.int64)
    for each in tried:
        known = ~np.isnan(each.actual)
        actual = np.where(known, each.actual, 0.0)
        whole += actual.sum(axis=1)
        wrong += np.where(known, np.abs(each.mean - actual), 0.0).sum(axis=1)
        naive += np.where(known, np.abs(each.naive - actual), 0.0).sum(axis=1)
        count += known.sum(axis=1)
    nothing = np.full(series, np.nan)
    return (
        np.divide(wrong, whole, out=nothing.copy(), where=whole > 0),
        np.divide(naive, whole, out=nothing.copy(), where=whole > 0),
        count,
    )


def _coverage(tried: list[_Tried], series: int) -> Floats:
    """Each back-test by the intervals that those give which share no day with it."""
    inside, count = np.zeros(series), np.zeros(series)
    apart = HORIZON // WEEK
    for place, each in enumerate(tried):
        others = [other.score() for at, other in enumerate(tried) if abs(at - place) >= apart]
        if not others:
            continue
        below, above = _ends(others)[0.95]
        score = each.score()
        known = ~np.isnan(score)
        inside += (known & (score >= below) & (score <= above)).sum(axis=1)
        count += known.sum(axis=1)
    coverage: Floats = np.divide(inside, count, out=np.full(series, np.nan), where=count > 0)
    return coverage

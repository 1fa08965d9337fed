"""The Theta method (Assimakopoulos & Nikolopoulos 2000; as Hyndman & Billah 2003 write it: simple
exponential smoothing with half the trend), for many daily series at once.

Its own code and not statsmodels' ThetaModel: that fits one series at a time, knows no day without
a count and no day on which a shop is closed, and its season is the series' alone. Here a weekday is
shared among shops as far as a shop's own weeks are too few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

WEEK = 7
# Of a season it knows the week only, so older days say little of the next month.
LATEST = 26 * WEEK
# How fast the level follows; the one that would have erred least is taken, shop by shop.
ALPHAS = np.array([0.02, 0.05, 0.1, 0.2, 0.3])
# A shop's own weekday counts as much as all shops' after so many weeks.
SHARED_WEEKS = 4.0


@dataclass(frozen=True)
class Fitted:
    """What one fit expects: ``mean`` by series and day, and how far days scatter: the variance of
    a day over its mean."""

    mean: Floats
    dispersion: Floats


def theta(values: Floats, weekday: int, is_open: Bools, horizon: int) -> Fitted:
    """``values``: series × days, NaN where nobody counted; ``weekday`` of the first day, 0 is
    Monday; ``is_open``: series × 7."""
    older = max(0, values.shape[1] - LATEST)
    values = values[:, older:]
    days = values.shape[1]
    weekdays = (weekday + older + np.arange(days + horizon)) % WEEK
    opened = is_open[:, weekdays]
    seen = np.where(opened[:, :days], values, np.nan)
    season = _season(seen, weekdays[:days], is_open)
    level = season[:, weekdays]
    usual = np.divide(
        seen, level[:, :days], out=np.full_like(seen, np.nan), where=level[:, :days] > 0
    )
    alpha, last, errors = _smooth(usual)
    slope = _slope(usual)
    count = np.maximum((~np.isnan(usual)).sum(axis=1), 1)
    # What smoothing lags behind a trend, and the way ahead: each by half the trend.
    lag = (1 - (1 - alpha) ** count) / alpha
    ahead = last[:, None] + 0.5 * slope[:, None] * (np.arange(horizon)[None, :] + lag[:, None])
    mean = np.where(opened[:, days:], np.maximum(ahead, 0) * level[:, days:], 0.0)
    scale = level[:, :days]
    expected = np.maximum((usual - errors) * scale, 1e-9)
    pearson = np.where(np.isnan(errors), np.nan, (errors * scale) ** 2 / expected)
    return Fitted(mean, _mean(np.minimum(pearson, 1e12)))


def _mean(values: Floats) -> Floats:
    """Of each row; 0 where there is nothing."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: Floats = total / np.maximum(known.sum(axis=1), 1)
    return mean


def _season(seen: Floats, weekdays: Ints, is_open: Bools) -> Floats:
    """How each weekday compares with the week around it, 1 on an average open day; series × 7."""
    known = ~np.isnan(seen)
    local = _around(np.where(known, seen, 0.0), known)
    # At the ends the week around a day is not whole, and leans as the trend does.
    whole_weeks = np.zeros(seen.shape[1], dtype=bool)
    whole_weeks[WEEK // 2 : seen.shape[1] - WEEK // 2] = True
    used = known & whole_weeks
    of_day = (weekdays[:, None] == np.arange(WEEK)).astype(float)  # days × 7
    total, count = np.where(used, seen, 0.0) @ of_day, used.astype(float) @ of_day
    usual = np.where(used, local, 0.0) @ of_day
    # All shops together, each as large as it is: a sum of ratios would be the smallest shops'.
    shared = np.divide(
        total.sum(axis=0), usual.sum(axis=0), out=np.ones(WEEK), where=usual.sum(axis=0) > 0
    )
    own = np.divide(total, usual, out=np.ones_like(total), where=usual > 0)
    index = (count * own + SHARED_WEEKS * shared) / (count + SHARED_WEEKS)
    index = np.where(is_open, index, 0.0)
    opened = np.maximum(is_open.sum(axis=1), 1)
    whole = index.sum(axis=1) / opened
    season: Floats = np.divide(
        index, whole[:, None], out=np.zeros_like(index), where=whole[:, None] > 0
    )
    return season


def _around(filled: Floats, known: Bools) -> Floats:
    """The mean of the known days from three before to three after."""
    padding = ((0, 0), (WEEK // 2 + 1, WEEK // 2))
    sums, counts = (
        np.cumsum(np.pad(each.astype(float), padding), axis=1) for each in (filled, known)
    )
    total, count = sums[:, WEEK:] - sums[:, :-WEEK], counts[:, WEEK:] - counts[:, :-WEEK]
    mean: Floats = np.divide(total, count, out=np.zeros_like(total), where=count > 0)
    return mean


def _smooth(usual: Floats) -> tuple[Floats, Floats, Floats]:
    """Per series the best alpha, the last level, and the errors of each day's forecast."""
    series, days = usual.shape
    start = _mean(usual[:, : 4 * WEEK])
    empty = np.isnan(usual[:, : 4 * WEEK]).all(axis=1)
    start = np.where(empty, _mean(usual), start)
    level = np.repeat(start[:, None], ALPHAS.size, axis=1)
    errors = np.full((series, ALPHAS.size, days), np.nan)
    for day in range(days):
        error = usual[:, day, None] - level
        known = ~np.isnan(error)
        errors[:, :, day] = error
        level = level + np.where(known, ALPHAS * np.where(known, error, 0.0), 0.0)
    wrong = np.nansum(errors**2, axis=2)
    best = wrong.argmin(axis=1)
    rows = np.arange(series)
    return ALPHAS[best], level[rows, best], errors[rows, best]


def _slope(usual: Floats) -> Floats:
    """The least-squares trend per day of each series; where a series is short of days, none."""
    known = ~np.isnan(usual)
    count = known.sum(axis=1)
    at = np.arange(usual.shape[1], dtype=float)
    enough = count >= 4 * WEEK
    mean_at = (known * at).sum(axis=1) / np.maximum(count, 1)
    centred = np.where(known, at[None, :] - mean_at[:, None], 0.0)
    across = (centred * np.where(known, usual, 0.0)).sum(axis=1)
    spread = (centred**2).sum(axis=1)
    slope: Floats = np.where(
        enough, np.divide(across, spread, out=np.zeros_like(across), where=spread > 0), 0.0
    )
    return slope

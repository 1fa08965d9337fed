"""A/B tests of coupons and campaigns: who was drawn at random got one variant or another.

One observation per randomised unit (customer, household, receipt): if customers were drawn, sum
their receipts up first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from analytics.errors import InputError
from analytics.lift.panel import Floats
from analytics.lift.result import Interval

SRM_ALPHA = 0.001
RESAMPLES = 1_999
CELLS = 4_000_000


@dataclass(frozen=True)
class Comparison:
    """A variant against the control.

    ``difference`` is variant − control of the means (for conversions: of the rates); ``relative``
    is variant/control − 1. ``p_value`` is two-sided; ``adjusted_p`` is Holm's over all variants of
    the test.
    """

    variant: str
    control: str
    method: str
    units: tuple[int, int]
    means: tuple[float, float]
    difference: float
    interval: Interval
    relative: float
    relative_interval: Interval
    p_value: float
    adjusted_p: float
    bootstrap: Interval | None = None
    variance_reduction: float | None = None


def wilson(successes: int, trials: int, level: float = 0.95) -> Interval:
    """Wilson's score interval of a rate: (p̂ + z²/2n ± z·√(p̂q̂/n + z²/4n²)) / (1 + z²/n)."""
    _count(successes, trials)
    z = float(stats.norm.ppf(0.5 + level / 2))
    rate, share = successes / trials, z * z / trials
    middle = rate + share / 2
    half = z * math.sqrt(rate * (1 - rate) / trials + share / (4 * trials))
    return Interval(level, (middle - half) / (1 + share), (middle + half) / (1 + share))


def proportions(
    control: tuple[int, int],
    variant: tuple[int, int],
    level: float = 0.95,
    names: tuple[str, str] = ("control", "variant"),
) -> Comparison:
    """Two rates, each as (successes, trials).

    Interval of the difference: Newcombe's hybrid score (1998, method 10), made of both Wilson
    intervals. p: z test with the pooled rate. Relative: log ratio, variance 1/x₁ − 1/n₁ + 1/x₀ −
    1/n₀ (Katz); unbounded above if the control, undefined if either, has no success.
    """
    (x0, n0), (x1, n1) = control, variant
    _count(x0, n0)
    _count(x1, n1)
    p0, p1 = x0 / n0, x1 / n1
    w0, w1 = wilson(x0, n0, level), wilson(x1, n1, level)
    difference = p1 - p0
    low = difference - math.hypot(p1 - w1.low, w0.high - p0)
    high = difference + math.hypot(w1.high - p1, p0 - w0.low)
    pooled = (x0 + x1) / (n0 + n1)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1))
    p_value = 2 * float(stats.norm.sf(abs(difference) / error)) if error else 1.0
    if x0 and x1:
        spread = math.sqrt(1 / x1 - 1 / n1 + 1 / x0 - 1 / n0)
        relative, bounds = _ratio(p1 / p0, spread, level)
    else:
        relative, bounds = (-1.0 if x0 else math.nan), Interval(level, -1.0, math.inf)
    return Comparison(
        variant=names[1], control=names[0], method="newcombe", units=(n0, n1), means=(p0, p1),
        difference=difference, interval=Interval(level, low, high), relative=relative,
        relative_interval=bounds, p_value=p_value, adjusted_p=p_value,
    )  # fmt: skip


def means(
    control: Floats,
    variant: Floats,
    level: float = 0.95,
    names: tuple[str, str] = ("control", "variant"),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Two means of anything, such as revenue per customer with many zeros and a few big baskets.

    Interval and p: Welch's t (unequal variances, Satterthwaite's degrees of freedom).
    ``bootstrap``: bootstrap-t (Efron), which follows skewness: quantiles of (d* − d)/se* over
    resamples of each arm, interval d − q·se; None with ``resamples=0``. Relative: log ratio of
    means, variance s₁²/(n₁m₁²) + s₀²/(n₀m₀²) (delta method); undefined unless both means are above
    0.
    """
    zero, one = _sample(control, names[0]), _sample(variant, names[1])
    m0, m1 = float(zero.mean()), float(one.mean())
    v0, v1 = float(zero.var(ddof=1)) / len(zero), float(one.var(ddof=1)) / len(one)
    difference, error = m1 - m0, math.sqrt(v0 + v1)
    if error:
        degrees = (v0 + v1) ** 2 / (v0**2 / (len(zero) - 1) + v1**2 / (len(one) - 1))
        p_value = 2 * float(stats.t.sf(abs(difference) / error, degrees))
        half = float(stats.t.ppf(0.5 + level / 2, degrees)) * error
    else:
        p_value, half = (0.0 if difference else 1.0), 0.0
    if m0 > 0 and m1 > 0:
        relative, bounds = _ratio(m1 / m0, math.sqrt(v1 / m1**2 + v0 / m0**2), level)
    else:
        relative, bounds = math.nan, Interval(level, -math.inf, math.inf)
    return Comparison(
        variant=names[1], control=names[0], method="welch", units=(len(zero), len(one)),
        means=(m0, m1),
        difference=difference, interval=Interval(level, difference - half, difference + half),
        relative=relative, relative_interval=bounds, p_value=p_value, adjusted_p=p_value,
        bootstrap=_bootstrap_t(zero, one, level, resamples, seed) if resamples and error else None,
    )  # fmt: skip


def cuped(
    control: Floats,
    variant: Floats,
    control_before: Floats,
    variant_before: Floats,
    level: float = 0.95,
    names: tuple[str, str] = ("control", "variant"),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Means with less noise by what the same units did before (Deng, Xu, Kohavi and Walker 2013).

    Each value is taken less θ·(before − mean before of all), θ = Σ S_xy / Σ S_xx over arms (each
    about its own means, so the effect is not in θ). ``variance_reduction``: 1 − var(difference)
    with / without.
    """
    y0, y1 = _sample(control, names[0]), _sample(variant, names[1])
    x0, x1 = _sample(control_before, names[0]), _sample(variant_before, names[1])
    if len(x0) != len(y0) or len(x1) != len(y1):
        raise InputError("each unit needs its value and its value before the test")
    within = [(y - y.mean(), x - x.mean()) for y, x in ((y0, x0), (y1, x1))]
    square = sum(float(x @ x) for _, x in within)
    theta = sum(float(y @ x) for y, x in within) / square if square else 0.0
    centre = float(np.concatenate([x0, x1]).mean())
    adjusted = means(
        y0 - theta * (x0 - centre), y1 - theta * (x1 - centre), level, names, resamples, seed
    )
    plain, less = (
        a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)
        for a, b in ((y0, y1), (y0 - theta * x0, y1 - theta * x1))
    )
    reduction = 1 - float(less / plain) if plain else 0.0
    return replace(adjusted, method="cuped", variance_reduction=reduction)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given."""
    order = np.argsort(p_values, kind="stable")
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = worst
    return adjusted


def with_holm(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons with ``adjusted_p`` over all of them."""
    adjusted = holm([item.p_value for item in comparisons])
    return [replace(c, adjusted_p=p) for c, p in zip(comparisons, adjusted, strict=True)]


def sample_ratio(counts: Mapping[str, int], shares: Mapping[str, float] | None = None) -> float:
    """p-value of Pearson's χ² that units fell to the variants in these shares (default: equal).

    Below ``SRM_ALPHA`` the randomisation or the counting is broken, and no comparison can be
    trusted.
    """
    if len(counts) < 2 or min(counts.values()) < 0 or not sum(counts.values()):
        raise InputError("a sample ratio needs two variants and at least one unit")
    wanted = shares or dict.fromkeys(counts, 1.0)
    if wanted.keys() != counts.keys() or min(wanted.values()) <= 0:
        raise InputError(f"shares above 0 are needed for exactly {', '.join(sorted(counts))}")
    total, whole = sum(counts.values()), sum(wanted.values())
    expected = [total * wanted[name] / whole for name in counts]
    return float(stats.chisquare(list(counts.values()), expected).pvalue)


def _ratio(ratio: float, spread: float, level: float) -> tuple[float, Interval]:
    reach = float(stats.norm.ppf(0.5 + level / 2)) * spread
    bounds = (ratio * math.exp(-reach) - 1, ratio * math.exp(reach) - 1)
    return ratio - 1, Interval(level, *bounds)


def _bootstrap_t(zero: Floats, one: Floats, level: float, resamples: int, seed: int) -> Interval:
    random = np.random.default_rng(seed)
    m0, v0 = _resampled(zero, resamples, random)
    m1, v1 = _resampled(one, resamples, random)
    difference = float(one.mean() - zero.mean())
    errors = np.sqrt(v0 + v1)
    errors[errors == 0] = np.inf  # a resample of equal values says nothing about the spread
    ratios = ((m1 - m0) - difference) / errors
    error = math.sqrt(zero.var(ddof=1) / len(zero) + one.var(ddof=1) / len(one))
    low, high = np.quantile(ratios, [0.5 - level / 2, 0.5 + level / 2])
    return Interval(level, difference - float(high) * error, difference - float(low) * error)


def _resampled(
    values: Floats, resamples: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mean and squared standard error of each resample, in pieces that fit into memory."""
    averages, squares = [], []
    size = len(values)
    at_once = max(1, CELLS // size)
    for begin in range(0, resamples, at_once):
        drawn = values[random.integers(0, size, (min(at_once, resamples - begin), size))]
        averages.append(drawn.mean(axis=1))
        squares.append(drawn.var(axis=1, ddof=1) / size)
    return np.concatenate(averages), np.concatenate(squares)


def _sample(values: Floats, name: str) -> Floats:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or len(sample) < 2:
        raise InputError(f"{name}: at least two units are needed")
    if not np.isfinite(sample).all():
        raise InputError(f"{name}: some values are missing or infinite")
    return sample


def _count(successes: int, trials: int) -> None:
    if trials < 1 or not 0 <= successes <= trials:
        raise InputError(f"{successes} successes of {trials} trials cannot be")

"""Inference by permutation: of labels over units (DiD), of residuals over time (synthetic)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from analytics.lift.experiment import Experiment
from analytics.lift.panel import Floats
from analytics.lift.placebo import TOLERANCE, groups, share_at_least
from analytics.lift.result import LEVELS, Inference, Interval

MOST_ASSIGNMENTS = 5_000
ORDERS = 999


def over_units(experiment: Experiment, most: int = MOST_ASSIGNMENTS, seed: int = 0) -> Inference:
    """Fisher's test of difference in differences, and its exact inversion.

    With d_i = mean after − mean before of unit i, the statistic is the difference of treated and
    control mean of d. It is computed for every assignment of as many treated units (or, if there
    are more than ``most``, for that many by seed and the real one). p: the share at least as
    extreme. The interval holds every constant effect τ per unit and period with p(τ) > 1 − level:
    under τ the statistic of assignment a is D_a − τ·O_a, where O_a is the same difference of the
    real treatment indicator, and |D_a − τ·O_a| ≥ |D − τ| holds between τ = (D − D_a)/(1 − O_a) and
    τ = (D + D_a)/(1 + O_a): no grid.

    Of the total effect. Unbounded where there are fewer than 1/(1 − level) assignments.
    """
    pre, treated = experiment.pre, experiment.treated
    rows = np.sort(np.concatenate([treated, experiment.controls]))
    value = experiment.panel.value[rows]
    change = value[:, pre:].mean(axis=1) - value[:, :pre].mean(axis=1)
    real = tuple(np.flatnonzero(np.isin(rows, treated)).tolist())
    indicator = np.zeros(len(rows))
    indicator[list(real)] = 1.0
    size = len(real)
    drawn = [g for g in groups(size, np.arange(len(rows)), most, seed) if g != real]
    member = np.zeros((len(drawn) + 1, len(rows)))
    member[0, list(real)] = 1.0
    for number, group in enumerate(drawn, start=1):
        member[number, list(group)] = 1.0

    def difference(of: Floats) -> Floats:
        within = member @ of
        return np.asarray(within / size - (of.sum() - within) / (len(rows) - size))

    effects, overlap = difference(change), difference(indicator)
    effect, count = float(effects[0]), len(effects)
    extreme = np.abs(effects) >= abs(effect) * (1 - TOLERANCE)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, other = (effect - effects) / (1 - overlap), (effect + effects) / (1 + overlap)
    # An assignment that mirrors the real one is as extreme under every τ, as the real one is
    # itself.
    always = np.abs(overlap) > 1 - 1e-12
    low = np.sort(np.where(always, -np.inf, np.minimum(one, other)))
    high = np.sort(np.where(always, np.inf, np.maximum(one, other)))[::-1]
    scale = size * experiment.post
    listed = []
    for level in LEVELS:
        rank = math.floor((1 - level) * count + TOLERANCE)
        listed.append(Interval(level, float(low[rank]) * scale, float(high[rank]) * scale))
    return Inference(float(extreme.mean()), tuple(listed))


def over_time(
    experiment: Experiment,
    gap_of: Callable[[Experiment], Floats],
    effect: float,
    error: float,
    order: Literal["shift", "iid"] = "shift",
    seed: int = 0,
) -> Inference:
    """Conformal inference (Chernozhukov, Wüthrich and Zhu 2021) of a constant effect.

    Under a constant effect τ, the treated units less τ in the test periods are fitted over *all*
    periods, and the residuals are put into other orders. p(τ) is the share of orders, the real one
    included, whose statistic in the test periods is at least the real one's. The interval holds τ
    with p(τ) > 1 − level, found by bisection from ``effect`` outwards, started at ``error`` (both
    totals). Where p(τ) is too small there, τ up to four times ``error`` away are tried; the
    interval is empty if none of them fits.

    ``shift``: all cyclic shifts in time, statistic |mean residual|; valid where residuals are
    stationary, p is never below 1/T. ``iid``: ``ORDERS`` random orders by seed, statistic mean
    |residual|, as GeoLift does by default; right only where residuals are independent over time.
    """
    pre, post = experiment.pre, experiment.post
    periods = pre + post
    share = len(experiment.treated) * post
    wanted = np.zeros_like(experiment.panel.value)
    wanted[experiment.treated, pre:] = 1.0
    random = np.random.default_rng(seed)
    drawn = _draws(random, periods, post)

    def statistics(residual: Floats) -> tuple[float, Floats]:
        if order == "iid":
            size = np.abs(residual)
            return float(size[pre:].mean()), size[drawn].mean(axis=1)
        run = np.concatenate([[0.0], np.cumsum(np.tile(residual, 2))])
        moved = np.abs(run[post : post + periods] - run[:periods])
        return float(moved[pre]), np.delete(moved, pre)

    def p_value(total: float) -> float:
        panel = replace(experiment.panel, value=experiment.panel.value - total / share * wanted)
        whole = replace(experiment, panel=panel, pre=periods)
        real, others = statistics(gap_of(whole))
        return share_at_least(real, others)

    width = max(error, 1e-9 * abs(effect), 1e-300)
    tried = [effect, *(effect + s * n * width / 4 for n in range(1, 17) for s in (-1, 1))]

    def bound(start: float, sign: int, alpha: float) -> float:
        inside, step = 0.0, width
        while p_value(start + sign * step) > alpha:
            inside, step = step, 2 * step
            if step > 1e6 * max(error, abs(effect), 1e-300):
                return sign * math.inf
        for _ in range(12):
            middle = (inside + step) / 2
            if p_value(start + sign * middle) > alpha:
                inside = middle
            else:
                step = middle
        return start + sign * step

    def interval(level: float) -> Interval:
        alpha = 1 - level
        start = next((total for total in tried if p_value(total) > alpha), None)
        if start is None:
            return Interval(level, math.nan, math.nan, is_empty=True)
        return Interval(level, bound(start, -1, alpha), bound(start, 1, alpha))

    return Inference(p_value(0.0), tuple(interval(level) for level in LEVELS))


def _draws(random: np.random.Generator, periods: int, post: int) -> npt.NDArray[np.intp]:
    """Which residuals fall into the test periods, in ``ORDERS`` random orders."""
    return np.argsort(random.random((ORDERS, periods)), axis=1)[:, :post]

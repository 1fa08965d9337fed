"""Tests that were none: how large an effect the method finds where there is nothing to find."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from analytics.errors import InputError
from analytics.lift.counterfactual import Counterfactual, Predict
from analytics.lift.experiment import LEAST_PRE_PERIODS, Experiment
from analytics.lift.panel import Floats, Period
from analytics.lift.result import LEVELS, Inference, Interval

MOST_PLACEBOS = 400
LEAST_CONTROLS = 5
TOLERANCE = 1e-9

Statistic = Literal["scaled", "effect", "rmspe_ratio"]


def groups(
    size: int, members: npt.NDArray[np.intp], most: int, seed: int
) -> Iterator[tuple[int, ...]]:
    """All groups of this size if there are at most ``most``, else as many distinct ones by seed."""
    if math.comb(len(members), size) <= most:
        yield from combinations(members.tolist(), size)
        return
    random = np.random.default_rng(seed)
    seen: set[tuple[int, ...]] = set()
    while len(seen) < most:
        group = tuple(sorted(random.choice(members, size, replace=False).tolist()))
        if group not in seen:
            seen.add(group)
            yield group


@dataclass(frozen=True)
class InSpace:
    """The method on groups of controls as if they had been treated, at the time of the test.

    Rows are placebo groups, columns test periods: effects of single periods and summed effects,
    each over the method's own scale of that group, so that big and small shops can be compared.
    """

    points: Floats
    sums: Floats
    post_rmse: Floats
    pre_rmse: Floats
    totals: Floats
    controls: int

    def factor(self, scaled: Floats) -> Floats:
        """Per test period: the root mean square of the placebos' effects over their scales."""
        return np.asarray(np.sqrt(np.mean(scaled**2, axis=0)), dtype=np.float64)

    def margin(self, own: Counterfactual, level: float) -> tuple[Floats, Floats]:
        """Half-widths (single periods, sums) for a group whose own scales are these."""
        quantile = float(stats.t.ppf(0.5 + level / 2, self.controls - 1))
        point = quantile * self.factor(self.points) * own.point_scale
        return point, quantile * self.factor(self.sums) * own.scale


def in_space(
    experiment: Experiment, predict: Predict, most: int = MOST_PLACEBOS, seed: int = 0
) -> InSpace | None:
    """Run placebos in space, or None where there are fewer than ``LEAST_CONTROLS`` controls.

    Groups have as many units as were treated, but at most half the controls; the other controls are
    what they are compared with. The treated units take no part: their effect would spoil the
    placebos.
    """
    count = len(experiment.controls)
    if count < LEAST_CONTROLS:
        return None
    size = min(len(experiment.treated), count // 2)
    points, sums, pre_rmse, post_rmse, totals = [], [], [], [], []
    for group in groups(size, experiment.controls, most, seed):
        placebo = experiment.placebo(group)
        found = predict(placebo)
        gap = placebo.totals()[0] - found.expected
        before, during = gap[: placebo.pre], gap[placebo.pre :]
        points.append(during / found.point_scale)
        sums.append(np.cumsum(during) / found.scale)
        pre_rmse.append(math.sqrt(np.mean(before**2)))
        post_rmse.append(math.sqrt(np.mean(during**2)))
        totals.append(during.sum() / size)
    return InSpace(
        np.array(points),
        np.array(sums),
        np.array(post_rmse),
        np.array(pre_rmse),
        np.array(totals),
        count,
    )


def placebo_p(
    experiment: Experiment, own: Counterfactual, placebos: InSpace, statistic: Statistic = "scaled"
) -> float:
    """Share of statistics, the real one included, at least as extreme as the real one.

    ``scaled``: |summed effect| over the method's own scale (for synth the pre-period RMSE: the
    signed cousin of Abadie's ratio); ``effect``: |average effect per unit|; ``rmspe_ratio``:
    post-period over pre-period root mean square gap (Abadie, Diamond and Hainmueller 2010).
    """
    gap = experiment.totals()[0] - own.expected
    before, during = gap[: experiment.pre], gap[experiment.pre :]
    if statistic == "scaled":
        real, others = abs(during.sum()) / own.scale[-1], np.abs(placebos.sums[:, -1])
    elif statistic == "effect":
        real, others = abs(during.sum()) / len(experiment.treated), np.abs(placebos.totals)
    else:
        real = math.sqrt(np.mean(during**2)) / max(math.sqrt(np.mean(before**2)), 1e-300)
        others = placebos.post_rmse / np.maximum(placebos.pre_rmse, 1e-300)
    return share_at_least(float(real), others)


def share_at_least(real: float, others: Floats) -> float:
    """(1 + #{others ≥ real}) / (1 + #others); what differs by rounding only is equal."""
    return float((1 + np.sum(others >= real * (1 - TOLERANCE))) / (1 + len(others)))


def calibrated(effect: float, own: Counterfactual, placebos: InSpace) -> Inference:
    """t interval whose standard error is the own scale × the placebos' root mean square.

    Degrees of freedom: controls − 1. So common shocks, drift and autocorrelation widen the interval
    as much as they moved the controls during the very same periods.
    """
    error = float(placebos.factor(placebos.sums)[-1] * own.scale[-1])
    return t_inference(effect, error, placebos.controls - 1)


def t_inference(effect: float, error: float, degrees: float) -> Inference:
    """Two-sided p-value and intervals of an estimate with a standard error."""
    p_value = float(2 * stats.t.sf(abs(effect) / error, degrees)) if error > 0 else 1.0
    listed = []
    for level in LEVELS:
        half = float(stats.t.ppf(0.5 + level / 2, degrees)) * error
        listed.append(Interval(level, effect - half, effect + half))
    return Inference(p_value, tuple(listed))


@dataclass(frozen=True)
class InTime:
    """A test that was pretended to start earlier: its relative effect should be about zero."""

    start: Period
    end: Period
    total: float
    relative: float


def in_time(experiment: Experiment, predict: Predict, most: int = 5) -> tuple[InTime, ...]:
    """Pretend tests of the same length before the real one, back to back, the latest first.

    The pre-period of each is what came before it, at least as long as the test itself.
    """
    length, runs = experiment.post, []
    for number in range(1, most + 1):
        pre = experiment.pre - number * length
        if pre < max(LEAST_PRE_PERIODS, length):
            break
        pretended = Experiment(
            experiment.panel.keep(stop=pre + length), experiment.treated, experiment.controls, pre
        )
        observed, expected = pretended.totals()[0], predict(pretended).expected
        total, base = float((observed - expected)[pre:].sum()), float(expected[pre:].sum())
        periods = pretended.panel.periods
        runs.append(InTime(periods[pre], periods[-1], total, total / base if base else math.nan))
    return tuple(runs)


def require(placebos: InSpace | None, experiment: Experiment) -> InSpace:
    """The placebos, or an error that says why there are none."""
    if placebos is None:
        raise InputError(
            f"placebos need at least {LEAST_CONTROLS} controls, not {len(experiment.controls)}"
        )
    return placebos

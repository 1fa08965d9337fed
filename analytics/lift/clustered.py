"""Standard errors of difference in differences from how units' own changes differ."""

from __future__ import annotations

from math import inf

import numpy as np

from analytics.lift.experiment import Experiment
from analytics.lift.placebo import t_inference
from analytics.lift.result import LEVELS, Inference, Interval


def clustered(experiment: Experiment, total: float) -> Inference:
    """Clustered by unit (CR1): scores summed by unit, t with G − 1 degrees of freedom.

    Corrected by G/(G − 1) · (N − 1)/(N − T − 1) with G units, T periods and N = G·T: the unit
    effects are nested in the clusters and not counted. Too narrow where few units are treated.
    """
    pre, post = experiment.pre, experiment.post
    rows = np.concatenate([experiment.treated, experiment.controls])
    value = experiment.panel.value[rows]
    count, periods = value.shape
    size = len(experiment.treated)
    within = value - value.mean(axis=1, keepdims=True) - value.mean(axis=0) + value.mean()
    group = np.where(np.arange(count) < size, 1.0, 0.0) - size / count
    time = np.where(np.arange(periods) >= pre, 1.0, 0.0) - post / periods
    design = np.outer(group, time)
    square = float(np.sum(design**2))
    per_unit = total / (size * post)
    scores = np.sum(design * (within - per_unit * design), axis=1)
    cells = count * periods
    correction = count / (count - 1) * (cells - 1) / (cells - periods - 1)
    error = float(np.sqrt(correction * np.sum(scores**2))) / square
    return t_inference(total, error * size * post, count - 1)


def welch(experiment: Experiment, total: float) -> Inference:
    """Welch's t of the units' changes, test less before, treated against control.

    Difference in differences of unit means is the difference of two means of such changes, so the
    variance is s₁²/n₁ + s₀²/n₀ with Satterthwaite's degrees of freedom: what CR2 with Bell and
    McCaffrey's degrees is in this design. A group of one lends the other's variance. Two units have
    no variance at all: the intervals are unbounded.
    """
    pre, post = experiment.pre, experiment.post
    value = experiment.panel.value
    changes = value[:, pre:].mean(axis=1) - value[:, :pre].mean(axis=1)
    groups = [changes[experiment.treated], changes[experiment.controls]]
    known = [float(group.var(ddof=1)) for group in groups if len(group) > 1]
    if not known:
        return Inference(1.0, tuple(Interval(level, -inf, inf) for level in LEVELS))
    parts = [
        (float(group.var(ddof=1)) if len(group) > 1 else known[0]) / len(group) for group in groups
    ]
    degrees = float(sum(map(len, groups)) - 2)
    if len(known) == len(groups) and sum(parts) > 0:
        squares = (part**2 / (len(g) - 1) for part, g in zip(parts, groups, strict=True))
        degrees = sum(parts) ** 2 / sum(squares)
    return t_inference(total, sum(parts) ** 0.5 * len(groups[0]) * post, degrees)

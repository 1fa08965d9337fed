"""The usual standard error of difference in differences, for comparison."""

from __future__ import annotations

import numpy as np

from lift.experiment import Experiment
from lift.placebo import t_inference
from lift.result import Inference


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

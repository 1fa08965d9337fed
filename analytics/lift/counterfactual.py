"""Three ways to say what the treated units would have sold without the treatment.

Each takes an experiment and gives the treated total per period, before and during the test. None of
them looks at the treated units during the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from analytics.lift.experiment import Experiment
from analytics.lift.panel import Floats
from analytics.lift.simplex import simplex_weights

Method = Literal["did", "synth", "tbr"]


@dataclass(frozen=True)
class Counterfactual:
    """``expected`` runs over all periods; the scales over the test periods only.

    ``point_scale`` is the method's own idea of the error of one test period, ``scale`` of the sum
    up to that period. Where they are no proper standard errors (``did``, ``synth``), they still
    tell how noisy this group is beside another one, which is what placebos need.
    """

    expected: Floats
    point_scale: Floats
    scale: Floats
    degrees: int
    weights: Mapping[str, float] = field(default_factory=dict)


Predict = Callable[[Experiment], Counterfactual]


def did(experiment: Experiment) -> Counterfactual:
    """Difference in differences: treated mean before + (control mean − control mean before)."""
    value, pre = experiment.panel.value, experiment.pre
    own, other = value[experiment.treated].mean(axis=0), value[experiment.controls].mean(axis=0)
    expected = own[:pre].mean() + other - other[:pre].mean()
    return _by_residual(experiment, np.asarray(expected * len(experiment.treated)), {})


def synth(experiment: Experiment) -> Counterfactual:
    """Synthetic control: the mean of the treated units by one set of weights."""
    return _synth(experiment, pooled=True)


def synth_by_unit(experiment: Experiment) -> Counterfactual:
    """Synthetic control with weights of its own for each treated unit, summed up."""
    return _synth(experiment, pooled=False)


def _synth(experiment: Experiment, *, pooled: bool) -> Counterfactual:
    """Demeaned over the pre-period, w ≥ 0, Σw = 1, min Σ_pre (y_t − ȳ − Σ_j w_j (x_jt − x̄_j))²."""
    value, pre, count = experiment.panel.value, experiment.pre, len(experiment.treated)
    donors = value[experiment.controls]
    donors = donors - donors[:, :pre].mean(axis=1, keepdims=True)
    targets = value[experiment.treated]
    targets = targets.mean(axis=0, keepdims=True) if pooled else targets
    level = targets[:, :pre].mean(axis=1)
    weights = [
        simplex_weights(donors[:, :pre], target[:pre] - mean)
        for target, mean in zip(targets, level, strict=True)
    ]
    expected = (np.array(weights) @ donors + level[:, None]).mean(axis=0) * count
    mean = np.mean(weights, axis=0)
    units = [experiment.panel.units[row] for row in experiment.controls]
    named = {unit: float(w) for unit, w in zip(units, mean, strict=True) if w > 0}
    return _by_residual(experiment, expected, named)


def with_weights(experiment: Experiment, weights: Mapping[str, float]) -> Floats:
    """The treated total (all periods) that given weights of the controls say."""
    value, pre = experiment.panel.value, experiment.pre
    own = value[experiment.treated].mean(axis=0)
    share = np.array([weights.get(experiment.panel.units[row], 0.0) for row in experiment.controls])
    other = share @ value[experiment.controls]
    expected = own[:pre].mean() + other - other[:pre].mean()
    return np.asarray(expected * len(experiment.treated), dtype=np.float64)


def tbr(experiment: Experiment) -> Counterfactual:
    """Time-based regression (Kerman, Wang and Vaver 2017): y_t = a + b·x_t by OLS before the test.

    y and x are treated and control totals. With s² = SSR/(n − 2), the sum of the effects of m test
    periods has a t distribution of n − 2 degrees of freedom and variance
    s²·(m + m²/n + (Σ(x_t − x̄))²/Sxx); that of one period has m = 1.
    """
    y, x = experiment.totals()
    n = experiment.pre
    centre = float(x[:n].mean())
    apart = x - centre
    spread = float(apart[:n] @ apart[:n])
    # Controls that never move (a constant spend, say) tell the level only.
    moves = spread > 1e-18 * n * max(1.0, centre * centre)
    slope = float(apart[:n] @ y[:n]) / spread if moves else 0.0
    expected = y[:n].mean() + slope * apart
    degrees = n - 1 - int(moves)
    residual = y[:n] - expected[:n]
    variance = float(residual @ residual) / degrees
    test = apart[n:]
    steps = np.arange(1, len(test) + 1)
    leverage = 1 / spread if moves else 0.0
    point = variance * (1 + 1 / n + test**2 * leverage)
    total = variance * (steps + steps**2 / n + np.cumsum(test) ** 2 * leverage)
    floor = _floor(y[:n])
    return Counterfactual(
        expected,
        np.sqrt(point) + floor,
        np.sqrt(total) + floor,
        degrees,
        {"(intercept)": float(y[:n].mean() - slope * centre), "(control total)": slope},
    )


def _by_residual(
    experiment: Experiment, expected: Floats, weights: Mapping[str, float]
) -> Counterfactual:
    """Scales that are the root mean square of the pre-period gap, as in Abadie's ratio."""
    own, _ = experiment.totals()
    n = experiment.pre
    rmse = float(np.sqrt(np.mean((own[:n] - expected[:n]) ** 2))) + _floor(own[:n])
    steps = np.arange(1, experiment.post + 1)
    return Counterfactual(
        expected, np.full(len(steps), rmse), np.asarray(rmse * steps), n - 1, weights
    )


def _floor(values: Floats) -> float:
    """What rounding alone may leave: a perfect fit has no scale of zero to divide by."""
    return 1e-12 * float(np.abs(values).max(initial=0.0)) + 1e-300

"""How far an estimate can be trusted: the fit before the test, and doubts in words."""

from __future__ import annotations

import numpy as np

from analytics.lift.counterfactual import Counterfactual, Method
from analytics.lift.experiment import Experiment
from analytics.lift.panel import Floats
from analytics.lift.result import Fit

LEAST_R2 = 0.5
MOST_RELATIVE_RMSE = 0.25


def fit_before(observed: Floats, expected: Floats) -> Fit:
    gap = observed - expected
    rmse = float(np.sqrt(np.mean(gap**2)))
    spread = float(np.sum((observed - observed.mean()) ** 2))
    mean = abs(float(observed.mean()))
    return Fit(
        periods=len(gap),
        rmse=rmse,
        r2=1 - float(np.sum(gap**2)) / spread if spread else float("nan"),
        relative_rmse=rmse / mean if mean else float("inf"),
    )


def doubts(method: Method, experiment: Experiment, own: Counterfactual, fit: Fit) -> list[str]:
    """Why this estimate should not be trusted, in words."""
    found = list(experiment.panel.notes)
    if fit.r2 < LEAST_R2:
        found.append(
            f"poor fit: before the test the counterfactual explains {max(fit.r2, 0):.0%} of what "
            "the treated units did; do not trust the effect"
        )
    if fit.relative_rmse == float("inf"):
        found.append("poor fit: before the test the treated units come to nothing")
    elif fit.relative_rmse > MOST_RELATIVE_RMSE:
        found.append(f"poor fit: before the test it is off by {fit.relative_rmse:.0%} per period")
    if experiment.pre < experiment.post:
        found.append(
            f"{experiment.pre} periods before the test are fewer than its {experiment.post}"
        )
    if method == "synth" and len(experiment.controls) >= experiment.pre:
        found.append(
            f"{len(experiment.controls)} controls for {experiment.pre} periods before the test: "
            "the fit is better than the forecast will be"
        )
    if method == "synth" and max(own.weights.values()) > 0.9 and len(experiment.controls) > 1:
        name = max(own.weights, key=lambda unit: own.weights[unit])
        found.append(f"the counterfactual rests on {name} almost alone")
    if method == "tbr" and own.weights["(control total)"] <= 0:
        found.append("treated and control totals moved in opposite ways before the test")
    return found

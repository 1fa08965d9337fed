"""Effect per spend: iROAS, the incremental return on ad spend."""

from __future__ import annotations

import numpy as np
from scipy import stats

from analytics.lift import counterfactual
from analytics.lift.counterfactual import Counterfactual, Method
from analytics.lift.experiment import Experiment
from analytics.lift.result import LEVELS, Inference, Interval

DRAWS = 100_000


def with_iroas(
    method: Method,
    experiment: Experiment,
    own: Counterfactual,
    found: dict[str, Inference],
    effect: float,
    seed: int,
) -> tuple[dict[str, Inference], float, list[str]]:
    """Intervals of effect ÷ incremental spend; the incremental spend (of being treated); doubts.

    Spend is planned and counts as known where none stood in the pre-period nor at the controls
    (Kerman's fixed cost) and for ``did`` and ``synth``. For ``tbr`` with other spend it is
    estimated by the same regression, and the ratio's interval holds the quantiles of independent
    draws of both.
    """
    money = experiment.of_spend()
    paid, pre = money.totals()[0], money.pre
    others = money.panel.value[money.controls]
    is_fixed = not paid[:pre].any() and not others.any()
    by_regression = counterfactual.tbr(money)
    if method == "tbr":
        expected = by_regression.expected
    elif method == "did":
        expected = counterfactual.did(money).expected
    else:
        expected = counterfactual.with_weights(money, own.weights)
    spent = float((paid - expected)[pre:].sum())
    if abs(spent) <= 1e-9 * max(1.0, float(np.abs(paid).sum())):
        return found, 0.0, ["spend did not change in the test: there is no iROAS"]
    exact = is_fixed or method != "tbr"
    random = np.random.default_rng(seed)
    error = float(by_regression.scale[-1])
    draws = spent + error * random.standard_t(by_regression.degrees, DRAWS)

    def ratio(name: str, item: Inference) -> Inference:
        if exact:
            intervals = tuple(interval.scaled(1 / spent) for interval in item.total)
        else:
            degrees = own.degrees if name == "posterior" else len(experiment.controls) - 1
            low = item.total[-1]
            half = (low.high - low.low) / 2 / float(stats.t.ppf(0.5 + low.level / 2, degrees))
            shares = (effect + half * random.standard_t(degrees, DRAWS)) / draws
            intervals = tuple(
                Interval(level, *np.quantile(shares, [0.5 - level / 2, 0.5 + level / 2]).tolist())
                for level in LEVELS
            )
        return Inference(item.p_value, item.total, intervals)

    doubts = []
    if not exact and abs(spent) < 3 * error:
        doubts.append("the change of spend is hardly larger than its own noise: iROAS says little")
    return {name: ratio(name, item) for name, item in found.items()}, spent, doubts

"""The three estimators: ``did``, ``synthetic_control``, ``tbr``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
from scipy import stats

from analytics.errors import InputError
from analytics.lift import counterfactual, permutation, placebo
from analytics.lift.clustered import clustered, welch
from analytics.lift.counterfactual import Method, Predict
from analytics.lift.experiment import Experiment, arrange
from analytics.lift.panel import Floats, Period
from analytics.lift.result import EMPTY, Estimate, Inference, Series
from analytics.lift.returns import with_iroas
from analytics.lift.trust import doubts, fit_before

METHODS: tuple[Method, ...] = ("did", "synth", "tbr")


def did(
    panel: Any,
    treated: Iterable[str],
    start: Period | str,
    end: Period | str,
    *,
    controls: Iterable[str] | None = None,
    metric: str = "value",
    spend: str | None = None,
    holdout: bool = False,
    inference: Literal["permutation", "calibrated", "welch", "cluster"] = "permutation",
    seed: int = 0,
) -> Estimate:
    """Difference in differences of unit means: (treated after − before) − (control likewise).

    On a complete panel this is the coefficient of treated × test in a regression with unit and
    period effects. Inferences: ``permutation`` (labels over units, exactly inverted),
    ``calibrated`` (placebos among the controls), ``welch`` (Welch's t of the units' changes),
    ``cluster`` (standard error clustered by unit, t with units − 1 degrees of freedom). Arguments
    and errors: see ``arrange``; ``holdout``: the treated units are those without ads, and the
    effect is what the ads would have brought them.
    """
    experiment = arrange(panel, treated, start, end, controls=controls, metric=metric, spend=spend)

    def more(effect: float, _: float) -> dict[str, Inference]:
        return {
            "permutation": permutation.over_units(experiment, seed=seed),
            "welch": welch(experiment, effect),
            "cluster": clustered(experiment, effect),
        }

    return _estimate("did", experiment, counterfactual.did, inference, holdout, seed, more)


def synthetic_control(
    panel: Any,
    treated: Iterable[str],
    start: Period | str,
    end: Period | str,
    *,
    controls: Iterable[str] | None = None,
    metric: str = "value",
    spend: str | None = None,
    holdout: bool = False,
    pooled: bool = True,
    inference: Literal["calibrated", "conformal", "conformal_iid"] = "calibrated",
    seed: int = 0,
) -> Estimate:
    """Unit-demeaned synthetic control: the treated units' mean by a convex combination of controls.

    Every unit is taken less its own pre-period mean; weights w ≥ 0, Σw = 1 minimise the squared gap
    over the pre-period (exactly, see ``simplex_weights``). With ``pooled=False`` each treated unit
    gets weights of its own. Inferences: ``calibrated`` (placebo groups of controls in the same
    periods), ``conformal`` (cyclic shifts of residuals over time), ``conformal_iid`` (random
    orders). The rest as in ``did``.
    """
    experiment = arrange(panel, treated, start, end, controls=controls, metric=metric, spend=spend)
    predict = counterfactual.synth if pooled else counterfactual.synth_by_unit

    def gap(whole: Experiment) -> Floats:
        return np.asarray(whole.totals()[0] - predict(whole).expected)

    def more(effect: float, error: float) -> dict[str, Inference]:
        return {
            "conformal": permutation.over_time(experiment, gap, effect, error),
            "conformal_iid": permutation.over_time(experiment, gap, effect, error, "iid", seed),
        }

    return _estimate("synth", experiment, predict, inference, holdout, seed, more)


def tbr(
    panel: Any,
    treated: Iterable[str],
    start: Period | str,
    end: Period | str,
    spend: str | None = None,
    *,
    controls: Iterable[str] | None = None,
    metric: str = "value",
    holdout: bool = False,
    inference: Literal["calibrated", "posterior"] = "calibrated",
    seed: int = 0,
) -> Estimate:
    """Time-based regression of treated total on control total, with iROAS if spend is given.

    Inferences: ``posterior`` is the t distribution of Kerman, Wang and Vaver (2017), right where
    residuals are independent and the relation of the pre-period holds on; ``calibrated`` is that
    distribution widened by what placebo groups of controls show in the same periods. The rest as in
    ``did``.
    """
    experiment = arrange(panel, treated, start, end, controls=controls, metric=metric, spend=spend)
    own = counterfactual.tbr(experiment)

    def more(effect: float, _: float) -> dict[str, Inference]:
        return {"posterior": placebo.t_inference(effect, float(own.scale[-1]), own.degrees)}

    return _estimate("tbr", experiment, counterfactual.tbr, inference, holdout, seed, more)


def estimate(method: Method, panel: Any, *arguments: Any, **options: Any) -> Estimate:
    """One of the three by name; see there. Raises InputError: no such method."""
    chosen: dict[str, Callable[..., Estimate]] = {
        "did": did,
        "synth": synthetic_control,
        "tbr": tbr,
    }
    if method not in chosen:
        raise InputError(f"{method!r} is not a method; choose from {', '.join(METHODS)}")
    return chosen[method](panel, *arguments, **options)


def _estimate(
    method: Method,
    experiment: Experiment,
    predict: Predict,
    wanted: str,
    holdout: bool,
    seed: int,
    more: Callable[[float, float], dict[str, Inference]],
) -> Estimate:
    own = predict(experiment)
    observed = experiment.totals()[0]
    gap = observed - own.expected
    pre = experiment.pre
    effect = float(gap[pre:].sum())
    placebos = placebo.in_space(experiment, predict, seed=seed)
    found = more(effect, float(own.scale[-1]))
    if placebos is not None:
        found = {"calibrated": placebo.calibrated(effect, own, placebos), **found}
        margins = placebos.margin(own, 0.95)
    else:
        quantile = float(stats.t.ppf(0.975, own.degrees))
        margins = own.point_scale * quantile, own.scale * quantile
    headline, warnings = _headline(wanted, found)
    fit = fit_before(observed[:pre], own.expected[:pre])
    warnings += doubts(method, experiment, own, fit)
    sign = -1.0 if holdout else 1.0
    spent = None
    if experiment.panel.spend is not None:
        found, spent, notes = with_iroas(method, experiment, own, found, effect, seed)
        warnings += notes
    baseline = observed[pre:].sum() if holdout else own.expected[pre:].sum()
    units, periods = experiment.panel.units, experiment.panel.periods
    return Estimate(
        method=method,
        metric=experiment.panel.metric,
        treated=tuple(units[row] for row in experiment.treated),
        controls=tuple(units[row] for row in experiment.controls),
        start=periods[pre],
        end=periods[-1],
        periods=experiment.post,
        holdout=holdout,
        total=sign * effect,
        relative=sign * effect / float(baseline) if baseline else float("nan"),
        baseline=float(baseline),
        inference=headline,
        inferences={name: _signed(item, sign) for name, item in found.items()},
        placebo_p=None if placebos is None else placebo.placebo_p(experiment, own, placebos),
        fit=fit,
        series=Series(
            periods=periods,
            pre=pre,
            observed=observed,
            counterfactual=own.expected,
            effect=sign * gap[pre:],
            effect_margin=margins[0],
            cumulative=sign * np.cumsum(gap[pre:]),
            cumulative_margin=margins[1],
        ),
        weights=own.weights,
        incremental_spend=None if spent is None else sign * spent,
        iroas=effect / spent if spent else None,
        warnings=tuple(warnings),
    )


def _signed(item: Inference, sign: float) -> Inference:
    """The ads' effect out of that of being treated (the sign cancels in iROAS)."""
    return Inference(item.p_value, tuple(i.scaled(sign) for i in item.total), item.iroas)


def _headline(wanted: str, found: dict[str, Inference]) -> tuple[str, list[str]]:
    """The inference asked for, or the next best where it has nothing to say."""
    if wanted in found and all(np.isfinite([i.low, i.high]).all() for i in found[wanted].total):
        return wanted, []
    others = [name for name in found if name != wanted]
    if wanted not in found and wanted != "calibrated":
        raise InputError(
            f"{wanted!r} is not an inference of this method; choose from {', '.join(found)}"
        )
    if wanted not in found:
        reason = f"fewer than {placebo.LEAST_CONTROLS} controls allow no placebos"
    elif any(item.is_empty for item in found[wanted].total):
        reason = f"a {wanted} interval is empty ({EMPTY})"
    else:
        reason = f"the {wanted} intervals are unbounded (too few units or periods)"
    notes = [f"{reason}: intervals are {others[0]} ones"]
    for item in found[others[0]].total:
        if item.is_empty:
            notes.append(f"the {item.level:.0%} {others[0]} interval is empty: {EMPTY}")
    return others[0], notes

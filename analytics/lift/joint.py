"""Several treatments at once: what each of them does where tests overlap.

A company that always lets something rest somewhere has no untouched controls. All tests are then
read together, as difference in differences with two-way effects and one coefficient per treatment:

    E[y_ut] = exp(a_u + b_t + Σ_k θ_k d_kut)

fitted by Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006: right for any
non-negative metric whose mean is as said, whatever its distribution). Effects are shares of sales,
as big and small shops feel the same ad by the same percentage and not by the same amount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from analytics.errors import InputError
from analytics.lift.panel import Floats, Panel, Period, as_period
from analytics.lift.result import LEVELS, Interval

Bools = npt.NDArray[np.bool_]

STEPS = 100
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Window:
    """Units that were treated from ``start`` to ``end``, both included."""

    units: tuple[str, ...]
    start: Period | str
    end: Period | str


@dataclass(frozen=True)
class Joint:
    """One treatment's effect over all its windows.

    ``log_effect`` is θ, ``error`` its standard error. ``share`` is the ads' part of the sales of
    cells *with* ads: 1 − exp(θ) where windows are holdouts, 1 − exp(−θ) where they are treatments;
    ``incremental`` is that share of all sales of such cells between the first start and the last
    end of any window of the treatment, ``total`` is all sales of that time.
    """

    treatment: str
    metric: str
    holdout: bool
    log_effect: float
    error: float
    degrees: int
    share: float
    exposed: float
    total: float
    start: Period
    end: Period
    units: int
    cells: int

    @property
    def incremental(self) -> float:
        return self.share * self.exposed

    @property
    def p_value(self) -> float:
        return float(2 * stats.t.sf(abs(self.log_effect) / self.error, self.degrees))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Of the share, at the levels of ``LEVELS``."""
        return tuple(self.interval(level) for level in LEVELS)

    def interval(self, level: float = 0.95) -> Interval:
        margin = float(stats.t.ppf(0.5 + level / 2, self.degrees)) * self.error
        ends = sorted(_share(self.log_effect + m, self.holdout) for m in (-margin, margin))
        return Interval(level, ends[0], ends[1])


def joint(
    panel: Panel,
    treatments: Mapping[str, Sequence[Window]],
    *,
    holdout: bool = True,
    washout: int = 0,
) -> dict[str, Joint]:
    """The effect of each treatment, all estimated together.

    Args:
        panel: units × periods, no value negative.
        treatments: for each (a channel, say) where and when it was applied or, with ``holdout``,
            where and when its ads rested.
        washout: periods that are not looked at in a unit after a treatment begins or ends there:
            ads go on working for some days, and begin to work after some.

    Standard errors are the larger of two: those of a jackknife over units (CV3 of MacKinnon,
    Nielsen and Webb 2023), as what happens in a shop lasts, and those of a Poisson model with the
    dispersion that is seen. t has (units − 1) degrees of freedom.

    Raises InputError: a negative value, an unknown unit, a window without a period, and treatments
    that cannot be told apart.
    """
    if (panel.value < 0).any():
        raise InputError("a negative value: effects in per cent need sales or visits of 0 or more")
    if not treatments:
        raise InputError("no treatment was named")
    names = list(treatments)
    design = np.stack([treated(panel, name, treatments[name]) for name in names])
    seen = ~_washed(design, washout)
    rows, columns = _with_sales(panel.value * seen)
    used, seen = design[:, rows][:, :, columns], seen[np.ix_(rows, columns)]
    value = panel.value[np.ix_(rows, columns)] * seen
    units, periods = value.shape
    freedom = int(seen.sum()) - units - periods + 1 - len(names)
    if units < 3 or freedom < 10:
        raise InputError(
            f"{units} units and {periods} periods are too few for {len(names)} effects"
        )
    theta, left, mean = _fit(value, used, seen, names)

    residual = value - mean
    information = np.einsum("kut,lut->kl", left * mean, left)
    squares = np.divide(residual**2, mean, out=np.zeros_like(mean), where=mean > 0)
    dispersion = max(float(squares.sum()) / freedom, 1.0)
    poisson = np.diag(np.linalg.inv(information)) * dispersion
    errors = np.sqrt(np.maximum(poisson, _jackknife(left, mean, residual)))

    found = {}
    for place, name in enumerate(names):
        dark = design[place] > 0
        exposed = ~dark if holdout else dark
        spans = np.flatnonzero(dark.any(axis=0))
        during = np.zeros_like(dark)
        during[:, spans[0] : spans[-1] + 1] = True
        found[name] = Joint(
            treatment=name,
            metric=panel.metric,
            holdout=holdout,
            log_effect=float(theta[place]),
            error=float(errors[place]),
            degrees=units - 1,
            share=_share(float(theta[place]), holdout),
            exposed=float(panel.value[during & exposed].sum()),
            total=float(panel.value[during].sum()),
            start=panel.periods[spans[0]],
            end=panel.periods[spans[-1]],
            units=int(dark.any(axis=1).sum()),
            cells=int(dark.sum()),
        )
    return found


def _share(log_effect: float, holdout: bool) -> float:
    return float(-np.expm1(log_effect if holdout else -log_effect))


def treated(panel: Panel, name: str, windows: Sequence[Window]) -> Floats:
    """1 where a treatment applies, units × periods. Raises InputError as ``joint`` does."""
    found = np.zeros(panel.value.shape)
    for window in windows:
        first, last = as_period(window.start, "start"), as_period(window.end, "end")
        inside = [n for n, period in enumerate(panel.periods) if first <= period <= last]  # type: ignore[operator]
        if not inside:
            raise InputError(
                f"{name}: the window from {first} to {last} has no period of the panel, which goes"
                f" from {panel.periods[0]} to {panel.periods[-1]}"
            )
        found[np.ix_(panel.rows(window.units), np.array(inside))] = 1
    if not found.any():
        raise InputError(f"{name}: no window treats a unit")
    return found


def _washed(design: Floats, washout: int) -> Bools:
    """The cells less than ``washout`` periods after a change of any treatment in the unit."""
    changes = (np.diff(design, axis=2, prepend=design[:, :, :1]) != 0).any(axis=0)
    washed: Bools = np.zeros(changes.shape, dtype=bool)
    for later in range(washout):
        washed[:, later:] |= changes[:, : changes.shape[1] - later]
    return washed


def _with_sales(value: Floats) -> tuple[Bools, Bools]:
    """Units and periods with any sale: the others say nothing, and would want a logarithm of 0."""
    return value.sum(axis=1) > 0, value.sum(axis=0) > 0


def _fit(
    value: Floats, design: Floats, seen: Bools, names: Sequence[str]
) -> tuple[Floats, Floats, Floats]:
    """θ, the design less its two-way effects (with weights of the mean), and the mean, which is 0
    where nothing is looked at.

    Newton's steps on θ, and the two-way effects scaled so that each unit's and period's mean meets
    its sum, which is what the likelihood wants of them.
    """
    theta = np.zeros(len(design))
    unit = value.sum(axis=1, keepdims=True)
    period = value.sum(axis=0, keepdims=True) / value.sum()
    for _ in range(STEPS):
        shape = np.exp(np.einsum("k,kut->ut", theta, design)) * seen
        for _ in range(STEPS):
            unit = value.sum(axis=1, keepdims=True) / (shape * period).sum(axis=1, keepdims=True)
            mean = unit * period * shape
            scale = value.sum(axis=0, keepdims=True) / mean.sum(axis=0, keepdims=True)
            period = period * scale
            if np.abs(scale - 1).max() < TOLERANCE:
                break
        mean = unit * period * shape
        left = _less_effects(design, mean)
        information = np.einsum("kut,lut->kl", left * mean, left)
        _refuse_alike(information, design, mean, names)
        step = np.linalg.solve(information, np.einsum("kut,ut->k", left, value - mean))
        theta = theta + np.clip(step, -1, 1)
        if np.abs(step).max() < TOLERANCE:
            return theta, left, mean
    raise InputError(
        "the effects do not settle: a treatment covers too much of the panel, or sales vanish"
        f" wherever one applies ({', '.join(names)})"
    )


def _less_effects(design: Floats, weight: Floats) -> Floats:
    """Each layer of the design less its weighted two-way effects, exactly.

    The unit effects are eliminated from the normal equations, whose rest is periods × periods; one
    period's effect is free, so the least-squares solution is taken.
    """
    by_unit, by_period = weight.sum(axis=1), weight.sum(axis=0)
    core = np.diag(by_period) - weight.T @ (weight / by_unit[:, None])
    left = np.empty_like(design)
    for place, layer in enumerate(design):
        mean = (weight * layer).sum(axis=1) / by_unit
        right = (weight * layer).sum(axis=0) - weight.T @ mean
        of_period = np.linalg.lstsq(core, right, rcond=None)[0]
        of_unit = mean - (weight @ of_period) / by_unit
        left[place] = layer - of_unit[:, None] - of_period[None, :]
    return left


def _refuse_alike(
    information: Floats, design: Floats, weight: Floats, names: Sequence[str]
) -> None:
    """Treatments must differ from each other, and from units and periods."""
    whole = np.einsum("kut,ut->k", design**2, weight)
    if not whole.all():
        name = names[int(np.argmin(whole))]
        raise InputError(f"{name}: no sale or visit is expected anywhere it applies")
    own = np.diag(information) / whole
    if not (own >= 1e-8).all():  # nor is it where all has become tiny
        name = names[int(np.argmin(own))]
        raise InputError(
            f"{name} covers whole units or whole periods only: there is nothing to compare with"
        )
    scale = np.sqrt(np.diag(information))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < 1e-8:
        alike = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 0.1]
        raise InputError(f"{' and '.join(alike)} always apply together: they cannot be told apart")


def _jackknife(left: Floats, mean: Floats, residual: Floats) -> Floats:
    """Variances: how far each effect moves when a unit is left out (one step of Newton's)."""
    count = left.shape[1]
    scores = (left * residual).sum(axis=2)
    parts = np.einsum("kut,lut->ukl", left * mean, left)
    rest = parts.sum(axis=0)[None] - parts
    # Without its only unit a treatment is not there: the other standard error speaks for it.
    moves = (np.linalg.pinv(rest, hermitian=True) @ scores.T[:, :, None])[:, :, 0]
    variances: Floats = (moves**2).sum(axis=0) * (count - 1) / count
    return variances

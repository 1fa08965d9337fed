"""What an experiment showed, with its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from analytics.lift.panel import Floats, Period

LEVELS = (0.90, 0.95)
EMPTY = "no constant effect fits the periods of the test: the model is wrong there, nothing is sure"


@dataclass(frozen=True)
class Interval:
    """A confidence interval; a bound is ±inf where the data do not bound the effect.

    Where it ``is_empty`` its bounds are nan: every constant effect is rejected. That is no
    certainty; the model does not describe the periods of the test.
    """

    level: float
    low: float
    high: float
    is_empty: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def scaled(self, factor: float) -> Interval:
        low, high = sorted((self.low * factor, self.high * factor))
        return Interval(self.level, low, high, self.is_empty)


@dataclass(frozen=True)
class Inference:
    """One way to judge the total effect: two-sided p-value, intervals of total and of iROAS."""

    p_value: float
    total: tuple[Interval, ...]
    iroas: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How well the counterfactual follows the treated total before the test.

    ``rmse``: root mean square of observed − counterfactual, in units of the metric; ``r2``: 1 −
    SSR/SST of the treated total; ``relative_rmse``: rmse over the treated total's mean.
    """

    periods: int
    rmse: float
    r2: float
    relative_rmse: float


@dataclass(frozen=True)
class Series:
    """Treated total per period, before and during the test; bands at ``level``.

    ``observed`` and ``counterfactual`` run over all periods, the rest over the test periods only,
    as effects (observed − counterfactual; in a holdout test counterfactual − observed).
    """

    periods: tuple[Period, ...]
    pre: int
    observed: Floats
    counterfactual: Floats
    effect: Floats
    effect_margin: Floats
    cumulative: Floats
    cumulative_margin: Floats
    level: float = 0.95


@dataclass(frozen=True)
class Estimate:
    """The effect of a treatment (or, in a holdout test, of the ads that the holdout went without).

    ``total`` is summed over treated units and test periods, ``per_period`` over treated units,
    ``per_unit_period`` is the average effect on the treated (ATT). ``relative`` is the total over
    what would have been sold without the treatment. ``inference`` names the headline among
    ``inferences``: ``p_value`` and ``intervals`` are its. ``placebo_p`` is the share of placebo
    statistics, the real one included, at least as extreme as the real one; None: no placebos.
    """

    method: str
    metric: str
    treated: tuple[str, ...]
    controls: tuple[str, ...]
    start: Period
    end: Period
    periods: int
    holdout: bool
    total: float
    relative: float
    baseline: float
    inference: str
    inferences: Mapping[str, Inference]
    placebo_p: float | None
    fit: Fit
    series: Series
    weights: Mapping[str, float] = field(default_factory=dict)
    incremental_spend: float | None = None
    iroas: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def per_period(self) -> float:
        return self.total / self.periods

    @property
    def per_unit_period(self) -> float:
        return self.per_period / len(self.treated)

    att = per_unit_period

    @property
    def p_value(self) -> float:
        return self.inferences[self.inference].p_value

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Of the total, at 90% and 95%."""
        return self.inferences[self.inference].total

    def interval(self, level: float = 0.95, of: str = "total") -> Interval:
        """The headline interval of ``total``, ``per_period``, ``per_unit_period``, ``relative`` or
        ``iroas``. Raises KeyError: a level or quantity that is not there."""
        chosen = self.inferences[self.inference]
        listed = chosen.iroas if of == "iroas" else chosen.total
        found = next((item for item in listed if math.isclose(item.level, level)), None)
        if found is None:
            raise KeyError(f"no interval of {of} at {level}")
        if of == "relative":
            return self._relative(found)
        units = len(self.treated)
        share = {"total": 1, "iroas": 1, "per_period": self.periods}
        share["per_unit_period"] = self.periods * units
        return found.scaled(1 / share[of])

    def _relative(self, total: Interval) -> Interval:
        """Bounds of the relative effect: it grows with the effect, so bounds map to bounds.

        Without holdout the baseline is observed − effect; with it, it is observed itself.
        """
        if self.holdout:
            return total.scaled(1 / self.baseline) if self.baseline else total
        observed = self.baseline + self.total

        def share(effect: float) -> float:
            if effect == -math.inf:
                return -1.0
            if math.isnan(effect):
                return math.nan
            return effect / (observed - effect) if effect < observed else math.inf

        return Interval(total.level, share(total.low), share(total.high), total.is_empty)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: numbers, texts, lists; an unbounded or undefined number is None."""
        plain = asdict(self)
        plain["inferences"] = {name: asdict(item) for name, item in self.inferences.items()}
        plain["weights"] = dict(self.weights)
        plain["series"] = {
            name: value.tolist() if hasattr(value, "tolist") else value
            for name, value in vars(self.series).items()
        }
        for name in ("per_period", "per_unit_period", "p_value"):
            plain[name] = getattr(self, name)
        plain["intervals"] = {
            of: [asdict(self.interval(level, of)) for level in self.levels(of)]
            for of in ("total", "per_period", "per_unit_period", "relative", "iroas")
        }
        return {name: jsonable(value) for name, value in plain.items()}

    def levels(self, of: str = "total") -> list[float]:
        """The levels of the headline's intervals."""
        chosen = self.inferences[self.inference]
        return [item.level for item in (chosen.iroas if of == "iroas" else chosen.total)]


def jsonable(value: Any) -> Any:
    """The same in what JSON knows; a number that is not finite becomes None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: jsonable(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [jsonable(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)

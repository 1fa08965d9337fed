"""Which units were treated when: a panel cut to one experiment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.errors import InputError
from analytics.lift.panel import Floats, Panel, Period, as_period, read_panel

LEAST_PRE_PERIODS = 4


@dataclass(frozen=True)
class Experiment:
    """A panel whose last columns are the test.

    ``treated`` and ``controls`` are row numbers, ``pre`` is the number of columns before the test;
    the columns from ``pre`` on are the test. What came after the test has been cut away.
    """

    panel: Panel
    treated: npt.NDArray[np.intp]
    controls: npt.NDArray[np.intp]
    pre: int

    @property
    def post(self) -> int:
        """The number of test periods."""
        return len(self.panel.periods) - self.pre

    def placebo(self, group: Iterable[int]) -> Experiment:
        """The same test had this group of controls been treated; the treated are left out."""
        chosen = np.array(sorted(group), dtype=np.intp)
        return replace(self, treated=chosen, controls=np.setdiff1d(self.controls, chosen))

    def of_spend(self) -> Experiment:
        """The same experiment with spend as its metric."""
        if self.panel.spend is None:
            raise InputError("the panel has no spend column (spend='…', --spend …)")
        panel = replace(self.panel, value=self.panel.spend, metric="spend")
        return replace(self, panel=panel)

    def totals(self) -> tuple[Floats, Floats]:
        """Treated total and control total per period."""
        value = self.panel.value
        return value[self.treated].sum(axis=0), value[self.controls].sum(axis=0)


def arrange(
    panel: Any,
    treated: Iterable[str],
    start: Period | str,
    end: Period | str,
    *,
    controls: Iterable[str] | None = None,
    metric: str = "value",
    spend: str | None = None,
) -> Experiment:
    """Cut a panel (anything that ``read_panel`` takes) to an experiment.

    Args:
        treated: the units that were treated; or, in a holdout test, those that got no ads.
        start, end: first and last period of the test, both included.
        controls: the units to compare with; default: all others.

    Raises InputError: unknown units, no control, a test outside the panel, too little before it.
    """
    table = read_panel(panel, metric=metric, spend=spend)
    rows = np.sort(table.rows(treated))
    if not len(rows):
        raise InputError("no treated unit was named")
    others = np.setdiff1d(np.arange(len(table.units)), rows)
    if controls is not None:
        others = np.sort(table.rows(controls))
        both = np.intersect1d(rows, others)
        if len(both):
            raise InputError(f"{table.units[both[0]]} is both treated and a control")
    if not len(others):
        raise InputError("every unit is treated: there is nothing to compare with")
    first, last = as_period(start, "start"), as_period(end, "end")
    for name, wanted in (("start", first), ("end", last)):
        if isinstance(wanted, int) != isinstance(table.periods[0], int):
            raise InputError(f"{name} {wanted} does not fit periods such as {table.periods[0]}")
    if first < table.periods[0]:  # type: ignore[operator]
        raise InputError(f"start {first} lies before the data, which begin with {table.periods[0]}")
    inside = [n for n, period in enumerate(table.periods) if first <= period <= last]  # type: ignore[operator]
    if not inside:
        raise InputError(
            f"the test from {first} to {last} has no period of the panel, "
            f"which goes from {table.periods[0]} to {table.periods[-1]}"
        )
    if last > table.last_day:  # type: ignore[operator]
        raise InputError(f"end {last} lies after the data, which end with {table.last_day}")
    if inside[0] < LEAST_PRE_PERIODS:
        raise InputError(
            f"only {inside[0]} periods before the test: at least {LEAST_PRE_PERIODS} are needed "
            "to see how treated units and controls move together"
        )
    return Experiment(table.keep(stop=inside[-1] + 1), rows, others, inside[0])

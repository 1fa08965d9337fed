"""A published figure beside the truth: of what the warehouse could know, and of everybody.

Surveys are read so: what those say who answered is one thing, what all would say another. An
interval can hold the first only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959963984540054  # of a normal distribution: 95% lie within


@dataclass(frozen=True)
class Figure:
    """``knowable``: the truth of what could be known; ``everybody``: that of all, and ``why`` it is
    another one. ``is_due``: whether the interval must hold the knowable truth, or a model may be
    wrong."""

    name: str
    of: int
    published: float
    low: float
    high: float
    knowable: float
    everybody: float
    why: str
    unit: str = "share"  # share | count | EUR
    is_due: bool = True

    @property
    def is_held(self) -> bool:
        return self.low <= self.knowable <= self.high

    def __str__(self) -> str:
        shown = {"share": "{:.1%}", "count": "{:,.0f}", "EUR": "EUR {:,.0f}"}[self.unit].format
        return (
            f"{self.name} (of {self.of:,}): {shown(self.published)}"
            f" ({shown(self.low)} to {shown(self.high)}), truth of what could be known"
            f" {shown(self.knowable)}, of everybody {shown(self.everybody)}: {self.why}"
        )


def wilson(up: float, of: float) -> tuple[float, float, float]:
    """A share and its 95% interval, as the marts have it."""
    middle = (2 * up + Z**2) / (2 * (of + Z**2))
    spread = Z * math.sqrt(Z**2 + 4 * up * (of - up) / of) / (2 * (of + Z**2))
    return up / of, middle - spread, middle + spread

"""Histories of purchases: when customers first bought, how often since, and when last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Histories:
    """One entry per history: ``repeats`` purchases after the first one, the last of them
    ``recency`` after it, which is ``age`` ago, and how many ``customers`` have it. Any unit of
    time."""

    repeats: Floats
    recency: Floats
    age: Floats
    customers: Floats

    def __post_init__(self) -> None:
        for name in ("repeats", "recency", "age", "customers"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if len({column.shape for column in self.columns}) > 1 or self.repeats.ndim != 1:
            raise InputError("repeats, recency, age and customers need one entry per history each")
        if not all(np.isfinite(column).all() for column in self.columns):
            raise InputError("a history has a number that is none")
        if (self.repeats < 0).any() or (self.customers < 0).any():
            raise InputError("a history has less than no purchases or customers")
        if (self.recency < 0).any() or (self.recency > self.age).any():
            raise InputError("a history's last purchase is before its first one, or after its end")
        if ((self.repeats == 0) != (self.recency == 0)).any():
            raise InputError("a history has repeats without a last purchase, or a last one without")

    @property
    def columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.repeats, self.recency, self.age, self.customers

    def merged(self) -> Histories:
        """Equal histories as one, in the order of their numbers: a million customers have about a
        tenth as many, and the same customers give the same digits in whatever order they come."""
        rows = np.stack(self.columns[:3], axis=1)
        order = np.lexsort(rows.T[::-1])
        rows, customers = rows[order], self.customers[order]
        begins = np.ones(len(rows), bool)
        begins[1:] = (rows[1:] != rows[:-1]).any(axis=1)
        counted = np.add.reduceat(customers, np.flatnonzero(begins)) if len(rows) else customers
        repeats, recency, age = rows[begins].T
        return Histories(repeats, recency, age, counted)

"""What a check is: a sentence, an owner, and one SQL query that holds two totals side by side.

Every query answers in the same seven columns, one row ("cell") per thing compared:

    place       VARCHAR   where: a store, a stream, a campaign, a system
    day         DATE      when, NULL where a day makes no sense
    unit        VARCHAR   what is counted: 'orders', 'hours', or a currency code (minor units)
    left_total  DECIMAL   what the first system says
    right_total DECIMAL   what the second system says
    tolerance   DECIMAL   how far apart the two may be
    ids         VARCHAR   the records behind a gap, as far as they can be named, else NULL

A cell is *off* when the gap (left - right) exceeds its tolerance, or when a total is missing.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar, Literal

from expectations.owners import Owner
from warehouse.engines.dialect import Dialect

CELL_COLUMNS = ("place", "day", "unit", "left_total", "right_total", "tolerance", "ids")

Boundary = Literal["landing", "marts"]
Limits = Mapping[str, int | float]


class Severity(StrEnum):
    """What a failed check does to the publication: ``fail`` holds it back, ``warn`` marks it."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class Words:
    """A check without its SQL, as ``checks/<theme>/_checks.yml`` says it.

    ``left`` and ``right`` label the two totals; ``allowed`` puts the tolerance into words.
    ``limits``: the numbers of the tolerance; SQL knows them as ``limits.<name>``, ``allowed`` as
    ``{<name>}``.
    ``one_sided``: only a surplus on the left is wrong. ``may_be_empty``: having nothing to compare
    is normal; elsewhere it fails the check, because a check over an empty bag proves nothing.
    ``needs``: the data it compares (``Source.provides``); where no connection in use provides one
    of them, there is nothing to judge. ``needs_of_one``: likewise, of one and the same connection:
    payments of a web shop say nothing of another system's tills.
    ``needs_feeds``: nor is there where no source in use has a feed.
    """

    name: str
    severity: Severity
    owner: Owner
    title: str
    means: str
    action: str
    left: str
    right: str
    allowed: str = "no difference"
    limits: Limits = field(default_factory=dict)
    one_sided: bool = False
    may_be_empty: bool = False
    needs: tuple[str, ...] = ()
    needs_of_one: tuple[str, ...] = ()
    needs_feeds: bool = False

    # For ``catalogue``, which reads them: a misspelt key is an error.
    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Override:
    """What a company wants otherwise of a check; limits that it does not name stay."""

    severity: Severity | None = None
    limits: Limits = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """An owner's word that a check may be off in a place, on some days or whenever, for a while.

    ``place``: as the check names it; ``*`` stands for anything. Without days it is about cells of
    any day and of none, with days about cells of these. ``until`` is its last day.
    """

    check: str
    place: str
    first_day: date | None = None
    last_day: date | None = None
    until: date
    reason: str
    by: str

    @property
    def pattern(self) -> str:
        """The places as a regular expression for the whole text."""
        return ".*".join(re.escape(part) for part in self.place.split("*"))

    def is_about(self, check: str, place: str, day: date | None) -> bool:
        """Whether a cell is accepted, as long as the acceptance holds."""
        if self.check != check or not re.fullmatch(self.pattern, place):
            return False
        if self.first_day is None:
            return True
        return day is not None and self.first_day <= day <= (self.last_day or self.first_day)

    def words(self, cells: int, today: date) -> str:
        """For people: what is accepted, until when and by whom, and of how many cells it is so."""
        days = f", {self.first_day}" if self.first_day else ""
        days += f" to {self.last_day}" if self.last_day else ""
        what = f"{self.place}{days}: {self.reason} ({self.by})"
        if today > self.until:
            return f"No longer accepted since {self.until}: {what}"
        many = "comparison is" if cells == 1 else "comparisons are"
        return f"Accepted until {self.until}: {what}; {cells} {many} off by it"


@dataclass(frozen=True, kw_only=True)
class Check(Words):
    """One check, in words and in SQL.

    ``sql`` runs on every engine; what engines write differently comes from the dialect given to it.
    """

    sql: Callable[[Dialect], str]

    def query(self, dialect: Dialect) -> str:
        """The cell query for one engine, each column cast to its type."""
        return f"""
            select cast(place as string) as place, cast(day as date) as day,
                cast(unit as string) as unit, cast(left_total as decimal(38, 6)) as left_total,
                cast(right_total as decimal(38, 6)) as right_total,
                cast(tolerance as decimal(38, 6)) as tolerance, cast(ids as string) as ids
            from ({self.sql(dialect)}) as cells"""

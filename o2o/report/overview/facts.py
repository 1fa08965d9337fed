"""What the overview tells: figures, and what its charts are drawn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from o2o.metrics.definitions import Metric
from o2o.report.overview.intervals import Interval
from o2o.report.overview.periods import Period


@dataclass(frozen=True)
class Figure:
    """A metric in a period. ``before``: in the one before it, None where that is not all there."""

    metric: Metric
    period: Period
    value: float
    before: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Shop:
    """What each visitor of a shop left, by the days with known foot traffic. ``name``: without what
    the names of all shops begin with."""

    name: str
    visitors: int
    conversion: float
    conversion_interval: Interval | None
    revenue: float
    revenue_interval: Interval | None


@dataclass(frozen=True)
class Channel:
    """What a channel is credited with in a month, raw and as experiments leave it."""

    name: str
    spend: float
    raw: float
    raw_interval: Interval | None
    calibrated: float
    is_measured: bool


@dataclass(frozen=True)
class Traffic:
    """People who came into the shops, day by day; what is expected next: a day, a number, its ends.
    ``shops`` of ``of`` are in both."""

    known: list[tuple[date, float]]
    expected: list[tuple[date, float, float, float]]
    shops: int
    of: int


@dataclass(frozen=True)
class Cohort:
    """Customers with their first sale in ``month``, and which part of them bought again
    how many months later."""

    month: date
    customers: int
    returned: dict[int, float]


@dataclass(frozen=True)
class Score:
    """A score of a month, and how many answered."""

    month: date
    value: float
    low: float
    high: float
    answers: int


@dataclass(frozen=True)
class Step:
    """Journeys that went from one channel to the next, at a place, and ended in a kind of order."""

    order: str
    position: int
    origin: str
    target: str
    journeys: int


def channel_name(channel: str) -> str:
    """'paid_search' as 'Paid search'."""
    return "SMS" if channel == "sms" else channel.replace("_", " ").capitalize()


def short(names: Sequence[str | None]) -> list[str]:
    """Names of shops without the words that all begin with, so that there is room for them; no two
    are the same."""
    words = [(name or "?").split() or ["?"] for name in names]
    common = 0
    if len(words) > 1:
        while (
            all(len(each) > common + 1 for each in words) and len({w[common] for w in words}) == 1
        ):
            common += 1
    seen: Counter[str] = Counter()
    told = []
    for each in words:
        name = " ".join(each[common:])
        seen[name] += 1
        told.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return told

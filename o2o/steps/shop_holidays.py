"""On which public holidays a shop is closed, by what it did on those that were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from o2o.steps.public_holidays import calendar

# A shop that was closed on so many holidays, and open on none, is taken to keep the others, too.
FEWEST = 2
# Where doors are not counted, a day without a sale says "closed" where nearly all others have one.
NEARLY_ALL = 0.9


@dataclass
class Shop:
    """``open_weekdays``: Monday first. ``closed``: whether it was, by holiday, when it was last."""

    open_weekdays: list[bool]
    country: str | None = None
    region: str | None = None
    closed: dict[str, bool] = field(default_factory=dict)

    def holiday(self, day: date) -> str | None:
        """The name of the holiday; None on other days, and where nobody knows them."""
        known = calendar(self.country, self.region, day.year)
        return known.names.get(day) if known else None

    def is_holiday(self, day: date) -> bool | None:
        """None where nobody knows them."""
        known = calendar(self.country, self.region, day.year)
        return day in known.names if known else None

    def is_closed(self, day: date) -> bool:
        """Whether it is expected to be, because the day is a holiday."""
        name = self.holiday(day)
        kept = len(self.closed) >= FEWEST and all(self.closed.values())
        return name is not None and self.closed.get(name, kept)

    def learn(
        self, came: Mapping[date, int], sold: Mapping[date, int], first: date, last: date
    ) -> None:
        """From people who came and what was sold, by day; what did not sell has no day in ``sold``.
        The days ``first`` to ``last`` are known."""
        days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        days = [day for day in days if self.open_weekdays[day.weekday()]]
        traded = [day for day in days if sold and day >= min(sold)]
        sells = sum(day in sold for day in traded) >= NEARLY_ALL * len(traded)
        told = {*came, *(traded if sells else ())}
        for day in days:
            if day in told and (name := self.holiday(day)):
                self.closed[name] = not (came.get(day) or sold.get(day))

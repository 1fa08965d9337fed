"""The days of the world: local time to UTC and back, and what season does to demand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from demo.world.ids import Floats, Ints

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WEB_WEEK = np.array([1.05, 1.0, 0.97, 0.98, 0.95, 0.95, 1.15])  # Monday first
SHOP_WEEK = np.array([0.85, 0.85, 0.9, 0.95, 1.15, 1.6, 0.7])
# Share of web activity by local hour: quiet nights, a lunch break, long evenings.
WEB_HOURS = np.array(
    [8, 4, 2, 2, 2, 4, 10, 20, 30, 36, 40, 44, 50, 46, 40, 40, 42, 46, 54, 66, 78, 76, 52, 24]
)


class Horizon:
    """``total`` local days from ``start``. Day 0 is the start; later parts may look 60 days on."""

    def __init__(self, start: date, total: int, zones: list[str]) -> None:
        self.start, self.total, self.zones = start, total, zones
        self.epoch_day = (start - date(1970, 1, 1)).days
        self.start_us = self.epoch_day * DAY
        self.end_us = self.start_us + total * DAY
        self._first_hour = self.start_us - 3 * DAY
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(days=3)
        instants = [midnight + timedelta(hours=hour) for hour in range((total + 70) * 24)]
        self._offsets = np.array(
            [[_offset_us(instant, ZoneInfo(zone)) for instant in instants] for zone in zones]
        )

    def utc(self, zone: Ints | int, day: Ints, time_of_day: Ints) -> Ints:
        """UTC microseconds of a local day and time of day (the offset is the one of that noon)."""
        local = self.start_us + day * DAY
        return local + time_of_day - self._offset(zone, local + 12 * HOUR)

    def local(self, zone: Ints | int, at: Ints) -> Ints:
        """Microseconds on a zone's wall clock at UTC instants, exact to the hour of a shift."""
        return at + self._offset(zone, at)

    def day(self, zone: Ints | int, at: Ints) -> Ints:
        """The local day (0 is the start) of UTC instants."""
        return (self.local(zone, at) - self.start_us) // DAY

    def _offset(self, zone: Ints | int, at: Ints) -> Ints:
        hour = np.clip((at - self._first_hour) // HOUR, 0, self._offsets.shape[1] - 1)
        return self._offsets[zone, hour]  # type: ignore[no-any-return]

    def weekday(self, day: Ints) -> Ints:
        """0 is Monday."""
        return (day + self.start.weekday()) % 7

    def demand(self, week: Floats) -> Floats:
        """Relative demand of each day, about 1: the week, the year, Easter and Christmas."""
        days = np.arange(self.total)
        of_year = (self.start.timetuple().tm_yday + days) % 365
        year = 1 + 0.10 * np.cos(2 * np.pi * (of_year - 345) / 365)
        christmas = 0.7 * np.exp(-(((of_year - 345) / 12) ** 2))
        easter = 0.2 * np.exp(-(((of_year - 92) / 6) ** 2))
        return week[self.weekday(days)] * (year + christmas + easter)


def _offset_us(instant: datetime, zone: ZoneInfo) -> int:
    offset = instant.astimezone(zone).utcoffset()
    return int((offset or timedelta()).total_seconds()) * SECOND


def draw_days(rng: np.random.Generator, demand: Floats, count: int) -> Ints:
    """Days drawn in proportion to demand."""
    cumulative = np.cumsum(demand) / demand.sum()
    days = np.searchsorted(cumulative, rng.random(count), side="right")
    return np.minimum(days, demand.size - 1).astype(np.int64)


def draw_web_times(rng: np.random.Generator, count: int) -> Ints:
    """Times of day of web activity, in microseconds after local midnight."""
    hours = draw_days(rng, WEB_HOURS.astype(float), count)
    return hours * HOUR + rng.integers(0, HOUR // SECOND, count) * SECOND

"""The days that the overview is about: of what is published, those that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

DAYS = 28  # four of each weekday


@dataclass(frozen=True)
class Period:
    """From its first day to its last."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1


@dataclass(frozen=True)
class Periods:
    """``first``: the first day that there is; ``period``: the last whole 28 days, or what there is
    of them; ``month``: the last month of which there is all, or what there is of the one that runs.
    """

    first: date
    period: Period
    month: Period

    def before(self, period: Period) -> Period | None:
        """As long and right before, if there is all of it."""
        since = period.since - timedelta(period.days)
        if since < self.first or period.days < DAYS:
            return None
        return Period(since, period.since - timedelta(1))


def periods(con: duckdb.DuckDBPyConnection, published_at: datetime) -> Periods:
    """Of an open published file."""
    first, last = _edges(con, published_at)
    period = Period(max(first, last - timedelta(DAYS - 1)), last)
    return Periods(first, period, _month(first, last))


def _edges(con: duckdb.DuckDBPyConnection, published_at: datetime) -> tuple[date, date]:
    """The first day, and the last that is over on the clocks of all shops. What claims to be
    of later than the publication does not count."""
    ((first, newest),) = con.execute(
        """
        select
            least(
                (select min(order_date) from marts.fct_orders),
                (select min(business_date) from marts.fct_store_daily)
            ),
            coalesce(
                greatest(
                    (select max(ordered_at) from marts.fct_orders),
                    (select max(started_at) from marts.fct_web_sessions)
                ),
                (select max(business_date)::timestamp from marts.fct_store_daily)
            )
        """
    ).fetchall()
    zones = con.execute(
        "select distinct time_zone from marts.dim_stores where time_zone is not null"
    ).fetchall()
    moment = min(newest.replace(tzinfo=UTC), published_at) if newest else published_at
    today = min((_day(moment, zone) for (zone,) in zones), default=moment.date())
    last = today - timedelta(1)
    return min(first or last, last), last


def _month(first: date, until: date) -> Period:
    """The last month of which there is all, or what there is of the one that runs."""
    following = (until.replace(day=1) + timedelta(32)).replace(day=1)
    if until + timedelta(1) == following:
        return Period(until.replace(day=1), until)
    last = until.replace(day=1) - timedelta(1)
    if last.replace(day=1) >= first:
        return Period(last.replace(day=1), last)
    return Period(until.replace(day=1), until)


def _day(moment: datetime, zone: str) -> date:
    """The day that it is on a shop's clock; a shop's own word for its zone may be none."""
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return moment.date()

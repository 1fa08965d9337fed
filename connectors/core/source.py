"""What a source declares: its settings, its streams, and how each stream is asked for.

Three kinds of streams:

- **entity**: records that change. Each load asks for what was updated since the newest cursor
  seen, minus an overlap, because edges are inclusive and vendors' indexes lag.
- **snapshot** (no cursor): short lists without an update time, read whole every time.
- **report**: figures per day which the vendor restates. Each load re-reads whole days, each until
  its restatement window has passed (``connectors.core.days``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal

from connectors.core import times
from connectors.core.days import Answer, Report, State
from connectors.core.http import Client
from connectors.core.late import LookBack
from connectors.core.paging import Batch, Run
from connectors.core.reading import Field, Reader, latest
from connectors.core.rights import Right, Version
from connectors.core.settings import (
    ALLOW_HTTP,
    LARGEST_ANSWER,
    Connection,
    Setting,
    require,
)
from connectors.core.sweeps import SWEPT, Sweep
from connectors.core.verbatim import Page
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal


@dataclass(frozen=True)
class Window:
    """The time span a load asks for, both edges included, in UTC; for reports also the days, not
    all of which need follow one another. ``oldest``: the oldest day that could be asked for.
    ``parts``: what a stream is asked for one by one; ``fresh``: those of them that no load has
    asked for yet, though the stream has been loaded before; ``put_off``: those that the last load
    did not read to their end, each with the time up to which it came."""

    since: datetime
    until: datetime
    days: tuple[date, ...]
    oldest: date
    parts: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    put_off: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def first_day(self) -> date:
        return self.days[0]

    @property
    def last_day(self) -> date:
        return self.days[-1]

    def begun(self, zone: tzinfo) -> Window:
        """The same without the days that have not begun in a zone: accounts of one connection may
        be in several."""
        today = self.until.astimezone(zone).date()
        return replace(self, days=tuple(day for day in self.days if day <= today))

    def since_of(self, part: str) -> datetime:
        """From when a part is asked for: one that is new, from the beginning of its history; one
        that was put off, from where it was left."""
        if part in self.put_off:
            return min(self.put_off[part], self.until)
        if part in self.fresh:
            return datetime.combine(self.oldest, datetime.min.time(), UTC)
        return self.since

    @property
    def in_turn(self) -> list[str]:
        """The parts, those that were put off first."""
        return sorted(self.parts, key=lambda part: part not in self.put_off)

    def stretches(self, most: int = 10_000) -> Iterator[tuple[date, date]]:
        """First and last day of each stretch of days, ``most`` days long at most."""
        for first, last in times.stretches(self.days):
            while (last - first).days >= most:
                yield first, first + timedelta(most - 1)
                first += timedelta(most)
            yield first, last

    def as_json(self) -> dict[str, str]:
        return {"since": times.text(self.since), "until": times.text(self.until)}


@dataclass
class Api:
    """An open connection to a vendor. Sources that look something up once subclass it.

    ``unseen``: by stream, the fields that are asked for and that the vendor does not show to these
    credentials.
    ``put_off``: by stream, the parts that were not read to their end, because what the vendor
    allows in a day is used up, each with the time from which the next load has to ask for it.
    """

    client: Client
    connection: Connection
    unseen: dict[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)
    put_off: dict[str, dict[str, datetime]] = field(default_factory=dict, kw_only=True)

    def close(self) -> None:
        self.client.close()


@dataclass(frozen=True)
class Feed:
    """What tells how far a stream has come: its name for people, and when each of its events
    happened, as SQL over its staging model."""

    title: str
    happened_at: str


@dataclass(frozen=True)
class Stream:
    """One stream of a source.

    ``key`` and ``cursor`` find a row's identity and its position: a path (``customer.id``), or
    several joined by ``|``, or a function. A report's cursor is its day, ``YYYY-MM-DD``, or that
    day's first moment.
    ``read(api, window)`` yields the page runs that together make up the window. ``personal`` tells
    where rows speak of people; without it they are held to speak of none.

    What the audit may expect of it: ``required`` are paths that every payload holds, because
    staging can make no row without them; ``usual`` are paths that single payloads may lack (the
    vendor leaves out a zero), but never all of them. ``is_expected`` is False for products that
    many do not use: nobody misses the stream. ``feed`` makes it part of the freshness check.
    ``sweep``: how an entity stream finds out which records are gone, where their changes do not
    tell. ``look_back``: how it finds records that appear days after the time that they bear.
    ``every``: a snapshot is read no more often than that. ``parts`` lists what the stream is
    asked for one by one (locations); what was listed once is asked for also by a load whose list
    lacks it, or its records would be passed over.
    ``is_standing``: what stands today was made long ago (products, prices, stock, cards): the first
    load reads it from its beginning, whatever day the connection starts at.
    ``rests``: how long it has nothing new when all is well, beyond what others may lack, as over
    holidays.
    """

    name: str
    description: str
    read: Callable[[Any, Window], Iterator[Run]]
    key: Field
    cursor: Field | None = None
    overlap: timedelta = timedelta(minutes=5)
    report: Report | None = None
    history_days: int = 3653
    is_filtered_by_vendor: bool = True
    personal: Personal | None = None
    required: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    is_expected: bool = True
    feed: Feed | None = None
    sweep: Sweep | None = None
    look_back: LookBack | None = None
    every: timedelta = timedelta(0)
    parts: Callable[[Any], Collection[str]] | None = None
    is_standing: bool = False
    rests: timedelta = timedelta(0)

    @property
    def kind(self) -> str:
        return "report" if self.report else "entity" if self.cursor else "snapshot"

    def window(
        self, api: Api, state: State, until: datetime, since: datetime | None = None
    ) -> Window:
        """The window of the next load: from ``since``, or from where the state left off."""
        history = self.report.history_days if self.report else self.history_days
        oldest = until - timedelta(days=history)
        if (start := api.connection.get(START_DATE)) and not self.is_standing:
            oldest = max(oldest, _start_date(start))
        zone = self.report.zone(api) if self.report else UTC
        today, oldest_day = until.astimezone(zone).date(), oldest.astimezone(zone).date()
        days = [today]
        if self.report and since is not None:
            first_day = max(since.astimezone(zone).date(), oldest_day)
            days = list(times.days(min(first_day, today), today))
        elif self.report:
            days = self.report.asked(state, oldest_day, today)
        if since is None:
            newest = state.get("cursor")
            since = times.parse(newest) - self.overlap if newest else oldest
            if newest and self.look_back and self.look_back.is_due(state, until):
                since = min(since, max(oldest, until - timedelta(days=self.look_back.days)))
        return Window(min(since, until), until, tuple(days), oldest_day)

    def out_of_reach(self, state: State, window: Window) -> str:
        """The days since the last load, ``first/last``, that the vendor serves no more: the loads
        paused for longer than its history. Empty if there are none."""
        if self.report and "day" in state:
            first = self.report.newest_asked(state) + timedelta(days=1)
        elif not self.report and (newest := state.get("cursor")):
            first = times.parse(newest).date()
        else:
            return ""
        return f"{first}/{window.oldest - timedelta(days=1)}" if first < window.oldest else ""

    def is_due(self, state: State, until: datetime) -> bool:
        """Whether it is read again already, which a snapshot with ``every`` is not each time."""
        return (
            not (self.every and SWEPT in state) or times.parse(state[SWEPT]) + self.every <= until
        )

    def key_reader(self, window: Window) -> Callable[[Page], Batch]:
        """A reader of pages that list nothing but keys."""
        return replace(self, cursor=None, report=None).reader(window)

    def reader(self, window: Window) -> Callable[[Page], Batch]:
        """A function that turns a page's elements into rows, and sets aside what is no row."""
        return Reader(self, window)

    def believed(self, state: State, until: datetime) -> State:
        """The state without a cursor that is in the future: a record of a wrong time put it there,
        and every window after it would be empty."""
        newest = state.get("cursor")
        if newest and times.parse(newest) > latest(until):
            return {name: value for name, value in state.items() if name != "cursor"}
        return state

    def next_state(
        self,
        state: State,
        window: Window,
        newest: str,
        told: Answer,
        is_backfill: bool = False,
    ) -> State:
        """The state after a load whose newest cursor is ``newest`` (empty: no rows); ``told`` is
        what it tells of a report's days.

        It never moves backwards, and a backfill moves it only if it joins what was loaded before:
        behind a gap, the next regular load has to fill the gap. The days of a report are those of
        regular loads alone.
        """
        if self.every and not is_backfill:
            return {**state, SWEPT: times.text(window.until)}
        name = "day" if self.report else "cursor"
        before = state.get(name, "")
        if is_backfill and (self.report or not before or times.exact(window.since) > before):
            return state
        after = max(before, newest)  # both in the one form of `position`: they sort as text
        if not after:
            return state
        if self.report:
            days = self.report.next_state(state, window.days, window.oldest, told)
            return {name: after, **days}
        return {**state, name: after}


# What the data of a source can be: a contract of the warehouse that it fills, and of orders, whose.
Provided = Literal[
    "web_orders", "till_orders", "payments", "refunds", "deals", "leads", "bookings", "web_events",
    "ad_spend", "ad_clicks", "door_counts", "pings", "exchange_rates", "web_totals",
    "survey_responses", "survey_invitations", "message_events",
]  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A vendor: who owns it, when it is read, what it needs and which streams it has.

    ``schedule`` is a cron line in UTC. ``provides``: what data it has; checks compare only what
    there is. ``quotes``: the currencies that it has rates of. ``connect`` opens the API for a
    connection. ``rights`` are what the streams need, ``granted(api)`` asks the vendor for the names
    of those that it granted (where it tells), ``versions`` are those asked for. What a company
    reads goes by the name of its connection, which begins with the vendor's
    (``connectors.connections``).
    """

    name: str
    title: str
    owner: str
    schedule: str
    provides: tuple[Provided, ...]
    settings: tuple[Setting, ...]
    streams: tuple[Stream, ...]
    connect: Callable[[Connection], Api]
    quotes: tuple[str, ...] = ()
    rights: tuple[Right, ...] = ()
    granted: Callable[[Any], Collection[str]] | None = None
    versions: tuple[Version, ...] = ()

    @property
    def vendor(self) -> str:
        return self.name.partition(VENDOR_END)[0]

    def open(self, connection: Connection) -> Api:
        """Check the settings and open the API; raises SettingError for what is missing."""
        require(self.name, connection, self.settings)
        return self.connect(connection)


VENDOR_END = "__"  # before the label, in the name of one of several connections to a vendor
START_DATE = "extra.start_date"
SKIP_STREAMS = "extra.skip_streams"
UNTIL = "extra.until"
# Read from the connection of every source.
COMMON_SETTINGS = (
    Setting(START_DATE, "oldest day to load, YYYY-MM-DD; default: the stream's history", False),
    Setting(UNTIL, "nothing later than this ISO time is asked for; default: no limit", False),
    Setting(SKIP_STREAMS, "streams of products that you do not use, separated by commas", False),
    Setting(ALLOW_HTTP, "true: plain http, too, to a host that is not this machine", False),
    Setting(LARGEST_ANSWER, "megabytes of one answer, unpacked; default 200", False),
)


def limited(connection: Connection, until: datetime) -> datetime:
    """``until``, or the end of what the connection has if that is earlier."""
    end = ends(connection)
    return min(until, end) if end else until


def ends(connection: Connection) -> datetime | None:
    """When the data of a connection end, if it says so. Raises SettingError."""
    if not (text := connection.get(UNTIL)):
        return None
    try:
        return times.parse(text)
    except (TypeError, ValueError):
        raise SettingError(
            f"{UNTIL} must be an ISO time such as 2026-05-01T00:00:00Z, not {text!r}"
        ) from None


def _start_date(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except (TypeError, ValueError):
        raise SettingError(f"{START_DATE} must be YYYY-MM-DD, not {text!r}") from None

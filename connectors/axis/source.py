"""People counters of AXIS, each asked at its own address. How they are read stands in README.md.

An interval is landed in the words of the newer interface (``start``, ``end``, ``in``, ``out``),
with the counter that it belongs to and its times with their offset added at the end.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from json.encoder import encode_basestring
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from connectors.core import times
from connectors.core.auth import Digest
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import VendorError
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.reading import derived
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page, split
from warehouse.landing.errors import SettingError
from warehouse.landing.picking import whole

log = logging.getLogger(__name__)

VERSION = "tvpc"  # of the interfaces the one that most counters have; see APIS
COUNTERS = "extra.counters"
THREE_D = "a3dpc"
# By the name of the interface: where it lies on a counter. The first two are the same.
APIS = {
    "tvpc": "/local/tvpc/.api",
    "people-counter": "/local/people-counter/.api",
    THREE_D: "/a3dpc/api",
}
EXPORT_DAYS = 31  # a camera is no server
CLOCK_TOLERANCE = timedelta(minutes=5)
HOUR = timedelta(hours=1)
HOURS = 20_000  # that are remembered: two years of one zone


class Export(msgspec.Struct):
    """Of an export, what is told of the intervals."""

    data: msgspec.Raw


_export = msgspec.json.Decoder(Export)
_intervals = msgspec.json.Decoder(dict[str, list[int | None]])


@dataclass
class Counter:
    """One counter: where it is, what it is called and whose wall clock it shows."""

    url: str
    api: str
    zone: ZoneInfo
    name: str
    client: Client

    @cached_property
    def told(self) -> dict[str, Any]:
        """Its own word of itself, with its serial number."""
        if self.api == THREE_D:
            answer = self.client.get(f"{APIS[THREE_D]}/occupancy").envelope
        else:
            answer = self.client.get(f"{APIS[self.api]}?live-sum.json").envelope
        if not isinstance(answer, dict) or not isinstance(answer.get("serial"), str):
            raise VendorError(f"{self.url} is no people counter: it tells no serial number")
        # Some firmware writes it with colons.
        return {**answer, "serial": answer["serial"].replace(":", "").upper()}

    @property
    def serial(self) -> str:
        return str(self.told["serial"])

    @property
    def title(self) -> str:
        return self.name or str(self.told.get("name") or self.serial)

    def intervals(self, first: date, last: date) -> Page:
        """The hours of these days, as they are landed."""
        if self.api == THREE_D:
            # The end is exclusive: a date stands for its first moment.
            until = last + timedelta(days=1)
            span = f"start={first:%Y%m%d}&end={until:%Y%m%d}&resolution=hour"
            page = self.client.get(f"{APIS[THREE_D]}/export/json?{span}", rows=("data",))
        else:
            path = f"{APIS[self.api]}?export-json&date={first:%Y%m%d}-{last:%Y%m%d}&res=1h"
            page = self.client.get(path, rows=("data",))
        return _with_counter(page, self)

    def clock(self) -> datetime | None:
        """The counter's clock, if it tells it."""
        try:
            moment = _wall_clock(str(self.told.get("timestamp") or ""))
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


@dataclass
class Axis(Api):
    """The counters of a company. ``client`` is the first one's."""

    counters: Sequence[Counter] = ()

    def close(self) -> None:
        for counter in self.counters:
            counter.client.close()


def _connect(connection: Connection) -> Axis:
    listed = enumerate(_listed(connection))
    counters = [_counter(connection, number, said) for number, said in listed]
    return Axis(counters[0].client, connection, counters=counters)


def _listed(connection: Connection) -> list[Any]:
    said = connection.get(COUNTERS)
    if not isinstance(said, list) or not said:
        raise SettingError(
            f'{COUNTERS} must be a list such as [{{"url": "https://10.1.0.20", "time_zone":'
            ' "Europe/Berlin", "name": "Door S001", "api": "tvpc"}]'
        )
    return said


def _counter(connection: Connection, number: int, said: Any) -> Counter:
    where = f"{COUNTERS}[{number}]"
    if not isinstance(said, dict) or not isinstance(said.get("url"), str):
        raise SettingError(f"{where} must be an object with a url, the address of the counter")
    unknown = sorted(said.keys() - {"url", "time_zone", "name", "api"})
    if unknown:
        raise SettingError(f"{where}: there is no {', '.join(unknown)}; url, time_zone, name, api")
    api = said.get("api") or VERSION
    if api not in APIS:
        raise SettingError(f"{where}.api must be one of {', '.join(APIS)}, not {api!r}")
    try:
        zone = ZoneInfo(said.get("time_zone") or "")
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise SettingError(
            f"{where}.time_zone must be a zone such as Europe/Berlin: the counter tells none"
        ) from None
    client = Client(
        said["url"],
        Digest(connection.login, connection.password),
        connection=connection,
        budget=Budget(5, 2),
        read=split if api == THREE_D else _by_start,
    )
    return Counter(said["url"].rstrip("/"), api, zone, str(said.get("name") or ""), client)


def _by_start(body: bytes, path: tuple[str, ...] | None) -> Page:
    """The page of an export whose ``data`` has the values of each interval by its start, as rows of
    the newer interface."""
    page = split(body, None)
    if path is None or not isinstance(page.envelope, dict):
        return page if path is None else split(body, path)
    counter, data = page.envelope.get("counter"), page.envelope.get("data")
    if not isinstance(data, dict) or not isinstance(counter, dict):
        return split(body, path)
    names = list(counter.get("types") or {})
    length = timedelta(seconds=_seconds(counter.get("delta")))
    rows = [_row(start, values, names, length) for start, values in _pairs(body)]
    return Page(rows, {**page.envelope, "data": {}})


def _pairs(body: bytes) -> Iterable[tuple[str, Any]]:
    """The values of each interval, beside its start. The hour that the clock shows twice has the
    same name twice, which is seen by the quotation marks."""
    try:
        raw = _export.decode(body).data
        found = _intervals.decode(raw)
    except msgspec.DecodeError:
        found = {}
    if found and bytes(raw).count(b'"') == 2 * len(found):
        return found.items()
    told = json.loads(body, object_pairs_hook=list, parse_int=str, parse_float=str)
    return list(dict(told)["data"])


def _seconds(said: Any) -> int:
    if isinstance(said, int) and said > 0:
        return said
    raise ValueError("the export does not say how long its intervals are")


def _row(start: str, values: Any, names: list[str], length: timedelta) -> str:
    """An interval; what is none stays as sent, to be set aside."""
    try:
        by_name = dict(zip(names, values, strict=True))
        # An occupancy estimator counts, too.
        inside = by_name.get("In", by_name.get("Total In"))
        outside = by_name.get("Out", by_name.get("Total Out"))
        words = _span(start, length)
        return f'{{{words},"in":{_number(inside)},"out":{_number(outside)}}}'
    except (ValueError, TypeError, OverflowError):
        return json.dumps([start, values])


@lru_cache(HOURS)
def _span(start: str, length: timedelta) -> str:
    """Start and end of an interval. All counters of a company tell the same hours."""
    begin = _wall_clock(start)
    return f'"start":"{begin}","end":"{begin + length}"'


def _number(told: Any) -> str:
    if told is None:
        return "null"
    if type(told) is int:
        return str(told)
    if not isinstance(told, str):
        raise TypeError
    int(told)
    return told


def _with_counter(page: Page, counter: Counter) -> Page:
    """The intervals with their counter, and with their times where the clock on the wall is.

    The hour that the clock shows twice comes twice, the earlier one first. One that it skips has
    nothing: a counter that counted in it does not keep to its zone.
    """
    if not page.raw:
        return page  # nobody needs to know whose
    spans, own = (
        _spans(page),
        f"{_member('serial', counter.serial)},{_member('name', counter.title)}",
    )
    rows: list[str] = []
    added: list[str] = []
    unread: dict[int, str] = {}
    before: Any = None
    for number, (span, raw) in enumerate(zip(spans, page.raw, strict=True)):
        more = ""
        if number in page.unread:
            unread[len(rows)] = page.unread[number]
        elif span is not None:
            start, end = span
            ahead = spans[number + 1] if number + 1 < len(spans) else None
            is_twice = ahead is not None and ahead[0] == start
            try:
                told = _moments(start, end, counter.zone, before == start, is_twice)
                before = start
            except (TypeError, ValueError, OverflowError):
                unread[len(rows)] = "start or end is no wall clock time"
            else:
                if told:
                    more = f"{own},{told}"
                elif _is_empty(raw):
                    continue
                else:
                    skipped = f"an hour that the clock of {counter.zone.key} skips"
                    unread[len(rows)] = skipped
        rows.append(raw)
        added.append(more)
    page.raw, page.unread = rows, unread
    page.add(added)
    return page


def _spans(page: Page) -> list[tuple[Any, Any] | None]:
    """Start and end of each row; None of what is no object."""
    if found := page.columns(("start", "end")):
        return list(zip(*found, strict=True))
    return [
        (item.get("start"), item.get("end")) if item.__class__ is dict else None
        for item in page.pick("start", "end")
    ]


def _is_empty(raw: str) -> bool:
    item = whole(raw)
    return item.get("in") in (0, None) and item.get("out") in (0, None)


@lru_cache(HOURS)
def _moments(start: str, end: str, zone: ZoneInfo, is_second: bool, is_twice: bool) -> str:
    """When an interval begins and ends, with the offset; nothing for one that the clock skips.

    Raises ValueError, TypeError or OverflowError for what is no time on a wall clock.
    """
    wall = datetime.fromisoformat(start)
    begin = _moment(wall, zone, fold=int(is_second))
    # What is told twice ends where it begins for the second time.
    after = _moment(wall, zone, 1) if is_twice else _moment(datetime.fromisoformat(end), zone)
    if begin.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        return ""
    return f"{_member('started_at', begin.isoformat())},{_member('ended_at', after.isoformat())}"


def _member(name: str, text: str) -> str:
    return f'"{name}":{encode_basestring(text)}'


def _wall_clock(text: str) -> datetime:
    """A time as one of the interfaces writes it: ``20260601090000``, or as ISO 8601 has it."""
    if len(text) == 14 and text.isdigit():
        text = f"{text[:8]}T{text[8:]}"
    return datetime.fromisoformat(text)


def _moment(wall: datetime, zone: ZoneInfo, fold: int = 0) -> datetime:
    if wall.tzinfo:
        raise ValueError("a time with an offset, where the counter's wall clock was promised")
    moment = wall.replace(tzinfo=zone, fold=fold)
    moment.astimezone(UTC)  # raises for what is none in UTC
    return moment


def _counters(api: Axis, window: Window) -> Iterator[Run]:
    for counter in api.counters:

        def pages(start: str, counter: Counter = counter) -> Iterator[Page]:
            told = {
                **counter.told,
                "name": counter.title,
                "time_zone": counter.zone.key,
                "api": counter.api,
            }
            _look_at(counter, window)
            yield Page([json.dumps(told, ensure_ascii=False)], made=[told])

        yield Run(pages, label=counter.url, part=counter.url)


def _look_at(counter: Counter, window: Window) -> None:
    """Tell of a clock that is wrong, which puts counts into other hours."""
    clock, now = counter.clock(), datetime.now(UTC)
    if clock and abs(now - window.until) < HOUR and abs(clock - now) > CLOCK_TOLERANCE:
        minutes = (clock - now) // timedelta(minutes=1)
        log.warning(
            "%s: the counter's clock is %d minutes off, read as %s: set it (NTP), or the zone",
            counter.url,
            minutes,
            counter.zone.key,
        )


def _door_counts(api: Axis, window: Window) -> Iterator[Run]:
    for counter in api.counters:
        for first, last in window.stretches(EXPORT_DAYS):

            def pages(
                start: str, counter: Counter = counter, first: date = first, last: date = last
            ) -> Iterator[Page]:
                yield counter.intervals(first, last)

            yield Run(pages, label=f"{counter.url} from {first}", part=counter.url)


@derived("start")
def interval_day(start: Any) -> str | None:
    """The shop's own day on which the interval begins."""
    return (start or "")[:10] or None


SOURCE = Source(
    name="axis",
    title="AXIS people counters",
    owner="store-operations",
    schedule="10 * * * *",
    provides=("door_counts",),
    settings=(
        Setting("login", "user of the counters, with the right to view"),
        Setting("password", "password of that user"),
        Setting(COUNTERS, "list of counters: url, time_zone, name with the store code, api"),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "counters",
            "The counters, as they tell of themselves",
            _counters,
            "serial",
            required=("serial", "name", "time_zone"),
        ),
        Stream(
            "door_counts",
            "People in and out of a door, per hour",
            _door_counts,
            key="serial|started_at",
            cursor=interval_day,
            report=Report(
                look_back_days=3,
                history_days=400,
                zone=lambda api: times.Foremost(counter.zone for counter in api.counters),
                is_in_parts=True,
            ),
            parts=lambda api: [counter.url for counter in api.counters],
            required=("serial", "start", "end", "started_at", "ended_at", "in"),
            usual=("out",),
            feed=Feed("AXIS door counters", "ended_at"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "a user of each counter with the role viewer",
            ("counters", "door_counts"),
            "no counters and counts",
            "the same login and password on all of them, or a connection for each group",
            is_told=False,
        ),
    ),
    versions=(
        Version(VERSION, use="AXIS People Counter; before it was called people-counter"),
        Version(THREE_D, use="AXIS P8815-2 3D People Counter"),
    ),
)

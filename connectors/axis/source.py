"""People counters of AXIS, each asked at its own address. How they are read stands in README.md.

An interval is landed in the words of the newer interface (``start``, ``end``, ``in``, ``out``),
with the counter that it belongs to and its times with their offset added at the end.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.core import times
from connectors.core.auth import Digest
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import VendorError
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page, Unread, extend, split
from warehouse.landing.errors import SettingError

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
    # Pairs, because the hour that the clock shows twice has the same name twice.
    pairs = json.loads(body, object_pairs_hook=list, parse_int=str, parse_float=str)
    made = Page(envelope={**page.envelope, "data": {}})
    for start, values in dict(pairs)["data"]:
        made.raw.append(_row(start, values, names, length))
    return made


def _seconds(said: Any) -> int:
    if isinstance(said, int) and said > 0:
        return said
    raise ValueError("the export does not say how long its intervals are")


def _row(start: str, values: Any, names: list[str], length: timedelta) -> str:
    """An interval; what is none stays as sent, to be set aside."""
    try:
        begin = _wall_clock(start)
        by_name = dict(zip(names, values, strict=True))
        # An occupancy estimator counts, too.
        inside = by_name.get("In", by_name.get("Total In"))
        outside = by_name.get("Out", by_name.get("Total Out"))
        words = f'"start":"{begin}","end":"{begin + length}"'
        return f'{{{words},"in":{_number(inside)},"out":{_number(outside)}}}'
    except (ValueError, TypeError, OverflowError):
        return json.dumps([start, values])


def _number(text: Any) -> str:
    if text is None:
        return "null"
    if not isinstance(text, str):
        raise TypeError
    int(text)
    return text


def _with_counter(page: Page, counter: Counter) -> Page:
    """The intervals with their counter, and with their times where the clock on the wall is.

    The hour that the clock shows twice comes twice, the earlier one first. One that it skips has
    nothing: a counter that counted in it does not keep to its zone.
    """
    items, raws = page.items, page.raw
    page.made, page.raw = [], []
    before: tuple[Any, datetime] | None = None
    for number, (item, raw) in enumerate(zip(items, raws, strict=True)):
        if item.__class__ is not dict:
            page.made.append(item)
            page.raw.append(raw)
            continue
        try:
            wall = datetime.fromisoformat(item["start"])
            start = _moment(wall, counter.zone)
            if before and before[0] == item["start"]:
                start = _moment(wall, counter.zone, fold=1)
            ahead = items[number + 1] if number + 1 < len(items) else None
            is_twice = isinstance(ahead, dict) and ahead.get("start") == item["start"]
            end = (
                _moment(wall, counter.zone, fold=1)
                if is_twice
                else _moment(datetime.fromisoformat(item["end"]), counter.zone)
            )
            before = item["start"], start
        except (LookupError, TypeError, ValueError, OverflowError):
            page.made.append(Unread("start or end is no wall clock time"))
            page.raw.append(raw)
            continue
        if start.astimezone(UTC).astimezone(counter.zone).replace(tzinfo=None) != wall:
            if item.get("in") in (0, None) and item.get("out") in (0, None):
                continue
            page.made.append(Unread(f"an hour that the clock of {counter.zone.key} skips"))
            page.raw.append(raw)
            continue
        added = {
            "serial": counter.serial,
            "name": counter.title,
            "started_at": start.isoformat(),
            "ended_at": end.isoformat(),
        }
        words = ",".join(f'"{name}":{encode_basestring(text)}' for name, text in added.items())
        page.made.append({**item, **added})
        page.raw.append(extend(raw, words))
    page.unread = {}
    return page


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


def interval_day(item: Any) -> str | None:
    """The shop's own day on which the interval begins."""
    return (item.get("start") or "")[:10] or None


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

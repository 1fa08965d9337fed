"""Phones in the shops and door counters, behind one base URL. How it is read stands in README.md.

An interval of a counter is landed with `serial` and `name` of the counter added at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any

from connectors.core import times
from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import CursorExpired, Retry
from connectors.core.http import Client, describe
from connectors.core.paging import Run, follow, promised
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page, extend
from warehouse.landing.personal import Personal

VERSION = "v1"  # of the pings; the counters' export has none
PAGE = 1000
PING_DAYS = 31  # a page run cannot be resumed half-way (newest first), so it is kept short
EXPORT_DAYS = 366  # hours of a year are about a megabyte
EASTERNMOST = timezone(timedelta(hours=14))  # so that no shop's newest day is left out


@dataclass
class StoreSensors(Api):
    """All beacons, tags and counters of the company."""

    @cached_property
    def counters(self) -> Page:
        return self.client.get("/counters", rows=())


def _check(status: int, answer: Any) -> None:
    if status in (400, 410) and "cursor" in str(answer).lower():
        raise CursorExpired
    meta = answer.get("meta") if isinstance(answer, dict) else None
    code = meta.get("code") if isinstance(meta, dict) else None
    if status == 200 and isinstance(code, int) and code >= 400:
        raise Retry(f"HTTP 200 with an error inside{describe(answer)}")


def _connect(connection: Connection) -> StoreSensors:
    client = Client(
        connection.host,
        FixedHeader("Authorization", connection.password),
        connection=connection,
        budget=Budget(100, 50),
        check=_check,
    )
    return StoreSensors(client, connection)


def _pings(api: StoreSensors, window: Window) -> Iterator[Run]:
    since = window.since
    while True:
        until = min(since + timedelta(days=PING_DAYS), window.until)
        # The upper edge is exclusive.
        edge = until + timedelta(milliseconds=1)
        span = {"createdAfter": times.text(since), "createdBefore": times.text(edge)}

        def pages(start: str, span: dict[str, str] = span) -> Iterator[Page]:
            def ask(cursor: str | None) -> Page:
                sent = {**span, "limit": PAGE, **({"cursor": cursor} if cursor else {})}
                return api.client.get(f"/{VERSION}/events", sent, rows=("events",))

            return follow(ask, _cursor)

        yield Run(pages, label=f"{since:%Y-%m-%d} to {until:%Y-%m-%d}")
        if until >= window.until:
            return
        since = until


def _cursor(page: Page) -> str | None:
    meta = page.envelope.get("meta") or {}
    return promised(meta.get("hasMore"), meta.get("cursor"))


def _counters(api: StoreSensors, window: Window) -> Iterator[Run]:
    yield Run(lambda start: iter([api.counters]))


def _door_counts(api: StoreSensors, window: Window) -> Iterator[Run]:
    for serial in _serials(api.counters):
        for first, last in window.stretches(EXPORT_DAYS):

            def pages(
                start: str, serial: str = serial, first: date = first, last: date = last
            ) -> Iterator[Page]:
                # The end is exclusive: a date stands for its first moment.
                params = {"start": str(first), "end": str(last + timedelta(days=1))}
                page = api.client.get(
                    f"/counters/{serial}/export",
                    {**params, "resolution": "hour"},
                    rows=("data",),
                )
                yield _of_counter(page)

            yield Run(pages, label=f"counter {serial} from {first}")


def _of_counter(page: Page) -> Page:
    """The intervals with the counter that they belong to."""
    serial, name = str(page.envelope["serial"]), str(page.envelope["name"])
    added = f'"serial":{encode_basestring(serial)},"name":{encode_basestring(name)}'
    page.made = page.items
    for number, item in enumerate(page.made):
        if isinstance(item, dict):
            item["serial"] = serial
            page.raw[number] = extend(page.raw[number], added)
    return page


def _serials(counters: Page) -> list[str]:
    """What is no counter has nothing to ask for; the stream of counters sets it aside."""
    found = [item.get("serial") for item in counters.pick("serial") if isinstance(item, dict)]
    return [str(serial) for serial in found if isinstance(serial, str | int)]


def interval_day(item: Any) -> str | None:
    """The shop's own day on which the interval begins."""
    return (item.get("start") or "")[:10] or None


SOURCE = Source(
    name="store_sensors",
    title="Store sensors",
    owner="store-operations",
    schedule="10 * * * *",
    provides=("door_counts", "pings"),
    settings=(
        Setting("host", "base URL of what serves them"),
        Setting("password", "API key"),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "pings",
            "Phones seen by a shop's beacon, network, tag or outline",
            _pings,
            "_id",
            "createdAt",
            history_days=400,
            personal=Personal(
                "drop",
                refers={"user.userId": "customer_id"},
                carries={"user.deviceId": "app_device_id"},
            ),
            required=("_id", "actualCreatedAt", "user.deviceId"),
            feed=Feed("beacon pings", "received_at"),
        ),
        Stream(
            "counters",
            "The door counters",
            _counters,
            "serial",
            required=("serial", "name"),
        ),
        Stream(
            "door_counts",
            "People in and out of a door, per hour",
            _door_counts,
            key="serial|start",
            cursor=interval_day,
            report=Report(
                look_back_days=3,
                history_days=400,
                zone=lambda api: EASTERNMOST,
                is_in_parts=True,
            ),
            required=("start", "end", "in"),
            usual=("out",),
            feed=Feed("door counters", "ended_at"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "a key that what serves them takes",
            ("pings", "counters", "door_counts"),
            "none of them",
            is_told=False,
        ),
        Right(
            "device id and user id kept with pings",
            ("pings",),
            "pings of a phone are nobody's",
            is_told=False,
        ),
    ),
    versions=(Version(VERSION),),
)

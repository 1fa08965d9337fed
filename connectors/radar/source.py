"""Radar: phones that came to a geofence or a beacon, and both of these. How it is read stands in
README.md."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from connectors.core import times
from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.errors import ODD, Retry, VendorError
from connectors.core.http import Client, describe
from connectors.core.paging import Run, promised
from connectors.core.reading import derived
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal

VERSION = "v1"
HOST = "https://api.radar.io"
LIMIT = 1000  # the most on a page
LATE_DAYS, LATE = "extra.late_days", 7
CLOCKS = timedelta(days=1)  # how far a phone's clock may be ahead
ONE = timedelta(milliseconds=1)


def _check(status: int, answer: Any) -> None:
    meta = answer.get("meta") if isinstance(answer, dict) else None
    code = meta.get("code") if isinstance(meta, dict) else None
    if status == 200 and isinstance(code, int) and code >= 400:
        raise Retry(f"HTTP 200 with an error inside{describe(answer)}")
    if status == 402:
        raise VendorError(
            f"Radar has disabled the organization, or its usage is exceeded{describe(answer)}:"
            " its bill is to be looked at"
        )


def _connect(connection: Connection) -> Api:
    if "_pk_" in connection.password:
        raise SettingError(
            "password is a publishable key, which lists nothing. Use the Live Secret key"
        )
    if "_test_" in connection.password:
        raise SettingError(
            "password is a key of the test environment, whose events nobody caused. Use the Live"
            " Secret key"
        )
    client = Client(
        connection.host or HOST,
        FixedHeader("Authorization", connection.password),
        connection=connection,
        budget=Budget(10, 8),
        check=_check,
    )
    return Api(client, connection)


def _late(connection: Connection) -> timedelta:
    said = connection.get(LATE_DAYS, LATE)
    try:
        if int(said) >= 0:
            return timedelta(days=int(said))
    except (TypeError, ValueError):
        pass
    raise SettingError(f"{LATE_DAYS} must be a whole number of days, not {said!r}")


def _events(api: Api, window: Window) -> Iterator[Run]:
    since, until = window.since - _late(api.connection), window.until + CLOCKS
    yield Run(lambda start: _newest_first(api, "events", "created", since, until))


def _geofences(api: Api, window: Window) -> Iterator[Run]:
    yield Run(lambda start: _newest_first(api, "geofences", "updated"))


def _beacons(api: Api, window: Window) -> Iterator[Run]:
    yield Run(lambda start: _newest_first(api, "beacons", "created"))


def _newest_first(
    api: Api, name: str, by: str, since: datetime | None = None, before: datetime | None = None
) -> Iterator[Page]:
    """A list that begins with the newest. There are no page tokens: each page is asked for by the
    time of the oldest row before. Both edges are exclusive."""
    after = {f"{by}After": times.text(since - ONE)} if since else {}
    while True:
        edge = {f"{by}Before": times.text(before)} if before else {}
        page = api.client.get(f"/{VERSION}/{name}", {**after, **edge, "limit": LIMIT}, rows=(name,))
        meta = page.envelope.get("meta") or {}
        oldest = _oldest(page, f"{by}At")
        page.is_last = not promised(meta.get("hasMore", len(page.raw) >= LIMIT), oldest)
        yield page
        if page.is_last or oldest is None:
            return
        # Others may have the time of the last one.
        if before and oldest + ONE >= before:
            raise VendorError(
                f"more than {LIMIT} {name} have the time {times.text(oldest)}, and Radar lists no"
                " more of one time. Nothing was committed"
            )
        before = oldest + ONE


def _oldest(page: Page, name: str) -> datetime | None:
    """The oldest time on a page, of rows that tell one."""
    told = page.columns((name,))
    if told and {*map(type, told[0])} == {str}:
        try:
            return min(times.parse_all(told[0]))
        except ValueError:
            pass  # of one of them
    found = []
    for row in page.pick(name):
        try:
            found.append(times.parse(row[name]))
        except (*ODD, ValueError):
            continue
    return min(found, default=None)


@derived("actualCreatedAt", "createdAt")
def heard_at(heard: Any, happened: Any) -> str | None:
    """When Radar heard of an event; when it was, where that is not told."""
    told: str | None = heard or happened
    return told


SOURCE = Source(
    name="radar",
    title="Radar",
    owner="store-operations",
    schedule="15 * * * *",
    provides=("pings",),
    settings=(
        Setting("password", "Live Secret key of the project"),
        Setting(LATE_DAYS, "for how many days a phone may have been offline; default 7", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "events",
            "Phones that entered, left or stayed in a geofence, or at a beacon",
            _events,
            "_id",
            heard_at,
            history_days=400,
            is_filtered_by_vendor=False,
            personal=Personal(
                "drop",
                refers={"user.userId": "customer_id"},
                carries={"user.deviceId": "app_device_id"},
            ),
            required=("_id", "type", "createdAt", "user.deviceId"),
            usual=("actualCreatedAt",),
            feed=Feed("Radar events", "received_at"),
        ),
        Stream(
            "geofences",
            "Outlines of shops",
            _geofences,
            "_id",
            every=timedelta(days=1),
            required=("_id",),
            usual=("description",),
        ),
        Stream(
            "beacons",
            "Bluetooth beacons",
            _beacons,
            "_id",
            every=timedelta(days=1),
            required=("_id", "type"),
            is_expected=False,
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "a Live Secret key (a publishable one lists nothing, a test one lists tests)",
            ("events", "geofences", "beacons"),
            "none of them",
            is_told=False,
        ),
        Right(
            "device id and user id kept with events",
            ("events",),
            "pings of a phone are nobody's",
            "user.deviceId and user.userId are set by the app through Radar's SDK",
            is_told=False,
        ),
    ),
    versions=(Version(VERSION),),
)

"""Google Analytics 4, event by event, from its BigQuery export. How it is read stands in README.md.

BigQuery sends bare values beside a schema. They are zipped into the object that BigQuery's own JSON
export gives: null left out, INTEGER as text, FLOAT with its digits kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from functools import cached_property, partial
from json.encoder import encode_basestring
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import ODD, CursorExpired, Retry
from connectors.core.http import Client
from connectors.core.paging import Run, follow
from connectors.core.rights import Right, Version
from connectors.core.service_account import KEY, signed_in
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page, Unread
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal

VERSION = "v2"
HOST = "https://bigquery.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/bigquery.readonly"
PAGE = 10_000
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?").fullmatch

Write = Callable[[Any], str | None]


@dataclass
class Ga4(Api):
    """One export dataset."""

    @property
    def dataset(self) -> str:
        get = self.connection.get
        return (
            f"/bigquery/{VERSION}/projects/{get('extra.project')}/datasets/{get('extra.dataset')}"
        )

    @cached_property
    def tables(self) -> dict[str, str]:
        """The best table of each day (``20260601``): the final one, or else the intraday one."""
        found: dict[str, str] = {}

        def ask(token: str | None) -> Page:
            params = {"maxResults": 1000, **({"pageToken": token} if token else {})}
            path = f"{self.dataset}/tables"
            return self.client.get(path, params, rows=("tables",), omits_empty=True)

        for page in follow(ask, lambda page: page.envelope.get("nextPageToken")):
            for item in page.items:
                table = str(item["tableReference"]["tableId"])
                match = re.fullmatch(r"events_(intraday_)?(\d{8})", table)
                if match and (not match[1] or match[2] not in found):
                    found[match[2]] = table
        return found

    def table(self, day: date) -> str | None:
        return self.tables.get(day.strftime("%Y%m%d"))

    def answers(self, day: date) -> bool:
        """A table that is there and empty is an answer; one that is not there is none: it may not
        be written yet, have expired, or be left out of the list."""
        return self.table(day) is not None

    def rows(self, table: str) -> Iterator[Page]:
        """The rows of a table as JSON objects."""
        answer = self.client.get(f"{self.dataset}/tables/{table}").envelope
        fields = answer["schema"]["fields"]
        write = _record(fields)
        # The key and the day are plain columns: no need to parse what was just written.
        plain = [(at, f["name"]) for at, f in enumerate(fields) if "fields" not in f]

        def ask(token: str | None) -> Page:
            params = {"maxResults": PAGE, **({"pageToken": token} if token else {})}
            path = f"{self.dataset}/tables/{table}/data"
            page = self.client.get(path, params, rows=("rows",), omits_empty=True)
            page.total = int(page.envelope["totalRows"])
            page.made = []
            # Row by row: of thousands of parsed rows at once the garbage collector makes hard work.
            for number, item in enumerate(page.each(_read)):
                made: Any = item if isinstance(item, Unread) else None
                if isinstance(item, _Row):
                    try:
                        page.raw[number] = write(item) or ""
                        made = {name: item.f[at].v for at, name in plain}
                    except (*ODD, ValueError):
                        pass  # not of the table's shape: set aside, as sent
                page.made.append(made)
            return page

        return follow(ask, lambda page: page.envelope.get("pageToken"))


class _Row(msgspec.Struct, gc=False):
    """A row as BigQuery writes it, ``{"f": [{"v": …}, …]}``; so does it write a record in a row."""

    f: list[_Cell]


class _Cell(msgspec.Struct, gc=False):
    v: str | list[_Cell] | _Row | None


_decoder = msgspec.json.Decoder(_Row)


def _read(raw: str) -> _Row | None:
    """None for what is no such row. Raises ValueError for what is no JSON."""
    try:
        return _decoder.decode(raw)
    except msgspec.ValidationError:
        return None
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def _record(fields: list[Mapping[str, Any]]) -> Write:
    """A function from a row as BigQuery writes it to the JSON text of an object."""
    members = [(f"{encode_basestring(field['name'])}:", _field(field)) for field in fields]

    def write(value: Any) -> str | None:
        if value is None:
            return None
        parts = []
        for (name, inner), cell in zip(members, value.f, strict=True):
            content = cell.v
            if content is not None:
                text = inner(content)
                if text is not None:
                    parts.append(name + text)
        return "{" + ",".join(parts) + "}"

    return write


def _field(field: Mapping[str, Any]) -> Write:
    kind = field["type"]
    one: Write
    if kind in ("RECORD", "STRUCT"):
        one = _record(field["fields"])
    elif kind in ("FLOAT", "FLOAT64"):
        one = _number
    elif kind in ("BOOLEAN", "BOOL"):
        one = str.lower
    else:
        one = encode_basestring
    if field.get("mode") != "REPEATED":
        return one
    return lambda cells: "[" + ",".join(one(cell.v) or "null" for cell in cells) + "]"


def _number(text: str) -> str:
    return text if NUMBER(text) else encode_basestring(text)  # NaN and Infinity are no JSON numbers


def _check(status: int, answer: Any) -> None:
    said = str(answer)
    if status == 403 and ("rateLimitExceeded" in said or "quotaExceeded" in said):
        raise Retry("HTTP 403, rate limit exceeded")
    if status in (400, 410) and "page token" in said.lower().replace("pagetoken", "page token"):
        raise CursorExpired


def _connect(connection: Connection) -> Ga4:
    client = Client(
        connection.host or HOST,
        signed_in(connection, SCOPE),
        connection=connection,
        budget=Budget(100, 50),
        check=_check,
    )
    return Ga4(client, connection)


def _zone(api: Ga4) -> tzinfo:
    name = api.connection.get("extra.time_zone")
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingError(f"extra.time_zone {name!r} is not a time zone") from None


def _events(api: Ga4, window: Window) -> Iterator[Run]:
    for day in window.days:
        if table := api.table(day):
            # The export itself holds duplicates now and then: rows are counted, not keys.
            yield Run(partial(_pages, api, table), label=table, is_keyed=False)


def _pages(api: Ga4, table: str, start: str) -> Iterator[Page]:
    return api.rows(table)


def event_key(item: Any) -> str | None:
    """What tells two events of a day apart; the export has no event id."""
    names = ("user_pseudo_id", "event_timestamp", "event_name")
    order = ("batch_page_id", "batch_ordering_id", "batch_event_index")
    if not item.get("event_timestamp") or not item.get("event_name"):
        return None
    return "|".join(str(item.get(name) or "") for name in names + order)


def event_day(item: Any) -> str | None:
    """``20260601`` as ``2026-06-01``."""
    day = item.get("event_date") or ""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else None


SOURCE = Source(
    name="ga4",
    title="Google Analytics 4",
    owner="web-analytics",
    schedule="45 5 * * *",
    provides=("web_events",),
    settings=(
        Setting("extra.project", "Google Cloud project of the export"),
        Setting("extra.dataset", "dataset, analytics_<property>"),
        KEY,
        Setting("extra.time_zone", "time zone of the property, default UTC", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "events",
            "Web events: page views, carts, purchases",
            _events,
            key=event_key,
            cursor=event_day,
            # Google takes late events for 72 hours, and then exports them.
            report=Report(look_back_days=4, history_days=400, zone=_zone, answers=Ga4.answers),
            personal=Personal(
                "drop",
                refers={"user_id": "customer_id"},
                carries={"user_pseudo_id": "browser_id"},
            ),
            required=("event_name", "event_timestamp"),
            feed=Feed("GA4 events", "occurred_at"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "`roles/bigquery.dataViewer` on the dataset (tables: list, get, getData)",
            ("events",),
            "nothing is read (HTTP 403)",
            is_told=False,
        ),
        Right(
            "OAuth scope `https://www.googleapis.com/auth/bigquery.readonly`, which the connector"
            " asks for itself",
            ("events",),
            "nothing is read",
            is_told=False,
        ),
        Right(
            "in GA4: the link to BigQuery with the daily export",
            ("events",),
            "no final tables; days stay as the streaming export had them, less complete",
            is_told=False,
        ),
        Right(
            "in GA4: the streaming export",
            ("events",),
            "the newest day comes when its final table does, a day later",
            is_told=False,
        ),
    ),
    versions=(Version(VERSION),),
)

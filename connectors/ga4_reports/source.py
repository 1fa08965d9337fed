"""What Google Analytics 4 adds up itself, over its Data API. How it is read stands in README.md.

A report has values beside headers. They are zipped into objects, and each says of which property
and day it is, and what the report says of itself: its zone and currency, and what it left out.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from json.encoder import encode_basestring
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import Retry, VendorError
from connectors.core.http import Client, describe
from connectors.core.paging import Run, follow
from connectors.core.rights import Right, Version
from connectors.core.service_account import KEY, signed_in
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page, Unread
from warehouse.landing.errors import SettingError

VERSION = "v1beta"
HOST = "https://analyticsdata.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
PAGE = 250_000
KIND = "analyticsData#runReport"
OTHER = "(other)"
DIMENSIONS = ("date", "sessionSource", "sessionMedium", "sessionCampaignName")
METRICS = ("sessions", "totalUsers", "ecommercePurchases", "purchaseRevenue")


@dataclass
class Ga4Reports(Api):
    """One property."""

    @property
    def number(self) -> str:
        return str(self.connection.get("extra.property")).strip().removeprefix("properties/")

    @cached_property
    def zone(self) -> ZoneInfo:
        """The property's time zone, in which its days begin and end: every report tells it."""
        body = {
            "dateRanges": [{"startDate": "yesterday", "endDate": "yesterday"}],
            "metrics": [{"name": "sessions"}],
            "limit": "1",
        }
        metadata = self.run(body).envelope.get("metadata")
        name = metadata.get("timeZone") if isinstance(metadata, dict) else None
        try:
            return ZoneInfo(str(name or ""))
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingError(f"the property's time zone {name!r} is unknown") from None

    def run(self, body: Mapping[str, Any]) -> Page:
        path = f"/{VERSION}/properties/{self.number}:runReport"
        return self.client.post(path, body, rows=("rows",), omits_empty=True)

    def totals(self, day: date) -> Iterator[Page]:
        """The rows of one day, as objects."""

        def ask(offset: int | None) -> Page:
            body = {
                "dateRanges": [{"startDate": day.isoformat(), "endDate": day.isoformat()}],
                "dimensions": [{"name": name} for name in DIMENSIONS],
                "metrics": [{"name": name} for name in METRICS],
                # Pages are cut by the number of rows, so their order must not be left to chance.
                "orderBys": [{"dimension": {"dimensionName": name}} for name in DIMENSIONS],
                "offset": str(offset or 0),
                "limit": str(PAGE),
            }
            page = self.run(body)
            count = page.envelope.get("rowCount", 0 if not page.raw else None)
            page.total = int(count) if count is not None else None
            self.zip(page, day)
            return page

        read, before = 0, [""]

        def following(page: Page) -> int | None:
            """Behind the rows that came: until one page has all, or another one has none."""
            nonlocal read, before
            if page.raw == before:
                raise VendorError("the vendor answers the same page whichever is asked for")
            is_whole = not read and sum(map(_is_row, page.made or [])) >= (page.total or 0)
            read, before = read + len(page.raw), page.raw
            return read if page.raw and not is_whole else None

        return follow(ask, following)

    def zip(self, page: Page, day: date) -> None:
        """Make objects of values that stand beside headers."""
        told = page.envelope
        names = [
            str(header["name"])
            for kind in ("dimensionHeaders", "metricHeaders")
            for header in told.get(kind) or []
        ]
        if page.raw and not {*DIMENSIONS, *METRICS} <= {*names}:
            raise VendorError(
                f"the report has other columns than were asked for: {', '.join(names)}"
            )
        about = json.dumps(_about(told.get("metadata") or {}, self.number), ensure_ascii=False)
        heads = [f"{encode_basestring(name)}:" for name in names]
        places = [(name, names.index(name)) for name in DIMENSIONS] if page.raw else []
        made: list[Any] = []
        # Row by row: of thousands of parsed rows at once the garbage collector makes hard work.
        for number, item in enumerate(page.each(_read)):
            row: Any = item if isinstance(item, Unread) else None  # not of the report's shape
            if isinstance(item, _Row):
                values = [each.value for each in (*item.dimensionValues, *item.metricValues)]
                if len(values) == len(heads):
                    row = {name: values[at] for name, at in places}
                    if row["date"] == OTHER:  # what was rolled up is of the day that was asked for
                        row["date"] = values[names.index("date")] = f"{day:%Y%m%d}"
                    texts = map(encode_basestring, values)
                    members = ",".join(map(operator.add, heads, texts))
                    page.raw[number] = f"{{{members},{about[1:]}"
            made.append(row)
        page.made = made


class _Value(msgspec.Struct, gc=False):
    value: str


class _Row(msgspec.Struct, gc=False):
    """A row as the report has it, its values in the order of the headers."""

    dimensionValues: list[_Value]
    metricValues: list[_Value]


_decoder = msgspec.json.Decoder(_Row)


def _read(raw: str) -> _Row | None:
    """None for what is no such row. Raises ValueError for what is no JSON."""
    try:
        return _decoder.decode(raw)
    except msgspec.ValidationError:
        return None


def _is_row(item: Any) -> bool:
    return isinstance(item, dict)


def _about(metadata: Mapping[str, Any], number: str) -> dict[str, Any]:
    """What each row says of its report. Google leaves out what is false."""
    sampled = (metadata.get("samplingMetadatas") or [{}])[0]
    return {
        "property": number,
        "timeZone": metadata.get("timeZone"),
        "currencyCode": metadata.get("currencyCode"),
        "dataLossFromOtherRow": bool(metadata.get("dataLossFromOtherRow")),
        "subjectToThresholding": bool(metadata.get("subjectToThresholding")),
        "samplesReadCount": sampled.get("samplesReadCount"),
        "samplingSpaceSize": sampled.get("samplingSpaceSize"),
    }


def _check(status: int, answer: Any) -> None:
    if status == 200 and not (isinstance(answer, dict) and answer.get("kind") == KIND):
        # Without rows there is no `rows`, but always the kind of the answer.
        raise Retry(f"an answer that is no report{describe(answer)}")


def _connect(connection: Connection) -> Ga4Reports:
    client = Client(
        connection.host or HOST,
        signed_in(connection, SCOPE),
        connection=connection,
        budget=Budget(50, 20),
        check=_check,
    )
    return Ga4Reports(client, connection)


def _totals(api: Ga4Reports, window: Window) -> Iterator[Run]:
    # Day by day: what a report says of itself (sampled, cut) it says of all its days at once.
    for day in window.days:
        yield Run(partial(_pages, api, day), label=str(day))


def _pages(api: Ga4Reports, day: date, start: str) -> Iterator[Page]:
    return api.totals(day)


def total_key(item: Any) -> str:
    """The day and the dimensions, which may hold any sign that could stand between them."""
    return f"[{', '.join([encode_basestring(item[name]) for name in DIMENSIONS])}]"


def total_day(item: Any) -> str | None:
    """``20260601`` as ``2026-06-01``."""
    day = item["date"]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 else None


SOURCE = Source(
    name="ga4_reports",
    title="Google Analytics 4 reports",
    owner="web-analytics",
    schedule="50 5 * * *",
    provides=("web_totals",),
    settings=(
        Setting("extra.property", "number of the property"),
        KEY,
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "totals",
            "Sessions, visitors, purchases and revenue by day and traffic",
            _totals,
            key=total_key,
            cursor=total_day,
            report=Report(look_back_days=3, history_days=400, zone=lambda api: api.zone),
            required=("property", "timeZone", "currencyCode", *DIMENSIONS, *METRICS),
            feed=Feed("GA4 reports", "total_date + interval 1 day"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "role Viewer of the service account on the property",
            ("totals",),
            "nothing is read (HTTP 403)",
            is_told=False,
        ),
        Right(
            "OAuth scope `https://www.googleapis.com/auth/analytics.readonly`, which the connector"
            " asks for itself",
            ("totals",),
            "nothing is read",
            is_told=False,
        ),
        Right(
            "the Google Analytics Data API enabled in the Cloud project of the service account",
            ("totals",),
            "nothing is read (HTTP 403)",
            is_told=False,
        ),
    ),
    versions=(Version(VERSION),),
)

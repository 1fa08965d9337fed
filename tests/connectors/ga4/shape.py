"""The BigQuery export of GA4 as the suite of behaviours sees it: one table a day, rows in cells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.core.settings import Connection
from tests.connectors.shape import DIGITS, Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request, Vendor

TABLES = "/bigquery/v2/projects/p/datasets/d/tables"
ZONE = ZoneInfo("Europe/Berlin")
FIELDS = [
    {"name": "event_date", "type": "STRING"},
    {"name": "event_timestamp", "type": "INTEGER"},
    {"name": "event_name", "type": "STRING"},
    {
        "name": "event_params",
        "type": "RECORD",
        "mode": "REPEATED",
        "fields": [
            {"name": "key", "type": "STRING"},
            {
                "name": "value",
                "type": "RECORD",
                "fields": [
                    {"name": "string_value", "type": "STRING"},
                    {"name": "double_value", "type": "FLOAT"},
                ],
            },
        ],
    },
    {"name": "is_active_user", "type": "BOOLEAN"},
]


def cells(*values: Any) -> dict[str, Any]:
    return {"f": [{"v": value} for value in values]}


def param(key: str, text: str | None = None, number: str | None = None) -> dict[str, Any]:
    return {"v": cells(key, cells(text, number))}


def settings(vendor: Vendor) -> dict[str, Any]:
    account = {
        "client_email": "a@b.example",
        "private_key": _key(),
        "token_uri": f"{vendor.url}/token",
    }
    return {"project": "p", "dataset": "d", "service_account": json.dumps(account)}


@cache
def _key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key.decode()


class Export(Shape):
    """The export of a property in Berlin. Each record is an event."""

    source = "ga4"
    stream = "events"
    counted = "events"
    expired = Answer({"error": {"code": 400, "message": "Invalid page token"}}, 400)
    busy = Answer({"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}, 403)
    error_in_200 = Answer({"error": {"code": 500, "message": "backendError"}})
    renews = True
    late = timedelta(days=3)
    day_edges = (
        "events",
        (
            ("2026-03-28T22:59:00Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T21:59:00Z", "2026-03-29"),  # a day of 23 hours
            ("2026-03-29T22:00:00Z", "2026-03-30"),
        ),
    )
    # Only a table, be it empty, covers its day.
    empty = frozenset(f"events_{day.replace('-', '')}" for _, day in day_edges[1])
    beyond_the_cap = Impossible("a table is paged to its end, whatever its size")
    shifts = Impossible("a page token leads into a table as it was")
    rows_at = ("rows",)
    torn = Impossible("the token alone tells that there is more")
    take_back = Impossible("an event goes when its day's table is written again, as in behaviour 3")

    def serve(self) -> Connection:
        self.vendor.on("POST", "/token", self.token)
        self.vendor.on("GET", TABLES, self.tables)
        for day in self.empty:
            self.vendor.on("GET", f"{TABLES}/{day}", Answer({"schema": {"fields": FIELDS}}))
            self.vendor.on("GET", f"{TABLES}/{day}/data", Answer({"totalRows": "0"}))
        extra = {**settings(self.vendor), "time_zone": ZONE.key}
        return Connection(self.vendor.url, extra=extra)

    def tables(self, request: Request) -> Any:
        names = {f"events_{_day(row)}" for _, row in self.records.values()} | self.empty
        return {"tables": [{"tableReference": {"tableId": name}} for name in sorted(names)]}

    def add(self, tag: str, at: datetime, text: str = "as first told", **more: Any) -> None:
        super().add(tag, at, text, **more)
        table = f"{TABLES}/events_{_day(self.records[tag][1])}"
        self.vendor.on("GET", table, Answer({"schema": {"fields": FIELDS}}))
        self.vendor.on("GET", f"{table}/data", self.answer)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        day = at.astimezone(ZONE).strftime("%Y%m%d")
        params = [param("page", text), *(param("value", number=digits) for digits in DIGITS)]
        return cells(day, str(at.timestamp()), tag, params, "true")

    def tag(self, payload: Mapping[str, Any]) -> str:
        return payload["event_name"]

    def page(self, request: Request) -> Any:
        day = request.path.split("/")[-2].removeprefix("events_")
        rows = [row for _, row in self.records.values() if _day(row) == day]
        found, token = self.cut(rows, request.query.get("pageToken"))
        following = {"pageToken": token} if token else {}
        return {"totalRows": str(len(rows) + self.claimed), "rows": found, **following}


def _day(row: Mapping[str, Any]) -> str:
    return str(row["f"][0]["v"])


SHAPE = Export

"""Clover as the suite of behaviours sees it: lists by modifiedTime, of one merchant or several."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request, Vendor

MERCHANT = "MERCHANTAAAA1"
NINETY_DAYS = 90 * 24 * 3600 * 1000


def asked_for(request: Request) -> dict[str, int]:
    """The filters of a request: ``modifiedTime>=`` and the like, in milliseconds."""
    found = {}
    for name, value in request.pairs:
        if name == "filter":
            field, _, number = value.partition("=")
            found[field] = int(number)  # modifiedTime>, modifiedTime<
    return found


class Merchant(Shape):
    """A merchant whose orders changed at some time. Nothing tells how long a list is."""

    source = "clover"
    stream = "orders"
    counted = Impossible("no list tells how many rows it has")
    expired = Impossible("there are no page tokens")
    busy = Answer({"message": "Too Many Requests"}, 429, {"X-RateLimit-tokenLimit": "16"})
    error_in_200 = Answer({"message": "internal", "error": "internal"})
    renews = True
    tokens_work_once = True
    late = timedelta(0)  # an order of a till that was offline is modified when it arrives
    day_edges = Impossible("no stream of days; times are UTC")
    shifts = True
    rows_at = ("elements",)
    torn = Impossible("a page that is shorter than was asked for is the last")
    capped = True

    def __init__(self, vendor: Vendor, page_size: int = 1000) -> None:
        self.deleted: set[str] = set()
        super().__init__(vendor, min(page_size, 1000))

    def serve(self) -> Connection:
        self.vendor.on("POST", "/oauth/v2/refresh", self.token)
        self.vendor.on("GET", f"/v3/merchants/{MERCHANT}/orders", self.answer)
        extra = {
            "merchants": {MERCHANT: {"refresh_token": "first-refresh-token"}},
            "page_size": self.page_size,
            "start_date": "2026-05-25",
        }
        return Connection(self.vendor.url, "app-id", "", extra)

    def token(self, request: Request) -> Any:
        """A refresh token works once."""
        expected = f"refresh-{self.tokens}" if self.tokens else "first-refresh-token"
        if request.json != {"client_id": "app-id", "refresh_token": expected}:
            return Answer({"message": "invalid refresh token"}, 401)
        answer = super().token(request)
        return {
            "access_token": answer["access_token"],
            "access_token_expiration": 4_102_444_800,
            "refresh_token": f"refresh-{self.tokens}",
            "refresh_token_expiration": 4_102_444_800,
        }

    def add(self, tag: str, at: datetime, text: str = "as first told", **more: Any) -> None:
        super().add(tag, at, text, **more)
        path = f"/v3/merchants/{MERCHANT}/orders/{tag}"
        self.vendor.on("GET", path, lambda request: self.expanded(request.query["expand"]))

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {"id": tag, "modifiedTime": times.milliseconds(at), "note": text}

    def tag(self, payload: Any) -> str:
        return payload["id"]

    def page(self, request: Request) -> Any:
        asked = asked_for(request)
        name = next(iter(asked))[:-1]
        since, until = asked[f"{name}>"], asked[f"{name}<"]
        since = max(since, until - NINETY_DAYS)  # in silence
        rows = [
            row
            for tag, (_, row) in sorted(self.records.items())
            if since <= row["modifiedTime"] <= until
            and (tag in self.deleted) == (name == "deletedTime")
        ]
        query = request.query
        assert query["expand"].count(",") < 3, "no more than three expansions are asked for"
        rows = [{**row, **self.expanded(query["expand"])} for row in rows]
        begin = int(query["offset"])
        return {"elements": rows[begin : begin + int(query["limit"])], "href": "https://…"}

    def expanded(self, expand: str) -> dict[str, Any]:
        return {each.partition(".")[0]: {"elements": []} for each in expand.split(",")}

    def beyond_the_cap(self, patch: Any) -> str:
        self.connection = replace(
            self.connection, extra={**self.connection.extra, "start_date": "2025-01-01"}
        )
        self.fill(
            [timedelta(days=70 * number) for number in range(7)], datetime(2025, 1, 2, tzinfo=UTC)
        )
        return "orders"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """What is deleted leaves the list of orders, and is found by the time of that."""
        moment = times.milliseconds(at - timedelta(hours=1))
        self.add(tag, at - timedelta(hours=1), deletedTimestamp=moment)
        self.deleted.add(tag)
        return "orders", f'"deletedTimestamp": {moment}'


SHAPE = Merchant

"""Square as the suite of behaviours sees it: searches with a cursor, ten locations at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request, Vendor


class Seller(Shape):
    """A seller with some locations. Each record is an order, or a customer if asked for these."""

    source = "square"
    stream = "orders"
    counted = "customers"
    expired = Answer({"errors": [{"code": "INVALID_CURSOR"}]}, 400)
    busy = Answer({"errors": [{"code": "RATE_LIMITED"}]}, 429)
    error_in_200 = Answer({"errors": [{"code": "INTERNAL_SERVER_ERROR"}]})
    renews = True
    shifts = Impossible("a cursor is the place of an order, not a number of orders")
    rows_at = ("orders",)
    torn = Impossible("the cursor alone tells that there is more")
    late = timedelta(0)  # a sale rung up offline is updated when it arrives
    day_edges = Impossible("no stream of days; times are UTC")

    def __init__(self, vendor: Vendor, page_size: int = 10_000, locations: int = 1) -> None:
        self.locations = [f"L{number}" for number in range(locations)]
        super().__init__(vendor, page_size)

    def serve(self) -> Connection:
        self.vendor.on("POST", "/oauth2/token", self.token)
        self.vendor.on(
            "GET", "/v2/locations", lambda _: {"locations": [{"id": at} for at in self.locations]}
        )
        self.vendor.on("POST", "/v2/orders/search", self.answer)
        self.vendor.on("POST", "/v2/customers/search", self.answer)
        return Connection(self.vendor.url, "id", "secret", {"refresh_token": "r"})

    def token(self, request: Request) -> Any:
        answer = super().token(request)
        return {"access_token": answer["access_token"], "expires_at": "2099-01-01T00:00:00Z"}

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        place = self.locations[len(self.records) % len(self.locations)]
        return {
            "id": tag,
            "updated_at": times.text(at),
            "location_id": place,
            "note": text,
        }

    def tag(self, payload: Any) -> str:
        return payload["id"]

    def page(self, request: Request) -> Any:
        body = request.json
        filters = body["query"]["filter"]
        updated = filters.get("date_time_filter", filters)["updated_at"]
        rows = self.between(updated["start_at"], updated["end_at"])
        asked = body.get("location_ids", self.locations)
        if len(asked) > 10:
            return Answer({"errors": [{"code": "VALUE_TOO_LONG", "field": "location_ids"}]}, 400)
        rows = [row for row in rows if row["location_id"] in asked]
        found, token = self.cut(rows, body.get("cursor"))
        following = {"cursor": token} if token else {}
        if "location_ids" in body:
            return {"orders": found, **following}
        return {"customers": found, "count": len(rows) + self.claimed, **following}

    def beyond_the_cap(self, patch: Any) -> str:
        self.locations = [f"L{number}" for number in range(23)]
        self.fill([timedelta(seconds=number) for number in range(46)])
        return "orders"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A return is an order of its own, which names the order it returns."""
        self.add(f"return-of-{tag}", at, returns=[{"source_order_id": tag}])
        return "orders", f'"source_order_id": "{tag}"'


SHAPE = Seller

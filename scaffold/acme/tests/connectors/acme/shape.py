"""Acme as the suite of behaviours sees it: sales by page, with the number of all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request


class Tills(Shape):
    """A company with tills. Each record is a sale."""

    source = "acme"
    stream = "sales"
    counted = "sales"
    expired = Answer({"error": "cursor_expired"}, 410)
    busy = Answer({"error": "rate_limited"}, 429)
    error_in_200 = Answer({"error": "internal"})
    renews = Impossible("an API key does not end")
    late = timedelta(0)  # a sale rung up offline is updated when it arrives
    day_edges = Impossible("no stream of days; times are UTC")
    shifts = Impossible("a page token leads into the list as it was")
    rows_at = ("sales",)
    torn = Impossible("the token alone tells that there is more")
    beyond_the_cap = Impossible("sales are paged to their end")

    def serve(self) -> Connection:
        self.vendor.on("GET", "/v1/sales", self.answer)
        return Connection(self.vendor.url, password="k")

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {"id": tag, "updated_at": times.text(at), "note": text}

    def tag(self, payload: Any) -> str:
        return payload["id"]

    def page(self, request: Request) -> Any:
        rows = self.between(request.query["updated_since"], request.query["updated_until"])
        found, token = self.cut(rows, request.query.get("page"))
        return {"sales": found, "next": token, "total": len(rows) + self.claimed}

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A refund changes its sale."""
        self.add(tag, at, refunded="5.00")
        return "sales", '"refunded": "5.00"'


SHAPE = Tills

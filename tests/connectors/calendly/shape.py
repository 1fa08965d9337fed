"""Calendly as the suite of behaviours sees it: events by their start, whatever changed of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

API = "https://api.calendly.com"


class Organization(Shape):
    """An organization. Each record is a scheduled event that begins when it was changed last."""

    source = "calendly"
    stream = "scheduled_events"
    counted = Impossible("a page tells how many rows it has itself")
    expired = Answer(
        {
            "title": "Invalid Argument",
            "message": "The supplied parameters are invalid.",
            "details": [{"parameter": "page_token", "message": "is invalid"}],
        },
        400,
    )
    busy = Answer({"title": "Too Many Requests"}, 429, {"X-RateLimit-Reset": "20"})
    error_in_200 = Answer({"title": "Internal Server Error", "message": "internal"})
    renews = Impossible("a personal access token does not end")
    shifts = Impossible("a page token is the place of an event, not a number of events")
    rows_at = ("collection",)
    torn: ClassVar = {
        "collection": [],
        "pagination": {"count": 0, "next_page": "https://x", "next_page_token": None},
    }
    late = timedelta(0)  # whatever starts within the window is read again
    day_edges = Impossible("no stream of days; times are UTC")
    beyond_the_cap = Impossible("events are paged to their end")

    def serve(self) -> Connection:
        me = {"resource": {"current_organization": f"{API}/organizations/O"}}
        self.vendor.on("GET", "/users/me", Answer(me))
        self.vendor.on("GET", "/scheduled_events", self.answer)
        return Connection(self.vendor.url, password="t", extra={"start_date": "2026-05-20"})

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            "uri": f"{API}/scheduled_events/{tag}",
            "updated_at": times.text(at),
            "start_time": times.text(at),
            "status": "active",
            "name": text,
        }

    def tag(self, payload: Any) -> str:
        return payload["uri"].rpartition("/")[2]

    def page(self, request: Request) -> Any:
        rows = self.between(request.query["min_start_time"], request.query["max_start_time"])
        found, token = self.cut(rows, request.query.get("page_token"), int(request.query["count"]))
        link = f"{API}/scheduled_events?page_token={token}" if token else None
        around = {"count": len(found), "next_page": link, "next_page_token": token}
        return {"collection": found, "pagination": around}

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        self.add(tag, at, status="canceled")
        return "scheduled_events", '"status": "canceled"'


SHAPE = Organization

"""Radar as the suite of behaviours sees it: events, the newest first, by the time of the phone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request


class Project(Shape):
    """A project. Each record is an event; no two phones tell of one in the same millisecond."""

    source = "radar"
    stream = "events"
    counted = Impossible("a list does not come with its number")
    expired = Impossible("there are no page tokens: the time of the last row leads on")
    busy = Answer({"meta": {"code": 429, "message": "rate limit exceeded"}}, 429)
    error_in_200 = Answer({"meta": {"code": 500, "message": "internal"}})
    renews = Impossible("a secret key does not end")
    shifts = Impossible("a page begins at a time, not at a number of events")
    rows_at = ("events",)
    torn: ClassVar = {"meta": {"code": 200, "hasMore": True}, "events": []}
    late = timedelta(0)  # the server's time is when an event arrives
    day_edges = Impossible("no stream of days; times are UTC")
    beyond_the_cap = Impossible("events are listed to their end")
    take_back = Impossible("an event stays")

    def serve(self) -> Connection:
        self.vendor.on("GET", "/v1/events", self.answer)
        return Connection(self.vendor.url, password="k", extra={"start_date": "2026-05-20"})

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        was = at - timedelta(milliseconds=1 + len(self.records))
        return {
            "_id": tag,
            "createdAt": times.text(was),
            "actualCreatedAt": times.text(at),
            "type": text,
        }

    def tag(self, payload: Any) -> str:
        return payload["_id"]

    def page(self, request: Request) -> Any:
        since, before = request.query["createdAfter"], request.query["createdBefore"]
        rows = [row for _, row in self.records.values() if since < row["createdAt"] < before]
        rows.sort(key=lambda row: row["createdAt"], reverse=True)
        size = min(int(request.query["limit"]), self.page_size)
        return {"meta": {"code": 200, "hasMore": len(rows) > size}, "events": rows[:size]}


SHAPE = Project

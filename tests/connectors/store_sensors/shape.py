"""Store sensors as the suite of behaviours sees them: pings, the newest first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request


class Sensors(Shape):
    """A company with one door counter. Each record is a ping."""

    source = "store_sensors"
    stream = "pings"
    counted = Impossible("neither pings nor intervals come with their number")
    expired = Answer({"meta": {"code": 400, "message": "the cursor has expired"}}, 400)
    busy = Answer({"meta": {"code": 429}}, 429)
    error_in_200 = Answer({"meta": {"code": 500, "message": "internal"}})
    renews = Impossible("an API key does not end")
    shifts = Impossible("a cursor is the place of a ping, not a number of pings")
    rows_at = ("events",)
    torn: ClassVar = {"meta": {"code": 200, "hasMore": True, "cursor": None}, "events": []}
    late = timedelta(0)  # a phone that was offline: the server's time is when its ping arrives
    day_edges = (
        "door_counts",
        (  # the easternmost shop's day, so that no shop's is left out
            ("2026-05-31T09:59:00Z", "2026-05-31"),
            ("2026-05-31T10:00:00Z", "2026-06-01"),
        ),
    )
    beyond_the_cap = Impossible("pings are paged to their end, and an export has no cap")
    take_back = Impossible("a ping stays; intervals that are corrected are behaviour 3")

    def serve(self) -> Connection:
        self.vendor.on("GET", "/v1/events", self.answer)
        self.vendor.on("GET", "/counters", Answer([{"serial": "A1", "name": "Door"}]))
        export = {"serial": "A1", "name": "Door", "resolution": "hour", "data": []}
        self.vendor.on("GET", "/counters/A1/export", Answer(export))
        return Connection(self.vendor.url, password="k", extra={"start_date": "2026-05-20"})

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {"_id": tag, "createdAt": times.text(at), "type": text}

    def tag(self, payload: Any) -> str:
        return payload["_id"]

    def page(self, request: Request) -> Any:
        since, before = request.query["createdAfter"], request.query["createdBefore"]
        rows = [row for row in self.between(since, before) if row["createdAt"] < before]
        found, token = self.cut(rows[::-1], request.query.get("cursor"))
        return {"meta": {"code": 200, "hasMore": bool(token), "cursor": token}, "events": found}


SHAPE = Sensors

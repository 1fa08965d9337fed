"""AXIS people counters as the suite of behaviours sees them: one counter's hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape, number_of
from tests.connectors.vendor_stub import Answer, Request

BERLIN = ZoneInfo("Europe/Berlin")
SERIAL = "ACCC8EF3D92E"


class Door(Shape):
    """A 3D counter in Berlin. Each record is an interval that begins in a second of its own."""

    source = "axis"
    stream = "door_counts"
    counted = Impossible("an export does not come with its number")
    expired = Impossible("an export is one answer, without page tokens")
    busy = Answer({"message": "busy"}, 503)
    error_in_200 = Answer({"error": {"message": "Validation failed", "errors": []}})
    renews = Impossible("login and password do not end")
    shifts = Impossible("an export is one answer")
    rows_at = ("data",)
    torn = Impossible("an export is one answer")
    late = timedelta(days=2)  # the days that are read again
    day_edges = (
        "door_counts",
        (
            ("2026-05-31T21:59:00Z", "2026-05-31"),
            ("2026-05-31T22:00:00Z", "2026-06-01"),
        ),
    )
    beyond_the_cap = Impossible("an export has no cap")
    take_back = Impossible("a count stays; one that is corrected is behaviour 3")

    def serve(self) -> Connection:
        told = {"serial": "ac:cc:8e:f3:d9:2e", "timestamp": "2026-06-01T02:00:00+02:00"}
        self.vendor.on("GET", "/a3dpc/api/occupancy", Answer(told))
        self.vendor.on("GET", "/a3dpc/api/export/json", self.answer)
        door = {
            "url": self.vendor.url,
            "time_zone": "Europe/Berlin",
            "name": "Door S001",
            "api": "a3dpc",
        }
        # Two exports of a month each.
        return Connection("", "viewer", "p", {"start_date": "2026-04-20", "counters": [door]})

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        wall = at.astimezone(BERLIN).replace(tzinfo=None) if at.year < 9999 else at
        start = wall.replace(tzinfo=None, second=number_of(tag) % 60, microsecond=0)
        return {"start": str(start), "end": str(start), "in": 4, "out": 3, "tag": tag, "note": text}

    def tag(self, payload: Any) -> str:
        return payload["tag"]

    def page(self, request: Request) -> Any:
        first, end = (str(date.fromisoformat(request.query[edge])) for edge in ("start", "end"))
        rows = [row for _, row in self.records.values()]
        return {"data": [row for row in rows if first <= row["start"] < end]}


SHAPE = Door

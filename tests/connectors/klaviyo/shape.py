"""Klaviyo as the suite of behaviours sees it: lists in the order of their times, by tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request, Vendor

METRICS = {"M1": "Received Email", "M2": "Opened Email"}


def refused(code: str, detail: str, status: int) -> Answer:
    told = {
        "id": "4f2a",
        "status": status,
        "code": code,
        "title": "Invalid input.",
        "detail": detail,
    }
    return Answer({"errors": [{**told, "source": {"pointer": "/data/"}}]}, status)


def between(text: str, name: str) -> Callable[[datetime], bool]:
    """Whether a time is within the edges that a filter gives for a field."""
    edges = re.findall(rf"(greater|less)-(than|or-equal)\({name},([^)]+)\)", text)

    def lies(moment: datetime) -> bool:
        for way, how, edge in edges:
            limit = times.parse(edge)
            distance = moment - limit if way == "greater" else limit - moment
            if distance < timedelta(0) or (how == "than" and distance == timedelta(0)):
                return False
        return True

    return lies


def metric(number: str, name: str, integration: str = "Klaviyo") -> dict[str, Any]:
    of = {"object": "integration", "id": "0rG4eQ", "name": integration, "category": "Internal"}
    return {"type": "metric", "id": number, "attributes": {"name": name, "integration": of}}


class Account(Shape):
    """An account with profiles, or with events: of ``METRICS``, by the beginning of their tags."""

    source = "klaviyo"
    stream = "profiles"
    counted = Impossible("no list tells how many rows it has")
    expired = refused("invalid", "Invalid cursor provided.", 400)
    busy = refused("throttled", "Request was throttled. Expected available in 1 second.", 429)
    error_in_200: ClassVar = Answer({"errors": [{"code": "error", "detail": "internal"}]})
    renews = Impossible("an API key does not end")
    late = timedelta(hours=2)
    day_edges = Impossible("no stream of days; times are UTC")
    shifts = Impossible("a token leads to the place after a row, not to a number of rows")
    rows_at = ("data",)
    torn: ClassVar = {"data": [], "links": {"next": "https://a.klaviyo.com/api/profiles?sort=id"}}
    beyond_the_cap = Impossible("a list is paged to its end")
    take_back = Impossible("a profile that is deleted is found by the next day's sweep")

    def __init__(
        self, vendor: Vendor, page_size: int = 10_000, stream: str = "profiles", time: str = ""
    ) -> None:
        self.kind = stream.replace("_", "-")
        self.time = time or {"events": "datetime", "campaigns": "updated_at"}.get(stream, "updated")
        self.found: list[dict[str, Any]] = []
        super().__init__(vendor, page_size)

    def serve(self) -> Connection:
        self.vendor.on("GET", f"/api/{self.kind}", self.list)
        if self.kind == "events":
            listed = [metric(number, name) for number, name in METRICS.items()]
            self.vendor.on("GET", "/api/metrics", Answer({"data": listed, "links": {"next": None}}))
        return Connection(self.vendor.url, password="pk_0123")

    def list(self, request: Request) -> Any:
        """What a sweep asks for is not what the suite does."""
        if self.time in request.query.get("filter", ""):
            return self.answer(request)
        listed = re.findall(r'"(\w[\w ]*)"', request.query.get("filter", ""))
        rows = [row for tag, (_, row) in self.records.items() if not listed or tag in listed]
        return {"data": rows, "links": {"next": None}}

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            "type": self.kind[:-1],
            "id": tag,
            "attributes": {"first_name": text, self.time: f"{at:%Y-%m-%dT%H:%M:%S.%f}+00:00"},
        }

    def tag(self, payload: Any) -> str:
        return str(payload["id"])

    def page(self, request: Request) -> Any:
        asked = request.query["filter"]
        token = request.query.get("page[cursor]")
        if not token:
            lies = between(asked, self.time)
            of = re.findall(r'equals\(metric_id,"(\w+)"\)', asked)
            self.found = [
                row
                for tag, (moment, row) in sorted(self.records.items(), key=lambda each: each[1][0])
                if lies(moment) and (not of or tag.startswith(of[0]))
            ]
        rows, following = self.cut(self.found, token)
        address = f"{self.vendor.url}/api/{self.kind}?page%5Bcursor%5D={following}"
        return {"data": rows, "links": {"next": address if following else None}}


SHAPE = Account

"""SurveyMonkey as the suite of behaviours sees it: responses of one survey, by time of change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request, Vendor

SURVEY = "105723396"
SECOND = timedelta(seconds=1)


def said(code: str, message: str, status: int, **headers: str) -> Answer:
    error = {"id": code, "name": message, "message": message, "http_status_code": status}
    return Answer({"error": error}, status, headers)


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


class Account(Shape):
    """An account with one survey. "Modified after" does not include that second."""

    source = "surveymonkey"
    stream = "responses"
    counted = "responses"
    expired = Impossible("pages are asked for by time, and by number within a second")
    busy = said("1040", "Rate limit reached", 429)
    error_in_200 = said("1050", "Oh bananas!", 200)
    renews = Impossible("an access token does not end")
    late = timedelta(hours=1)
    day_edges = Impossible("no stream of days; times are UTC")
    shifts = True
    take_back = Impossible("a deleted response is found by the sweep, a week later")
    rows_at = ("data",)
    torn = Impossible("the next page is not linked to, but asked for by time")
    capped = True

    def __init__(self, vendor: Vendor, page_size: int = 100) -> None:
        super().__init__(vendor, page_size)

    def serve(self) -> Connection:
        self.vendor.on("GET", "/v3/surveys", lambda _: self.listed(SURVEY))
        self.vendor.on("GET", f"/v3/surveys/{SURVEY}", lambda _: {"id": SURVEY})
        self.vendor.on("GET", f"/v3/surveys/{SURVEY}/responses/bulk", self.answer)
        self.vendor.on("GET", f"/v3/surveys/{SURVEY}/responses", self.ids)
        extra = {"requests_per_minute": 1_000_000}
        return Connection(self.vendor.url, "", "token", extra)

    @staticmethod
    def listed(*surveys: str) -> dict[str, Any]:
        rows = [{"id": each, "date_modified": "2026-05-01T00:00:00"} for each in surveys]
        return {"data": rows, "total": len(rows), "page": 1, "per_page": 1000, "links": {}}

    def ids(self, request: Request) -> Any:
        rows = [{"id": tag} for tag in self.records]
        return {"data": rows, "total": len(rows), "page": 1, "per_page": 1000, "links": {}}

    def add(self, tag: str, at: datetime, text: str = "as first told", **more: Any) -> None:
        super().add(tag, at, text, **more)
        self.vendor.on("GET", f"/v3/surveys/{SURVEY}/responses/{tag}", Answer({"id": tag}))

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            "id": tag, "survey_id": SURVEY, "date_created": written(at),
            "date_modified": written(at), "response_status": "completed", "custom_value": text,
        }  # fmt: skip

    def tag(self, payload: Any) -> str:
        return payload["id"]

    def page(self, request: Request) -> Any:
        query = request.query
        since = times.parse(query["start_modified_at"]) + SECOND
        rows = self.between(times.text(since), query["end_modified_at"])
        size = min(int(query["per_page"]), self.page_size)
        begin = (int(query["page"]) - 1) * size
        links = {"next": "https://…"} if begin + size < len(rows) else {}
        return {
            "data": rows[begin : begin + size], "total": len(rows) + self.claimed,
            "page": int(query["page"]), "per_page": size, "links": links,
        }  # fmt: skip

    def beyond_the_cap(self, patch: Any) -> str:
        """A page is no cap: only responses of one second are counted by number."""
        self.fill([timedelta(seconds=number // 3) for number in range(25)])
        return "responses"


SHAPE = Account

"""Typeform as the suite of behaviours sees it: responses of one form, newest first, by token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.core import times
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

FORM = "lR6F4j"


class Account(Shape):
    """An account with one form."""

    source = "typeform"
    stream = "responses"
    counted = "responses"
    expired = Impossible("a page token is a response, and ends with it alone")
    busy = Answer({"code": "TOO_MANY_REQUESTS", "description": "Too many requests"}, 429)
    error_in_200 = Answer({"code": "INTERNAL_SERVER_ERROR", "description": "internal"})
    renews = True
    tokens_work_once = True
    late = timedelta(minutes=30)
    day_edges = Impossible("no stream of days; times are UTC")
    shifts = Impossible("responses are submitted once; a page token leads behind a response")
    take_back = Impossible("a deleted response is found by the sweep, a day later")
    rows_at = ("items",)
    torn = Impossible("the last response of a page is the token of the next")
    beyond_the_cap = Impossible("responses are paged to their end")

    def serve(self) -> Connection:
        self.vendor.on("POST", "/oauth/token", self.token)
        self.vendor.on("GET", "/forms", lambda _: self.listed(FORM))
        self.vendor.on("GET", f"/forms/{FORM}/responses", self.answer)
        extra = {"refresh_token": "first-refresh-token", "requests_per_second": 10_000}
        return Connection(self.vendor.url, "client-id", "secret", extra)

    @staticmethod
    def listed(*forms: str) -> dict[str, Any]:
        items = [{"id": form, "last_updated_at": "2026-05-01T00:00:00Z"} for form in forms]
        return {"total_items": len(items), "page_count": 1, "items": items}

    def token(self, request: Request) -> Any:
        """A refresh token works once."""
        expected = f"refresh-{self.tokens}" if self.tokens else "first-refresh-token"
        if request.form.get("refresh_token") != expected:
            return Answer({"code": "invalid_grant"}, 400)
        return {**super().token(request), "refresh_token": f"refresh-{self.tokens}"}

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        moment = times.text(at)[:19] + "Z"
        answer = {"field": {"id": "f", "type": "short_text"}, "type": "text", "text": text}
        return {
            "token": tag, "landed_at": moment, "submitted_at": moment, "hidden": {},
            "answers": [answer],
        }  # fmt: skip

    def tag(self, payload: Any) -> str:
        return payload["token"]

    def page(self, request: Request) -> Any:
        query = request.query
        if "included_response_ids" in query:
            wanted = query["included_response_ids"].split(",")
            rows = [row for tag, (_, row) in self.records.items() if tag in wanted]
            return {"total_items": len(rows), "page_count": 1, "items": rows}
        rows = self.between(query.get("since", "2000-01-01"), query.get("until", "2100-01-01"))
        rows.reverse()
        total = len(rows) + self.claimed
        if before := query.get("before"):
            tokens = [row["token"] for row in rows]
            rows = rows[tokens.index(before) + 1 :] if before in tokens else rows
        size = min(int(query["page_size"]), self.page_size)
        pages = -(-len(rows) // size)
        return {"total_items": total, "page_count": pages, "items": rows[:size]}


SHAPE = Account

"""Google Ads as the suite of behaviours sees it: a search that pages by token."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.settings import Connection
from tests.connectors.shape import JUNE, Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

ZONE = ZoneInfo("America/New_York")
SEARCH = "/v26/customers/12/googleAds:search"
EXPIRED = {
    "error": {"details": [{"errors": [{"errorCode": {"requestError": "EXPIRED_PAGE_TOKEN"}}]}]}
}


class Account(Shape):
    """An account in New York. Each record is a campaign on one day."""

    source = "google_ads"
    stream = "campaign_performance"
    counted = "campaign_performance"
    expired = Answer(EXPIRED, 400)
    busy = Answer({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429)
    error_in_200 = Answer({"error": {"code": 500, "status": "INTERNAL"}})
    renews = True
    shifts = Impossible("a page token leads into the answer as it was")
    rows_at = ("results",)
    torn = Impossible("the token alone tells that there is more")
    late = timedelta(days=30)
    day_edges = (
        "campaign_performance",
        (
            ("2026-03-08T04:59:00Z", "2026-03-07"),
            ("2026-03-08T05:00:00Z", "2026-03-08"),
            ("2026-03-09T03:59:00Z", "2026-03-08"),  # a day of 23 hours
            ("2026-03-09T04:00:00Z", "2026-03-09"),
        ),
    )

    def serve(self) -> Connection:
        self.removed: set[str] = set()
        self.vendor.on("POST", "/token", self.token)
        self.vendor.on("POST", SEARCH, self.search)
        extra = {
            "refresh_token": "r",
            "customer_id": "1-2",
            "login_customer_id": "99",
            "token_url": f"{self.vendor.url}/token",
        }
        return Connection(self.vendor.url, "id", "secret", extra)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            "campaign": {"id": tag, "name": text},
            "segments": {"date": at.astimezone(ZONE).date().isoformat()},
        }

    def tag(self, payload: Any) -> str:
        return payload["campaign"]["id"]

    def search(self, request: Request) -> Any:
        if "time_zone" in request.json["query"]:
            customer = {"id": "12", "timeZone": ZONE.key, "currencyCode": "USD"}
            return {"results": [{"customer": customer}], "totalResultsCount": "1"}
        return self.answer(request)

    def page(self, request: Request) -> Any:
        query = request.json["query"]
        rows = [row for _, row in self.records.values()]
        days = re.findall(r"\d{4}-\d\d-\d\d", query)
        if days:
            rows = [row for row in rows if days[0] <= row["segments"]["date"] <= days[-1]]
        if "FROM click_view" in query:
            if len(days) > 1 or date.fromisoformat(days[0]) < JUNE.date() - timedelta(days=90):
                return Answer({"error": {"code": 400, "message": "one of the last 90 days"}}, 400)
            rows = [{**row, "clickView": {"gclid": self.tag(row)}} for row in rows]
        if not days:
            rows = [
                {"campaign": {"id": tag, "status": "REMOVED" if tag in self.removed else "ENABLED"}}
                for tag in self.records
            ]
        found, token = self.cut(rows, request.json.get("pageToken"))
        following = {"nextPageToken": token} if token else {}
        return {"results": found, "totalResultsCount": str(len(rows) + self.claimed), **following}

    def beyond_the_cap(self, patch: Any) -> str:
        """Clicks are answered for one day a query, and for 90 days."""
        noon = datetime(2026, 5, 31, 16, tzinfo=UTC)
        self.fill([timedelta(days=-days) for days in (0, 0, 0, 1, 30, 88)], noon)
        return "click_views"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A campaign that is removed stays in the list."""
        self.removed.add(tag)
        return "campaigns", "REMOVED"


SHAPE = Account

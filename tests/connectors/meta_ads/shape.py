"""Meta Ads as the suite of behaviours sees them: lists that are paged by a cursor."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from connectors.core.budget import Budget
from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

ZONE = ZoneInfo("America/New_York")
ACCOUNT = {
    "account_id": "12",
    "name": "Shop",
    "currency": "USD",
    "timezone_name": ZONE.key,
    "account_status": 1,
}
INSIGHTS = "/v26.0/act_12/insights"
CAMPAIGNS = "/v26.0/act_12/campaigns"
TOO_MUCH = {
    "code": 100,
    "error_subcode": 1487534,
    "message": "Please reduce the amount of data you're asking for, then retry your request",
}


def refused(code: int, message: str = "no", status: int = 400, **more: Any) -> Answer:
    return Answer({"error": {"code": code, "message": message, **more}}, status)


class Account(Shape):
    """An account in New York. Each record is a campaign on one day."""

    source = "meta_ads"
    stream = "campaign_insights"
    counted = Impossible("neither insights nor campaigns come with their number")
    expired = refused(100, "(#100) Invalid cursor")
    busy = refused(80000, "There have been too many calls from this ad-account")
    error_in_200 = refused(2, "Service temporarily unavailable", 200)
    renews = Impossible("the token of a system user does not end")
    shifts = Impossible("a row of insights stays on its day, whatever is edited")
    rows_at = ("data",)
    torn: ClassVar = {
        "data": [],
        "paging": {"cursors": {}, "next": "https://elsewhere.example/?after=x"},
    }
    late = timedelta(days=28)
    day_edges = (
        "campaign_insights",
        (
            ("2026-03-08T04:59:00Z", "2026-03-07"),
            ("2026-03-08T05:00:00Z", "2026-03-08"),
            ("2026-03-09T03:59:00Z", "2026-03-08"),  # a day of 23 hours
            ("2026-03-09T04:00:00Z", "2026-03-09"),
        ),
    )

    def serve(self) -> Connection:
        self.deleted: set[str] = set()
        self.most_days = 10_000  # that are answered at once
        self.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT]}))
        self.vendor.on("GET", INSIGHTS, self.answer)
        self.vendor.on("GET", CAMPAIGNS, self.answer)
        self.vendor.on("POST", INSIGHTS, refused(100, TOO_MUCH["message"]))
        extra = {"start_date": "2026-03-06"}
        return Connection(self.vendor.url, password="system-user-token", extra=extra)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        day = at.astimezone(ZONE).date().isoformat()
        return {
            "account_id": "12",
            "campaign_id": tag,
            "campaign_name": text,
            "date_start": day,
            "date_stop": day,
            "spend": "1.10",
        }

    def tag(self, payload: Any) -> str:
        return payload.get("campaign_id") or payload["id"]

    def page(self, request: Request) -> Any:
        rows = [row for _, row in self.records.values()]
        if request.path == CAMPAIGNS:
            rows = [
                {"id": tag, "effective_status": "DELETED" if tag in self.deleted else "ACTIVE"}
                for tag in self.records
            ]
        else:
            asked = json.loads(request.query["time_range"])
            first, last = (datetime.fromisoformat(asked[edge]) for edge in ("since", "until"))
            if (last - first).days >= self.most_days:
                return Answer({"error": TOO_MUCH}, 400)
            rows = [row for row in rows if asked["since"] <= row["date_start"] <= asked["until"]]
        found, token = self.cut(rows, request.query.get("after"), int(request.query["limit"]))
        following = {"cursors": {"before": "0", "after": token or str(len(rows))}}
        if token:
            following["next"] = f"https://elsewhere.example/?access_token=t&after={token}"
        return {"data": found, "paging": following}

    def beyond_the_cap(self, patch: Any) -> str:
        """Of more than three days at once nothing is answered, neither as a report."""
        patch.setattr(Budget, "take", lambda self, cost=1.0: 0.0)
        self.most_days = 3
        self.fill([timedelta(days=days) for days in (0, -1, -5, -6, -14, -29)])
        return "campaign_insights"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A campaign that is deleted stays in the list."""
        self.deleted.add(tag)
        return "campaigns", "DELETED"


SHAPE = Account

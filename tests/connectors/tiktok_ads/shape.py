"""TikTok Ads as the suite of behaviours sees them: pages by number, and HTTP 200 for everything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.settings import Connection
from tests.connectors.shape import Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

ZONE = ZoneInfo("America/New_York")
ADVERTISER = {
    "advertiser_id": "70",
    "name": "Shop",
    "currency": "USD",
    "timezone": "Etc/GMT+5",
    "display_timezone": ZONE.key,
    "status": "STATUS_ENABLE",
}
INFO = "/open_api/v1.3/advertiser/info/"
CAMPAIGNS = "/open_api/v1.3/campaign/get/"
REPORT = "/open_api/v1.3/report/integrated/get/"


def done(data: Any) -> dict[str, Any]:
    return {"code": 0, "message": "OK", "request_id": "r", "data": data}


def refused(code: int, message: str = "no") -> Answer:
    return Answer({"code": code, "message": message, "request_id": "r", "data": {}})


class Advertiser(Shape):
    """An advertiser in New York. Each record is a campaign on one day."""

    source = "tiktok_ads"
    stream = "campaign_reports"
    counted = "campaign_reports"
    expired = Impossible("pages are asked for by their number")
    busy = refused(40100, "Too many requests")
    error_in_200 = refused(50002, "Service error")
    renews = Impossible("the token does not end")
    shifts = Impossible("a row of the report stays on its day, whatever is edited")
    rows_at = ("data", "list")
    torn = Impossible("the number of pages is told, not the next one")
    late = timedelta(days=14)
    day_edges = (
        "campaign_reports",
        (
            ("2026-03-08T04:59:00Z", "2026-03-07"),
            ("2026-03-08T05:00:00Z", "2026-03-08"),
            ("2026-03-09T03:59:00Z", "2026-03-08"),  # a day of 23 hours
            ("2026-03-09T04:00:00Z", "2026-03-09"),
        ),
    )

    def serve(self) -> Connection:
        self.deleted: set[str] = set()
        self.vendor.on("GET", INFO, Answer(done({"list": [ADVERTISER]})))
        self.vendor.on("GET", CAMPAIGNS, self.answer)
        self.vendor.on("GET", REPORT, self.answer)
        extra = {"start_date": "2026-03-06", "advertiser_ids": "70"}
        return Connection(self.vendor.url, password="tiktok-access-token", extra=extra)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        day = at.astimezone(ZONE).date().isoformat()
        return {
            "dimensions": {"campaign_id": tag, "stat_time_day": f"{day} 00:00:00"},
            "metrics": {"spend": "1.10", "campaign_name": text},
        }

    def tag(self, payload: Any) -> str:
        return payload.get("campaign_id") or payload["dimensions"]["campaign_id"]

    def page(self, request: Request) -> Any:
        rows = [row for _, row in self.records.values()]
        if request.path == CAMPAIGNS:
            status = {True: "CAMPAIGN_STATUS_DELETE", False: "CAMPAIGN_STATUS_ENABLE"}
            rows = [
                {"campaign_id": tag, "secondary_status": status[tag in self.deleted]}
                for tag in self.records
            ]
        else:
            first, last = (datetime.fromisoformat(request.query[f"{e}_date"]) for e in EDGES)
            if (last - first).days >= 30:
                return refused(40002, "The time span must not exceed 30 days")
            rows = [
                row for row in rows if str(first) <= row["dimensions"]["stat_time_day"] <= str(last)
            ]
        number, size = int(request.query["page"]), min(self.page_size, 1000)
        found = rows[(number - 1) * size : number * size]
        told = {
            "page": number,
            "page_size": size,
            "total_number": len(rows) + (self.claimed if rows else 0),
            "total_page": -(-len(rows) // size),
        }
        return done({"list": found, "page_info": told})

    def beyond_the_cap(self, patch: Any) -> str:
        """More than thirty days are no query."""
        self.fill([timedelta(days=-days) for days in (0, 1, 31, 32, 61, 62)])
        return "campaign_reports"

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A campaign that is deleted stays in the list."""
        self.deleted.add(tag)
        return "campaigns", "CAMPAIGN_STATUS_DELETE"


EDGES = ("start", "end")
SHAPE = Advertiser

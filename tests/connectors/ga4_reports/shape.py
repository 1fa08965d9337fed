"""The Data API of GA4 as the suite of behaviours sees it: values beside headers, paged by rows."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core.settings import Connection
from connectors.ga4_reports.source import DIMENSIONS, METRICS
from tests.connectors.ga4.shape import settings
from tests.connectors.shape import DIGITS, Impossible, Shape
from tests.connectors.vendor_stub import Answer, Request

ZONE = ZoneInfo("Europe/Berlin")
RUN = "/v1beta/properties/77:runReport"
METADATA = {"currencyCode": "EUR", "timeZone": ZONE.key}


def report(rows: list[Any], count: int, **metadata: Any) -> dict[str, Any]:
    """An answer as Google writes it: without rows there are neither rows nor their number."""
    found = {"rows": rows} if rows else {}
    return {
        "dimensionHeaders": [{"name": name} for name in DIMENSIONS],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in METRICS],
        **found,
        **({"rowCount": count} if count else {}),
        "metadata": {**METADATA, **metadata},
        "kind": "analyticsData#runReport",
    }


def values(*dimensions: str, metrics: tuple[str, ...] = ("1", "1", "0", "0")) -> dict[str, Any]:
    return {
        "dimensionValues": [{"value": value} for value in dimensions],
        "metricValues": [{"value": value} for value in metrics],
    }


class Property(Shape):
    """A property in Berlin. Each record is one traffic of one day."""

    source = "ga4_reports"
    stream = "totals"
    counted = "totals"
    expired = Impossible("pages are asked for by number, without a token")
    busy = Answer({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, 429)
    error_in_200 = Answer({"error": {"code": 500, "status": "INTERNAL"}})
    renews = True
    late = timedelta(days=3)
    day_edges = (
        "totals",
        (
            ("2026-03-28T22:59:00Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T21:59:00Z", "2026-03-29"),  # a day of 23 hours
            ("2026-03-29T22:00:00Z", "2026-03-30"),
        ),
    )
    beyond_the_cap = Impossible("a report is paged to its end, whatever its size")
    shifts = Impossible("a row is a sum of a day: none leaves it by being edited")
    rows_at = ("rows",)
    torn = Impossible("the number of rows tells that there is more: test_source.py")
    take_back = Impossible("a total is restated, as in behaviour 3")
    more_fields = Impossible("a row has the columns that are asked for: test_source.py")

    def serve(self) -> Connection:
        self.vendor.on("POST", "/token", self.token)
        self.vendor.on("POST", RUN, self.run)
        given = settings(self.vendor)
        extra = {
            "property": "77",
            "service_account": given["service_account"],
            "start_date": "2026-05-28",
        }
        return Connection(self.vendor.url, extra=extra)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        day = at.astimezone(ZONE).strftime("%Y%m%d")
        return values(day, tag, "cpc", text, metrics=("12", "9", "1", DIGITS[0]))

    def tag(self, payload: Any) -> str:
        return payload["sessionSource"]

    def run(self, request: Request) -> Any:
        if "dimensions" not in request.json:
            return report([{"metricValues": [{"value": "3"}]}], 1)
        if not self.of_day(request):
            return report([], 0)  # a day that is not played on
        return self.answer(request)

    def page(self, request: Request) -> Any:
        rows = sorted(self.of_day(request), key=json.dumps)
        offset = int(request.json["offset"])
        if offset:
            offset -= self.moved
        else:  # strays come on the very first page, and move the later ones
            self.moved = len(self.strays) if self.asked == 1 else 0
        found, _ = self.cut(rows, offset)
        return report(found, len(rows) + self.claimed)

    def of_day(self, request: Request) -> list[Any]:
        (span,) = request.json["dateRanges"]
        day = span["startDate"].replace("-", "")
        rows = [row for _, row in self.records.values()]
        return [row for row in rows if row["dimensionValues"][0]["value"] == day]


SHAPE = Property

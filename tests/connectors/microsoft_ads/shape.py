"""Microsoft Advertising as the suite of behaviours sees it: a report that is ordered, asked after
and fetched as a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from connectors.core.settings import Connection
from connectors.microsoft_ads.source import COLUMNS
from tests.connectors.shape import Impossible, Shape, number_of
from tests.connectors.vendor_stub import Answer, Request

ZONE = ZoneInfo("America/New_York")
ACCOUNTS = "/CustomerManagement/v13/Accounts/Search"
CAMPAIGNS = "/CampaignManagement/v13/Campaigns/QueryByAccountId"
SUBMIT = "/Reporting/v13/GenerateReport/Submit"
POLL = "/Reporting/v13/GenerateReport/Poll"
FILE = "/download/report.zip"
ACCOUNT = {"Id": "12", "TimeZone": "EasternTimeUSCanada", "CurrencyCode": "USD"}
FOOT = '"©2026 Microsoft Corporation. All rights reserved. "'


def fault(number: int, name: str, status: int = 400) -> Answer:
    errors = [{"Code": number, "ErrorCode": name, "Message": f"what {name} means"}]
    return Answer({"TrackingId": "x", "Errors": errors, "Type": "AdApiFaultDetail"}, status)


def packed(
    lines: Iterable[Iterable[str]], claimed: int = 0, names: Iterable[str] = COLUMNS
) -> bytes:
    """A report's file as Microsoft packs it."""
    lines = list(lines)
    head = [
        "Report Name: campaign_performance",
        "Report Time: 5/1/2026,5/31/2026",
        "Time Zone: (GMT-05:00) Eastern Time (US & Canada)",
        "Last Completed Available Day: 5/31/2026 10:15:00 PM (GMT)",
        "Last Completed Available Hour: 5/31/2026 10:15:00 PM (GMT)",
        "Report Aggregation: Daily",
        "Report Filter: ",
        "Potential Incomplete Data: true",
        f"Rows: {len(lines) + claimed}",
    ]
    table = [",".join(f'"{cell}"' for cell in line) for line in (names, *lines)]
    text = "\r\n".join([*(f'"{line}"' for line in head), "", *table, "", FOOT, ""])
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("207313230.csv", text.encode("utf-8-sig"))
    return file.getvalue()


class Account(Shape):
    """An account in New York. Each record is a campaign on one day."""

    source = "microsoft_ads"
    stream = "campaign_performance"
    counted = "campaign_performance"
    expired = Impossible("a report is one file; one that is gone is ordered anew: test_source.py")
    busy = fault(117, "CallRateExceeded", 429)
    error_in_200 = fault(0, "InternalError", 200)
    renews = Impossible("the file, which comes last, is fetched without a token: test_source.py")
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
    beyond_the_cap = Impossible("a report has all rows of its days")
    shifts = Impossible("a report is one file")
    rows_at = Impossible("lines of a table, not JSON: test_source.py")
    torn = Impossible("a report is one file")
    more_fields = Impossible("a row has the columns that are asked for: test_source.py")

    def serve(self) -> Connection:
        self.removed: set[str] = set()
        self.vendor.on("POST", "/token", self.token)
        self.vendor.on("POST", ACCOUNTS, lambda request: {"Accounts": [ACCOUNT]})
        for method, path in (("POST", SUBMIT), ("POST", POLL), ("GET", FILE)):
            self.vendor.on(method, path, self.answer)
        extra = {
            "refresh_token": "r-of-the-company",
            "developer_token": "d-of-the-company",
            "customer_id": "99",
            "account_id": "12",
            "token_url": f"{self.vendor.url}/token",
            "start_date": "2026-05-02",
        }
        return Connection(self.vendor.url, "id", "secret", extra)

    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        return {
            "TimePeriod": at.astimezone(ZONE).date().isoformat(),
            "AccountId": "12",
            "CampaignId": str(number_of(tag)),
            "CampaignName": f"{tag}: {text}",
            "CampaignStatus": "Active",
            "Spend": "1.10",
        }

    def tag(self, payload: Any) -> str:
        return payload["CampaignName"].partition(": ")[0]

    def page(self, request: Request) -> Any:
        if request.path == SUBMIT:
            span = request.json["ReportRequest"]["Time"]
            ends = (span["CustomDateRangeStart"], span["CustomDateRangeEnd"])
            self.days = [date(end["Year"], end["Month"], end["Day"]).isoformat() for end in ends]
            return {"ReportRequestId": "30000012_1"}
        rows = [row for _, row in self.records.values()]
        rows = [row for row in rows if self.days[0] <= row["TimePeriod"] <= self.days[1]]
        if request.path == POLL:
            url = f"{self.vendor.url}{FILE}?sig=abc" if rows or self.claimed else None
            return {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": url}}
        if "Authorization" in request.headers or "DeveloperToken" in request.headers:
            return Answer({"message": "credentials were sent to the host of files"}, 418)
        for row in rows:
            if self.tag(row) in self.removed:
                row["CampaignStatus"] = "Deleted"
        lines = [[row.get(name, "--") for name in COLUMNS] for row in rows]
        return Answer(packed(lines, self.claimed))

    def take_back(self, tag: str, at: datetime) -> tuple[str, str]:
        """A campaign that is deleted leaves the list; reports go on telling of it."""
        self.removed.add(tag)
        return "campaign_performance", '"CampaignStatus": "Deleted"'


SHAPE = Account

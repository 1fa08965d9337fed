"""The requests of Google Ads, against shapes from its published spec."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from tests.connectors.google_ads.shape import SEARCH, Account
from tests.connectors.shape import JUNE, TOKEN, run
from tests.connectors.vendor_stub import Answer, Vendor


def google_ads(vendor: Vendor, answer: Any) -> Connection:
    account = Account(vendor)
    account.page = answer  # type: ignore[method-assign]
    vendor.on("POST", "/token", TOKEN)
    return account.connection


def queries(vendor: Vendor) -> list[str]:
    found = [request.json["query"] for request in vendor.seen(SEARCH)]
    return [query for query in found if "time_zone" not in query]


def test_behaviour_4_google_clicks_are_asked_day_by_day_within_90_days(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = google_ads(vendor, lambda request: {"fieldMask": "x"})
    run(tmp_path, "google_ads", "click_views", connection)
    asked = queries(vendor)
    # Midnight UTC is still 31 May in New York.
    assert len(asked) == 90
    assert "segments.date = '2026-05-31'" in asked[-1]
    assert f"segments.date = '{JUNE.date() - timedelta(days=90)}'" in asked[0]
    request = vendor.requests[-1]
    assert request.headers["Authorization"] == "Bearer t"
    assert request.headers["login-customer-id"] == "99"
    assert "developer-token" not in request.headers
    extra = {**connection.extra, "developer_token": "d"}
    run(tmp_path, "google_ads", "campaigns", replace(connection, extra=extra))
    assert vendor.requests[-1].headers["developer-token"] == "d"


def test_behaviour_3_google_performance_reads_30_days_again(vendor: Vendor, tmp_path: Path) -> None:
    row = {
        "campaign": {"id": "7"},
        "segments": {"date": "2026-05-31"},
        "metrics": {"costMicros": "1230000", "conversions": 0.1},
    }
    connection = google_ads(vendor, lambda r: {"results": [row], "totalResultsCount": "1"})
    assert run(tmp_path, "google_ads", "campaign_performance", connection) == [row]
    run(tmp_path, "google_ads", "campaign_performance", connection)
    assert "BETWEEN '2026-05-01' AND '2026-05-31'" in queries(vendor)[1]


def test_behaviour_6_a_google_page_token_that_expired_restarts_the_query(
    vendor: Vendor, tmp_path: Path
) -> None:
    rows = [{"campaign": {"id": str(number)}} for number in range(4)]
    expired = {
        "error": {"details": [{"errors": [{"errorCode": {"requestError": "EXPIRED_PAGE_TOKEN"}}]}]}
    }
    answers = iter(
        [
            {"results": rows[:2], "nextPageToken": "x", "totalResultsCount": "4"},
            Answer(expired, 400),
            {"results": rows[:2], "nextPageToken": "y", "totalResultsCount": "4"},
            {"results": rows[2:], "totalResultsCount": "4"},
        ]
    )
    connection = google_ads(vendor, lambda request: next(answers))
    assert run(tmp_path, "google_ads", "campaigns", connection) == rows


def test_behaviour_2_google_reports_more_rows_than_it_sends(vendor: Vendor, tmp_path: Path) -> None:
    answer = {"results": [{"campaign": {"id": "1"}}], "totalResultsCount": "2"}
    connection = google_ads(vendor, lambda request: answer)
    with pytest.raises(ExtractFailed, match=r"google_ads\.campaigns: the vendor reports 2 rows"):
        run(tmp_path, "google_ads", "campaigns", connection)

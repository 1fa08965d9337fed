"""The requests of Google Ads, against shapes from its published spec."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.google_ads.shape import SEARCH, Account
from tests.connectors.shape import JUNE, TOKEN, run
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.zone import Landing


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


def test_no_day_is_asked_for_that_google_keeps_no_longer(vendor: Vendor, tmp_path: Path) -> None:
    """It keeps 37 months of days, and refuses a query that begins before them."""
    connection = google_ads(vendor, lambda request: {"fieldMask": "x"})
    for start, since in (("2015-01-01", None), ("", JUNE - timedelta(days=4000))):
        vendor.requests.clear()
        place = str(tmp_path / (start or "since"))
        began = replace(connection, extra={**connection.extra, "start_date": start})
        streams = ["campaign_performance"]
        extract(SOURCES["google_ads"], began, place, JUNE, streams=streams, since=since)
        assert "BETWEEN '2023-06-01'" in queries(vendor)[0]


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, {"queryError": "REQUESTED_METRICS_FOR_MANAGER"},
         "Metrics cannot be requested for a manager account."),
        (403, {"authorizationError": "CUSTOMER_NOT_ENABLED"},
         "The customer account can't be accessed because it is not yet enabled."),
        (403, {"authorizationError": "USER_PERMISSION_DENIED"},
         "The manager's customer id must be set in the 'login-customer-id' header."),
    ],
)  # fmt: skip
def test_what_google_refuses_is_asked_once_and_told_in_its_words(
    vendor: Vendor, tmp_path: Path, status: int, code: dict[str, str], message: str
) -> None:
    details = [{"errors": [{"errorCode": code, "message": message}], "requestId": "r"}]
    error = {"code": status, "message": "Request contains an invalid argument.", "details": details}
    connection = google_ads(vendor, lambda request: Answer({"error": error}, status))
    with pytest.raises(ExtractFailed, match=re.escape(message)):
        run(tmp_path, "google_ads", "campaign_performance", connection)
    assert len(queries(vendor)) == 1


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


def performance(day: str) -> dict[str, Any]:
    return {"campaign": {"id": "7"}, "segments": {"date": day}, "metrics": {"costMicros": "1"}}


MAY = [f"2026-05-{day:02}" for day in range(1, 32)]


@pytest.mark.parametrize(
    "left_out",
    [MAY[12:19], MAY[20:], MAY],
    ids=["seven days in the middle", "all after a day", "everything"],
)
def test_days_that_an_answer_leaves_out_keep_their_spend(
    vendor: Vendor, tmp_path: Path, left_out: list[str]
) -> None:
    days = [MAY]

    def answer(request: Any) -> Any:
        first, last = re.findall(r"'([\d-]+)'", request.json["query"])
        rows = [performance(day) for day in days[0] if first <= day <= last]
        return {"results": rows, "totalResultsCount": str(len(rows))}

    connection = google_ads(vendor, answer)
    run(tmp_path, "google_ads", "campaign_performance", connection)
    days[0] = [day for day in MAY if day not in left_out]
    (result,) = extract(
        SOURCES["google_ads"],
        connection,
        str(tmp_path),
        JUNE,
        streams=["campaign_performance"],
    )
    assert result.unconfirmed == (f"{left_out[0]}/{left_out[-1]}",)
    place = Landing(str(tmp_path)).stream("google_ads", "campaign_performance")
    assert {day: len(rows) for day, rows in place.standing(MAY).items()} == dict.fromkeys(MAY, 1)


def test_clicks_of_a_day_that_an_answer_leaves_out_stay(vendor: Vendor, tmp_path: Path) -> None:
    empty = [""]

    def answer(request: Any) -> Any:
        (day,) = re.findall(r"'([\d-]+)'", request.json["query"])
        row = {"clickView": {"gclid": f"g{day}"}, "segments": {"date": day}}
        rows = [row] if day in MAY and day != empty[0] else []
        return {"results": rows, "totalResultsCount": str(len(rows))}

    connection = google_ads(vendor, answer)
    run(tmp_path, "google_ads", "click_views", connection)
    empty[0] = "2026-05-30"
    (result,) = extract(
        SOURCES["google_ads"], connection, str(tmp_path), JUNE, streams=["click_views"]
    )
    assert result.unconfirmed == ("2026-05-30",)
    place = Landing(str(tmp_path)).stream("google_ads", "click_views")
    assert len(place.standing(["2026-05-30"])["2026-05-30"]) == 1

"""What Microsoft Advertising and the Data API of GA4 answer beside what our connectors ask."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo.serving import running
from demo.vendors import connections, ga4_reports, microsoft_ads
from tests.demo.vendors.api_support import NOW, ask_world, grant, world

CAMPAIGNS = "/CampaignManagement/v13/Campaigns/QueryByAccountId"
REPORT = "/Reporting/v13/GenerateReport"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(world(), now=NOW) as address:
        yield address


@pytest.fixture(scope="module")
def microsoft(url: str) -> requests.Session:
    given = connections(url)["microsoft_ads"]
    form = {
        "client_id": given["login"],
        "client_secret": given["password"],
        "grant_type": "refresh_token",
        "refresh_token": given["extra"]["refresh_token"],
        "scope": f"{microsoft_ads.SCOPE} offline_access",
    }
    session = requests.Session()
    token = session.post(f"{url}/microsoft_ads/token", data=form).json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    session.headers["DeveloperToken"] = given["extra"]["developer_token"]
    return session


def post(session: requests.Session, url: str, path: str, **body: Any) -> requests.Response:
    return session.post(f"{url}/microsoft_ads{path}", json=body)


def order(session: requests.Session, url: str, first: int, last: int, **more: Any) -> Any:
    days = [{"Year": 2026, "Month": 2, "Day": day} for day in (first, last)]
    report = {
        "Type": "CampaignPerformanceReportRequest",
        "Format": "Csv",
        "Aggregation": "Daily",
        "Scope": {"AccountIds": [microsoft_ads.ACCOUNT_ID]},
        "Time": {"CustomDateRangeStart": days[0], "CustomDateRangeEnd": days[1]},
        "Columns": ["Clicks", "TimePeriod", "Spend"],
        **more,
    }
    return post(session, url, f"{REPORT}/Submit", ReportRequest=report)


def test_search_campaigns_alone_are_listed_without_types(
    microsoft: requests.Session, url: str
) -> None:
    number = microsoft_ads.ACCOUNT_ID
    assert post(microsoft, url, CAMPAIGNS, AccountId=number).json()["Campaigns"]
    found = post(microsoft, url, CAMPAIGNS, AccountId=number, CampaignType="Shopping, Hotel").json()
    assert found == {"Campaigns": []}
    assert post(microsoft, url, CAMPAIGNS, AccountId="1").status_code == 403


def test_a_file_has_the_columns_in_the_order_that_was_asked_for(
    microsoft: requests.Session, url: str
) -> None:
    number = order(microsoft, url, 1, 18).json()["ReportRequestId"]
    told = post(microsoft, url, f"{REPORT}/Poll", ReportRequestId=number).json()
    address = told["ReportRequestStatus"]["ReportDownloadUrl"]
    body = requests.get(address).content  # without any credentials
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        (name,) = archive.namelist()
        text = archive.read(name)
    assert text.startswith(b"\xef\xbb\xbf")
    lines = [line for line in csv.reader(io.StringIO(text.decode("utf-8-sig"))) if line]
    rows = lines[lines.index(["Clicks", "TimePeriod", "Spend"]) + 1 :]
    assert [f"Rows: {len(rows)}"] in lines
    spent = ask_world(
        "select round(sum(cost_micros_initial)) from ad_daily join campaigns using (campaign_no)"
        " where platform = 'microsoft_ads' and date <= '2026-02-18' and settled_on > '2026-02-19'"
    )
    assert sum(float(row[2]) for row in rows) * 1e6 >= float(spent[0][0] or 0) > 0


@pytest.mark.parametrize(
    ("days", "more", "number"),
    [
        ((1, 28), {}, 2016),  # not over yet
        ((18, 1), {}, 2016),
        ((1, 2), {"Columns": ["Nothing"]}, 2028),
        ((1, 2), {"Aggregation": "Hourly"}, 2001),
        ((1, 2), {"Time": {}}, 113),
    ],
)
def test_an_order_that_cannot_be_made_is_refused(
    microsoft: requests.Session, url: str, days: tuple[int, int], more: Any, number: int
) -> None:
    answer = order(microsoft, url, *days, **more)
    assert answer.status_code == 400
    assert answer.json()["Errors"][0]["Code"] == number


def test_without_figures_there_is_no_file(microsoft: requests.Session, url: str) -> None:
    day = {"Year": 2025, "Month": 12, "Day": 1}
    time = {"CustomDateRangeStart": day, "CustomDateRangeEnd": day}
    number = order(microsoft, url, 1, 1, Time=time).json()["ReportRequestId"]
    told = post(microsoft, url, f"{REPORT}/Poll", ReportRequestId=number).json()
    assert told == {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": None}}


def run_report(url: str, **body: Any) -> requests.Response:
    form = grant("ga4_reports", url)
    token = requests.post(f"{url}/ga4_reports/token", data=form).json()["access_token"]
    path = f"{url}/ga4_reports/v1beta/properties/{ga4_reports.PROPERTY}:runReport"
    span = {"startDate": "2026-02-10", "endDate": "2026-02-12"}
    body = {"dateRanges": [span], "metrics": [{"name": "sessions"}], **body}
    return requests.post(path, json=body, headers={"Authorization": f"Bearer {token}"})


def test_totals_are_paged_by_their_number(url: str) -> None:
    dimensions = [{"name": "date"}, {"name": "sessionSource"}]
    whole = run_report(url, dimensions=dimensions).json()
    assert whole["rowCount"] == len(whole["rows"]) > 3
    page = run_report(url, dimensions=dimensions, limit="2", offset="1").json()
    assert page["rows"] == whole["rows"][1:3]
    assert page["rowCount"] == whole["rowCount"]
    total = run_report(url).json()
    assert total["rows"] == [{"dimensionValues": [], "metricValues": [{"value": str(_sessions())}]}]


def _sessions() -> int:
    return ask_world(
        "select count(distinct (user_pseudo_id, ga_session_id)) from web_events where event_date"
        " between '2026-02-10' and '2026-02-12' and visible_at <= '2026-02-19'"
        " and user_pseudo_id is not null and ga_session_id is not null"
    )[0][0]


def test_what_cannot_be_reported_is_refused(url: str) -> None:
    for body in (
        {"dimensions": [{"name": "nothing"}]},
        {"metrics": []},
        {"dateRanges": [{"startDate": "once", "endDate": "today"}]},
        {"limit": "250001"},
    ):
        assert run_report(url, **body).status_code == 400, body
    empty = run_report(url, dateRanges=[{"startDate": "2025-01-01", "endDate": "2025-01-01"}])
    assert not empty.json().keys() & {"rows", "rowCount"}

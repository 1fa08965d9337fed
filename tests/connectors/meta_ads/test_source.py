"""The requests of Meta Ads, against shapes from its published spec."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core import orders
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.meta_ads.source import STATUSES
from connectors.registry import SOURCES
from tests.connectors.meta_ads.shape import ACCOUNT, CAMPAIGNS, INSIGHTS, TOO_MUCH, Account, refused
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.zone import Landing

REPORT = "/v26.0/6023"


@pytest.fixture
def account(vendor: Vendor) -> Account:
    return Account(vendor)


def day(name: str, number: str = "12", campaign: str = "7") -> dict[str, Any]:
    return {
        "account_id": number,
        "campaign_id": campaign,
        "date_start": name,
        "date_stop": name,
        "spend": "1.00",
    }


def spans(vendor: Vendor, path: str = INSIGHTS) -> list[tuple[str, str]]:
    asked = [json.loads(each.query["time_range"]) for each in vendor.seen(path)]
    return [(each["since"], each["until"]) for each in asked]


def load(
    account: Account, folder: Path, stream: str = "campaign_insights", **how: Any
) -> list[Any]:
    return run(folder, "meta_ads", stream, account.connection, **how)


def test_the_token_stands_in_a_header_and_nowhere_else(account: Account, tmp_path: Path) -> None:
    account.add("a", JUNE - timedelta(hours=1))
    load(account, tmp_path)
    for request in account.vendor.requests:
        assert request.headers["Authorization"] == "Bearer system-user-token"
        assert "token" not in str(request.query)
    query = account.vendor.seen(INSIGHTS)[-1].query
    assert (query["level"], query["time_increment"]) == ("campaign", "1")
    assert json.loads(query["action_attribution_windows"]) == ["1d_view", "7d_click", "28d_click"]


def test_calls_are_proved_where_the_app_wants_that(account: Account, tmp_path: Path) -> None:
    extra = {**account.connection.extra, "app_secret": "app-secret"}
    account.connection = replace(account.connection, extra=extra)
    account.add("a", JUNE - timedelta(hours=1))
    load(account, tmp_path)
    proof = hmac.new(b"app-secret", b"system-user-token", hashlib.sha256).hexdigest()
    assert {each.query["appsecret_proof"] for each in account.vendor.requests} == {proof}


def test_the_link_to_the_next_page_is_not_followed(account: Account, tmp_path: Path) -> None:
    """It leads to another host, with a token in it."""
    account.page_size = 2
    account.fill([timedelta(minutes=number) for number in range(5)], JUNE - timedelta(days=3))
    assert len(load(account, tmp_path)) == 5
    assert {request.port for request in account.vendor.requests}
    assert [each.query.get("after") for each in account.vendor.seen(INSIGHTS)][-3:] == [
        None,
        "2",
        "4",
    ]


def test_what_is_too_much_at_once_is_read_as_a_report(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    account.most_days = 3
    rows = [day("2026-05-30"), day("2026-05-31")]
    looks = iter([("Job Not Started", 0), ("Job Running", 40), ("Job Completed", 100)])

    def look(request: Request) -> Any:
        status, percent = next(looks)
        return {"id": "6023", "async_status": status, "async_percent_completion": percent}

    account.vendor.on("POST", INSIGHTS, Answer({"report_run_id": "6023"}))
    account.vendor.on("GET", REPORT, look)
    pages: dict[str | None, Any] = {
        None: {"data": rows[:1], "paging": {"cursors": {"after": "x"}, "next": "there"}},
        "x": {"data": rows[1:], "paging": {"cursors": {"after": "y"}}},
    }
    account.vendor.on("GET", f"{REPORT}/insights", lambda each: pages[each.query.get("after")])
    found = load(account, tmp_path, since=JUNE - timedelta(days=9))
    assert found == rows
    assert len(waits) == 2
    (asked,) = [each for each in account.vendor.seen(INSIGHTS) if each.method == "POST"]
    assert json.loads(asked.form["time_range"]) == {"since": "2026-05-22", "until": "2026-05-31"}
    assert asked.form["level"] == "campaign"


@pytest.mark.parametrize("fails", ["Job Failed", "Job Skipped"])
def test_a_report_that_fails_is_asked_for_in_halves(
    account: Account, tmp_path: Path, waits: list[float], fails: str
) -> None:
    account.most_days = 3
    for back in range(8):
        account.add(str(back), JUNE - timedelta(days=back, hours=6))
    account.vendor.on("POST", INSIGHTS, Answer({"report_run_id": "6023"}))
    account.vendor.on("GET", REPORT, Answer({"async_status": fails}))
    found = load(account, tmp_path, since=JUNE - timedelta(days=7, hours=6))
    assert {row["campaign_id"] for row in found} == {str(back) for back in range(8)}


def test_a_report_that_is_never_made_is_asked_for_in_halves(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    """Some stay at work for good, and nothing says so."""
    account.most_days = 3
    for back in range(8):
        account.add(str(back), JUNE - timedelta(days=back, hours=6))
    account.vendor.on("POST", INSIGHTS, Answer({"report_run_id": "6023"}))
    account.vendor.on("GET", REPORT, Answer({"async_status": "Job Running"}))
    found = load(account, tmp_path, since=JUNE - timedelta(days=7, hours=6))
    assert {row["campaign_id"] for row in found} == {str(back) for back in range(8)}
    assert max(waits) == orders.LONGEST_PAUSE


def test_a_day_whose_report_is_not_made_is_read_another_time(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    account.most_days = 0
    account.vendor.on("POST", INSIGHTS, Answer({"report_run_id": "6023"}))
    account.vendor.on("GET", REPORT, Answer({"async_status": "Job Running"}))
    with pytest.raises(ExtractFailed, match="report of account 12 was ordered, and is not made"):
        load(account, tmp_path, since=JUNE - timedelta(hours=6))


def test_too_much_is_told_by_words_as_well(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    """As code 1 with HTTP 500, which would be tried again in vain."""
    account.add("a", JUNE - timedelta(hours=6))
    account.troubles[0] = refused(1, TOO_MUCH["message"], 500)
    found = load(account, tmp_path, since=JUNE - timedelta(days=1))
    assert [row["campaign_id"] for row in found] == ["a"]
    assert waits == []


@pytest.mark.parametrize(
    "said",
    ["Your request timed out. Please try a smaller date range, fetch less data, or use async jobs",
     "Please try again or request less data"],
)  # fmt: skip
def test_a_request_that_ran_out_of_time_is_too_much(
    account: Account, tmp_path: Path, waits: list[float], said: str
) -> None:
    account.add("a", JUNE - timedelta(hours=6))
    account.troubles[0] = refused(-2, said, 500, error_subcode=1504018)
    assert len(load(account, tmp_path, since=JUNE - timedelta(days=1))) == 1
    assert waits == []


def test_an_unknown_error_that_stays_is_too_much(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    """Insights of many days end so, and never in another way; of few days they come."""
    for back in range(8):
        account.add(str(back), JUNE - timedelta(days=back, hours=6))
    page = account.page

    def unknown(request: Request) -> Any:
        found = page(request)
        return refused(1, "An unknown error occurred", 500, error_subcode=99) if isinstance(
            found, Answer
        ) else found  # fmt: skip

    account.most_days = 3
    account.page = unknown  # type: ignore[method-assign]
    found = load(account, tmp_path, since=JUNE - timedelta(days=7, hours=6))
    assert {row["campaign_id"] for row in found} == {str(back) for back in range(8)}


def test_an_account_that_cannot_be_asked_for_is_one_clear_error(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    extra = {**account.connection.extra, "account_ids": ["12"]}
    account.connection = replace(account.connection, extra=extra)
    unknown = refused(1, "An unknown error occurred", 500, error_subcode=99)
    account.vendor.on("GET", "/v26.0/act_12", unknown)
    with pytest.raises(ExtractFailed, match="account 12: the vendor keeps failing without"):
        load(account, tmp_path)


def test_an_account_that_nobody_may_read_any_more_costs_the_others_nothing(
    account: Account, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told, and what landed of it stays."""
    gone = {**ACCOUNT, "account_id": "13"}
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT, gone]}))
    account.vendor.on("GET", "/v26.0/act_13/insights", Answer({"data": [day("2026-05-31", "13")]}))
    account.vendor.on("GET", "/v26.0/act_13/campaigns", Answer({"data": []}))
    account.add("7", JUNE - timedelta(hours=6))
    extract(SOURCES["meta_ads"], account.connection, str(tmp_path), JUNE)
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT]}))
    lost = refused(100, "Unsupported get request. Object with ID 'act_13'", error_subcode=33)
    account.vendor.on("GET", "/v26.0/act_13", lost)
    results = extract(SOURCES["meta_ads"], account.connection, str(tmp_path), JUNE)
    assert results[-1].unconfirmed == ("2026-05-31 13",)
    assert "account 13 is listed no more" in caplog.text
    # One that is listed and cannot be read is an error.
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT, gone]}))
    account.vendor.on("GET", "/v26.0/act_13/insights", refused(200, "no permission", 403))
    with pytest.raises(ExtractFailed, match="denies access"):
        load(account, tmp_path)


def test_a_day_that_is_too_much_is_told(account: Account, tmp_path: Path) -> None:
    account.most_days = 0
    account.add("a", JUNE - timedelta(hours=6))
    with pytest.raises(
        ExtractFailed, match="account 12: its campaigns of 2026-05-31 are more than"
    ):
        load(account, tmp_path, since=JUNE - timedelta(hours=1))


def test_campaigns_that_are_too_many_are_read_in_smaller_pages(
    account: Account, tmp_path: Path
) -> None:
    for number in range(30):
        account.add(str(number), JUNE)
    page = account.page

    def small(request: Request) -> Any:
        many = int(request.query["limit"]) > 20
        return Answer({"error": TOO_MUCH}, 400) if many else page(request)

    account.page = small  # type: ignore[method-assign]
    assert len(load(account, tmp_path, "campaigns")) == 30
    assert [each.query["limit"] for each in account.vendor.seen(CAMPAIGNS)] == [
        "500",
        "100",
        "20",
        "20",
    ]


def test_deleted_and_archived_campaigns_are_asked_for(account: Account, tmp_path: Path) -> None:
    account.add("a", JUNE - timedelta(hours=1))
    load(account, tmp_path, "campaigns")
    (listed,) = account.vendor.seen(CAMPAIGNS)
    assert {"DELETED", "ARCHIVED"} < set(json.loads(listed.query["effective_status"]))
    load(account, tmp_path)
    (filtered,) = json.loads(account.vendor.seen(INSIGHTS)[0].query["filtering"])
    assert (filtered["field"], filtered["operator"]) == ("campaign.effective_status", "IN")
    assert filtered["value"] == list(STATUSES)


def test_history_stays_within_what_the_vendor_serves(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    """37 months by the clock of the account, which may be ahead of ours by most of a day."""
    account.connection = replace(account.connection, extra={})
    account.vendor.on(
        "GET",
        "/v26.0/me/adaccounts",
        Answer({"data": [{**ACCOUNT, "timezone_name": "Pacific/Kiritimati"}]}),
    )
    load(account, tmp_path)
    assert "2023-05-02" < min(spans(account.vendor))[0] < "2023-06-05"


def test_accounts_that_are_named_are_asked_for_by_number(account: Account, tmp_path: Path) -> None:
    account.connection = replace(
        account.connection, extra={**account.connection.extra, "account_ids": "act_12, 13"}
    )
    other = {**ACCOUNT, "account_id": "13", "currency": "EUR"}
    account.vendor.on("GET", "/v26.0/act_12", Answer(ACCOUNT))
    account.vendor.on("GET", "/v26.0/act_13", Answer(other))
    account.vendor.on("GET", "/v26.0/act_13/insights", Answer({"data": [day("2026-05-31", "13")]}))
    account.add("7", JUNE - timedelta(hours=6))
    assert load(account, tmp_path, "ad_accounts") == [ACCOUNT, other]
    found = load(account, tmp_path, since=JUNE - timedelta(hours=6))
    assert {row["account_id"] for row in found} == {"12", "13"}
    assert account.vendor.seen("/v26.0/me/adaccounts") == []


def test_each_account_is_asked_for_the_days_of_its_own_zone(
    account: Account, tmp_path: Path
) -> None:
    tokyo = {**ACCOUNT, "account_id": "13", "timezone_name": "Asia/Tokyo"}
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT, tokyo]}))
    account.vendor.on("GET", "/v26.0/act_13/insights", Answer({"data": []}))
    load(account, tmp_path, since=JUNE - timedelta(days=1))
    assert spans(account.vendor) == [("2026-05-31", "2026-05-31")]
    assert spans(account.vendor, "/v26.0/act_13/insights") == [("2026-05-31", "2026-06-01")]


def test_what_landed_of_an_account_that_falls_silent_stays(
    account: Account, tmp_path: Path
) -> None:
    """Also while another account has rows of the day."""
    other = {**ACCOUNT, "account_id": "13"}
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT, other]}))
    answers = [Answer({"data": [day("2026-05-31", "13")]}), Answer({"data": []})]
    account.vendor.on("GET", "/v26.0/act_13/insights", *answers)
    account.add("7", JUNE - timedelta(hours=6))
    account.connection = replace(account.connection, extra={"start_date": "2026-05-20"})
    load(account, tmp_path)
    (result,) = extract(
        SOURCES["meta_ads"], account.connection, str(tmp_path), JUNE, streams=["campaign_insights"]
    )
    assert result.unconfirmed == ("2026-05-31 13",)
    place = Landing(str(tmp_path)).stream("meta_ads", "campaign_insights")
    assert len(place.standing(["2026-05-31"])["2026-05-31"]) == 2


def test_restated_days_are_read_again(account: Account, tmp_path: Path) -> None:
    account.add("7", JUNE - timedelta(hours=6))
    load(account, tmp_path)
    before = len(account.vendor.seen(INSIGHTS))
    load(account, tmp_path)
    # With those that had no rows, for thirty days.
    assert spans(account.vendor)[before:] == [
        ("2026-05-01", "2026-05-30"),
        ("2026-05-31", "2026-05-31"),
    ]


@pytest.mark.parametrize("code", [4, 17, 613, 80000, 80004, 80014])
def test_rate_limits_are_waited_out(
    account: Account, tmp_path: Path, waits: list[float], code: int
) -> None:
    account.add("7", JUNE - timedelta(hours=6))
    account.troubles[0] = refused(code, "There have been too many calls", 400)
    assert len(load(account, tmp_path, since=JUNE - timedelta(days=1))) == 1
    assert len(waits) == 1


def test_a_limit_that_lasts_longer_is_left_to_the_next_load(
    account: Account, tmp_path: Path, waits: list[float]
) -> None:
    usage = {"55": [{"type": "ads_insights", "estimated_time_to_regain_access": 19}]}
    limited = refused(80000, "too many calls")
    limited.headers = {"X-Business-Use-Case-Usage": json.dumps(usage)}
    account.troubles[0] = limited
    with pytest.raises(ExtractFailed, match="asks to wait 19 min"):
        load(account, tmp_path)
    assert waits == []


USAGE = {
    "X-App-Usage": {"call_count": 80, "total_time": 1, "total_cputime": 1},
    "X-Ad-Account-Usage": {"acc_id_util_pct": 79.5},
    "X-Business-Use-Case-Usage": {"55": [{"call_count": 12, "total_cputime": 92}]},
}


@pytest.mark.parametrize("header", USAGE)
def test_the_pace_follows_what_is_used_of_the_limit(
    account: Account, waits: list[float], header: str
) -> None:
    api = SOURCES["meta_ads"].open(account.connection)
    told = Answer({"data": [ACCOUNT]}, headers={header: json.dumps(USAGE[header])})
    account.vendor.on("GET", "/v26.0/me/adaccounts", told)
    assert api.client.budget.per_second == 5
    assert api.account_ids == ["12"]
    assert api.client.budget.per_second == 0.2
    account.vendor.on("GET", "/v26.0/act_12", Answer(ACCOUNT))
    api.get("/act_12", {})  # which says nothing of it
    assert api.client.budget.per_second == 0.2
    rested = re.sub(r"[\d.]+", "7", json.dumps(USAGE[header]))
    account.vendor.on("GET", "/v26.0/act_12", Answer(ACCOUNT, headers={header: rested}))
    api.get("/act_12", {})
    assert api.client.budget.per_second == 5
    api.close()


@pytest.mark.parametrize("header", ["nonsense", "[]", "[null, 7]", '{"x": null}'])
def test_usage_that_cannot_be_read_says_nothing(account: Account, header: str) -> None:
    api = SOURCES["meta_ads"].open(account.connection)
    told = Answer({"data": [ACCOUNT]}, headers=dict.fromkeys(USAGE, header))
    account.vendor.on("GET", "/v26.0/me/adaccounts", told)
    assert api.account_ids == ["12"]
    assert api.client.budget.per_second == 5
    api.close()


def test_a_token_that_ended_is_one_clear_error(account: Account, tmp_path: Path) -> None:
    ended = refused(190, "Error validating access token: session has expired", 400)
    account.vendor.on("GET", "/v26.0/me/adaccounts", ended)
    with pytest.raises(ExtractFailed, match="the vendor refused our credentials") as failed:
        extract(SOURCES["meta_ads"], account.connection, str(tmp_path), JUNE)
    assert len(failed.value.errors) == 3


def test_an_account_that_may_not_be_read_is_named(account: Account, tmp_path: Path) -> None:
    said = "(#200) Ad account owner has NOT granted ads_management or ads_read permission"
    account.troubles[0] = refused(200, said, 400)
    with pytest.raises(ExtractFailed, match=r"denies access .*ads_read permission"):
        load(account, tmp_path)


def test_a_token_without_accounts_is_told(account: Account, tmp_path: Path) -> None:
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": []}))
    with pytest.raises(ExtractFailed, match="the token is given no ad account: assign some"):
        load(account, tmp_path)


def test_a_zone_that_is_none_is_told_with_its_account(account: Account, tmp_path: Path) -> None:
    odd = Answer({"data": [{**ACCOUNT, "timezone_name": "Mars/Base"}]})
    account.vendor.on("GET", "/v26.0/me/adaccounts", odd)
    with pytest.raises(ExtractFailed, match="account 12: its time zone 'Mars/Base' is unknown"):
        load(account, tmp_path)


def test_who_may_manage_ads_may_read_them(account: Account) -> None:
    source = SOURCES["meta_ads"]
    assert source.granted
    told = [
        {"permission": "ads_management", "status": "granted"},
        {"permission": "email", "status": "declined"},
    ]
    account.vendor.on("GET", "/v26.0/me/permissions", Answer({"data": told}))
    api = source.open(account.connection)
    assert source.granted(api) == {"ads_read", "ads_management"}
    api.close()


def test_an_account_that_comes_later_brings_its_history(account: Account, tmp_path: Path) -> None:
    """Its days are long past for the others."""
    account.connection = replace(account.connection, extra={"start_date": "2026-04-01"})
    account.add("7", JUNE - timedelta(hours=6))
    load(account, tmp_path)
    later = {**ACCOUNT, "account_id": "13"}
    account.vendor.on("GET", "/v26.0/me/adaccounts", Answer({"data": [ACCOUNT, later]}))
    rows = [day("2026-04-03", "13"), day("2026-05-31", "13")]
    account.vendor.on(
        "GET",
        "/v26.0/act_13/insights",
        lambda request: {
            "data": [
                row
                for row in rows
                if json.loads(request.query["time_range"])["since"] <= row["date_start"]
                and row["date_start"] <= json.loads(request.query["time_range"])["until"]
            ]
        },
    )
    load(account, tmp_path, since=JUNE - timedelta(days=1))  # a backfill changes nothing of that
    load(account, tmp_path)
    place = Landing(str(tmp_path)).stream("meta_ads", "campaign_insights")
    assert len(place.standing(["2026-04-03"])["2026-04-03"]) == 1
    assert len(place.standing(["2026-05-31"])["2026-05-31"]) == 2
    # And is then read like the others.
    before = len(account.vendor.seen("/v26.0/act_13/insights"))
    load(account, tmp_path)
    assert min(spans(account.vendor, "/v26.0/act_13/insights")[before:])[0] == "2026-05-01"


def test_a_connection_needs_a_token() -> None:
    with pytest.raises(Exception, match="missing setting password"):
        SOURCES["meta_ads"].open(Connection("https://graph.facebook.com"))

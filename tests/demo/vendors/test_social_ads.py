"""Meta Ads and TikTok Ads answer in their vendors' own published shapes.

The expected names and types are distilled from the vendors' specifications.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from demo.serving import running
from demo.vendors import meta_ads, tiktok_ads
from tests.demo.vendors.api_support import NOW, ask_world, world

SPAN = {"since": "2026-02-01", "until": "2026-02-18"}
FACTS = (
    "SELECT date::VARCHAR, campaign_no::VARCHAR, round(cost_micros / 10000)::BIGINT, impressions,"
    " clicks, conversions, conversions_value, view_conversions"
    " FROM ad_daily_as_of(TIMESTAMP '2026-02-19') JOIN campaigns USING (campaign_no)"
    " WHERE platform = '{}' AND impressions + conversions > 0 ORDER BY ALL"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(world(), now=NOW) as url:
        yield url


def account_no(platform: str) -> str:
    ((number,),) = ask_world(
        f"SELECT account_no::VARCHAR FROM ad_accounts WHERE platform = '{platform}'"
    )
    return number


# Meta ------------------------------------------------------------------------------------------


def graph(url: str, path: str, method: str = "GET", **params: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {params.pop('token', meta_ads.TOKEN)}"}
    where = f"{url}/meta_ads/v26.0/{path.format(act='act_' + account_no('meta_ads'))}"
    sent = {"data" if method == "POST" else "params": params}
    return requests.request(method, where, headers=headers, **sent)


def insights(**more: Any) -> dict[str, Any]:
    return {
        "level": "campaign",
        "time_increment": "1",
        "time_range": json.dumps(SPAN),
        "fields": "campaign_id,spend,impressions,clicks,actions,action_values",
        "limit": 5000,
        **more,
    }


def test_meta_tells_spend_and_purchases_as_texts(url: str) -> None:
    answer = graph(url, "{act}/insights", **insights())
    assert answer.headers["facebook-api-version"] == "v26.0"
    rows = answer.json()["data"]
    facts = ask_world(FACTS.format("meta_ads"))
    assert len(rows) == len(facts) > 20
    bought = 0
    told = sorted(rows, key=lambda row: (row["date_start"], row["campaign_id"]))
    for row, (day, campaign, cents, impressions, clicks, n, money, views) in zip(
        told, facts, strict=True
    ):
        assert (row["date_start"], row["date_stop"], row["campaign_id"]) == (day, day, campaign)
        assert (row["impressions"], row["clicks"]) == (str(impressions), str(clicks))
        assert Decimal(row["spend"]) * 100 == cents
        purchases = {each["action_type"]: each for each in row.get("actions", [])}
        assert ("link_click" in purchases) == (clicks > 0)
        purchases.pop("link_click", None)
        if n:
            bought += 1
            names = {"omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"}
            assert purchases.keys() == names
            for each in purchases.values():
                assert Decimal(each["value"]) == Decimal(str(n))
                assert Decimal(each["1d_view"]) + Decimal(each["7d_click"]) == Decimal(str(n))
                assert Decimal(each["1d_view"]) == Decimal(str(views))
            values = {each["action_type"]: each["value"] for each in row["action_values"]}
            assert {Decimal(value) for value in values.values()} == {Decimal(str(money))}
        else:
            assert purchases == {}
    assert bought > 0


def test_meta_pages_by_a_cursor_and_gives_what_was_asked_for(url: str) -> None:
    found: list[Any] = []
    after = {}
    while True:
        page = graph(url, "{act}/insights", **insights(fields="spend", limit=7, **after)).json()
        found += page["data"]
        assert "access_token" in page["paging"].get("next", "access_token")
        if "next" not in page["paging"]:
            break
        after = {"after": page["paging"]["cursors"]["after"]}
    assert len(found) == len(ask_world(FACTS.format("meta_ads")))
    assert all(row.keys() == {"spend", "date_start", "date_stop"} for row in found)


def test_meta_leaves_out_what_is_deleted_unless_it_is_asked_for(url: str) -> None:
    def listed(*statuses: str) -> int:
        asked = {"effective_status": json.dumps(statuses)} if statuses else {}
        return len(graph(url, "{act}/campaigns", **asked).json()["data"])

    kept = [{"field": "campaign.effective_status", "operator": "IN", "value": ["DELETED"]}]
    rows = graph(url, "{act}/insights", **insights(filtering=json.dumps(kept))).json()["data"]
    assert (listed(), listed("ACTIVE"), listed("DELETED"), rows) == (2, 2, 0, [])


def test_meta_makes_a_report_of_what_is_too_much_at_once(url: str) -> None:
    years = insights(time_range=json.dumps({"since": "2024-01-01", "until": "2026-02-18"}))
    refused = graph(url, "{act}/insights", **years)
    assert refused.status_code == 400
    assert refused.json()["error"]["error_subcode"] == 1487534
    run = graph(url, "{act}/insights", "POST", **years).json()["report_run_id"]
    told = graph(url, run).json()
    assert (told["async_status"], told["async_percent_completion"]) == ("Job Completed", 100)
    rows = graph(url, f"{run}/insights", limit=5000).json()["data"]
    assert rows == graph(url, "{act}/insights", **insights()).json()["data"]


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("{act}/insights", insights(fields="spent"), 400, 100),
        ("{act}/insights", insights(time_range="{}"), 400, 100),
        ("{act}/insights", insights(after="x"), 400, 100),
        ("act_7/campaigns", {}, 400, 100),
        ("{act}/campaigns", {"token": "wrong"}, 400, 190),
    ],
)
def test_meta_refuses_with_its_own_error(
    url: str, path: str, params: dict[str, Any], status: int, code: int
) -> None:
    answer = graph(url, path, **dict(params))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    assert error.keys() >= {"message", "type", "fbtrace_id"}


# TikTok ----------------------------------------------------------------------------------------


def tiktok(url: str, path: str, **params: Any) -> dict[str, Any]:
    headers = {"Access-Token": params.pop("token", tiktok_ads.TOKEN)}
    given = {"advertiser_id": account_no("tiktok_ads"), **params}
    where = f"{url}/tiktok_ads/open_api/v1.3/{path}"
    answer = requests.get(where, headers=headers, params=given)
    assert answer.status_code == 200, "whatever it says"
    return answer.json()


def report(**more: Any) -> dict[str, Any]:
    return {
        "report_type": "BASIC",
        "data_level": "AUCTION_CAMPAIGN",
        "dimensions": json.dumps(["campaign_id", "stat_time_day"]),
        "metrics": json.dumps(["spend", "complete_payment", "vta_complete_payment_value"]),
        "start_date": SPAN["since"],
        "end_date": SPAN["until"],
        **more,
    }


def test_tiktok_pages_by_number_with_the_total(url: str) -> None:
    facts = ask_world(FACTS.format("tiktok_ads"))
    rows: list[Any] = []
    for number in (1, 2, 3):
        data = tiktok(url, "report/integrated/get/", **report(page=number, page_size=8))["data"]
        assert data["page_info"] == {
            "page": number,
            "page_size": 8,
            "total_number": len(facts),
            "total_page": -(-len(facts) // 8),
        }
        rows += data["list"]
    told = sorted((row["dimensions"]["stat_time_day"], row["metrics"]["spend"]) for row in rows)
    assert [(day[:10], Decimal(spend) * 100) for day, spend in told] == [
        (day, cents) for day, _, cents, *_ in facts
    ]
    for row in rows:
        assert row["metrics"].keys() == {
            "spend",
            "complete_payment",
            "vta_complete_payment_value",
        }
        assert all(isinstance(text, str) for text in row["metrics"].values())
        nothing = row["metrics"]["complete_payment"] == "0"
        assert (row["metrics"]["vta_complete_payment_value"] == "-") == nothing


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("report/integrated/get/", report(start_date="2026-01-10"), 40002),
        ("report/integrated/get/", report(metrics='["spent"]'), 40002),
        ("report/integrated/get/", report(page_size=1001), 40002),
        ("report/integrated/get/", report(advertiser_id="7"), 40001),
        ("campaign/get/", {"filtering": "x"}, 40002),
        ("campaign/get/", {"token": "wrong"}, 40105),
        ("advertiser/info/", {"advertiser_ids": '["7"]'}, 40001),
    ],
)
def test_tiktok_refuses_by_its_code(url: str, path: str, params: dict[str, Any], code: int) -> None:
    answer = tiktok(url, path, **dict(params))
    assert answer["code"] == code
    assert answer["message"]


def test_tiktok_lists_campaigns_and_advertisers(url: str) -> None:
    mine = account_no("tiktok_ads")
    (campaign,) = tiktok(url, "campaign/get/")["data"]["list"]
    assert campaign["advertiser_id"] == mine
    assert isinstance(campaign["budget"], int | float)
    asked = {"advertiser_ids": json.dumps([mine]), "fields": '["currency", "display_timezone"]'}
    (told,) = tiktok(url, "advertiser/info/", **asked)["data"]["list"]
    assert told == {"currency": "GBP", "display_timezone": "Europe/London"}

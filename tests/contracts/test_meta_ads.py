"""Our requests and the simulator's answers against Meta's own SDK, which reads them as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.adsactionstats import AdsActionStats
from facebook_business.adobjects.adsinsights import AdsInsights
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from requests.adapters import HTTPAdapter

Traffic = Callable[..., list[dict[str, Any]]]
KINDS = {"adaccounts": AdAccount, "campaigns": Campaign, "insights": AdsInsights}


def known(kind: Any) -> set[str]:
    return {value for name, value in vars(kind).items() if not name.startswith("_")}


def fields_of(kind: Any) -> set[str]:
    return known(kind.Field)


@pytest.mark.parametrize("edge", KINDS)
def test_every_field_and_value_of_our_requests_exists(traffic: Traffic, edge: str) -> None:
    asked = [call for call in traffic("meta_ads", f"/{edge}") if call["method"] == "GET"]
    for call in asked:
        query = call["query"]
        assert call["path"].startswith("/v26.0/")
        assert set(query["fields"].split(",")) <= fields_of(KINDS[edge])
        assert set(json.loads(query.get("effective_status", "[]"))) <= known(
            Campaign.EffectiveStatus
        )
        if edge == "insights":
            assert query.keys() <= fields_of(AdReportRun) | {"after"}
            assert query["level"] in known(AdsInsights.Level)
            windows = json.loads(query["action_attribution_windows"])
            assert set(windows) <= known(AdsInsights.ActionAttributionWindows)
            (kept,) = json.loads(query["filtering"])
            assert set(kept["value"]) <= known(Campaign.EffectiveStatus)


@pytest.mark.parametrize("edge", KINDS)
def test_answers_have_the_sdks_names_and_types(traffic: Traffic, edge: str) -> None:
    types = KINDS[edge]._field_types
    rows = [
        row
        for call in traffic("meta_ads", f"/{edge}")
        if call["status"] == 200
        for row in call["answer"]["data"]
    ]
    assert rows
    for row in rows:
        for name, value in row.items():
            kind = types[name]
            if kind == "list<AdsActionStats>":
                assert all(each.keys() <= fields_of(AdsActionStats) for each in value)
                assert all(isinstance(text, str) for each in value for text in each.values())
            else:
                assert isinstance(value, int if kind == "unsigned int" else str), (name, value)


def test_errors_are_read_by_the_sdk(traffic: Traffic) -> None:
    failed = [call for call in traffic("meta_ads") if call["status"] != 200]
    assert failed
    for call in failed:
        body = json.dumps(call["answer"])
        error = FacebookRequestError("", {"method": "GET"}, call["status"], {}, body)
        assert isinstance(error.api_error_code(), int)
        assert error.api_error_message()


class Replay(HTTPAdapter):
    """Answers as they were recorded, page by page."""

    def __init__(self, calls: list[dict[str, Any]]) -> None:
        super().__init__()
        self._calls = calls

    def send(self, request: Any, **how: Any) -> requests.Response:
        address = urlsplit(request.url)
        query = dict(parse_qsl(address.query))
        (first, *_) = (
            call
            for call in self._calls
            if call["path"] == address.path
            and call["query"].get("time_range") == query.get("time_range")
            and call["query"].get("after") == query.get("after")
        )
        answer = requests.Response()
        answer.status_code = first["status"]
        answer._content = json.dumps(first["answer"]).encode()
        answer.request = request
        return answer


def test_the_sdk_reads_what_we_read(traffic: Traffic) -> None:
    calls = [call for call in traffic("meta_ads") if call["status"] == 200]
    api = FacebookAdsApi.init(access_token="t", api_version="v26.0", crash_log=False)
    api._session.requests.mount("https://", Replay(calls))
    (account,) = User("me").get_ad_accounts()
    assert account["account_id"]
    (listed,) = {call["path"] for call in calls if call["path"].endswith("/campaigns")}
    ours = next(call for call in calls if call["path"] == listed)["answer"]["data"]
    assert [campaign["id"] for campaign in AdAccount(account["id"]).get_campaigns()] == [
        row["id"] for row in ours
    ]
    spans = {
        call["query"]["time_range"]: call["answer"]["data"]
        for call in calls
        if call["path"].endswith("/insights") and "after" not in call["query"]
    }
    assert any(spans.values())
    for span, rows in spans.items():
        theirs = AdAccount(account["id"]).get_insights(params={"time_range": span})
        assert [row.export_all_data() for row in theirs] == rows

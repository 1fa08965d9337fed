"""The requests of TikTok Ads, against shapes from its published spec."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core.errors import ExtractFailed
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.shape import JUNE, run
from tests.connectors.tiktok_ads.shape import (
    ADVERTISER,
    CAMPAIGNS,
    INFO,
    REPORT,
    Advertiser,
    done,
    refused,
)
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.zone import Landing

ONE = {"page_info": {"page": 1, "page_size": 1000, "total_number": 1, "total_page": 1}}


@pytest.fixture
def advertiser(vendor: Vendor) -> Advertiser:
    return Advertiser(vendor)


def load(
    shape: Advertiser, folder: Path, stream: str = "campaign_reports", **how: Any
) -> list[Any]:
    return run(folder, "tiktok_ads", stream, shape.connection, **how)


def test_a_report_is_asked_for_as_the_spec_says(advertiser: Advertiser, tmp_path: Path) -> None:
    advertiser.add("7", JUNE - timedelta(hours=6))
    load(advertiser, tmp_path, since=JUNE - timedelta(hours=6))
    (request,) = advertiser.vendor.seen(REPORT)
    assert request.headers["Access-Token"] == "tiktok-access-token"
    query = request.query
    assert (query["report_type"], query["data_level"]) == ("BASIC", "AUCTION_CAMPAIGN")
    assert json.loads(query["dimensions"]) == ["campaign_id", "stat_time_day"]
    assert (query["start_date"], query["end_date"]) == ("2026-05-31", "2026-05-31")
    assert (query["advertiser_id"], query["page"], query["page_size"]) == ("70", "1", "1000")


def test_deleted_campaigns_and_their_spend_are_asked_for(
    advertiser: Advertiser, tmp_path: Path
) -> None:
    advertiser.add("7", JUNE - timedelta(hours=6))
    load(advertiser, tmp_path, "campaigns")
    (listed,) = advertiser.vendor.seen(CAMPAIGNS)
    assert json.loads(listed.query["filtering"]) == {"secondary_status": "CAMPAIGN_STATUS_ALL"}
    load(advertiser, tmp_path, since=JUNE - timedelta(hours=6))
    (filtered,) = json.loads(advertiser.vendor.seen(REPORT)[0].query["filtering"])
    assert filtered == {
        "field_name": "campaign_status",
        "filter_type": "IN",
        "filter_value": '["STATUS_ALL"]',
    }


def test_the_money_of_payments_is_asked_for(advertiser: Advertiser, tmp_path: Path) -> None:
    load(advertiser, tmp_path, since=JUNE - timedelta(hours=6))
    asked = json.loads(advertiser.vendor.seen(REPORT)[0].query["metrics"])
    assert {"complete_payment", "total_complete_payment_rate", "vta_complete_payment"} < set(asked)


@pytest.mark.parametrize(
    "trouble",
    [
        refused(40100, "Too many requests. Please retry in some time."),
        refused(40016, "Requests made too frequently"),
        refused(50000, "System error"),
        refused(51010, "Request timed out"),
        Answer({"message": "no code"}),
        Answer({"code": None, "data": {"list": []}}),
        Answer({"code": "0", "data": {"list": [], **ONE}}),
    ],
    ids=lambda answer: str(answer.body),
)
def test_codes_that_pass_are_waited_out(
    advertiser: Advertiser, tmp_path: Path, waits: list[float], trouble: Answer
) -> None:
    advertiser.add("7", JUNE - timedelta(hours=6))
    advertiser.troubles[0] = trouble
    assert len(load(advertiser, tmp_path, since=JUNE - timedelta(hours=6))) == 1
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (40001, r"denies access \(.*40001"),
        (40002, "an error inside .*40002"),
        (40105, "the vendor refused our credentials"),
        (40102, "the vendor refused our credentials"),
    ],
)
def test_codes_that_last_are_one_clear_error(
    advertiser: Advertiser, tmp_path: Path, waits: list[float], code: int, said: str
) -> None:
    advertiser.troubles[0] = refused(code)
    with pytest.raises(ExtractFailed, match=said):
        load(advertiser, tmp_path)
    assert waits == []


def test_a_list_that_does_not_tell_its_pages_is_an_error(
    advertiser: Advertiser, tmp_path: Path
) -> None:
    advertiser.troubles[0] = Answer(done({"list": []}))
    with pytest.raises(ExtractFailed, match="does not tell how many pages there are"):
        load(advertiser, tmp_path)


def test_a_day_is_the_advertisers_own(advertiser: Advertiser, tmp_path: Path) -> None:
    """That which its pages show: a zone without summer time would begin an hour late."""
    advertiser.add("7", JUNE - timedelta(days=1))
    until = JUNE + timedelta(hours=4, minutes=30)
    extract(SOURCES["tiktok_ads"], advertiser.connection, str(tmp_path), until)
    assert advertiser.vendor.seen(REPORT)[-1].query["end_date"] == "2026-06-01"
    place = Landing(str(tmp_path)).stream("tiktok_ads", "campaign_reports")
    assert place.standing(["2026-05-30"]).keys() == {"2026-05-30"}


@pytest.mark.parametrize("hour", ["01:00:00", "00:00:01", "24:00:00"])
def test_an_hour_is_no_day(advertiser: Advertiser, tmp_path: Path, hour: str) -> None:
    row = advertiser.row("7", JUNE - timedelta(hours=6), "x")
    row["dimensions"]["stat_time_day"] = f"2026-05-31 {hour}"
    advertiser.vendor.on("GET", REPORT, Answer(done({"list": [row], **ONE})))
    since = JUNE - timedelta(hours=6)
    (result,) = extract(
        SOURCES["tiktok_ads"],
        advertiser.connection,
        str(tmp_path),
        JUNE,
        since,
        ["campaign_reports"],
    )
    assert (result.rows, result.quarantined) == (0, 1)


def test_each_advertisers_rows_are_marked(advertiser: Advertiser, tmp_path: Path) -> None:
    extra = {"start_date": "2026-05-30", "advertiser_ids": ["70", 71]}
    advertiser.connection = replace(advertiser.connection, extra=extra)
    tokyo = {**ADVERTISER, "advertiser_id": "71", "display_timezone": "Asia/Tokyo"}
    advertiser.vendor.on("GET", INFO, Answer(done({"list": [ADVERTISER, tokyo]})))

    def answer(request: Request) -> Any:
        day = {"campaign_id": "7", "stat_time_day": f"{request.query['end_date']} 00:00:00"}
        return done({"list": [{"dimensions": day, "metrics": {"spend": "1.00"}}], **ONE})

    advertiser.vendor.on("GET", REPORT, answer)
    found = load(advertiser, tmp_path)
    assert json.loads(advertiser.vendor.seen(INFO)[0].query["advertiser_ids"]) == ["70", "71"]
    assert [(row["advertiser_id"], row["dimensions"]["stat_time_day"]) for row in found] == [
        ("70", "2026-05-31 00:00:00"),
        ("71", "2026-06-01 00:00:00"),  # where June has begun
    ]


def test_what_landed_of_an_advertiser_that_falls_silent_stays(
    advertiser: Advertiser, tmp_path: Path
) -> None:
    advertiser.add("7", JUNE - timedelta(hours=6))
    load(advertiser, tmp_path)
    advertiser.records.clear()
    advertiser.add("7", JUNE - timedelta(days=2))
    (result,) = extract(
        SOURCES["tiktok_ads"],
        advertiser.connection,
        str(tmp_path),
        JUNE,
        streams=["campaign_reports"],
    )
    assert result.unconfirmed == ("2026-05-31",)


def test_an_advertiser_that_is_not_told_of_is_named(advertiser: Advertiser, tmp_path: Path) -> None:
    extra = {**advertiser.connection.extra, "advertiser_ids": "70, 71"}
    advertiser.connection = replace(advertiser.connection, extra=extra)
    with pytest.raises(ExtractFailed, match="tells nothing of advertiser 71"):
        load(advertiser, tmp_path)


def test_a_campaign_without_a_time_lands(advertiser: Advertiser, tmp_path: Path) -> None:
    campaign = {"campaign_id": "7", "advertiser_id": "70", "campaign_name": "Smart+"}
    advertiser.vendor.on("GET", CAMPAIGNS, Answer(done({"list": [campaign], **ONE})))
    assert load(advertiser, tmp_path, "campaigns") == [campaign]

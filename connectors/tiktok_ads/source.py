"""TikTok Ads: advertisers, campaigns, their spend by day. How they are read stands in README.md.

A row is landed as the API answers it; one of the report does not say whose it is, so the number of
its advertiser is added at its end. Figures are texts, and a dash stands for none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import Refused, Retry, TokenRefused, VendorError
from connectors.core.http import Client, denied, describe
from connectors.core.paging import Run, follow
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.times import Foremost
from connectors.core.verbatim import Page

VERSION = "v1.3"
HOST = "https://business-api.tiktok.com"
PAGE = 1000
ADVERTISERS_AT_ONCE = 100
DAYS_AT_ONCE = 30  # of a report by the day
PACE = 5.0  # requests a second; an app has ten, over all who use it

ADVERTISER = ("advertiser_id", "name", "currency", "timezone", "display_timezone", "status")
CAMPAIGN = (
    "campaign_id",
    "advertiser_id",
    "campaign_name",
    "objective_type",
    "operation_status",
    "secondary_status",
    "budget",
    "budget_mode",
    "create_time",
    "modify_time",
)
METRICS = (
    "spend",
    "impressions",
    "clicks",
    "conversion",
    "complete_payment",
    "total_complete_payment_rate",  # the money of all complete payments, and no rate
    "vta_complete_payment",
    "vta_complete_payment_value",
)
# Without them, what is deleted is left out, and its spend with it. The two lists name it otherwise.
DELETED_CAMPAIGNS_TOO = {"secondary_status": "CAMPAIGN_STATUS_ALL"}
DELETED_SPEND_TOO = [
    {"field_name": "campaign_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}
]

DONE = 0
NO_RIGHT = {40001}
RATE_LIMITED = {40100}
TOKEN = {40102, 40104, 40105}
FAILURES = 50_000  # codes from here on are the vendor's own trouble
TOO_OFTEN = re.compile(r"too (many requests|frequent)|qps|rate limit", re.IGNORECASE)


@dataclass
class TikTokAds(Api):
    """The advertisers that the connection names."""

    @cached_property
    def advertiser_ids(self) -> tuple[str, ...]:
        return self.connection.listed(ADVERTISER_IDS)

    @cached_property
    def listed(self) -> list[Page]:
        ids = self.advertiser_ids
        return [
            self._advertisers(ids[at : at + ADVERTISERS_AT_ONCE])
            for at in range(0, len(ids), ADVERTISERS_AT_ONCE)
        ]

    @cached_property
    def zones(self) -> dict[str, ZoneInfo]:
        """The zone in which each advertiser's days begin."""
        found: dict[str, ZoneInfo] = {}
        for page in self.listed:
            for item in page.pick("advertiser_id", "timezone", "display_timezone"):
                if isinstance(item, dict):
                    number = str(item.get("advertiser_id"))
                    # A zone without summer time stands for one that has it, which is shown.
                    name = item.get("display_timezone") or item.get("timezone")
                    found[number] = _zone(number, str(name))
        if missing := [number for number in self.advertiser_ids if number not in found]:
            raise VendorError(
                f"the vendor tells nothing of advertiser {', '.join(missing)}: check"
                f" {ADVERTISER_IDS} of the connection, and whether the token was given for it"
            )
        return found

    @cached_property
    def foremost(self) -> Foremost:
        """The zone in which the newest day of any advertiser begins first."""
        return Foremost(self.zones.values())

    def _advertisers(self, numbers: tuple[str, ...]) -> Page:
        sent = {"advertiser_ids": json.dumps(numbers), "fields": json.dumps(ADVERTISER)}
        return self.get("advertiser/info/", sent)

    def get(self, path: str, params: Mapping[str, Any]) -> Page:
        return self.client.get(f"/open_api/{VERSION}/{path}", params, rows=("data", "list"))

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[Page]:
        """The rows of a list, by the number of the page; they are held against their total."""

        def ask(number: int) -> Page:
            page = self.get(path, {**params, "page": number, "page_size": PAGE})
            told = page.envelope["data"].get("page_info")
            if not isinstance(told, dict) or not {"total_number", "total_page"} <= told.keys():
                raise VendorError(
                    "the vendor does not tell how many pages there are: the rest would be lost."
                    " Nothing was committed; run it again"
                )
            page.total, pages = int(told["total_number"]), int(told["total_page"])
            following[0] = number + 1 if number < pages else 0
            return page

        following = [1]
        return follow(ask, lambda page: following[0], 1)


def _zone(number: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise VendorError(f"advertiser {number}: its time zone {name!r} is unknown") from None


def _check(status: int, answer: Any) -> None:
    """The vendor says HTTP 200 to everything; what it means is the code."""
    if status != 200:
        return
    code = answer.get("code") if isinstance(answer, dict) else None
    if code == DONE:
        return
    said = f"HTTP 200 with an error inside{describe(answer)}"
    if not isinstance(code, int):
        raise Retry(f"an answer without a code{describe(answer)}")
    if code in TOKEN:
        raise TokenRefused(said)
    if code in NO_RIGHT:
        raise denied(said)
    if code in RATE_LIMITED or code >= FAILURES or TOO_OFTEN.search(str(answer.get("message"))):
        raise Retry(said)
    raise Refused(said)


def _connect(connection: Connection) -> TikTokAds:
    client = Client(
        connection.host or HOST,
        FixedHeader("Access-Token", connection.password),
        connection=connection,
        budget=Budget(5, PACE),
        check=_check,
    )
    return TikTokAds(client, connection)


def _accounts(api: TikTokAds, window: Window) -> Iterator[Run]:
    yield Run(lambda start: iter(api.listed))


def _campaigns(api: TikTokAds, window: Window) -> Iterator[Run]:
    for number in api.advertiser_ids:
        query = {
            "advertiser_id": number,
            "fields": json.dumps(CAMPAIGN),
            "filtering": json.dumps(DELETED_CAMPAIGNS_TOO),
        }
        yield Run(partial(_asked, api, "campaign/get/", query), label=f"advertiser {number}")


def _reports(api: TikTokAds, window: Window) -> Iterator[Run]:
    for number in api.advertiser_ids:
        for first, last in window.begun(api.zones[number]).stretches(DAYS_AT_ONCE):
            query = {
                "advertiser_id": number,
                "service_type": "AUCTION",
                "report_type": "BASIC",
                "data_level": "AUCTION_CAMPAIGN",
                "dimensions": json.dumps(["campaign_id", "stat_time_day"]),
                "metrics": json.dumps(METRICS),
                "start_date": str(first),
                "end_date": str(last),
                "filtering": json.dumps(DELETED_SPEND_TOO),
            }
            run = Run(
                partial(_asked, api, "report/integrated/get/", query),
                label=f"advertiser {number} from {first} to {last}",
            )
            yield run.each(partial(_of_advertiser, number))


def _asked(api: TikTokAds, path: str, query: Mapping[str, Any], start: str) -> Iterator[Page]:
    return api.pages(path, query)


def _of_advertiser(number: str, page: Page) -> Page:
    """The rows with the advertiser that they belong to."""
    page.add(f'"advertiser_id":"{number}"', "advertiser_id")
    return page


ADVERTISER_IDS = "extra.advertiser_ids"

SOURCE = Source(
    name="tiktok_ads",
    title="TikTok Ads",
    owner="performance-marketing",
    schedule="35 4 * * *",
    provides=("ad_spend",),
    settings=(
        Setting("password", "access token"),
        Setting(ADVERTISER_IDS, "numbers of the advertisers to read, separated by commas"),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "ad_accounts",
            "The advertisers: currency and time zone",
            _accounts,
            "advertiser_id",
            required=("advertiser_id", "currency"),
        ),
        Stream(
            "campaigns",
            "All campaigns, also deleted ones",
            _campaigns,
            "campaign_id",
            parts=lambda api: api.advertiser_ids,
            required=("campaign_id", "advertiser_id", "objective_type"),
        ),
        Stream(
            "campaign_reports",
            "Spend, impressions, clicks and claimed conversions per campaign and day",
            _reports,
            key="advertiser_id|dimensions.campaign_id|dimensions.stat_time_day",
            cursor="dimensions.stat_time_day",
            report=Report(
                look_back_days=14,
                history_days=730,
                zone=lambda api: api.foremost,
                is_in_parts=True,
            ),
            parts=lambda api: api.advertiser_ids,
            required=("advertiser_id", "dimensions.campaign_id", "metrics.spend"),
            feed=Feed("TikTok Ads report", "report_date + interval 1 day"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "Ad Account Management (read)",
            ("ad_accounts",),
            "nothing is read: neither currency nor time zone is known",
            "a permission of the app, given when the token was made",
            is_told=False,
        ),
        Right(
            "Ads Management (read)",
            ("campaigns",),
            "no names and kinds of campaigns",
            "a permission of the app, given when the token was made",
            is_told=False,
        ),
        Right(
            "Reporting",
            ("campaign_reports",),
            "no spend and no claims",
            "a permission of the app, given when the token was made",
            is_told=False,
        ),
        Right(
            "the token given for each advertiser",
            ("ad_accounts", "campaigns", "campaign_reports"),
            "all that is asked of the advertiser is denied",
            is_told=False,
        ),
    ),
    versions=(Version(VERSION),),
)

"""Google Ads: campaigns, their spend by day, single clicks. How it is read stands in README.md.

A row is landed as the search answers it: int64 values are texts, and zero metrics may be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.core.auth import Token, refresh_grant
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import CursorExpired, Retry
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Run, follow
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page
from warehouse.landing.errors import SettingError

VERSION = "v26"
HOST = "https://googleads.googleapis.com"
TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, not a secret
CLICK_DAYS = 90
MASK = "fieldMask"

CUSTOMERS = """
    SELECT customer.id, customer.descriptive_name, customer.currency_code, customer.time_zone
    FROM customer"""
CAMPAIGNS = """
    SELECT campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type,
        campaign.start_date_time, campaign.end_date_time, campaign.final_url_suffix,
        campaign_budget.amount_micros
    FROM campaign
    ORDER BY campaign.id"""
PERFORMANCE = """
    SELECT campaign.id, segments.date, metrics.impressions, metrics.clicks, metrics.cost_micros,
        metrics.conversions, metrics.conversions_value
    FROM campaign
    WHERE segments.date BETWEEN '{first}' AND '{last}'
    ORDER BY segments.date, campaign.id"""
CLICKS = """
    SELECT click_view.gclid, click_view.location_of_presence.region, campaign.id, segments.date,
        segments.device, metrics.clicks
    FROM click_view
    WHERE segments.date = '{day}'"""


@dataclass
class GoogleAds(Api):
    """One customer account."""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The account's time zone, in which its days begin and end."""
        for page in self.search(CUSTOMERS):
            for item in page.items:
                name = item.get("customer", {}).get("timeZone", "")
                try:
                    return ZoneInfo(name)
                except (ZoneInfoNotFoundError, ValueError):
                    raise SettingError(f"the account's time zone {name!r} is unknown") from None
        raise SettingError("extra.customer_id: the account returned no customer row")

    def search(self, query: str) -> Iterator[Page]:
        customer = str(self.connection.get("extra.customer_id")).replace("-", "")
        path = f"/{VERSION}/customers/{customer}/googleAds:search"
        body: dict[str, Any] = {
            "query": " ".join(query.split()),
            "searchSettings": {"returnTotalResultsCount": True},
        }

        def ask(token: str | None) -> Page:
            sent = {**body, "pageToken": token} if token else body
            page = self.client.post(path, sent, rows=("results",), omits_empty=True)
            total = page.envelope.get("totalResultsCount")
            page.total = int(total) if total is not None else None
            return page

        return follow(ask, lambda page: page.envelope.get("nextPageToken"))


def _check(status: int, answer: Any) -> None:
    if status == 400 and "_PAGE_TOKEN" in str(answer):
        raise CursorExpired
    if status == 200 and not (isinstance(answer, dict) and answer.keys() & {"results", MASK}):
        # Without rows there is no `results`, but always what was asked for.
        raise Retry(f"an answer without results or {MASK}{describe(answer)}")


def _connect(connection: Connection) -> GoogleAds:
    extra = connection.extra
    tokens = Client("", connection=connection)
    url = str(extra.get("token_url") or TOKEN_URL)
    grant = refresh_grant(connection.login, connection.password, str(extra["refresh_token"]))
    auth = Token(lambda: token_request(tokens, url, data=grant))
    headers = {}
    if manager := str(extra.get("login_customer_id") or "").replace("-", ""):
        headers["login-customer-id"] = manager
    if developer := extra.get("developer_token"):
        headers["developer-token"] = str(developer)
    client = Client(
        connection.host or HOST,
        auth,
        connection=connection,
        headers=headers,
        budget=Budget(50, 50),
        check=_check,
    )
    return GoogleAds(client, connection)


def _whole(query: str) -> Any:
    def read(api: GoogleAds, window: Window) -> Iterator[Run]:
        yield Run(partial(_asked, api, query))

    return read


def _performance(api: GoogleAds, window: Window) -> Iterator[Run]:
    for first, last in window.stretches():
        query = PERFORMANCE.format(first=first, last=last)
        yield Run(partial(_asked, api, query), label=f"{first} to {last}")


def _clicks(api: GoogleAds, window: Window) -> Iterator[Run]:
    for day in window.days:
        query = CLICKS.format(day=day)
        yield Run(partial(_asked, api, query), label=str(day))


def _asked(api: GoogleAds, query: str, start: str) -> Iterator[Page]:
    return api.search(query)


def _granted(api: GoogleAds) -> set[str]:
    """The scopes of the token, of whoever gives out tokens."""
    token = api.client.auth.headers()["Authorization"].partition(" ")[2] if api.client.auth else ""
    url = str(api.connection.get("extra.token_url", TOKEN_URL)).rpartition("/")[0]
    tokens = Client("", connection=api.connection)
    answer = token_request(tokens, f"{url}/tokeninfo", data={"access_token": token})
    return set(str(answer.get("scope", "")).split())


SOURCE = Source(
    name="google_ads",
    title="Google Ads",
    owner="performance-marketing",
    schedule="15 4 * * *",
    provides=("ad_spend", "ad_clicks"),
    settings=(
        Setting("login", "OAuth client id"),
        Setting("password", "OAuth client secret"),
        Setting("extra.refresh_token", "OAuth refresh token"),
        Setting("extra.customer_id", "number of the account to read"),
        Setting("extra.login_customer_id", "manager account through which access goes", False),
        Setting(
            "extra.developer_token",
            "developer token; Google says it is needed no more, and some accounts still ask for it",
            False,
        ),
        Setting("extra.token_url", f"OAuth token endpoint, default {TOKEN_URL}", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "customers",
            "The account: currency and time zone",
            _whole(CUSTOMERS),
            "customer.id",
            required=("customer.id", "customer.currencyCode"),
        ),
        Stream(
            "campaigns",
            "All campaigns, also removed ones",
            _whole(CAMPAIGNS),
            "campaign.id",
            required=("campaign.id", "campaign.name", "campaign.status"),
        ),
        Stream(
            "campaign_performance",
            "Spend, impressions, clicks and claimed conversions per campaign and day",
            _performance,
            key="campaign.id|segments.date",
            cursor="segments.date",
            report=Report(look_back_days=30, history_days=1095, zone=lambda api: api.zone),
            required=("campaign.id", "segments.date"),
            usual=("metrics.costMicros",),
            feed=Feed("Google Ads report", "report_date + interval 1 day"),
        ),
        Stream(
            "click_views",
            "Single clicks with their click id",
            _clicks,
            key="clickView.gclid",
            cursor="segments.date",
            # The oldest day that is still served would drop out while it is read: stay above it.
            report=Report(look_back_days=3, history_days=CLICK_DAYS - 1, zone=lambda api: api.zone),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "https://www.googleapis.com/auth/adwords",
            ("customers", "campaigns", "campaign_performance", "click_views"),
            "nothing is read: one error says that the credentials were refused",
            "an OAuth scope",
        ),
        Right(
            "read-only access of that user to the account, or to a manager above it",
            ("customers", "campaigns", "campaign_performance", "click_views"),
            "nothing is read (HTTP 403)",
            is_told=False,
        ),
        Right(
            "the Google Ads API enabled in the Cloud project of the OAuth client",
            ("customers", "campaigns", "campaign_performance", "click_views"),
            "nothing is read (HTTP 403)",
            is_told=False,
        ),
    ),
    granted=_granted,
    versions=(Version(VERSION, date(2027, 11, 1)),),
)

"""Meta Ads: accounts, campaigns, and their spend by day. How they are read stands in README.md.

A row is landed as the Graph API answers it: all figures are texts, and actions come in arrays by
their kind, each with the counts of the attribution windows that were asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from functools import cached_property, partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.core import orders
from connectors.core.auth import FixedHeader
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import (
    AuthError,
    CapReached,
    CursorExpired,
    QueryTooCostly,
    Refused,
    Retry,
    TokenRefused,
    Unfinished,
    VendorError,
)
from connectors.core.http import LONGEST_WAIT, Client, denied, describe
from connectors.core.paging import Run, follow, promised
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.times import Foremost
from connectors.core.verbatim import Page, Path, split
from warehouse.landing.errors import SettingError

log = logging.getLogger(__name__)

VERSION = "v26.0"
HOST = "https://graph.facebook.com"
PAGE = 500
SMALLEST_PAGE = 20
DAYS_AT_ONCE = 30
HISTORY_DAYS = 1095  # a day older than 37 months is refused, whatever zone the account is in
BURST, PACE = 20.0, 5.0  # requests at once, and a second
SLOW = 0.2  # from so much of the limit on that it would be reached
NEARLY_USED = 75.0  # percent

ACCOUNT = ("account_id", "name", "currency", "timezone_name", "account_status")
CAMPAIGN = (
    "id",
    "account_id",
    "name",
    "objective",
    "status",
    "effective_status",
    "start_time",
    "stop_time",
    "daily_budget",
    "lifetime_budget",
    "updated_time",
)
INSIGHT = (
    "account_id",
    "account_currency",
    "campaign_id",
    "campaign_name",
    "date_start",
    "date_stop",
    "spend",
    "impressions",
    "clicks",
    "actions",
    "action_values",
)
# Without them, what is deleted or archived is left out, and its spend with it.
STATUSES = ("ACTIVE", "ARCHIVED", "DELETED", "IN_PROCESS", "PAUSED", "WITH_ISSUES")
WINDOWS = ("1d_view", "7d_click", "28d_click")

RATE_LIMITED = {4, 17, 32, 341, 613, *range(80000, 80015)}
TRANSIENT = {1, 2}
TOKEN = {102, 190}
DENIED = {3, 10, *range(200, 300)}
BAD_REQUEST = 100
TOO_MUCH = 1487534  # subcode
LESS = re.compile(r"reduce the amount of data|(request|fetch) less data|smaller date range", re.I)
UNKNOWN = 99  # subcode
UNKNOWN_ATTEMPTS = 3
ITSELF: Path = ("*",)  # the answer is the one row


@dataclass
class MetaAds(Api):
    """All accounts that the token may read, or those that the connection names."""

    proof: Mapping[str, str] = field(default_factory=dict)
    zones: dict[str, tzinfo] = field(default_factory=dict)
    unknown: int = 0  # errors without a reason, one after the other

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The accounts that the connection names."""
        numbers = self.connection.listed(ACCOUNT_IDS)
        return tuple(number.removeprefix("act_") for number in numbers)

    @cached_property
    def listed(self) -> list[Page]:
        """The accounts, in pages."""
        if self.named:
            return [self._account(number) for number in self.named]
        return list(self.pages("/me/adaccounts", {"fields": ",".join(ACCOUNT)}))

    @cached_property
    def account_ids(self) -> list[str]:
        found = [number for page in self.listed for number in self._taken(page)]
        if not found:
            raise SettingError(
                "the token is given no ad account: assign some to the system user in the business"
                f" settings, or name them in {ACCOUNT_IDS}"
            )
        return found

    @cached_property
    def foremost(self) -> Foremost:
        """The zone in which the newest day of any account begins first."""
        return Foremost(self.zones[number] for number in self.account_ids)

    def zone(self, number: str) -> tzinfo:
        """The zone in which an account's days begin; one that is listed no more is asked for."""
        if number not in self.zones and number not in self.account_ids:
            list(self._taken(self._account(number)))
        return self.zones[number]

    def readable(self, window: Window) -> Iterator[str]:
        """The accounts to ask for. One that is listed no more, and that nobody may read any more,
        costs the others nothing: what landed of it stays, and is told day by day."""
        for number in self.named or window.parts:
            try:
                self.zone(number)
            except (AuthError, Refused) as error:
                if number in self.account_ids:
                    raise
                log.warning("account %s is listed no more: %s", number, error)
            else:
                yield number

    def _account(self, number: str) -> Page:
        try:
            return self.get(f"/act_{number}", {"fields": ",".join(ACCOUNT)}, rows=ITSELF)
        except QueryTooCostly:
            raise VendorError(
                f"account {number}: the vendor keeps failing without saying why; run it again later"
            ) from None

    def _taken(self, page: Page) -> Iterator[str]:
        for item in page.items:
            if not isinstance(item, dict) or not isinstance(item.get("account_id"), str):
                continue  # set aside by the stream of accounts
            number, name = item["account_id"], item.get("timezone_name")
            try:
                self.zones[number] = ZoneInfo(str(name))
            except (ZoneInfoNotFoundError, ValueError):
                raise VendorError(f"account {number}: its time zone {name!r} is unknown") from None
            yield number

    def get(self, path: str, params: Mapping[str, Any], **how: Any) -> Page:
        return self.client.get(f"/{VERSION}{path}", {**params, **self.proof}, **how)

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[Page]:
        """The rows of a list. It is followed by its cursor: the link to the next page has the token
        in it, and may lead anywhere. A list that is too much at once is asked for in smaller pages.
        """
        size = PAGE

        def ask(after: str | None) -> Page:
            nonlocal size
            while True:
                sent = {**params, "limit": size, **({"after": after} if after else {})}
                try:
                    return self.get(path, sent, rows=("data",))
                except QueryTooCostly:
                    if path.endswith("/insights"):
                        raise  # of which the days are too many, however small the pages
                    if size <= SMALLEST_PAGE:
                        raise CapReached(
                            f"even {SMALLEST_PAGE} rows of {path} are more than the vendor answers"
                        ) from None
                    size //= 5

        return follow(ask, _after)

    def report(self, number: str, query: Mapping[str, Any]) -> Iterator[Page]:
        """What the vendor finds too much to answer at once: a report that it makes first. Raises
        QueryTooCostly where that fails, too, and Unfinished where it takes too long."""
        path = f"/{VERSION}/act_{number}/insights"
        made = self.client.call("POST", path, data={**query, **self.proof}).envelope
        run = str(made["report_run_id"])
        orders.made(self.client, partial(self._is_made, run), f"the report of account {number}")
        yield from self.pages(f"/{run}/insights", {})

    def _is_made(self, run: str) -> bool | None:
        """None while the vendor works on it."""
        told = self.get(f"/{run}", {"fields": "async_status,async_percent_completion"}).envelope
        status = told.get("async_status")
        if status in ("Job Failed", "Job Skipped"):
            raise QueryTooCostly
        return (status == "Job Completed" and told.get("async_percent_completion") == 100) or None

    def _is_too_much(self, error: Mapping[str, Any]) -> bool:
        """By number, by words, or by an unknown error that stays."""
        if error.get("error_subcode") != UNKNOWN:
            self.unknown = 0
            said = str(error.get("message", ""))
            return error.get("error_subcode") == TOO_MUCH or bool(LESS.search(said))
        self.unknown += 1
        return self.unknown % UNKNOWN_ATTEMPTS == 0

    def check(self, status: int, answer: Any) -> None:
        """The Graph API's errors; they come with HTTP 400, 403 or 500, and with 200, too."""
        self._keep_below_the_limit()
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            self.unknown = 0
            return
        code, message = error.get("code"), str(error.get("message", "")).lower()
        said = f"HTTP {status}{describe(answer)}"
        if self._is_too_much(error):
            raise QueryTooCostly
        if code == BAD_REQUEST and "cursor" in message:
            if "exceeds the max limit" in message:
                raise QueryTooCostly
            raise CursorExpired
        if code in RATE_LIMITED:
            minutes = _regain(self.client.answered)
            if minutes * 60 > LONGEST_WAIT:
                raise VendorError(f"the vendor asks to wait {minutes:.0f} min. {said}")
            raise Retry(said, minutes * 60 if minutes else None)
        if code in TOKEN:
            raise TokenRefused(said)
        if code in DENIED:
            raise denied(said)
        if code in TRANSIENT or error.get("is_transient") is True:
            raise Retry(said)

    def _keep_below_the_limit(self) -> None:
        """Slow down while much of the limit is used, and go on as before when it is not."""
        budget, used = self.client.budget, _used(self.client.answered)
        if budget is None or used is None:
            return
        capacity, pace = (1.0, SLOW) if used >= NEARLY_USED else (BURST, PACE)
        if budget.per_second != pace:
            budget.correct(0.0, capacity, pace)


def _after(page: Page) -> str | None:
    paging = page.envelope.get("paging") or {}
    return promised(paging.get("next"), (paging.get("cursors") or {}).get("after"))


def _usage(headers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What the answer tells of the limits: of the app, of the account, of the business."""
    for name in ("X-App-Usage", "X-Ad-Account-Usage", "X-Business-Use-Case-Usage"):
        try:
            told = json.loads(headers.get(name, "{}"))
        except ValueError:
            continue
        for value in [told, *(told.values() if isinstance(told, dict) else ())]:
            yield from (
                each
                for each in (value if isinstance(value, list) else [value])
                if isinstance(each, dict)
            )


def _used(headers: Mapping[str, str]) -> float | None:
    """Percent of the limit that is nearest; None where nothing is said."""
    names = ("call_count", "total_cputime", "total_time", "acc_id_util_pct")
    return max(
        (float(told[name]) for told in _usage(headers) for name in names if _is_number(told, name)),
        default=None,
    )


def _regain(headers: Mapping[str, str]) -> float:
    """Minutes until requests are answered again; 0 where nothing is said."""
    name = "estimated_time_to_regain_access"
    return max(
        (float(told[name]) for told in _usage(headers) if _is_number(told, name)), default=0.0
    )


def _is_number(told: Mapping[str, Any], name: str) -> bool:
    return isinstance(told.get(name), int | float)


def _read(body: bytes, rows: Path | None) -> Page:
    """An account that is asked for by its number is the answer itself: a page of one row."""
    if rows != ITSELF:
        return split(body, rows)
    page = split(b"[" + body + b"]", ())
    page.envelope = split(body, None).envelope
    return page


def _connect(connection: Connection) -> MetaAds:
    api: MetaAds
    client = Client(
        connection.host or HOST,
        FixedHeader("Authorization", f"Bearer {connection.password}"),
        connection=connection,
        budget=Budget(BURST, PACE),
        check=lambda status, answer: api.check(status, answer),
        read=_read,
    )
    secret = str(connection.get(APP_SECRET))
    proof = hmac.new(secret.encode(), connection.password.encode(), hashlib.sha256).hexdigest()
    api = MetaAds(client, connection, {"appsecret_proof": proof} if secret else {})
    return api


def _accounts(api: MetaAds, window: Window) -> Iterator[Run]:
    yield Run(lambda start: iter(api.listed))


def _campaigns(api: MetaAds, window: Window) -> Iterator[Run]:
    query = {"fields": ",".join(CAMPAIGN), "effective_status": json.dumps(STATUSES)}
    for number in api.readable(window):

        def ask(start: str, path: str = f"/act_{number}/campaigns") -> Iterator[Page]:
            return api.pages(path, query)

        yield Run(ask, label=f"account {number}")


def _insights(api: MetaAds, window: Window) -> Iterator[Run]:
    for number in api.readable(window):
        for first, last in window.begun(api.zone(number)).stretches(DAYS_AT_ONCE):
            label = f"account {number} from {first} to {last}"
            yield Run(partial(_days, api, number, first, last), label=label)


def _days(api: MetaAds, number: str, first: date, last: date, start: str) -> Iterator[Page]:
    """The days at once; or as a report; or, where that is too much as well, half of them each."""
    query = {
        "level": "campaign",
        "time_increment": 1,
        "time_range": json.dumps({"since": str(first), "until": str(last)}),
        "fields": ",".join(INSIGHT),
        "action_attribution_windows": json.dumps(WINDOWS),
        "filtering": json.dumps(
            [{"field": "campaign.effective_status", "operator": "IN", "value": STATUSES}]
        ),
    }
    for ask in (partial(api.pages, f"/act_{number}/insights"), partial(api.report, number)):
        try:
            for page in ask(query):
                page.is_last = False  # of these days perhaps, but not of the run
                yield page
            return
        except QueryTooCostly:
            continue
        except Unfinished:
            if first == last:
                raise
    if first == last:
        raise CapReached(
            f"account {number}: its campaigns of {first} are more than the vendor answers, at once"
            " and as a report"
        )
    middle = first + (last - first) // 2
    yield from _days(api, number, first, middle, start)
    yield from _days(api, number, middle + timedelta(days=1), last, start)


def _granted(api: MetaAds) -> set[str]:
    """Who may manage ads may read them, too."""
    told = api.get("/me/permissions", {}, rows=("data",)).items
    names = {each["permission"] for each in told if each.get("status") == "granted"}
    return names | ({"ads_read"} if "ads_management" in names else set())


ACCOUNT_IDS = "extra.account_ids"
APP_SECRET = "extra.app_secret"  # noqa: S105 - the name of a setting

SOURCE = Source(
    name="meta_ads",
    title="Meta Ads",
    owner="performance-marketing",
    schedule="25 4 * * *",
    provides=("ad_spend",),
    settings=(
        Setting("password", "access token of a system user, made so that it never expires"),
        Setting(
            ACCOUNT_IDS,
            "numbers of the ad accounts to read, separated by commas; default: all that the token"
            " may read",
            False,
        ),
        Setting(APP_SECRET, "secret of the app, where the app wants each call proved", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "ad_accounts",
            "The ad accounts: currency and time zone",
            _accounts,
            "account_id",
            required=("account_id", "currency", "timezone_name"),
        ),
        Stream(
            "campaigns",
            "All campaigns, also deleted and archived ones",
            _campaigns,
            "id",
            parts=lambda api: api.account_ids,
            required=("id", "account_id", "effective_status"),
        ),
        Stream(
            "campaign_insights",
            "Spend, impressions, clicks and claimed conversions per campaign and day",
            _insights,
            key="account_id|campaign_id|date_start",
            cursor="date_start",
            report=Report(
                look_back_days=28,
                history_days=HISTORY_DAYS,
                zone=lambda api: api.foremost,
                is_in_parts=True,
            ),
            parts=lambda api: api.account_ids,
            required=("account_id", "campaign_id", "date_start"),
            usual=("spend",),
            feed=Feed("Meta Ads report", "report_date + interval 1 day"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "ads_read",
            ("ad_accounts", "campaigns", "campaign_insights"),
            "nothing is read",
            "a permission of the token; ads_management includes it",
        ),
        Right(
            "each ad account assigned to the system user, at least to view its performance",
            ("ad_accounts", "campaigns", "campaign_insights"),
            "the account's campaigns and spend are missing",
            is_told=False,
        ),
    ),
    granted=_granted,
    versions=(Version(VERSION, None, "facebook-api-version"),),
)

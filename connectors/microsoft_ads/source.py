"""Microsoft Advertising over its REST interface. How it is read stands in README.md.

A report is a file: ordered, asked after until it is made, fetched from another host. Its lines
are landed as objects with the texts of its cells; a cell that says "nothing" is left out.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from connectors.core import orders, times
from connectors.core.archives import only_file
from connectors.core.auth import RotatingGrant, Token, refresh_grant
from connectors.core.budget import Budget
from connectors.core.days import Report
from connectors.core.errors import CursorExpired, Retry, TokenRefused, VendorError
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Run
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.verbatim import Page, extend
from connectors.microsoft_ads import zones
from warehouse.landing.errors import SettingError

VERSION = "v13"
HOSTS = {
    "CustomerManagement": "https://clientcenter.api.bingads.microsoft.com",
    "CampaignManagement": "https://campaign.api.bingads.microsoft.com",
    "Reporting": "https://reporting.api.bingads.microsoft.com",
}
TOKEN_URL = "https://login.microsoftonline.com/common/oauth2/v2.0/token"  # noqa: S105 - an address
SCOPE = "https://ads.microsoft.com/msads.manage"
# Only search campaigns are listed unless the others are asked for by name.
TYPES = (
    "Search", "Shopping", "DynamicSearchAds", "Audience", "Hotel", "PerformanceMax", "App",
    "ObjectiveBased",
)  # fmt: skip
COLUMNS = (
    "TimePeriod", "AccountId", "CampaignId", "CampaignName", "CampaignStatus", "CampaignType",
    "CurrencyCode", "Impressions", "Clicks", "Spend", "ConversionsQualified", "Revenue",
    "ViewThroughConversionsQualified",
)  # fmt: skip
KEY = ("CampaignId", "TimePeriod")
NOTHING = ("", "--")
DAYS = 31  # of one report: its file is held in memory
ORDERS = 3  # times a report is ordered that could not be made, or whose file is gone
CONFIRMED = 2  # times it must be said that there is nothing, before landed days are emptied
LARGEST = 200_000_000  # bytes of a file, unpacked
A_MINUTE = 60.0

TOKEN_ERRORS = {105, 109}  # InvalidCredentials, AuthenticationTokenExpired
BUSY_ERRORS = {117, 207}  # CallRateExceeded, ConcurrentRequestOverLimit


@dataclass
class MicrosoftAds(Api):
    """One account. ``files`` fetches what reports are made into; it holds no credentials."""

    files: Client
    sign_in: Callable[[], Mapping[str, Any]]
    empty: set[date] = field(default_factory=set)

    @property
    def account_id(self) -> str:
        return str(self.connection.get("extra.account_id")).strip()

    def call(self, service: str, path: str, body: Any, **how: Any) -> Page:
        host = (self.connection.host or HOSTS[service]).rstrip("/")
        return self.client.post(f"{host}/{service}/{VERSION}/{path}", body, **how)

    def accounts(self) -> Page:
        """The account, if the user may see it, with its time zone by the name of all others."""
        body = {
            "Predicates": [{"Field": "AccountId", "Operator": "Equals", "Value": self.account_id}],
            "PageInfo": {"Index": 0, "Size": 10},
        }
        page = self.call("CustomerManagement", "Accounts/Search", body, rows=("Accounts",))
        for number, item in enumerate(page.items):
            if isinstance(item, dict) and (zone := zones.IANA.get(str(item.get("TimeZone")))):
                page.raw[number] = extend(page.raw[number], f'"IanaTimeZone":"{zone}"')
        return page

    @cached_property
    def zone_name(self) -> str:
        """The account's time zone, in which its days begin and end, as Microsoft names it."""
        for item in self.accounts().items:
            if isinstance(item, dict):
                name = str(item.get("TimeZone") or "")
                if name in zones.IANA:
                    return name
                raise SettingError(f"the account's time zone {name!r} is unknown")
        raise SettingError(
            f"extra.account_id: the user sees no account {self.account_id}. It is the number in the"
            " address of Microsoft Advertising's pages (aid=…), not the one that begins with a"
            " letter"
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(zones.IANA[self.zone_name])

    def close(self) -> None:
        super().close()
        self.files.close()

    def answers(self, day: date) -> bool | None:
        """Without a file, the vendor says that there is nothing of all days asked for. A day that
        a file leaves out may have none, or be left out."""
        return True if day in self.empty else None


def _check(status: int, answer: Any) -> None:
    """Errors have numbers of their own, whatever the status is that they come with."""
    errors = [
        error
        for name in ("Errors", "OperationErrors", "BatchErrors")
        for error in (answer.get(name) if isinstance(answer, dict) else None) or []
        if isinstance(error, dict)
    ]
    numbers = {error.get("Code") for error in errors}
    if numbers & TOKEN_ERRORS:
        raise TokenRefused(f"HTTP {status}{describe(answer)}")
    if 0 in numbers:  # InternalError
        raise Retry(f"HTTP {status}{describe(answer)}")
    if numbers & BUSY_ERRORS:
        raise Retry(f"HTTP {status}{describe(answer)}", A_MINUTE)
    if errors and status < 400:
        raise Retry(f"HTTP {status} with an error inside{describe(answer)}")


def _gone(status: int, answer: Any) -> None:
    """The address of a file is good for five minutes."""
    if status in (403, 404, 410):
        raise CursorExpired


def _table(body: bytes, rows: Any) -> Page:
    """The lines of a report's file as rows, what stands above them as envelope."""
    text = only_file(body, LARGEST).decode("utf-8-sig", errors="backslashreplace")
    page, head, names = Page(made=[]), {}, None
    try:
        for line in csv.reader(StringIO(text, newline=""), strict=True):
            if names is not None:
                _add(page, names, line)
            elif {*COLUMNS} <= {*line}:
                names = line
            elif line and (said := re.match(r"([^:]+): ?(.*)", line[0])):
                head[said[1]] = said[2]
    except csv.Error:
        raise ValueError("not a table") from None
    if names is None or not head.get("Rows", "").isdigit():
        raise ValueError("not a report with its columns and number of rows")
    page.envelope, page.total = head, int(head["Rows"])
    return page


def _add(page: Page, names: list[str], line: list[str]) -> None:
    """The row of a line. One that has not as many cells as the head is set aside."""
    if not any(line) or (len(line) == 1 and "Microsoft Corporation" in line[0]):
        return
    whole = len(line) == len(names)
    cells = {
        name: cell for name, cell in zip(names, line, strict=False) if cell.strip() not in NOTHING
    }
    page.made = page.made or []
    page.made.append({name: cells.get(name) for name in KEY} if whole else None)
    page.raw.append(json.dumps(cells if whole else line, ensure_ascii=False))


def _connect(connection: Connection) -> MicrosoftAds:
    extra = connection.extra
    tokens = Client("", connection=connection)
    url = str(extra.get("token_url") or TOKEN_URL)

    def trade(refresh_token: str) -> dict[str, Any]:
        grant = refresh_grant(connection.login, connection.password, refresh_token)
        grant["scope"] = f"{SCOPE} offline_access"
        # An application without a secret must not send one.
        sent = {name: value for name, value in grant.items() if value}
        return token_request(tokens, url, data=sent)

    first = str(extra["refresh_token"])
    sign_in = RotatingGrant(trade, first, connection.kept, "the user", is_reusable=True)
    client = Client(
        connection.host,
        Token(sign_in),
        connection=connection,
        headers={
            "DeveloperToken": str(extra["developer_token"]),
            "CustomerId": str(extra["customer_id"]),
            "CustomerAccountId": str(extra["account_id"]),
        },
        budget=Budget(10, 5),
        check=_check,
    )
    files = Client(
        "",
        connection=connection,
        headers={"Accept": "*/*"},
        budget=Budget(10, 5),
        check=_gone,
        read=_table,
    )
    return MicrosoftAds(client, connection, files, sign_in)


def _accounts(api: MicrosoftAds, window: Window) -> Iterator[Run]:
    yield Run(lambda start: iter([api.accounts()]))


def _campaigns(api: MicrosoftAds, window: Window) -> Iterator[Run]:
    def pages(start: str) -> Iterator[Page]:
        body = {
            "AccountId": api.account_id,
            "CampaignType": ", ".join(TYPES),
            "ReturnAdditionalFields": "LifetimeBudgetFields",
        }
        page = api.call(
            "CampaignManagement", "Campaigns/QueryByAccountId", body, rows=("Campaigns",)
        )
        account = f'"AccountId":{json.dumps(api.account_id)}'
        for number, item in enumerate(page.items):
            if isinstance(item, dict):
                page.raw[number] = extend(page.raw[number], account)
        yield page

    yield Run(pages)


def _performance(api: MicrosoftAds, window: Window) -> Iterator[Run]:
    for first, last in window.stretches(DAYS):
        yield Run(partial(_report, api, first, last), label=f"{first} to {last}")


def _report(api: MicrosoftAds, first: date, last: date, start: str) -> Iterator[Page]:
    """Order a report, wait until it is made, and fetch its file."""
    what = f"the report of {first} to {last}"
    said, none = "", 0
    for _ in range(ORDERS):
        number = _ordered(api, first, last)
        told = orders.made(api.client, partial(_status, api, number), what)
        if told["Status"] != "Success":
            said = f"the vendor could not make it (status {told['Status']})"
            continue
        url = told.get("ReportDownloadUrl")
        if not url:
            said, none = "without a file, once", none + 1
            if none < CONFIRMED:
                continue
            api.empty.update(times.days(first, last))
            yield Page()
            return
        try:
            page = api.files.get(str(url))
        except CursorExpired:
            said = "its file is refused, or gone: is its host open to this machine?"
            continue
        yield page
        return
    raise VendorError(f"{what} was ordered {ORDERS} times, last: {said}. Run it again later")


def _ordered(api: MicrosoftAds, first: date, last: date) -> str:
    """The id of a report that is ordered."""
    report = {
        "Type": "CampaignPerformanceReportRequest",
        "ReportName": f"campaign_performance {first} {last}",
        "Format": "Csv",
        "FormatVersion": "2.0",
        "Aggregation": "Daily",
        # Days are read again until they are settled, so the newest may be incomplete.
        "ReturnOnlyCompleteData": False,
        # The head tells how many rows there are.
        "ExcludeReportHeader": False,
        "ExcludeColumnHeaders": False,
        "ExcludeReportFooter": True,
        "Scope": {"AccountIds": [api.account_id]},
        "Time": {
            "CustomDateRangeStart": _day(first),
            "CustomDateRangeEnd": _day(last),
            "ReportTimeZone": zones.in_reports(api.zone_name),
        },
        "Columns": list(COLUMNS),
    }
    answer = api.call("Reporting", "GenerateReport/Submit", {"ReportRequest": report}).envelope
    number = answer.get("ReportRequestId") if isinstance(answer, dict) else None
    if not number:
        raise VendorError("the vendor took the order of a report and gave it no id")
    return str(number)


def _status(api: MicrosoftAds, number: str) -> dict[str, Any] | None:
    """What is told of a report that is made, or cannot be; None while it is worked on."""
    answer = api.call("Reporting", "GenerateReport/Poll", {"ReportRequestId": number}).envelope
    told = answer.get("ReportRequestStatus") if isinstance(answer, dict) else None
    if not isinstance(told, dict) or told.get("Status") not in ("Success", "Pending", "Error"):
        raise VendorError("the vendor does not tell the status of a report")
    return None if told["Status"] == "Pending" else told


def _day(day: date) -> dict[str, int]:
    return {"Day": day.day, "Month": day.month, "Year": day.year}


def _granted(api: MicrosoftAds) -> set[str]:
    """The scopes of a token, of whoever gives it out."""
    return set(str(api.sign_in().get("scope", "")).split())


ALL = ("accounts", "campaigns", "campaign_performance")

SOURCE = Source(
    name="microsoft_ads",
    title="Microsoft Advertising",
    owner="performance-marketing",
    schedule="25 4 * * *",
    provides=("ad_spend",),
    settings=(
        Setting("host", "one host for all services, if not Microsoft's", False),
        Setting("login", "OAuth client id (application id)"),
        Setting("password", "OAuth client secret; an application without one has none", False),
        Setting("extra.refresh_token", "OAuth refresh token"),
        Setting("extra.developer_token", "developer token"),
        Setting("extra.customer_id", "number of the customer (cid)"),
        Setting("extra.account_id", "number of the account to read (aid)"),
        Setting("extra.token_url", f"OAuth token endpoint, default {TOKEN_URL}", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "accounts",
            "The account: currency and time zone",
            _accounts,
            "Id",
            required=("Id", "CurrencyCode", "TimeZone"),
        ),
        Stream(
            "campaigns",
            "All campaigns, but for deleted ones",
            _campaigns,
            "Id",
            required=("Id", "AccountId", "Name", "Status", "CampaignType"),
        ),
        Stream(
            "campaign_performance",
            "Spend, impressions, clicks and claimed conversions per campaign and day",
            _performance,
            key="|".join(KEY),
            cursor="TimePeriod",
            report=Report(
                look_back_days=30,
                # 36 months are kept. The oldest day drops out while it is read: stay above it.
                history_days=1094,
                zone=lambda api: api.zone,
                answers=MicrosoftAds.answers,
            ),
            required=("TimePeriod", "AccountId", "CampaignId"),
            usual=("Spend",),
            feed=Feed("Microsoft Advertising report", "report_date + interval 1 day"),
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            SCOPE,
            ALL,
            "nothing is read: one error says that the credentials were refused",
            "an OAuth scope",
        ),
        Right(
            "a developer token, and read access of that user (role Viewer) to the account",
            ALL,
            "nothing is read (errors 105 and 106)",
            is_told=False,
        ),
    ),
    granted=_granted,
    versions=(Version(VERSION),),
)

"""Microsoft Advertising v13 over REST: OAuth refresh token, accounts, campaigns, and the report of
campaign performance, which is ordered, asked after and fetched as a ZIP file.

The id of a report holds what was ordered, so that nothing need be kept. Days without any figure
have no row, and an order without rows no file. Deleted campaigns are not listed, and reports go on
telling of them.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import base64
import csv
import io
import json
import uuid
import zipfile
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply, reply_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "microsoft_ads"
# Made up, and good for nothing but this simulator.
CLIENT_ID = "6731de76-14a6-49ae-97bc-6eba6914391e"
CLIENT_SECRET = "demo-microsoft-ads-secret"  # noqa: S105
REFRESH_TOKEN = "demo-microsoft-ads-refresh"  # noqa: S105
DEVELOPER_TOKEN = "demo-microsoft-ads-developer"  # noqa: S105
CUSTOMER_ID = "21027149"
ACCOUNT_ID = "142008673"
SCOPE = "https://ads.microsoft.com/msads.manage"
TYPES = {"SEARCH": "Search", "SHOPPING": "Shopping", "DISPLAY": "Audience", "VIDEO": "Audience"}
STATUSES = {"ENABLED": "Active", "PAUSED": "Paused", "REMOVED": "Deleted"}
ZONES = {"Europe/Paris": "BrusselsCopenhagenMadridParis"}
MONTHS_KEPT = 36
HEADER = "(GMT+01:00) Brussels, Copenhagen, Madrid, Paris"


def _cases(column: str, names: dict[str, str]) -> str:
    whens = " ".join(f"WHEN {literal(one)} THEN {literal(other)}" for one, other in names.items())
    return f"CASE {column} {whens} ELSE 'Search' END"


# What a report can have in its columns: SQL over a day d, its campaign c and account a.
COLUMNS = {
    "TimePeriod": "strftime(d.date, '%Y-%m-%d')",
    "AccountId": "a.account_no",
    "AccountName": "a.account_name",
    "CampaignId": "c.campaign_no",
    "CampaignName": "c.name",
    "CampaignStatus": _cases("c.status", STATUSES),
    "CampaignType": _cases("c.channel_type", TYPES),
    "CurrencyCode": "a.currency_code",
    "Impressions": "d.impressions",
    "Clicks": "d.clicks",
    "Spend": "(d.cost_micros / 1000000)::DECIMAL(18, 2)",
    "Conversions": "floor(d.conversions - d.view_conversions)::BIGINT",
    "ConversionsQualified": "(d.conversions - d.view_conversions)::DECIMAL(18, 2)",
    "Revenue": "d.conversions_value::DECIMAL(18, 2)",
    "ViewThroughConversionsQualified": "nullif(d.view_conversions, 0)::DECIMAL(18, 2)",
}


def token(sim: Simulation, call: Call) -> Reply:
    form = call.form
    expected = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "grant_type": "refresh_token",
        "refresh_token": REFRESH_TOKEN,
        "scope": f"{SCOPE} offline_access",
    }
    for name, value in expected.items():
        if form.get(name) != value:
            is_client = name.startswith("client")
            return reply_json(
                {
                    "error": "invalid_client" if is_client else "invalid_grant",
                    "error_description": "AADSTS7000215: Invalid client secret provided."
                    if is_client
                    else "AADSTS70000: The provided value for the grant is invalid or expired.",
                    "error_codes": [7000215 if is_client else 70000],
                    "trace_id": str(uuid.uuid4()),
                },
                401 if is_client else 400,
            )
    return reply_json(
        {
            "token_type": "Bearer",
            "scope": " ".join(sim.granted([SCOPE])),
            "expires_in": 3599,
            "access_token": sim.tokens.issue(NAME, 3599, "EwBw"),
            # The one before stays good.
            "refresh_token": REFRESH_TOKEN,
        }
    )


def _authorise(sim: Simulation, call: Call) -> None:
    sim.tokens.check(NAME, call.bearer)
    if call.headers.get("developertoken") != DEVELOPER_TOKEN:
        raise Problem("unauthenticated", "The developer token is not valid.")
    sim.need(SCOPE)


def _of_account(number: Any) -> None:
    if str(number) != ACCOUNT_ID:
        raise Problem("forbidden", "User is not authorized to perform this action.")


def accounts(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    predicates = call.json.get("Predicates")
    if not isinstance(predicates, list) or len(predicates) != 1 or not call.json.get("PageInfo"):
        raise Problem("invalid_request", "Exactly one predicate and a page are needed.")
    wanted = (predicates[0].get("Field"), predicates[0].get("Operator"))
    if wanted != ("AccountId", "Equals"):
        raise Problem("invalid_request", "This server searches by AccountId Equals.")
    rows = sim.query(
        "SELECT account_no, account_name, currency_code, time_zone FROM ad_accounts"
        " WHERE platform = 'microsoft_ads' AND account_no::VARCHAR = $number",
        {"number": str(predicates[0].get("Value"))},
    )
    found = [
        {
            "BillToCustomerId": CUSTOMER_ID,
            "CurrencyCode": currency,
            "AccountFinancialStatus": "ClearFinancialStatus",
            "Id": str(number),
            "Language": "English",
            "Name": name,
            "Number": "F120049K",
            "ParentCustomerId": CUSTOMER_ID,
            "AccountLifeCycleStatus": "Active",
            "TimeZone": ZONES[zone],
        }
        for number, name, currency, zone in rows
    ]
    return reply_json({"Accounts": _with_new_field(found, call)})


def campaigns(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    _of_account(call.json.get("AccountId"))
    # Without types only search campaigns are listed.
    kinds = [kind.strip() for kind in str(call.json.get("CampaignType") or "Search").split(",")]
    rows = sim.query(
        f"""
        SELECT
            c.campaign_no, c.name, {COLUMNS["CampaignStatus"]}, {COLUMNS["CampaignType"]} AS kind,
            c.daily_budget_micros, c.start_date, c.end_date, c.utm_campaign
        FROM {sim.view.table("campaigns")} AS c
        WHERE c.platform = 'microsoft_ads' AND c.status <> 'REMOVED' AND list_contains($kinds, kind)
        ORDER BY c.campaign_no
        """,
        {"kinds": kinds},
    )
    found = [
        {
            "Id": str(number),
            "Name": name,
            "Status": status,
            "CampaignType": kind,
            "SubType": None,
            "BudgetType": "DailyBudgetStandard",
            "DailyBudget": micros / 1_000_000,
            "BudgetId": None,
            "TimeZone": ZONES["Europe/Paris"],
            "FinalUrlSuffix": f"utm_campaign={utm}",
            "StartDate": f"{start}T00:00:00",
            "EndDate": f"{end}T00:00:00" if end else None,
        }
        for number, name, status, kind, micros, start, end, utm in rows
    ]
    return reply_json({"Campaigns": _with_new_field(found, call)})


def _with_new_field(rows: list[dict[str, Any]], call: Call) -> list[dict[str, Any]]:
    return [{"IsPreview": True, **row} for row in rows] if call.whims.new_field else rows


def submit(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    report = call.json.get("ReportRequest") or {}
    if report.get("Type") != "CampaignPerformanceReportRequest":
        raise Problem("invalid_request", "This server reports campaign performance.")
    for number in (report.get("Scope") or {}).get("AccountIds") or [None]:
        _of_account(number)
    columns = report.get("Columns") or []
    if unknown := [name for name in columns if name not in COLUMNS] or not columns:
        raise Problem("invalid_request", f"Columns that are not known: {unknown}.", code="2028")
    if report.get("Aggregation") != "Daily" or report.get("Format") != "Csv":
        raise Problem("invalid_request", "This server reports by the day, as Csv.")
    time = report.get("Time") or {}
    first, last = _day(time.get("CustomDateRangeStart")), _day(time.get("CustomDateRangeEnd"))
    if last > sim.view.today or first > last:
        raise Problem("invalid_request", "The date range is not valid.", code="2016")
    if first < sim.view.today - timedelta(days=MONTHS_KEPT * 365 // 12):
        raise Problem("invalid_request", f"{MONTHS_KEPT} months are kept.", code="2014")
    ordered = json.dumps([str(first), str(last), columns], separators=(",", ":"))
    number = base64.urlsafe_b64encode(ordered.encode()).decode().rstrip("=")
    return reply_json({"ReportRequestId": number})


def _day(value: Any) -> date:
    try:
        return date(value["Year"], value["Month"], value["Day"])
    except (TypeError, KeyError, ValueError) as error:
        raise Problem("invalid_request", f"{value!r} is not a date.", code="113") from error


def _ordered(number: str) -> tuple[date, date, list[str]]:
    try:
        text = base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))
        first, last, columns = json.loads(text)
        return date.fromisoformat(first), date.fromisoformat(last), columns
    except (ValueError, TypeError) as error:
        raise Problem("not_found", "The report request id is not valid.", code="2100") from error


def poll(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    number = str(call.json.get("ReportRequestId") or "")
    status: dict[str, Any] = {"Status": "Success", "ReportDownloadUrl": None}
    if call.whims.duplicate_row:  # there is no row to repeat: the vendor still works
        status["Status"] = "Pending"
    elif _rows(sim, number):
        host = call.headers.get("host", "")
        prefix = call.path.partition("/Reporting/")[0]
        status["ReportDownloadUrl"] = f"http://{host}{prefix}/files/{number}.zip?sig=demo"
    return reply_json({"ReportRequestStatus": status})


def _rows(sim: Simulation, number: str) -> list[tuple[Any, ...]]:
    first, last, columns = _ordered(number)
    return sim.query(
        f"""
        SELECT {", ".join(COLUMNS[name] for name in columns)}
        FROM {sim.view.table("ad_daily")} AS d
        JOIN {sim.view.table("campaigns")} AS c USING (campaign_no)
        JOIN ad_accounts AS a ON a.platform = c.platform
        WHERE
            c.platform = 'microsoft_ads'
            AND d.date BETWEEN {literal(first)} AND {literal(last)}
            AND (d.impressions, d.clicks, d.cost_micros, d.conversions) <> (0, 0, 0, 0)
        ORDER BY d.date, c.campaign_no
        """
    )


def file(sim: Simulation, call: Call) -> Reply:
    """The report's file, for whoever has its address."""
    number = call.path_params["number"]
    first, last, columns = _ordered(number)
    rows = _rows(sim, number)
    new = ("MetricPreview",) if call.whims.new_field else ()
    written = io.StringIO()
    table = csv.writer(written, quoting=csv.QUOTE_ALL)
    span = [f"{day.month}/{day.day}/{day.year}" for day in (first, last)]
    for line in (
        "Report Name: campaign performance",
        f"Report Time: {','.join(span)}",
        f"Time Zone: {HEADER}",
        f"Last Completed Available Day: {sim.view.now:%m/%d/%Y %I:%M:%S %p} (GMT)",
        f"Last Completed Available Hour: {sim.view.now:%m/%d/%Y %I:%M:%S %p} (GMT)",
        "Report Aggregation: Daily",
        "Report Filter: ",
        "Potential Incomplete Data: true",
        f"Rows: {len(rows)}",
    ):
        table.writerow([line])
    written.write("\r\n")
    table.writerow([*columns, *new])
    for row in rows:
        table.writerow(["--" if cell is None else cell for cell in row] + ["1" for _ in new])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{number[:20]}.csv", written.getvalue().encode("utf-8-sig"))
    return Reply(packed.getvalue())


ERRORS = {
    "unauthenticated": (401, 105, "InvalidCredentials"),
    "token_expired": (401, 109, "AuthenticationTokenExpired"),
    "forbidden": (403, 106, "UserIsNotAuthorized"),
    "rate_limited": (429, 117, "CallRateExceeded"),
    "server_error": (500, 0, "InternalError"),
    "invalid_request": (400, 2001, "InvalidReportRequest"),
    "not_found": (400, 2100, "InvalidReportId"),
}


def refuse(problem: Problem) -> Reply:
    status, number, name = ERRORS[problem.kind]
    if problem.kind == "server_error":
        status = problem.status
    error = {
        "Code": int(problem.code or number),
        "ErrorCode": name,
        "Message": problem.message,
        "Detail": None,
    }
    fault = {"TrackingId": str(uuid.uuid4()), "Errors": [error], "Type": "AdApiFaultDetail"}
    headers = {}
    if problem.kind == "rate_limited":
        headers["Retry-After"] = str(problem.retry_after or 0)
    return reply_json(fault, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {
        "login": CLIENT_ID,
        "password": CLIENT_SECRET,
        "extra": {
            "refresh_token": REFRESH_TOKEN,
            "developer_token": DEVELOPER_TOKEN,
            "customer_id": CUSTOMER_ID,
            "account_id": ACCOUNT_ID,
            "token_url": f"{host}/token",
        },
    }


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/token", token),
        ("POST", "/CustomerManagement/v13/Accounts/Search", accounts),
        ("POST", "/CampaignManagement/v13/Campaigns/QueryByAccountId", campaigns),
        ("POST", "/Reporting/v13/GenerateReport/Submit", submit),
        ("POST", "/Reporting/v13/GenerateReport/Poll", poll),
        ("GET", "/files/{number}.zip", file),
    ),
    refuse,
    credentials,
    is_asked_by_day=True,
)

"""TikTok Ads over the API for Business v1.3: advertisers, campaigns, their report by the day.

Everything is answered with HTTP 200; what it means is `code`. Pages go by their number. As in the
real API only the fields and metrics that were asked for come back, metrics are texts, a dash stands
for none, and what is deleted is left out unless it is asked for. Spend is told to the hundredth.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from demo.vendors.core.listing import Stream, cut_page, digest, with_new_field
from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_limit, reply_json, rows_json

if TYPE_CHECKING:
    from demo.vendors.core.faults import View
    from demo.vendors.core.state import Simulation

NAME = "tiktok_ads"
BASE = "/open_api/v1.3"
TOKEN = "demo-tiktok-access-token"  # noqa: S105 - made up, and good for nothing but this simulator
PAGE, LARGEST_PAGE = 10, 1_000
MOST_DAYS = 30

ACCOUNT = f"(SELECT * FROM ad_accounts WHERE platform = '{NAME}')"
ADVERTISER_FIELDS = {
    "advertiser_id": "account_no::VARCHAR",
    "name": "account_name",
    "currency": "currency_code",
    "timezone": "time_zone",
    "display_timezone": "time_zone",
    "status": "'STATUS_ENABLE'",
    "role": "'ROLE_ADVERTISER'",
}
IS_GONE = "c.status = 'REMOVED'"
STATUS = (
    f"CASE WHEN {IS_GONE} THEN 'CAMPAIGN_STATUS_DELETE' WHEN c.status = 'ENABLED'"
    " THEN 'CAMPAIGN_STATUS_ENABLE' ELSE 'CAMPAIGN_STATUS_DISABLE' END"
)
CREATED = "strftime(c.start_date, '%Y-%m-%d 06:30:00')"  # UTC
CAMPAIGN_FIELDS = {
    "campaign_id": "c.campaign_no::VARCHAR",
    "advertiser_id": "c.account_no::VARCHAR",
    "campaign_name": "c.name",
    "campaign_type": "'REGULAR_CAMPAIGN'",
    "objective_type": "if(c.name LIKE 'Video%', 'VIDEO_VIEWS', 'WEB_CONVERSIONS')",
    "operation_status": "CASE WHEN c.status = 'ENABLED' THEN 'ENABLE' ELSE 'DISABLE' END",
    "secondary_status": STATUS,
    "budget": "c.daily_budget_micros / 1000000",
    "budget_mode": "'BUDGET_MODE_DAY'",
    "create_time": CREATED,
    "modify_time": CREATED,
}


def _text(number: str) -> str:
    return f"({number})::DECIMAL(18, 2)::VARCHAR"


def _count(number: str) -> str:
    return f"regexp_replace({_text(number)}, '[.]00$', '')"


VIEW_VALUE = "d.conversions_value * d.view_conversions / nullif(d.conversions, 0)"
METRICS = {
    "campaign_name": "c.name",
    "spend": _text("d.cost_micros / 1000000"),
    "impressions": "d.impressions::VARCHAR",
    "clicks": "d.clicks::VARCHAR",
    "conversion": _count("d.conversions"),
    "complete_payment": _count("d.conversions"),
    "total_complete_payment_rate": _text("d.conversions_value"),
    "vta_complete_payment": _count("d.view_conversions"),
    "vta_complete_payment_value": f"coalesce({_text(VIEW_VALUE)}, '-')",
}
DIMENSIONS = {
    "campaign_id": "c.campaign_no::VARCHAR",
    "stat_time_day": "strftime(d.date, '%Y-%m-%d 00:00:00')",
}


def _object(fields: dict[str, str], names: tuple[str, ...]) -> str:
    return "{" + ", ".join(f"'{name}': {fields[name]}" for name in names) + "}"


def _campaigns(view: View) -> str:
    return f"(SELECT * FROM {view.table('campaigns')} WHERE platform = '{NAME}') AS c"


def _days(view: View) -> str:
    """Without delivery there is no row."""
    return (
        f"(SELECT * FROM {view.table('ad_daily')} WHERE impressions > 0 OR conversions > 0) AS d"
        f" JOIN {_campaigns(view)} USING (campaign_no)"
    )


CAMPAIGN_KEY = "c.campaign_no::VARCHAR"
DAY_KEY = f"strftime(d.date, '%Y-%m-%d') || '~' || {CAMPAIGN_KEY}"


def _kept(with_deleted: bool) -> str:
    return "true" if with_deleted else f"NOT {IS_GONE}"


def _campaign_index(view: View, fields: tuple[str, ...], with_deleted: bool) -> str:
    return (
        f"SELECT {CAMPAIGN_KEY} AS key FROM {_campaigns(view)} WHERE {_kept(with_deleted)}"
        " ORDER BY c.campaign_no DESC"
    )


def _campaign_rows(view: View, fields: tuple[str, ...], with_deleted: bool) -> str:
    return (
        f"SELECT {CAMPAIGN_KEY} AS key, to_json({_object(CAMPAIGN_FIELDS, fields)})::VARCHAR"
        f" FROM {_campaigns(view)} WHERE key IN (SELECT unnest($keys))"
    )


def _report_index(
    view: View, metrics: tuple[str, ...], with_deleted: bool, first: date, last: date
) -> str:
    return (
        f"SELECT {DAY_KEY} AS key FROM {_days(view)} WHERE {_kept(with_deleted)}"
        f" AND d.date BETWEEN {literal(first)} AND {literal(last)}"
        " ORDER BY d.date DESC, c.campaign_no"
    )


def _report_rows(
    view: View, metrics: tuple[str, ...], with_deleted: bool, first: date, last: date
) -> str:
    dimensions, told = _object(DIMENSIONS, tuple(DIMENSIONS)), _object(METRICS, metrics)
    row = f"{{'dimensions': {dimensions}, 'metrics': {told}}}"
    return (
        f"SELECT {DAY_KEY} AS key, to_json({row})::VARCHAR FROM {_days(view)}"
        " WHERE key IN (SELECT unnest($keys))"
    )


CAMPAIGNS = Stream("tiktok_ads.campaigns", _campaign_index, _campaign_rows)
REPORT = Stream("tiktok_ads.report", _report_index, _report_rows)


def _bad(message: str) -> Problem:
    return Problem("invalid_request", message)


def _signed(sim: Simulation, call: Call) -> None:
    if call.headers.get("access-token") != TOKEN:
        raise Problem("unauthenticated", "Access token is incorrect or has been revoked.")


def _parsed(call: Call, name: str, kind: type) -> Any:
    """A parameter that is JSON; empty where it is not there."""
    try:
        found = json.loads(call.query.get(name) or kind().__repr__())
    except ValueError:
        raise _bad(f"{name}: not valid JSON") from None
    if not isinstance(found, kind):
        raise _bad(f"{name}: must be {kind.__name__}")
    return found


def _names(asked: list[str], known: dict[str, str], what: str) -> tuple[str, ...]:
    for name in asked:
        if name not in known:
            raise _bad(f"{what}: invalid value {name!r}")
    return tuple(dict.fromkeys(asked)) or tuple(known)


def _mine(sim: Simulation, number: str | None) -> None:
    ((mine,),) = sim.query(f"SELECT account_no::VARCHAR FROM {ACCOUNT}")
    if number != mine:
        raise Problem("forbidden", f"No permission to operate advertiser {number}.")


def _done(data: str) -> Reply:
    return Reply(f'{{"code":0,"message":"OK","request_id":"202603","data":{data}}}')


def _answer(sim: Simulation, call: Call, stream: Stream, filters: dict[str, Any]) -> Reply:
    size = parse_limit(call.query.get("page_size"), "page_size", PAGE, LARGEST_PAGE)
    number = parse_limit(call.query.get("page"), "page", 1, 1_000_000)
    listing = sim.listing(stream, filters)
    # Who goes by page numbers would lose the row that slipped back.
    page = cut_page(listing, (number - 1) * size, size, replace(call.whims, duplicate_row=False))
    rows = with_new_field(page.rows, call.whims, "ad_preview")
    told = {
        "page": number,
        "page_size": size,
        "total_number": page.total,
        "total_page": -(-page.total // size),
    }
    return _done(f'{{"list":{rows_json(rows)},"page_info":{json.dumps(told)}}}')


def advertisers(sim: Simulation, call: Call) -> Reply:
    _signed(sim, call)
    for number in _parsed(call, "advertiser_ids", list):
        _mine(sim, number)
    names = _names(_parsed(call, "fields", list), ADVERTISER_FIELDS, "fields")
    rows = sim.query(f"SELECT to_json({_object(ADVERTISER_FIELDS, names)})::VARCHAR FROM {ACCOUNT}")
    found = with_new_field([row for (row,) in rows], call.whims, "ad_preview")
    return _done(f'{{"list":{rows_json(found)}}}')


def campaigns(sim: Simulation, call: Call) -> Reply:
    _signed(sim, call)
    _mine(sim, call.query.get("advertiser_id"))
    names = _names(_parsed(call, "fields", list), CAMPAIGN_FIELDS, "fields")
    status = _parsed(call, "filtering", dict).get("secondary_status")
    filters = {"fields": names, "with_deleted": status == "CAMPAIGN_STATUS_ALL"}
    return _answer(sim, call, CAMPAIGNS, filters)


def report(sim: Simulation, call: Call) -> Reply:
    _signed(sim, call)
    _mine(sim, call.query.get("advertiser_id"))
    wanted = {"report_type": "BASIC", "data_level": "AUCTION_CAMPAIGN"}
    for name, only in wanted.items():
        if call.query.get(name) != only:
            raise _bad(f"{name}: this server answers {only} alone")
    if set(_parsed(call, "dimensions", list)) != set(DIMENSIONS):
        raise _bad(f"dimensions: this server answers {', '.join(DIMENSIONS)} alone")
    try:
        first, last = (date.fromisoformat(call.query[f"{edge}_date"]) for edge in ("start", "end"))
    except (KeyError, ValueError):
        raise _bad("start_date, end_date: must be YYYY-MM-DD") from None
    if (last - first).days >= MOST_DAYS:
        raise _bad("The time span between start_date and end_date must not exceed 30 days.")
    statuses = [
        each
        for each in _parsed(call, "filtering", list)
        if each.get("field_name") == "campaign_status"
    ]
    filters = {
        "metrics": _names(_parsed(call, "metrics", list), METRICS, "metrics"),
        "with_deleted": any("STATUS_ALL" in each["filter_value"] for each in statuses),
        "first": first,
        "last": last,
    }
    return _answer(sim, call, REPORT, filters)


CODES = {
    "unauthenticated": 40105,
    "token_expired": 40105,
    "forbidden": 40001,
    "rate_limited": 40100,
    "server_error": 50000,
    "invalid_request": 40002,
    "invalid_cursor": 40002,
    "cursor_expired": 40002,
    "not_found": 40002,
}


def refuse(problem: Problem) -> Reply:
    return reply_json(
        {
            "code": CODES[problem.kind],
            "message": problem.message,
            "request_id": digest(problem.message),
            "data": {},
        }
    )


def credentials(host: str) -> dict[str, Any]:
    return {"password": TOKEN, "extra": {"advertiser_ids": "7180402216033"}}


VENDOR = Vendor(
    NAME,
    (
        ("GET", f"{BASE}/advertiser/info/", advertisers),
        ("GET", f"{BASE}/campaign/get/", campaigns),
        ("GET", f"{BASE}/report/integrated/get/", report),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    is_asked_by_day=True,
)

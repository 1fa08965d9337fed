"""Meta Ads over the Graph API v26.0: ad accounts, campaigns, insights, reports that are made first.

Understood of insights: level=campaign, time_increment=1, time_range, fields, limit, after, and a
filter on campaign.effective_status. As in the real API only the fields that were asked for come
back, figures are texts, and what is deleted or archived is left out unless it is asked for. Spend
is told to the hundredth. A purchase is told under three names, of which one holds the others.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from demo.vendors.core.listing import Stream, with_new_field
from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_limit, reply_json, rows_json

if TYPE_CHECKING:
    from demo.vendors.core.faults import View
    from demo.vendors.core.state import Simulation

NAME = "meta_ads"
VERSION = "v26.0"
TOKEN = "EAAdemo-meta-system-user"  # noqa: S105 - made up, and good for nothing but this simulator
RIGHT = "ads_read"
PAGE, LARGEST_PAGE = 25, 5_000
MOST_DAYS = 93  # of the days of all campaigns that are answered at once
RUN = "99"  # before what a report was asked for, in the number of its run
VERSION_HEADER = {"facebook-api-version": VERSION}

ACCOUNT_FIELDS = {
    "id": "'act_' || account_no",
    "account_id": "account_no::VARCHAR",
    "name": "account_name",
    "currency": "currency_code",
    "timezone_name": "time_zone",
    "account_status": "1",
}
MIDNIGHT = "timezone(a.time_zone, {}::TIMESTAMP)"
OFFSET = "date_diff('minute', timezone('UTC', {0}), {1}::TIMESTAMP)"
GONE = ("ARCHIVED", "DELETED")
STATUS = (
    "CASE c.status WHEN 'ENABLED' THEN 'ACTIVE' WHEN 'REMOVED' THEN 'DELETED' ELSE c.status END"
)


def _day(day: str) -> str:
    """Midnight before a day by the account's clock: 2026-02-01T00:00:00-0800."""
    offset = OFFSET.format(MIDNIGHT.format(day), day)
    return (
        f"strftime({day}, '%Y-%m-%dT00:00:00')"
        f" || printf('%+03d%02d', {offset} // 60, abs({offset}) % 60)"
    )


CAMPAIGN_FIELDS = {
    "id": "c.campaign_no::VARCHAR",
    "account_id": "c.account_no::VARCHAR",
    "name": "c.name",
    "objective": "CASE WHEN c.name LIKE 'Video%' THEN 'OUTCOME_AWARENESS' ELSE 'OUTCOME_SALES' END",
    "status": STATUS,
    "effective_status": STATUS,
    "start_time": _day("c.start_date"),
    "stop_time": _day("(c.end_date + 1)"),
    # In hundredths, or in whole units of currencies that have none.
    "daily_budget": "(c.daily_budget_micros // 10000)::VARCHAR",
    "lifetime_budget": "NULL::VARCHAR",
    "updated_time": _day("c.start_date"),
}


def _purchases(all_of_them: str, after_views: str) -> str:
    """One kind of action: all, after a click, and after a view alone."""

    def text(number: str) -> str:
        return f"regexp_replace(({number})::DECIMAL(18, 2)::VARCHAR, '[.]00$', '')"

    after_clicks = text(f"{all_of_them} - {after_views}")
    return (
        f"{{'value': {text(all_of_them)}, '1d_view': {text(after_views)},"
        f" '7d_click': {after_clicks}, '28d_click': {after_clicks}}}"
    )


def _actions(figures: str, of_others: str = "[]") -> str:
    """The purchases under each of their names, and other actions; nothing where there are none."""
    names = "['omni_purchase', 'purchase', 'offsite_conversion.fb_pixel_purchase']"
    each = f"struct_insert({figures}, action_type := told_as)::JSON"
    named = f"list_transform({names}, lambda told_as: {each})"
    return f"CASE WHEN d.conversions > 0 THEN {named} ELSE [] END || {of_others}"


LINK_CLICKS = (
    "CASE WHEN d.clicks > 0 THEN [{'action_type': 'link_click', 'value': d.clicks::VARCHAR,"
    " '7d_click': d.clicks::VARCHAR, '28d_click': d.clicks::VARCHAR}::JSON] ELSE [] END"
)
VIEW_VALUE = "coalesce(d.conversions_value * d.view_conversions / nullif(d.conversions, 0), 0)"
COUNTS = _purchases("d.conversions", "d.view_conversions")
VALUES = _purchases("d.conversions_value", VIEW_VALUE)
INSIGHT_FIELDS = {
    "account_id": "c.account_no::VARCHAR",
    "account_name": "a.account_name",
    "account_currency": "a.currency_code",
    "campaign_id": "c.campaign_no::VARCHAR",
    "campaign_name": "c.name",
    "date_start": "strftime(d.date, '%Y-%m-%d')",
    "date_stop": "strftime(d.date, '%Y-%m-%d')",
    "spend": "round(d.cost_micros / 1000000, 2)::DECIMAL(18, 2)::VARCHAR",
    "impressions": "d.impressions::VARCHAR",
    "clicks": "d.clicks::VARCHAR",
    "actions": f"nullif({_actions(COUNTS, LINK_CLICKS)}, [])",
    "action_values": f"nullif({_actions(VALUES)}, [])",
}
ALWAYS = ("date_start", "date_stop")


def _object(fields: dict[str, str], names: tuple[str, ...]) -> str:
    members = ", ".join(f"'{name}': {fields[name]}" for name in names)
    return f"json_merge_patch('{{}}', to_json({{{members}}}))::VARCHAR"


def _campaigns(view: View) -> str:
    return (
        f"(SELECT * FROM {view.table('campaigns')} WHERE platform = '{NAME}') AS c"
        " JOIN ad_accounts AS a ON a.platform = c.platform"
    )


def _days(view: View) -> str:
    """Without delivery there is no row."""
    return (
        f"(SELECT * FROM {view.table('ad_daily')} WHERE impressions > 0 OR conversions > 0) AS d"
        f" JOIN {_campaigns(view)} USING (campaign_no)"
    )


CAMPAIGN_KEY = "c.campaign_no::VARCHAR"
DAY_KEY = f"strftime(d.date, '%Y-%m-%d') || '~' || {CAMPAIGN_KEY}"


def _campaign_index(view: View, fields: tuple[str, ...], statuses: tuple[str, ...]) -> str:
    listed = ", ".join(map(literal, statuses))
    return (
        f"SELECT {CAMPAIGN_KEY} AS key FROM {_campaigns(view)} WHERE {STATUS} IN ({listed})"
        " ORDER BY c.campaign_no DESC"
    )


def _campaign_rows(view: View, fields: tuple[str, ...], statuses: tuple[str, ...]) -> str:
    return (
        f"SELECT {CAMPAIGN_KEY} AS key, {_object(CAMPAIGN_FIELDS, fields)} FROM {_campaigns(view)}"
        " WHERE key IN (SELECT unnest($keys))"
    )


def _insight_index(
    view: View, fields: tuple[str, ...], statuses: tuple[str, ...], first: date, last: date
) -> str:
    listed = ", ".join(map(literal, statuses))
    return (
        f"SELECT {DAY_KEY} AS key FROM {_days(view)} WHERE {STATUS} IN ({listed})"
        f" AND d.date BETWEEN {literal(first)} AND {literal(last)} ORDER BY d.date, c.campaign_no"
    )


def _insight_rows(
    view: View, fields: tuple[str, ...], statuses: tuple[str, ...], first: date, last: date
) -> str:
    return (
        f"SELECT {DAY_KEY} AS key, {_object(INSIGHT_FIELDS, fields)} FROM {_days(view)}"
        " WHERE key IN (SELECT unnest($keys))"
    )


CAMPAIGNS = Stream("meta_ads.campaigns", _campaign_index, _campaign_rows)
INSIGHTS = Stream("meta_ads.insights", _insight_index, _insight_rows)


def _bad(message: str, subcode: int | None = None) -> Problem:
    return Problem("invalid_request", f"(#100) {message}", code=str(subcode) if subcode else None)


def _signed(sim: Simulation, call: Call) -> None:
    if (call.bearer or call.query.get("access_token") or call.form.get("access_token")) != TOKEN:
        raise Problem("unauthenticated", "Invalid OAuth access token - Cannot parse access token")


def _may_read(sim: Simulation, call: Call) -> None:
    _signed(sim, call)
    if sim.withheld & {RIGHT}:
        raise Problem(
            "forbidden",
            "(#200) Ad account owner has NOT granted ads_management or ads_read permission",
        )


def _fields(asked: str, known: dict[str, str], default: tuple[str, ...]) -> tuple[str, ...]:
    listed = _list(asked, "fields") if asked.startswith("[") else asked.split(",")
    names = tuple(name.strip() for name in listed if name.strip()) or default
    for name in names:
        if name not in known:
            raise _bad(f"Tried accessing nonexisting field ({name})")
    return tuple(dict.fromkeys(names))


def _parameter(call: Call, name: str, default: Any = None) -> Any:
    text = call.query.get(name) or (call.form.get(name) if call.method == "POST" else None)
    return default if text is None else text


def _list(text: str | None, name: str) -> list[Any]:
    try:
        found = json.loads(text or "[]")
    except ValueError:
        raise _bad(f"param {name} must be an array.") from None
    if not isinstance(found, list):
        raise _bad(f"param {name} must be an array.")
    return found


def _account(sim: Simulation, node: str) -> None:
    ((number,),) = sim.query(f"SELECT account_no FROM ad_accounts WHERE platform = '{NAME}'")
    if node != f"act_{number}":
        raise Problem(
            "invalid_request",
            f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due"
            " to missing permissions, or does not support this operation",
            code="33",
        )


def _answer(sim: Simulation, call: Call, stream: Stream, filters: dict[str, Any]) -> Reply:
    limit = parse_limit(_parameter(call, "limit"), "limit", PAGE, LARGEST_PAGE)
    page, following = sim.page(call, stream, filters, limit, call.query.get("after"))
    rows = with_new_field(page.rows, call.whims, "ad_preview")
    if not rows:
        return Reply('{"data":[]}', headers=VERSION_HEADER)
    cursors = {"before": "MAZDZD", "after": following or "MTAZD"}
    paging: dict[str, Any] = {"cursors": cursors}
    if following:
        paging["next"] = f"https://graph.facebook.com{call.path}?access_token={TOKEN}&after=…"
    return Reply(
        f'{{"data":{rows_json(rows)},"paging":{json.dumps(paging)}}}', headers=VERSION_HEADER
    )


def accounts(sim: Simulation, call: Call) -> Reply:
    _may_read(sim, call)
    names = _fields(call.query.get("fields", ""), ACCOUNT_FIELDS, ("id", "account_id"))
    names = tuple(dict.fromkeys((*names, "id")))
    rows = sim.query(
        f"SELECT {_object(ACCOUNT_FIELDS, names)} FROM ad_accounts WHERE platform = '{NAME}'"
    )
    cursors = '{"cursors":{"before":"MAZDZD","after":"MAZDZD"}}'
    found = with_new_field([row for (row,) in rows], call.whims, "ad_preview")
    return Reply(f'{{"data":{rows_json(found)},"paging":{cursors}}}', headers=VERSION_HEADER)


def permissions(sim: Simulation, call: Call) -> Reply:
    _signed(sim, call)
    granted = [{"permission": right, "status": "granted"} for right in sim.granted([RIGHT])]
    return reply_json({"data": granted}, headers=VERSION_HEADER)


def node(sim: Simulation, call: Call) -> Reply:
    """An account, or the run of a report."""
    _may_read(sim, call)
    asked = call.path_params["node"]
    if asked.startswith(RUN):
        return reply_json(
            {"id": asked, "async_status": "Job Completed", "async_percent_completion": 100},
            headers=VERSION_HEADER,
        )
    _account(sim, asked)
    names = _fields(call.query.get("fields", ""), ACCOUNT_FIELDS, ("id",))
    names = tuple(dict.fromkeys((*names, "id")))
    ((row,),) = sim.query(
        f"SELECT {_object(ACCOUNT_FIELDS, names)} FROM ad_accounts WHERE platform = '{NAME}'"
    )
    return Reply(row, headers=VERSION_HEADER)


def campaigns(sim: Simulation, call: Call) -> Reply:
    _may_read(sim, call)
    _account(sim, call.path_params["node"])
    names = _fields(call.query.get("fields", ""), CAMPAIGN_FIELDS, ("id",))
    asked = _list(call.query.get("effective_status"), "effective_status")
    filters = {"fields": names, "statuses": tuple(asked) or ("ACTIVE", "PAUSED")}
    return _answer(sim, call, CAMPAIGNS, filters)


def _query(sim: Simulation, call: Call) -> dict[str, Any]:
    """What insights are asked for."""
    for name, only in (("level", "campaign"), ("time_increment", "1")):
        if _parameter(call, name) != only:
            raise _bad(f"This server answers {name}={only} alone.")
    try:
        span = json.loads(_parameter(call, "time_range", "{}"))
        first, last = date.fromisoformat(span["since"]), date.fromisoformat(span["until"])
    except (ValueError, KeyError, TypeError):
        raise _bad("param time_range must have since and until, YYYY-MM-DD.") from None
    statuses: tuple[str, ...] = ("ACTIVE", "PAUSED")
    for each in _list(_parameter(call, "filtering"), "filtering"):
        if each.get("field") != "campaign.effective_status" or each.get("operator") != "IN":
            raise _bad(f"Filtering field {each.get('field')!r} is invalid.")
        statuses = tuple(each["value"])
    default = ("account_id", "campaign_id", "impressions", "spend")
    names = (*_fields(_parameter(call, "fields", ""), INSIGHT_FIELDS, default), *ALWAYS)
    return {
        "fields": tuple(dict.fromkeys(names)),
        "statuses": statuses,
        "first": first,
        "last": last,
    }


def insights(sim: Simulation, call: Call) -> Reply:
    _may_read(sim, call)
    asked = call.path_params["node"]
    if asked.startswith(RUN):
        return _answer(sim, call, INSIGHTS, _of_run(asked))
    _account(sim, asked)
    filters = _query(sim, call)
    if (filters["last"] - filters["first"]).days >= MOST_DAYS:
        raise _bad(
            "Please reduce the amount of data you're asking for, then retry your request", 1487534
        )
    return _answer(sim, call, INSIGHTS, filters)


def report(sim: Simulation, call: Call) -> Reply:
    _may_read(sim, call)
    _account(sim, call.path_params["node"])
    said = json.dumps(_query(sim, call), default=str).encode()
    run = RUN + str(int.from_bytes(b"\x01" + said))
    return reply_json({"report_run_id": run}, headers=VERSION_HEADER)


def _of_run(number: str) -> dict[str, Any]:
    """A run is numbered by what it was asked for, so that nothing has to be kept."""
    try:
        asked = int(number.removeprefix(RUN))
        found = json.loads(asked.to_bytes((asked.bit_length() + 7) // 8)[1:])
        first, last = date.fromisoformat(found["first"]), date.fromisoformat(found["last"])
    except (ValueError, KeyError, TypeError):
        raise _bad(f"There is no report run {number}.") from None
    return {
        "fields": tuple(found["fields"]),
        "statuses": tuple(found["statuses"]),
        "first": first,
        "last": last,
    }


CODES = {
    "unauthenticated": (400, 190, "OAuthException"),
    "token_expired": (400, 190, "OAuthException"),
    "forbidden": (403, 200, "OAuthException"),
    "rate_limited": (400, 80000, "OAuthException"),
    "server_error": (500, 2, "OAuthException"),
    "invalid_request": (400, 100, "OAuthException"),
    "invalid_cursor": (400, 100, "OAuthException"),
    "cursor_expired": (400, 100, "OAuthException"),
    "not_found": (404, 803, "OAuthException"),
}


def refuse(problem: Problem) -> Reply:
    status, code, kind = CODES[problem.kind]
    error: dict[str, Any] = {"message": problem.message, "type": kind, "code": code}
    if problem.kind in ("invalid_cursor", "cursor_expired"):
        error["message"] = "(#100) Invalid cursor"
    if problem.code:
        error["error_subcode"] = int(problem.code)
    error["fbtrace_id"] = "AbCdEfGhIjK"
    headers = dict(VERSION_HEADER)
    if problem.kind == "rate_limited":
        usage = {"call_count": 100, "total_cputime": 25, "total_time": 25, "type": "ads_insights"}
        if problem.retry_after is not None:
            usage["estimated_time_to_regain_access"] = 0  # whole minutes
        headers["X-Business-Use-Case-Usage"] = json.dumps({"66782684": [usage]})
    elif problem.kind == "server_error":
        error["is_transient"] = True
        status = problem.status
    return reply_json({"error": error}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": TOKEN}


VENDOR = Vendor(
    NAME,
    (
        ("GET", f"/{VERSION}/me/adaccounts", accounts),
        ("GET", f"/{VERSION}/me/permissions", permissions),
        ("GET", f"/{VERSION}/{{node}}/campaigns", campaigns),
        ("GET", f"/{VERSION}/{{node}}/insights", insights),
        ("POST", f"/{VERSION}/{{node}}/insights", report),
        ("GET", f"/{VERSION}/{{node}}", node),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    is_asked_by_day=True,
)

"""The Data API of GA4 v1beta: runReport by traffic of the session, added up from the web events.

A session counts on each day on which it has an event, and comes from where its first event with a
source came from. Events without consent have no session, and are in no total. Only selected
columns come back; values are text, and an answer without rows has neither rows nor their number.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core import service_account
from demo.vendors.core.sql import decimal_text, literal
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_limit, reply_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "ga4_reports"
# Made up, and good for nothing but this simulator.
PROPERTY = "345678901"
CLIENT_EMAIL = "report-reader@o2o-demo.iam.gserviceaccount.com"
ZONE = "Europe/Berlin"
CURRENCY = "EUR"
MOST_ROWS = 250_000

DIMENSIONS = {
    "date": "strftime(e.event_date, '%Y%m%d')",
    "sessionSource": "coalesce(first_source, '(direct)')",
    "sessionMedium": "coalesce(first_medium, '(none)')",
    "sessionCampaignName": "coalesce(first_campaign, '(not set)')",
}
METRICS = {
    "sessions": ("TYPE_INTEGER", "count(DISTINCT (e.user_pseudo_id, e.ga_session_id))"),
    "totalUsers": ("TYPE_INTEGER", "count(DISTINCT e.user_pseudo_id)"),
    "ecommercePurchases": ("TYPE_INTEGER", "count(DISTINCT e.bought)"),
    "purchaseRevenue": (
        "TYPE_CURRENCY",
        decimal_text("coalesce(sum(e.revenue_minor), 0)", "2"),
    ),
}


def token(sim: Simulation, call: Call) -> Reply:
    return service_account.token(sim, call, NAME, CLIENT_EMAIL)


def _day(sim: Simulation, text: Any) -> date:
    today = sim.view.today
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        return named.get(str(text)) or date.fromisoformat(str(text))
    except ValueError as error:
        raise Problem("invalid_request", f"{text!r} is not a date.") from error


def _names(call: Call, kind: str, known: Any) -> list[str]:
    names = [str(each.get("name")) for each in call.json.get(kind) or []]
    for name in names:
        if name not in known:
            raise Problem("invalid_request", f"Field {name} is not a valid {kind[:-1]}.")
    return names


def run_report(sim: Simulation, call: Call) -> Reply:
    sim.tokens.check(NAME, call.bearer)
    if call.path_params["property"] != PROPERTY:
        raise Problem("forbidden", "User does not have sufficient permissions for this property.")
    dimensions = _names(call, "dimensions", DIMENSIONS)
    metrics = _names(call, "metrics", METRICS)
    spans = call.json.get("dateRanges") or []
    if len(spans) != 1 or not metrics:
        raise Problem("invalid_request", "This server wants one date range and a metric.")
    first, last = (_day(sim, spans[0].get(name)) for name in ("startDate", "endDate"))
    offset = int(call.json.get("offset") or 0)
    limit = parse_limit(call.json.get("limit"), "limit", 10_000, MOST_ROWS)
    rows = sim.query(_report(sim, dimensions, metrics, first, last))
    answer: dict[str, Any] = {
        "dimensionHeaders": [{"name": name} for name in dimensions],
        "metricHeaders": [{"name": name, "type": METRICS[name][0]} for name in metrics],
        "rows": [
            {
                "dimensionValues": [{"value": value} for value in row[: len(dimensions)]],
                "metricValues": [{"value": str(value)} for value in row[len(dimensions) :]],
                **({"isPreview": True} if call.whims.new_field else {}),
            }
            for row in rows[offset : offset + limit]
        ],
        "rowCount": len(rows),
        "metadata": {"currencyCode": CURRENCY, "timeZone": ZONE},
        "kind": "analyticsData#runReport",
    }
    if not dimensions:
        del answer["dimensionHeaders"]
    for name in ("rows", "rowCount"):
        if not answer[name]:
            del answer[name]
    return reply_json(answer)


def _report(
    sim: Simulation, dimensions: list[str], metrics: list[str], first: date, last: date
) -> str:
    # Amounts are added up in the property's currency; the shop's own totals tell them apart.
    columns = [DIMENSIONS[name] for name in dimensions] + [METRICS[name][1] for name in metrics]
    grouped = ", ".join(str(at + 1) for at in range(len(dimensions)))
    ends = f"GROUP BY {grouped} ORDER BY {grouped}" if dimensions else "HAVING count(*) > 0"
    return f"""
    WITH events AS (
        SELECT
            *,
            CASE WHEN event_name = 'purchase' THEN transaction_id END AS bought,
            row_number() OVER (
                PARTITION BY event_date, event_name, transaction_id
                ORDER BY event_ts_us, batch_event_index
            ) AS place
        FROM {sim.view.table("web_events")}
        WHERE
            user_pseudo_id IS NOT NULL AND ga_session_id IS NOT NULL
            -- A session may have begun the day before.
            AND event_date BETWEEN {literal(first - timedelta(days=1))} AND {literal(last)}
    ),
    traffic AS (
        SELECT
            user_pseudo_id,
            ga_session_id,
            arg_min(source, (event_ts_us, batch_event_index)) FILTER (source IS NOT NULL)
                AS first_source,
            arg_min(medium, (event_ts_us, batch_event_index)) FILTER (source IS NOT NULL)
                AS first_medium,
            arg_min(coalesce(campaign_name, ''), (event_ts_us, batch_event_index))
                FILTER (source IS NOT NULL) AS first_campaign_or_none
        FROM events
        GROUP BY ALL
    )
    SELECT {", ".join(columns)}
    FROM (
        SELECT
            * EXCLUDE (place),
            nullif(first_campaign_or_none, '') AS first_campaign,
            CASE
                WHEN event_name = 'purchase' AND place = 1 AND currency_code = '{CURRENCY}'
                    THEN value_minor
            END AS revenue_minor
        FROM events JOIN traffic USING (user_pseudo_id, ga_session_id)
    ) AS e
    WHERE e.event_date BETWEEN {literal(first)} AND {literal(last)}
    {ends}"""


PROBLEMS = {
    "unauthenticated": (401, "UNAUTHENTICATED"),
    "token_expired": (401, "UNAUTHENTICATED"),
    "forbidden": (403, "PERMISSION_DENIED"),
    "rate_limited": (429, "RESOURCE_EXHAUSTED"),
    "server_error": (500, "INTERNAL"),
    "invalid_request": (400, "INVALID_ARGUMENT"),
    "not_found": (404, "NOT_FOUND"),
}


def refuse(problem: Problem) -> Reply:
    status, name = PROBLEMS[problem.kind]
    if problem.kind == "server_error":
        status = problem.status
    headers = problem.headers()
    error = {"code": status, "message": problem.message, "status": name}
    return reply_json({"error": error}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    account = service_account.key_file("o2o-demo", CLIENT_EMAIL, f"{host}/token")
    return {"extra": {"property": PROPERTY, "service_account": account}}


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/token", token),
        ("POST", "/v1beta/properties/{property}:runReport", run_report),
    ),
    refuse,
    credentials,
    is_asked_by_day=True,
)

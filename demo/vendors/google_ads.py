"""Google Ads API v26 over REST: OAuth refresh token, GAQL search, GoogleAdsFailure errors.

GAQL understood: SELECT fields FROM customer | campaign | click_view, WHERE comparisons joined by
AND (=, !=, <, <=, >, >=, IN, BETWEEN), ORDER BY, LIMIT. As in the real API only the selected
fields (and resource names) come back, int64 values are strings, and a page token belongs to one
query. Spend and conversions restate until a day is settled.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, with_new_field
from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply, reply_json, rows_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "google_ads"
# Made up, and good for nothing but this simulator.
CUSTOMER_ID = "4711080915"
CLIENT_ID = "demo-google-ads.apps.googleusercontent.com"
CLIENT_SECRET = "demo-google-ads-secret"  # noqa: S105
REFRESH_TOKEN = "demo-google-ads-refresh"  # noqa: S105
PAGE_SIZE = 10_000
CLICK_DAYS = 90


@dataclass(frozen=True)
class Field:
    """A GAQL field: its SQL value, how it is compared, and whether JSON carries it as a string."""

    sql: str
    is_int64: bool = False


def _resource(kind: str, number: str) -> str:
    return f"'customers/{CUSTOMER_ID}/{kind}/' || {number}"


CUSTOMER_FIELDS = {
    "customer.id": Field(CUSTOMER_ID, True),
    "customer.descriptive_name": Field("'O2O Retail'"),
    "customer.currency_code": Field("'EUR'"),
    "customer.time_zone": Field("'Europe/Berlin'"),
    "customer.manager": Field("false"),
    "customer.status": Field("'ENABLED'"),
    "customer.resource_name": Field(f"'customers/{CUSTOMER_ID}'"),
}
CAMPAIGN_FIELDS = {
    "campaign.id": Field("c.campaign_no", True),
    "campaign.name": Field("c.name"),
    "campaign.status": Field("c.status"),
    "campaign.advertising_channel_type": Field("c.channel_type"),
    "campaign.start_date_time": Field("strftime(c.start_date, '%Y-%m-%d 00:00:00')"),
    "campaign.end_date_time": Field("strftime(c.end_date, '%Y-%m-%d 23:59:59')"),
    "campaign.final_url_suffix": Field("'utm_campaign=' || c.utm_campaign"),
    "campaign.resource_name": Field(_resource("campaigns", "c.campaign_no")),
    "campaign_budget.amount_micros": Field("c.daily_budget_micros", True),
    "campaign_budget.resource_name": Field(_resource("campaignBudgets", "c.campaign_no")),
}
METRIC_FIELDS = {
    "segments.date": Field("strftime(d.date, '%Y-%m-%d')"),
    "metrics.impressions": Field("d.impressions", True),
    "metrics.clicks": Field("d.clicks", True),
    "metrics.cost_micros": Field("d.cost_micros", True),
    "metrics.conversions": Field("d.conversions"),
    "metrics.conversions_value": Field("d.conversions_value"),
}
CLICK_FIELDS = {
    "click_view.gclid": Field("k.click_id"),
    "click_view.location_of_presence.region": Field("'geoTargetConstants/' || k.region_code"),
    "click_view.resource_name": Field(
        _resource("clickViews", "strftime(k.date, '%Y-%m-%d') || '~' || k.click_id")
    ),
    "segments.date": Field("strftime(k.date, '%Y-%m-%d')"),
    "segments.device": Field("k.device"),
    "metrics.clicks": Field("1", True),
}


@dataclass(frozen=True)
class Query:
    """A parsed GAQL query."""

    text: str
    resource: str
    selected: tuple[str, ...]
    conditions: tuple[str, ...]
    fields: dict[str, Field]
    relation: str
    key: str
    order: str
    limit: int | None


def _campaigns(view: View) -> str:
    return f"(SELECT * FROM {view.table('campaigns')} WHERE platform = '{NAME}')"


def _bad_query(code: str, message: str) -> Problem:
    return Problem("invalid_request", message, code=f"queryError:{code}")


CLAUSES = re.compile(
    r"^\s*SELECT\s+(?P<select>.+?)\s+FROM\s+(?P<resource>\w+)"
    r"(?:\s+WHERE\s+(?P<where>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>.+?))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?(?:\s+PARAMETERS\s+.+)?\s*$",
    re.IGNORECASE | re.DOTALL,
)
CONDITION = re.compile(
    r"^(?P<field>[\w.]+)\s*(?:(?P<op><=|>=|!=|=|<|>)\s*(?P<value>'[^']*'|\"[^\"]*\"|[\w.-]+)"
    r"|BETWEEN\s+(?P<low>'[^']*'|\"[^\"]*\")\s+AND\s+(?P<high>'[^']*'|\"[^\"]*\")"
    r"|(?P<not>NOT\s+)?IN\s*\((?P<list>[^)]*)\))$",
    re.IGNORECASE | re.DOTALL,
)


def parse(text: str, view: View) -> Query:
    """GAQL to its parts; raises an invalid_request with the query error's own code."""
    clauses = CLAUSES.match(text)
    if not clauses:
        raise _bad_query("UNEXPECTED_INPUT", "Error in query: expected SELECT … FROM ….")
    resource = clauses["resource"]
    selected = tuple(part.strip() for part in clauses["select"].split(","))
    with_days = resource == "campaign" and any(
        name.startswith(("segments.", "metrics.")) for name in selected
    )
    if resource == "customer":
        fields, relation, key = CUSTOMER_FIELDS, "(SELECT 1 AS one)", "one"
    elif with_days:
        fields = CAMPAIGN_FIELDS | METRIC_FIELDS | CUSTOMER_FIELDS
        relation = f"{view.table('ad_daily')} AS d JOIN {_campaigns(view)} AS c USING (campaign_no)"
        key = "c.campaign_no::VARCHAR || '~' || d.date::VARCHAR"
    elif resource == "campaign":
        fields = CAMPAIGN_FIELDS | CUSTOMER_FIELDS
        relation, key = f"{_campaigns(view)} AS c", "c.campaign_no::VARCHAR"
    elif resource == "click_view":
        fields = CLICK_FIELDS | CAMPAIGN_FIELDS
        relation = (
            f"{view.table('ad_clicks')} AS k JOIN {_campaigns(view)} AS c USING (campaign_no)"
        )
        key = "k.click_id"
    else:
        raise _bad_query(
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"Error in query: unknown resource {resource!r}."
        )
    for name in selected:
        if name not in fields:
            raise _bad_query(
                "UNRECOGNIZED_FIELD", f"Error in query: unrecognized field {name!r} in SELECT."
            )
    conditions = tuple(_conditions(clauses["where"] or "", fields))
    if with_days and "segments.date" not in selected:
        raise _bad_query(
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
            "This server segments campaign metrics by day: select segments.date.",
        )
    if resource == "click_view":
        _check_click_day(text, view)
    return Query(
        " ".join(text.split()),
        resource,
        selected,
        conditions,
        fields,
        relation,
        key,
        _order(clauses["order"] or "", fields),
        int(clauses["limit"]) if clauses["limit"] else None,
    )


def _conditions(where: str, fields: dict[str, Field]) -> list[str]:
    found = []
    for part in re.split(r"\s+AND\s+(?=[\w]+\.)", where.strip(), flags=re.IGNORECASE):
        if not part:
            continue
        match = CONDITION.match(part.strip())
        if not match:
            raise _bad_query("UNEXPECTED_INPUT", f"Error in query: cannot read {part!r}.")
        if match["field"] not in fields:
            raise _bad_query(
                "UNRECOGNIZED_FIELD", f"Error in query: unrecognized field {match['field']!r}."
            )
        field = fields[match["field"]]

        name = match["field"]

        def value(text: str, field: Field = field, name: str = name) -> str:
            bare = text.strip().strip("'\"")
            if name == "segments.date":
                try:
                    date.fromisoformat(bare)
                except ValueError as error:
                    raise _bad_query(
                        "INVALID_DATE_FORMAT", f"Error in query: {bare!r} is not YYYY-MM-DD."
                    ) from error
            if field.is_int64 and not re.fullmatch(r"-?\d+", bare):
                raise _bad_query("BAD_NUMBER", f"Error in query: {bare!r} is not a number.")
            return bare if field.is_int64 else literal(bare)

        if match["op"]:
            found.append(f"{field.sql} {match['op']} {value(match['value'])}")
        elif match["low"]:
            found.append(f"{field.sql} BETWEEN {value(match['low'])} AND {value(match['high'])}")
        else:
            values = ", ".join(value(item) for item in match["list"].split(","))
            found.append(f"{field.sql} {match['not'] or ''}IN ({values})")
    return found


def _check_click_day(text: str, view: View) -> None:
    days = re.findall(r"segments\.date\s*=\s*['\"](\d{4}-\d{2}-\d{2})['\"]", text)
    if len(days) != 1:
        raise _bad_query(
            "EXPECTED_FILTERS_ON_DATE_RANGE",
            "click_view needs a filter on one single day: segments.date = 'YYYY-MM-DD'.",
        )
    if date.fromisoformat(days[0]) < view.today - timedelta(days=CLICK_DAYS):
        raise _bad_query(
            "DATE_RANGE_TOO_WIDE", f"click_view reaches back {CLICK_DAYS} days, not to {days[0]}."
        )


def _order(order: str, fields: dict[str, Field]) -> str:
    terms = []
    for term in filter(None, (part.strip() for part in order.split(","))):
        name, _, direction = term.partition(" ")
        if name not in fields or direction.strip().upper() not in {"", "ASC", "DESC"}:
            raise _bad_query("UNRECOGNIZED_FIELD", f"Error in query: cannot order by {term!r}.")
        terms.append(f"{fields[name].sql} {direction}")
    return ", ".join(terms)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _row_sql(query: Query) -> str:
    """SQL of one result row: a struct nested as the field names are, with resource names added."""
    tree: dict[str, Any] = {}
    names = list(query.selected)
    for parent in dict.fromkeys(name.split(".")[0] for name in names):
        if f"{parent}.resource_name" in query.fields:
            names.insert(0, f"{parent}.resource_name")
    if query.resource != "customer":
        names.insert(0, "campaign.resource_name")
    for name in dict.fromkeys(names):
        field = query.fields[name]
        *path, leaf = [_camel(part) for part in name.split(".")]
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[leaf] = f"({field.sql})::VARCHAR" if field.is_int64 else field.sql

    def struct(node: dict[str, Any]) -> str:
        members = (
            f"'{name}': {struct(value) if isinstance(value, dict) else value}"
            for name, value in node.items()
        )
        return "{" + ", ".join(members) + "}"

    return f"json_merge_patch('{{}}', to_json({struct(tree)}))::VARCHAR"


def _index(view: View, text: str) -> str:
    query = parse(text, view)
    where = f"WHERE {' AND '.join(query.conditions)}" if query.conditions else ""
    order = f"{query.order}, key" if query.order else "key"
    limit = f"LIMIT {query.limit}" if query.limit else ""
    return f"SELECT {query.key} AS key FROM {query.relation} {where} ORDER BY {order} {limit}"


def _render(view: View, text: str) -> str:
    query = parse(text, view)
    return (
        f"SELECT {query.key} AS key, {_row_sql(query)} FROM {query.relation}"
        " WHERE key IN (SELECT unnest($keys))"
    )


SEARCH = Stream("google_ads.search", _index, _render)


SCOPE = "https://www.googleapis.com/auth/adwords"


def token(sim: Simulation, call: Call) -> Reply:
    form = call.form
    expected = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": REFRESH_TOKEN,
    }
    for name, value in expected.items():
        if form.get(name) != value:
            is_client = name.startswith("client")
            return reply_json(
                {
                    "error": "invalid_client" if is_client else "invalid_grant",
                    "error_description": "The OAuth client was not found."
                    if is_client
                    else "Bad Request",
                },
                401 if is_client else 400,
            )
    return reply_json(
        {
            "access_token": sim.tokens.issue(NAME, 3599, "ya29."),
            "expires_in": 3599,
            "scope": " ".join(sim.granted([SCOPE])),
            "token_type": "Bearer",
        }
    )


def token_info(sim: Simulation, call: Call) -> Reply:
    sim.tokens.check(NAME, call.form.get("access_token", ""))
    return reply_json({"scope": " ".join(sim.granted([SCOPE])), "expires_in": "3000"})


def search(sim: Simulation, call: Call) -> Reply:
    sim.tokens.check(NAME, call.bearer)
    sim.need(SCOPE)
    if call.path_params["customer_id"] != CUSTOMER_ID:
        raise Problem(
            "permission_denied",
            "User doesn't have permission to access customer"
            f" {call.path_params['customer_id']}; check login-customer-id.",
            code="authorizationError:USER_PERMISSION_DENIED",
        )
    body = call.json
    if "pageSize" in body:
        raise Problem(
            "invalid_request",
            "Setting the page size is not supported. Search responses have a fixed page size.",
            code="requestError:PAGE_SIZE_NOT_SUPPORTED",
        )
    text = str(body.get("query", ""))
    query = parse(text, sim.view)
    page, following = sim.page(
        call, SEARCH, {"text": query.text}, PAGE_SIZE, body.get("pageToken") or None
    )
    mask = ",".join(".".join(_camel(part) for part in name.split(".")) for name in query.selected)
    rows = with_new_field(page.rows, call.whims, "adPlacementPreview")
    parts = [f'"results":{rows_json(rows)}'] if rows else []
    if following:
        parts.append(f'"nextPageToken":"{following}"')
    settings = body.get("searchSettings") or {}
    if settings.get("returnTotalResultsCount"):
        parts.append(f'"totalResultsCount":"{page.total}"')
    parts.append(f'"fieldMask":"{mask}"')
    return Reply("{" + ",".join(parts) + "}")


STATUSES = {
    "unauthenticated": (401, "UNAUTHENTICATED", "authenticationError:OAUTH_TOKEN_INVALID"),
    "token_expired": (401, "UNAUTHENTICATED", "authenticationError:OAUTH_TOKEN_EXPIRED"),
    "forbidden": (403, "PERMISSION_DENIED", "authenticationError:ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
    "permission_denied": (403, "PERMISSION_DENIED", "authorizationError:USER_PERMISSION_DENIED"),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "quotaError:RESOURCE_EXHAUSTED"),
    "server_error": (500, "INTERNAL", "internalError:INTERNAL_ERROR"),
    "invalid_request": (400, "INVALID_ARGUMENT", "requestError:UNKNOWN"),
    "invalid_cursor": (400, "INVALID_ARGUMENT", "requestError:INVALID_PAGE_TOKEN"),
    "cursor_expired": (400, "INVALID_ARGUMENT", "requestError:EXPIRED_PAGE_TOKEN"),
    "not_found": (404, "NOT_FOUND", "requestError:UNKNOWN"),
}


def refuse(problem: Problem) -> Reply:
    status, name, code = STATUSES[problem.kind]
    if problem.kind == "server_error":
        status, name = problem.status, "INTERNAL" if problem.status == 500 else "UNAVAILABLE"
    family, _, value = (problem.code or code).partition(":")
    error: dict[str, Any] = {"errorCode": {family: value}, "message": problem.message}
    headers = {}
    if problem.kind == "rate_limited":
        wait = problem.retry_after or 0
        error["details"] = {
            "quotaErrorDetails": {
                "rateScope": "ACCOUNT",
                "rateName": "Requests per second",
                "retryDelay": f"{wait}s",
            }
        }
        if problem.retry_after is not None:
            headers["Retry-After"] = str(wait)
    failure = {
        "@type": "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure",
        "errors": [error],
        "requestId": uuid.uuid4().hex[:22],
    }
    message = (
        "Request had invalid authentication credentials. Expected OAuth 2 access token."
        if status == 401
        else "Request contains an invalid argument."
        if status == 400
        else problem.message
    )
    return reply_json(
        {"error": {"code": status, "message": message, "status": name, "details": [failure]}},
        status,
        headers,
    )


def credentials(host: str) -> dict[str, Any]:
    return {
        "login": CLIENT_ID,
        "password": CLIENT_SECRET,
        "extra": {
            "refresh_token": REFRESH_TOKEN,
            "customer_id": CUSTOMER_ID,
            "token_url": f"{host}/token",
        },
    }


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/token", token),
        ("POST", "/tokeninfo", token_info),
        ("POST", "/v26/customers/{customer_id}/googleAds:search", search),
    ),
    refuse,
    credentials,
)

"""HubSpot CRM API 2026-09: contacts, deals, their associations.

Every property is text. Search pages by a number of rows and stops at 10,000; its index lags
behind after changes. Archived contacts are only in the list call with archived=true; a contact
that was merged away is nowhere, but its id stands in the survivor's hs_merged_object_ids.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, with_new_field
from demo.vendors.core.sql import decimal_text, iso_ms, literal
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import (
    Call,
    Problem,
    Reply,
    parse_limit,
    parse_time,
    reply_json,
    rows_json,
)

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "hubspot"
# Made up, and good for nothing but this simulator.
PRIVATE_APP_TOKEN = "pat-eu1-demo-hubspot"  # noqa: S105
CLIENT_ID = "demo-hubspot-client"
CLIENT_SECRET = "demo-hubspot-secret"  # noqa: S105
REFRESH_TOKEN = "demo-hubspot-refresh"  # noqa: S105
MOST_SEARCHED = 10_000
INDEX_LAG = timedelta(hours=1)
TOKEN_SECONDS = 1_800

# property -> (SQL, whether it is a time). Times compare in milliseconds, as they are shown.
CONTACT = {
    "hs_object_id": ("t.contact_no", False),
    "email": ("t.email", False),
    "hs_additional_emails": ("t.additional_emails", False),
    "phone": ("t.phone", False),
    "mobilephone": ("NULL::VARCHAR", False),
    "firstname": ("t.first_name", False),
    "lastname": ("t.last_name", False),
    "date_of_birth": ("t.birth_date", False),
    "address": ("t.street", False),
    "city": ("t.city", False),
    "zip": ("t.postal_code", False),
    "lifecyclestage": ("t.lifecycle_stage", False),
    # Contacts of other sources never were leads.
    "hs_lifecyclestage_lead_date": (
        "CASE WHEN t.lifecycle_stage = 'lead' THEN t.created_at END",
        True,
    ),
    "hs_lifecyclestage_customer_date": (
        "CASE WHEN t.lifecycle_stage = 'customer' THEN coalesce(t.became_customer_at, t.created_at)"
        " END",
        True,
    ),
    "hs_lead_status": ("CASE WHEN t.lifecycle_stage = 'lead' THEN 'NEW' END", False),
    "hs_analytics_source": (
        "CASE WHEN t.lifecycle_stage = 'lead' THEN 'ORGANIC_SEARCH' ELSE 'OFFLINE' END",
        False,
    ),
    "hs_email_optout": ("CASE WHEN t.email_opt_in THEN 'false' ELSE 'true' END", False),
    "loyalty_card_no": ("t.loyalty_card_no", False),
    "createdate": ("t.created_at", True),
    "lastmodifieddate": ("t.updated_at", True),
    "hs_merged_object_ids": ("array_to_string(t.merged_contact_nos, ';')", False),
}
DEAL = {
    "hs_object_id": ("t.deal_no", False),
    "dealname": ("'Web order ' || t.order_name", False),
    "order_name": ("t.order_name", False),
    "amount": (decimal_text("t.amount_minor", "cur.exponent"), False),
    # Named only where it is not the portal's own.
    "deal_currency_code": ("nullif(t.currency_code, 'EUR')", False),
    "dealstage": ("t.stage", False),
    "pipeline": ("'default'", False),
    "hs_is_closed": ("'true'", False),
    "hs_is_closed_won": ("(t.stage = 'closedwon')", False),
    "hs_analytics_source": ("'OFFLINE'", False),
    "closedate": ("t.closed_at", True),
    "createdate": ("t.created_at", True),
    "hs_lastmodifieddate": ("t.updated_at", True),
}


class ObjectType:
    """What differs between contacts and deals."""

    def __init__(
        self,
        name: str,
        table: str,
        key: str,
        properties: dict[str, tuple[str, bool]],
        modified: str,
        default: tuple[str, ...],
        join: str = "",
    ) -> None:
        self.name, self.table, self.key, self.properties = name, table, key, properties
        self.modified, self.default, self.join = modified, default, join


TYPES = {
    "contacts": ObjectType(
        "contacts",
        "crm_contacts",
        "contact_no",
        CONTACT,
        "lastmodifieddate",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    ),
    "deals": ObjectType(
        "deals",
        "crm_deals",
        "deal_no",
        DEAL,
        "hs_lastmodifieddate",
        (
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ),
        "JOIN currencies AS cur ON cur.currency_code = t.currency_code",
    ),
}
OBJECT_TYPE_IDS = {"0-1": "contacts", "0-3": "deals"}


def _type(call: Call) -> ObjectType:
    name = call.path_params["object_type"]
    name = OBJECT_TYPE_IDS.get(name, name)
    if name not in TYPES:
        raise Problem("invalid_request", f"Unable to infer object type from: {name}")
    return TYPES[name]


def _comparable(sql: str, is_time: bool) -> str:
    return f"date_trunc('millisecond', {sql})" if is_time else sql


def _value(kind: ObjectType, name: str, value: Any) -> str:
    text = str(value)
    if kind.properties[name][1]:
        if re.fullmatch(r"-?\d+", text):
            moment = datetime.fromtimestamp(int(text) / 1000, UTC).replace(tzinfo=None)
            return literal(moment)
        return literal(parse_time(text, name))
    if name == "hs_object_id":
        if not text.isdigit():
            raise Problem("invalid_request", f"hs_object_id: {text!r} is not a number.")
        return text
    return literal(text)


OPERATORS = {"EQ": "=", "NEQ": "!=", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}


def _condition(kind: ObjectType, given: dict[str, Any]) -> str:
    name, operator = str(given.get("propertyName")), str(given.get("operator"))
    if name not in kind.properties:
        raise Problem("invalid_request", f"There was a problem: property {name} does not exist.")
    column = _comparable(*kind.properties[name])
    if operator in OPERATORS:
        return f"{column} {OPERATORS[operator]} {_value(kind, name, given.get('value'))}"
    if operator == "BETWEEN":
        low, high = (_value(kind, name, given.get(end)) for end in ("value", "highValue"))
        return f"{column} BETWEEN {low} AND {high}"
    if operator in {"IN", "NOT_IN"}:
        values = ", ".join(_value(kind, name, item) for item in given.get("values") or [None])
        return f"{column} {operator.replace('_', ' ')} ({values})"
    if operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return f"{column} IS {'NOT ' if operator == 'HAS_PROPERTY' else ''}NULL"
    raise Problem("invalid_request", f"Operator {operator} is not supported.")


def _where(kind: ObjectType, groups: list[Any]) -> str:
    either = [
        "(" + " AND ".join(_condition(kind, item) for item in group.get("filters") or []) + ")"
        for group in groups
        if group.get("filters")
    ]
    return "(" + " OR ".join(either) + ")" if either else "true"


def _sort(kind: ObjectType, sorts: list[Any]) -> str:
    terms = []
    for item in sorts:
        name = item if isinstance(item, str) else item.get("propertyName")
        direction = "ASC" if isinstance(item, str) else item.get("direction", "ASCENDING")
        if isinstance(item, str) and item.startswith("-"):
            name, direction = item[1:], "DESCENDING"
        if name not in kind.properties:
            raise Problem("invalid_request", f"Cannot sort by unknown property {name}.")
        column = _comparable(*kind.properties[name])
        terms.append(f"{column} {'DESC' if str(direction).upper().startswith('DESC') else 'ASC'}")
    return ", ".join([*terms, f"t.{kind.key}"])


def _search_index(
    view: View, kind: str, where: str, order: str, hidden_after: Any, properties: tuple[str, ...]
) -> str:
    of = TYPES[kind]
    alive = "t.archived_at IS NULL" if kind == "contacts" else "true"
    fresh = f"t.updated_at <= {literal(hidden_after)}" if hidden_after else "true"
    return f"""
    SELECT t.{of.key} FROM {view.table(of.table)} AS t {of.join}
    WHERE {alive} AND {fresh} AND {where} ORDER BY {order}"""


def _archived_index(view: View, kind: str, archived: bool, properties: tuple[str, ...]) -> str:
    of = TYPES[kind]
    state = "true" if not archived else "false"
    if kind == "contacts":
        state = (
            "t.archived_at IS NOT NULL AND t.merged_into_contact_no IS NULL"
            if archived
            else "t.archived_at IS NULL"
        )
    return f"SELECT t.{of.key} FROM {view.table(of.table)} AS t WHERE {state} ORDER BY 1"


def _render(view: View, kind: str, properties: tuple[str, ...], **_: Any) -> str:
    of = TYPES[kind]

    def text(name: str) -> str:
        sql, is_time = of.properties[name]
        return iso_ms(sql) if is_time else f"({sql})::VARCHAR"

    names = [name for name in properties if name in of.properties]
    unknown = [name for name in properties if name not in of.properties]
    members = [f"{literal(name)}: {text(name)}" for name in names]
    members += [f"{literal(name)}: NULL::VARCHAR" for name in unknown]
    archived = (
        f"'archived': t.archived_at IS NOT NULL, 'archivedAt': {iso_ms('t.archived_at')}"
        if kind == "contacts"
        else "'archived': false"
    )
    row = f"""to_json({{
        'id': t.{of.key}::VARCHAR,
        'properties': {{{", ".join(members)}}},
        'createdAt': {iso_ms("t.created_at")},
        'updatedAt': {iso_ms("t.updated_at")},
        {archived}
    }})::VARCHAR"""
    # archivedAt is left out, not null, on a living record; property nulls stay.
    return f"""
    SELECT t.{of.key}, replace({row}, ',"archivedAt":null', '')
    FROM {view.table(of.table)} AS t {of.join} WHERE t.{of.key} IN (SELECT unnest($keys))"""


SEARCH = Stream("hubspot.search", _search_index, _render)
LIST = Stream("hubspot.list", _archived_index, _render)


SCOPES = ("crm.objects.contacts.read", "crm.objects.deals.read")


def _authorise(sim: Simulation, call: Call) -> None:
    if call.bearer != PRIVATE_APP_TOKEN:
        sim.tokens.check(NAME, call.bearer)
    kinds = [kind for kind in ("contacts", "deals") if f"/{kind}" in call.path]
    sim.need(*(f"crm.objects.{kind}.read" for kind in kinds))


def _properties(kind: ObjectType, asked: Any) -> tuple[str, ...]:
    always = ("createdate", "hs_object_id", kind.modified)
    return tuple(sorted({*map(str, asked), *always})) if asked else kind.default


def _offset(value: Any) -> int:
    text = str(value or "0")
    if not text.isdigit():
        raise Problem("invalid_request", f"after: {text!r} is not a paging token.")
    return int(text)


def token(sim: Simulation, call: Call) -> Reply:
    form = call.form
    if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
        raise Problem("bad_credentials", "missing or invalid client id or client secret")
    if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != REFRESH_TOKEN:
        raise Problem("bad_credentials", "missing or invalid refresh token")
    return reply_json(
        {
            "token_type": "bearer",
            "refresh_token": REFRESH_TOKEN,
            "access_token": sim.tokens.issue(NAME, TOKEN_SECONDS),
            "expires_in": TOKEN_SECONDS,
        }
    )


def token_info(sim: Simulation, call: Call) -> Reply:
    """Of a private app's token, in the body, or of an OAuth app's, in the path."""
    token = call.path_params.get("token") or str(call.json.get("tokenKey"))
    if token != PRIVATE_APP_TOKEN:
        sim.tokens.check(NAME, token)
    return reply_json({"hubId": 1, "appId": 1, "userId": 1, "scopes": sim.granted(SCOPES)})


def search(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    kind, body = _type(call), call.json
    limit = parse_limit(body.get("limit"), "limit", 10, 200)
    offset = _offset(body.get("after"))
    if offset + limit > MOST_SEARCHED:
        raise Problem(
            "invalid_request", f"The search results cannot exceed {MOST_SEARCHED} rows a query."
        )
    behind = sim.index_is_behind(kind.name)
    filters = {
        "kind": kind.name,
        "where": _where(kind, body.get("filterGroups") or []),
        "order": _sort(kind, body.get("sorts") or ["createdate"]),
        "properties": _properties(kind, body.get("properties")),
    }
    complete = {**filters, "hidden_after": None}
    listing = sim.listing(SEARCH, complete)
    if behind:
        lagging = sim.listing(SEARCH, {**filters, "hidden_after": sim.view.now - INDEX_LAG})
        # The lag is over once a query that really missed rows has been read to its end.
        if len(lagging) < len(listing) and offset + limit >= len(lagging):
            sim.index_catches_up(kind.name)
        listing = lagging
    # A row before this page was edited meanwhile and has left: another one stands at each place.
    gone = 1 if offset and call.whims.edited else 0
    page = cut_page(listing, offset + gone, limit, call.whims)
    rows = with_new_field(page.rows, call.whims, "objectPreview")
    paging = f',"paging":{{"next":{{"after":"{page.next_offset}"}}}}' if page.next_offset else ""
    return Reply(f'{{"total":{page.total - gone},"results":{rows_json(rows)}{paging}}}')


def list_objects(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    kind, query = _type(call), call.query
    asked = [name for name in query.get("properties", "").split(",") if name]
    listing = sim.listing(
        LIST,
        {
            "kind": kind.name,
            "archived": query.get("archived", "false") == "true",
            "properties": _properties(kind, asked),
        },
    )
    limit = parse_limit(query.get("limit"), "limit", 10, 100)
    page = cut_page(listing, _offset(query.get("after")), limit, call.whims)
    rows = with_new_field(page.rows, call.whims, "objectPreview")
    paging = f',"paging":{{"next":{{"after":"{page.next_offset}"}}}}' if page.next_offset else ""
    return Reply(f'{{"results":{rows_json(rows)}{paging}}}')


def account(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    told = {
        "portalId": 1,
        "accountType": "STANDARD",
        "timeZone": "Europe/Berlin",
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }
    return reply_json(told)


def list_pipelines(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    made = "2025-01-15T09:00:00.000Z"

    def stage(place: int, name: str, label: str, closed: str, probability: str) -> dict[str, Any]:
        return {
            "id": name,
            "label": label,
            "displayOrder": place,
            "metadata": {"isClosed": closed, "probability": probability},
            "createdAt": made,
            "updatedAt": made,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }

    stages = [
        stage(0, "appointmentscheduled", "Ordered", "false", "0.9"),
        stage(1, "closedwon", "Paid", "true", "1.0"),
        stage(2, "closedlost", "Taken back", "true", "0.0"),
    ]
    return reply_json(
        {
            "results": [
                {
                    "id": "default",
                    "label": "Web orders",
                    "displayOrder": 0,
                    "stages": stages,
                    "createdAt": made,
                    "updatedAt": made,
                    "archived": False,
                }
            ]
        }
    )


def read_associations(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call)
    inputs = call.json.get("inputs") or []
    ids = [str(item.get("id")) for item in inputs]
    if not ids or len(ids) > 1_000 or not all(item.isdigit() for item in ids):
        raise Problem("invalid_request", "inputs must hold 1 to 1000 numeric ids.")
    found = sim.query(
        f"""
        SELECT deal_no, contact_no FROM {sim.view.table("crm_deals")} AS t
        WHERE contact_no IS NOT NULL AND deal_no IN (SELECT unnest($ids))
        ORDER BY deal_no""",
        {"ids": [int(item) for item in ids]},
    )
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]
    missing = len(set(ids) - {str(deal) for deal, _ in found})
    answer: dict[str, Any] = {
        "status": "COMPLETE",
        "startedAt": now,
        "completedAt": now,
        "results": [
            {
                "from": {"id": str(deal)},
                "to": [{"toObjectId": str(contact), "associationTypes": kinds}],
            }
            for deal, contact in found
        ],
    }
    if missing:
        answer["numErrors"] = missing
        answer["errors"] = [
            {
                "status": "error",
                "category": "OBJECT_NOT_FOUND",
                "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
                "message": "No contact is associated with deal",
                "context": {"fromObjectId": sorted(set(ids) - {str(deal) for deal, _ in found})},
            }
        ]
    return reply_json(answer, 207 if missing else 200)


def read_batch(sim: Simulation, call: Call) -> Reply:
    """Objects by their ids; those that are archived or do not exist are named as errors."""
    _authorise(sim, call)
    kind = _type(call)
    ids = [str(item.get("id")) for item in call.json.get("inputs") or []]
    if not ids or len(ids) > 100 or not all(each.isdigit() for each in ids):
        raise Problem("invalid_request", "inputs must hold 1 to 100 numeric ids.")
    alive = _archived_index(sim.view, kind.name, False, ())
    there = {str(number) for (number,) in sim.query(alive)}
    found = [each for each in ids if each in there]
    query = _render(sim.view, kind.name, _properties(kind, call.json.get("properties")))
    rows = sim.query(query, {"keys": [int(each) for each in found]})
    missing = [each for each in ids if each not in there]
    error = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.name}, they may be deleted or not exist.",
        "context": {"ids": missing},
    }
    told = f',"numErrors":1,"errors":[{json.dumps(error)}]' if missing else ""
    answer = f'{{"status":"COMPLETE","results":{rows_json([row for _, row in rows])}{told}}}'
    return Reply(answer, 207 if missing else 200)


PROBLEMS = {
    "bad_credentials": (400, "BAD_AUTH_CODE"),
    "unauthenticated": (401, "INVALID_AUTHENTICATION"),
    "token_expired": (401, "EXPIRED_AUTHENTICATION"),
    "rate_limited": (429, "RATE_LIMITS"),
    "server_error": (500, "INTERNAL_ERROR"),
    "invalid_request": (400, "VALIDATION_ERROR"),
    "invalid_cursor": (400, "VALIDATION_ERROR"),
    "cursor_expired": (400, "VALIDATION_ERROR"),
    "not_found": (404, "OBJECT_NOT_FOUND"),
    "forbidden": (403, "MISSING_SCOPES"),
}


def refuse(problem: Problem) -> Reply:
    status, category = PROBLEMS[problem.kind]
    if problem.kind == "server_error":
        status = problem.status
    body: dict[str, Any] = {
        "status": "error",
        "message": problem.message,
        "correlationId": str(uuid.uuid4()),
        "category": category,
    }
    headers = problem.headers()
    if problem.kind == "rate_limited":
        body |= {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
    return reply_json(body, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": PRIVATE_APP_TOKEN}


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/oauth/v1/token", token),
        ("GET", "/oauth/v1/access-tokens/{token}", token_info),
        ("POST", "/oauth/v2/private-apps/get/access-token-info", token_info),
        ("GET", "/account-info/2026-09/details", account),
        ("GET", "/crm/pipelines/2026-09/deals", list_pipelines),
        ("POST", "/crm/objects/2026-09/{object_type}/search", search),
        ("GET", "/crm/objects/2026-09/{object_type}", list_objects),
        ("POST", "/crm/objects/2026-09/{object_type}/batch/read", read_batch),
        ("POST", "/crm/associations/2026-09/deals/contacts/batch/read", read_associations),
    ),
    refuse,
    credentials,
    records={
        "contact": Record("crm_contact"),
    },
)

"""Klaviyo's API as of 2026-10-15: profiles, campaigns over several channels, flows, events.

JSON:API throughout. A list is asked for by filters that are joined by commas, sorted by a time and
linked by a token; of profiles only "greater than" can be asked. Whatever is archived stands in a
list of its own. Klaviyo counts what was received, not what was sent.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, with_new_field
from demo.vendors.core.sql import literal
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

NAME = "klaviyo"
REVISION = "2026-10-15"
# Made up, and good for nothing but this simulator.
API_KEY = "pk_demo0123456789klaviyo"
HOST = "https://a.klaviyo.com"

# Of each metric: its id, its name, what integration it is of, and what it is in the world.
METRICS = (
    ("RcvEml", "Received Email", "Klaviyo", "delivered", "email"),
    ("OpnEml", "Opened Email", "Klaviyo", "opened", "email"),
    ("ClkEml", "Clicked Email", "Klaviyo", "clicked", "email"),
    ("BncEml", "Bounced Email", "Klaviyo", "bounced", "email"),
    ("UnsEml", "Unsubscribed from Email Marketing", "Klaviyo", "unsubscribed", "email"),
    ("RcvSms", "Received SMS", "Klaviyo", "delivered", "sms"),
    ("ClkSms", "Clicked SMS", "Klaviyo", "clicked", "sms"),
    ("FldSms", "Failed to Deliver SMS", "Klaviyo", "bounced", "sms"),
    ("UnsSms", "Unsubscribed from SMS Marketing", "Klaviyo", "unsubscribed", "sms"),
    ("PlcOrd", "Placed Order", "Shopify", "", ""),
    ("OpnApi", "Opened Email", "API", "", ""),
)
FILTER = re.compile(r"([a-z-]+)\(([\w.]+),(\[[^\]]*\]|\"[^\"]*\"|'[^']*'|[^),\"'\[]+)\)")
OPERATORS = {
    "equals": "=",
    "greater-than": ">",
    "greater-or-equal": ">=",
    "less-than": "<",
    "less-or-equal": "<=",
}


def long_id(kind: str, number: str) -> str:
    """An id of 26 characters."""
    return f"'01{kind}' || lpad(({number})::VARCHAR, 23, '0')"


def short_id(kind: str, number: str) -> str:
    """An id of six characters."""
    return f"'{kind}' || lpad((({number}) % 100000)::VARCHAR, 5, '0')"


def stamp(column: str) -> str:
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S+00:00')"


PROFILE_ID = long_id("K", "t.profile_no")
CAMPAIGN_ID = long_id("C", "t.campaign_no")
FLOW_ID = short_id("F", "t.campaign_no")
MESSAGE_ID = (
    f"CASE WHEN t.is_flow THEN {short_id('M', 't.message_no')}"
    f" ELSE {long_id('M', 't.message_no')} END"
)
LINK = "{'type': %s, 'id': %s}"


def linked(kind: str, number: str) -> str:
    return LINK % (literal(kind), number)


def related(kind: str, number: str, name: str) -> str:
    """A relationship that is not told here, but where it can be asked for."""
    at = f"{literal(f'{HOST}/api/{kind}/')} || {number}"
    return (
        f"{{'{name}': {{'links': {{'self': {at} || '/relationships/{name}',"
        f" 'related': {at} || '/{name}'}}}}}}"
    )


CONSENT = (
    "CASE WHEN {has} AND t.unsubscribed_at IS NOT NULL THEN 'UNSUBSCRIBED'"
    " WHEN {has} AND t.is_subscribed THEN 'SUBSCRIBED' ELSE 'NEVER_SUBSCRIBED' END"
)
SINCE = (
    f"CASE WHEN {{has}} AND (t.is_subscribed OR t.unsubscribed_at IS NOT NULL)"
    f" THEN {stamp('t.created_at')} END"
)


def consent(channel: str, address: str, more: str = "") -> str:
    has = f"t.{address} IS NOT NULL"
    return f"""{{'marketing': {{
        'can_receive_{channel}_marketing': {has} AND t.is_subscribed,
        'consent': {CONSENT.format(has=has)}, 'consent_timestamp': {SINCE.format(has=has)},
        'last_updated': {stamp("t.updated_at")}, 'method': 'FORM' {more}
    }}}}"""


SUPPRESSION = (
    "CASE WHEN t.unsubscribed_at IS NULL THEN [] ELSE [{'reason': 'UNSUBSCRIBE', 'timestamp': "
    + stamp("t.unsubscribed_at")
    + "}] END"
)
SUBSCRIPTIONS = (
    "{'email': "
    + consent("email", "email", f", 'double_optin': true, 'suppression': {SUPPRESSION}")
    + ", 'sms': "
    + consent("sms", "phone")
    + "}"
)
PROFILE = {
    "created": stamp("t.created_at"),
    "email": "t.email",
    "external_id": "t.customer_no::VARCHAR",
    "first_name": "t.first_name",
    "last_name": "t.last_name",
    "location": "{'address1': NULL::VARCHAR, 'city': NULL::VARCHAR, 'country': NULL::VARCHAR,"
    " 'zip': NULL::VARCHAR}",
    "phone_number": "t.phone",
    "subscriptions": SUBSCRIPTIONS,
    "updated": stamp("t.updated_at"),
}


@dataclass(frozen=True)
class Kind:
    """A kind of record: what stands for its rows, its key, what can be filtered and sorted by,
    and what a row is.

    ``most``: records of a page. ``right``: the scope that shows it. ``edges``: how times can be
    compared.
    """

    name: str
    relation: Callable[[View], str]
    key: str
    id: str
    times: dict[str, str]
    values: dict[str, str]
    attributes: dict[str, str]
    relationships: str
    most: int
    right: str
    edges: tuple[str, ...] = ("greater-than", "greater-or-equal", "less-than", "less-or-equal")


def _campaigns(view: View) -> str:
    return f"""(
        SELECT *, campaign_no % 5 = 0 AS is_archived FROM {view.table("message_campaigns")}
    )"""


def _messages(view: View) -> str:
    return f"""(
        SELECT m.*, c.is_flow FROM {view.table("messages")} AS m
        JOIN {view.table("message_campaigns")} AS c USING (campaign_no) WHERE NOT c.is_flow
    )"""


def _events(view: View) -> str:
    listed = ", ".join(
        f"({literal(number)}, {literal(happened)}, {literal(kind)})"
        for number, _, _, happened, kind in METRICS
    )
    return f"""(
        SELECT e.*, k.metric_id, c.is_flow, c.kind,
            CASE WHEN c.is_flow THEN m.name ELSE c.name END AS campaign_name, m.subject
        FROM {view.table("message_events")} AS e
        JOIN message_campaigns AS c USING (campaign_no) JOIN messages AS m USING (message_no)
        JOIN (VALUES {listed}) AS k(metric_id, event_kind, kind)
            ON k.event_kind = e.event_kind AND k.kind = c.kind
    )"""


DEFINITION = "{'name': t.name, 'builder': 'canvas', 'archived': t.is_archived}"
# A property that does not belong to what happened is not there at all.
PROPERTIES = f"""json_merge_patch('{{}}', to_json({{
    '$event_id': t.event_no::VARCHAR, '$message': {MESSAGE_ID},
    '$flow': CASE WHEN t.is_flow THEN {FLOW_ID} END, 'Campaign Name': t.campaign_name,
    'Subject': CASE WHEN t.kind = 'email' THEN t.subject END, 'URL': t.url,
    'machine_open': CASE WHEN t.event_kind = 'opened' THEN t.is_machine END,
    'Apple Privacy Open': CASE WHEN t.event_kind = 'opened' THEN
        CASE WHEN t.is_machine THEN 'True' ELSE 'False' END
    END,
    'Bot Click': CASE WHEN t.event_kind = 'clicked' THEN t.is_machine END,
    'Bounce Type': CASE WHEN t.event_kind = 'bounced' THEN 'Hard' END
}}))"""

KINDS = {
    "profiles": Kind(
        "profile",
        lambda view: view.table("message_profiles"),
        "t.profile_no",
        PROFILE_ID,
        {"updated": "t.updated_at", "created": "t.created_at"},
        {"id": PROFILE_ID, "email": "t.email", "external_id": "t.customer_no::VARCHAR"},
        PROFILE,
        related("profiles", PROFILE_ID, "lists"),
        100,
        "profiles:read",
        ("greater-than", "less-than"),
    ),
    "campaigns": Kind(
        "campaign",
        lambda view: f"(SELECT * FROM {_campaigns(view)} WHERE NOT is_flow)",
        "t.campaign_no",
        CAMPAIGN_ID,
        {"updated_at": "t.updated_at", "created_at": "t.created_at"},
        {"id": CAMPAIGN_ID, "archived": "t.is_archived"},
        {
            "created_at": stamp("t.created_at"),
            "updated_at": stamp("t.updated_at"),
            "definition": DEFINITION,
        },
        related("campaigns", CAMPAIGN_ID, "campaign-messages"),
        100,
        "campaigns:read",
    ),
    "campaign-messages": Kind(
        "campaign-message",
        _messages,
        "t.message_no",
        MESSAGE_ID,
        {"updated": "t.updated_at", "created": "t.created_at"},
        {"id": MESSAGE_ID, "campaign_id": CAMPAIGN_ID},
        {
            "created": stamp("t.created_at"),
            "updated": stamp("t.updated_at"),
            "definition": "{'name': t.name, 'status': 'sent'}",
        },
        f"""{{
            'campaign': {{'data': {linked("campaign", CAMPAIGN_ID)}}},
            'campaign-variations': {{
                'data': [{linked("campaign-variation", long_id("V", "t.message_no"))}]
            }}
        }}""",
        100,
        "campaigns:read",
    ),
    "flows": Kind(
        "flow",
        lambda view: f"(SELECT * FROM {_campaigns(view)} WHERE is_flow)",
        "t.campaign_no",
        FLOW_ID,
        {"updated": "t.updated_at", "created": "t.created_at"},
        {"id": FLOW_ID, "archived": "t.is_archived"},
        {
            "name": "t.name",
            "status": "'live'",
            "archived": "t.is_archived",
            "created": stamp("t.created_at"),
            "updated": stamp("t.updated_at"),
            "trigger_type": "'Metric'",
        },
        related("flows", FLOW_ID, "flow-actions"),
        50,
        "flows:read",
    ),
    "events": Kind(
        "event",
        _events,
        "t.event_no",
        "printf('%011x', t.event_no)",
        {"datetime": "t.occurred_at"},
        {"metric_id": "t.metric_id", "profile_id": PROFILE_ID},
        {
            "timestamp": "epoch(t.occurred_at)::BIGINT",
            "event_properties": PROPERTIES,
            "datetime": stamp("t.occurred_at"),
            "uuid": "md5(t.event_no::VARCHAR)",
        },
        f"""{{
            'profile': {{'data': {linked("profile", PROFILE_ID)}}},
            'metric': {{'data': {linked("metric", "t.metric_id")}}}
        }}""",
        1000,
        "events:read",
    ),
}


def _authorise(sim: Simulation, call: Call, right: str) -> None:
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    if (scheme, key) != ("Klaviyo-API-Key", API_KEY):
        raise Problem("unauthenticated", "Incorrect authentication credentials.")
    if call.headers.get("revision") != REVISION:
        raise Problem("invalid_request", "A valid revision header is required.")
    sim.need(right)


def _conditions(kind: Kind, text: str) -> str:
    """Filters as SQL; raises Problem for what the vendor does not know."""
    found, at = ["true"], 0
    while at < len(text):
        match = FILTER.match(text, at)
        if not match:
            raise Problem("invalid_request", f"Invalid filter provided: {text[at:]}")
        found.append(_condition(kind, *match.groups()))
        at = match.end() + 1
    return " AND ".join(found)


def _condition(kind: Kind, operator: str, name: str, value: str) -> str:
    if name in kind.times and operator in kind.edges:
        moment = literal(parse_time(value, name))
        return f"date_trunc('second', {kind.times[name]}) {OPERATORS[operator]} {moment}"
    if name in kind.values and operator == "any":
        listed = re.findall(r"[\"']([^\"']*)[\"']", value)
        if not 1 <= len(listed) <= 100:
            raise Problem("invalid_request", f"any({name}) takes 1 to 100 values.")
        return f"{kind.values[name]} IN ({', '.join(map(literal, listed))})"
    if name in kind.values and operator == "equals":
        text = value.strip("\"'")
        plain = text if text in ("true", "false") and name == "archived" else literal(text)
        return f"{kind.values[name]} = {plain}"
    raise Problem(
        "invalid_request", f"'{name}' is not a valid field for filter operator '{operator}'."
    )


def _index(view: View, kind: str, conditions: str, order: str) -> str:
    of = KINDS[kind]
    return f"""
    SELECT {of.key} AS key FROM {of.relation(view)} AS t WHERE {conditions} ORDER BY {order}, key"""


def _render(view: View, kind: str, attributes: tuple[str, ...]) -> str:
    of = KINDS[kind]
    told = ", ".join(f"'{name}': {of.attributes[name]}" for name in attributes)
    return f"""
    SELECT {of.key}, to_json({{
        'type': {literal(of.name)}, 'id': {of.id}, 'attributes': {{{told}}},
        'relationships': {of.relationships},
        'links': {{'self': {literal(f"{HOST}/api/{kind}/")} || {of.id}}}
    }})
    FROM {of.relation(view)} AS t WHERE {of.key} IN (SELECT unnest($keys))"""


def _stream(kind: str, conditions: str, order: str, attributes: tuple[str, ...]) -> Stream:
    return Stream(
        f"klaviyo {kind}",
        lambda view, **_: _index(view, kind, conditions, order),
        lambda view, **_: _render(view, kind, attributes),
    )


def _attributes(kind: Kind, call: Call) -> tuple[str, ...]:
    asked = call.query.get(f"fields[{kind.name}]")
    names = dict.fromkeys(each.partition(".")[0] for each in asked.split(",")) if asked else None
    if unknown := [name for name in names or () if name not in kind.attributes]:
        raise Problem("invalid_request", f"{', '.join(unknown)} is no field of {kind.name}.")
    has_more = call.query.get(f"additional-fields[{kind.name}]") == "subscriptions"
    return tuple(name for name in names or kind.attributes if name != "subscriptions" or has_more)


def _order(kind: Kind, asked: str) -> str:
    name = asked.removeprefix("-")
    columns = {**kind.times, "id": kind.id}
    if name not in columns:
        raise Problem("invalid_request", f"'{name}' is not a valid sort field.")
    column = columns[name] if name == "id" else f"date_trunc('second', {columns[name]})"
    return f"{column} DESC" if asked.startswith("-") else column


def read_list(sim: Simulation, call: Call) -> Reply:
    name = call.path.rpartition("/")[2]
    kind = KINDS[name]
    _authorise(sim, call, kind.right)
    attributes = _attributes(kind, call)
    conditions = _conditions(kind, call.query.get("filter", ""))
    order = _order(kind, call.query.get("sort", next(iter(kind.times))))
    limit = parse_limit(call.query.get("page[size]"), "page[size]", 20, kind.most)
    told = {"where": conditions, "order": order, "attributes": attributes}
    page, following = sim.page(
        call,
        _stream(name, conditions, order, attributes),
        told,
        limit,
        call.query.get("page[cursor]"),
    )
    rows = with_new_field(page.rows, call.whims, "is_preview")
    return _answer(name, call, rows, following)


def _answer(name: str, call: Call, rows: list[str], following: str | None) -> Reply:
    again = {key: value for key, value in call.query.items() if key != "page[cursor]"}
    links = {"self": f"{HOST}/api/{name}", "next": None, "prev": None}
    if following:
        links["next"] = f"{HOST}/api/{name}?{urlencode({**again, 'page[cursor]': following})}"
    around = reply_json({"links": links}).body
    return Reply(f'{{"data":{rows_json(rows)},{str(around)[1:]}')


def _metric(number: str, name: str, integration: str) -> dict[str, Any]:
    of = {"object": "integration", "id": integration[:6], "name": integration, "category": "API"}
    made = "2020-01-01T00:00:00+00:00"
    return {
        "type": "metric",
        "id": number,
        "attributes": {"name": name, "created": made, "updated": made, "integration": of},
        "links": {"self": f"{HOST}/api/metrics/{number}"},
    }


def read_metrics(sim: Simulation, call: Call) -> Reply:
    _authorise(sim, call, "metrics:read")
    listed = [_metric(*each[:3]) for each in METRICS]
    return reply_json({"data": listed, "links": {"self": f"{HOST}/api/metrics", "next": None}})


PROBLEMS = {
    "unauthenticated": (401, "authentication_failed"),
    "rate_limited": (429, "throttled"),
    "server_error": (500, "error"),
    "invalid_request": (400, "invalid"),
    "invalid_cursor": (400, "invalid"),
    "cursor_expired": (400, "invalid"),
    "not_found": (404, "not_found"),
    "forbidden": (403, "permission_denied"),
}


def refuse(problem: Problem) -> Reply:
    status, code = PROBLEMS[problem.kind]
    detail = problem.message
    if problem.kind in ("invalid_cursor", "cursor_expired"):
        detail = "Invalid cursor provided."
    status = problem.status if problem.kind == "server_error" else status
    error = {"id": "5141e3d7", "status": status, "code": code, "title": code, "detail": detail}
    headers = problem.headers()
    return reply_json({"errors": [{**error, "source": {"pointer": "/data/"}}]}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": API_KEY}


VENDOR = Vendor(
    NAME,
    (
        *(("GET", f"/api/{name}", read_list) for name in KINDS),
        ("GET", "/api/metrics", read_metrics),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={"contact": Record("message_profile", long_id("K", "record_id"))},
)

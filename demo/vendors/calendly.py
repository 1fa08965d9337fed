"""Calendly API v2 of one organization: event types, scheduled events, invitees.

Events can be filtered by their start alone. An appointment in a shop has the shop's name and
address as its place. Who does not come is noted with the invitee, whose update time stays.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

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

NAME = "calendly"
API = "https://api.calendly.com"
ORGANIZATION = f"{API}/organizations/DEMOORGANIZATION"
# Made up, and good for nothing but this simulator.
PERSONAL = "eyJ-demo-calendly-personal-token"
KEYS = "(SELECT unnest($keys))"


def _authorise(call: Call) -> None:
    if call.bearer != PERSONAL:
        raise Problem("unauthenticated", "The access token is invalid")


def _iso(column: str) -> str:
    """Times to the microsecond, as Calendly writes them."""
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ')"


def _uri(kind: str, column: str) -> str:
    return f"'{API}/{kind}/' || {column}"


def me(sim: Simulation, call: Call) -> Reply:
    _authorise(call)
    return reply_json(
        {
            "resource": {
                "uri": f"{API}/users/DEMOUSER",
                "name": "Paula Novak",
                "email": "stores@retailer.example",
                "timezone": "Europe/Berlin",
                "current_organization": ORGANIZATION,
                "resource_type": "User",
            }
        }
    )


def _types_index(view: View) -> str:
    return f"""
    SELECT DISTINCT 'T' || duration_minutes FROM {view.table("bookings")} AS t ORDER BY 1"""


def _types_render(view: View) -> str:
    return f"""
    SELECT DISTINCT 'T' || t.duration_minutes, to_json({{
        'uri': {_uri("event_types", "'T' || t.duration_minutes")},
        'name': 'Styling, ' || t.duration_minutes || ' minutes',
        'active': true,
        'duration': t.duration_minutes,
        'kind': 'solo',
        'type': 'StandardEventType',
        'deleted_at': NULL::VARCHAR
    }})::VARCHAR
    FROM {view.table("bookings")} AS t WHERE 'T' || t.duration_minutes IN {KEYS}"""


def _events_index(view: View, since: Any, until: Any) -> str:
    return f"""
    SELECT t.booking_id FROM {view.table("bookings")} AS t
    WHERE t.start_at >= {literal(since)} AND t.start_at < {literal(until)}
    ORDER BY t.start_at, t.booking_id"""


IS_CANCELLED = "b.status LIKE 'CANCELLED%'"
CANCELLATION = f"""CASE WHEN {IS_CANCELLED} THEN {{
    'canceled_by': if(b.status = 'CANCELLED_BY_CUSTOMER', 'the invitee', 'the host'),
    'reason': NULL::VARCHAR,
    'canceler_type': if(b.status = 'CANCELLED_BY_CUSTOMER', 'invitee', 'host'),
    'created_at': {_iso("b.updated_at")}
}} END"""
# That nobody came changes neither of them.
UPDATED = "if(b.status = 'NO_SHOW', b.created_at, b.updated_at)"


def _events_render(view: View, **_: Any) -> str:
    return f"""
    SELECT b.booking_id, to_json({{
        'uri': {_uri("scheduled_events", "b.booking_id")},
        'name': 'Styling, ' || b.duration_minutes || ' minutes',
        'status': if({IS_CANCELLED}, 'canceled', 'active'),
        'start_time': {_iso("b.start_at")},
        'end_time': {_iso("b.start_at + to_minutes(b.duration_minutes)")},
        'event_type': {_uri("event_types", "'T' || b.duration_minutes")},
        'location': {{
            'type': 'physical',
            'location': s.store_code || ', ' || s.street || ', ' || s.city,
            'additional_info': NULL::VARCHAR
        }},
        'invitees_counter': {{
            'total': 1, 'active': if({IS_CANCELLED}, 0, 1), 'limit': 1
        }},
        'cancellation': {CANCELLATION},
        'event_memberships': [{{
            'user': {_uri("users", "'U' || s.store_code")},
            'user_email': lower(s.store_code) || '@retailer.example',
            'user_name': 'Stylist of ' || s.store_code
        }}],
        'event_guests': []::VARCHAR[],
        'created_at': {_iso("b.created_at")},
        'updated_at': {_iso(UPDATED)}
    }})::VARCHAR
    FROM {view.table("bookings")} AS b JOIN {view.table("shops")} AS s USING (shop_no)
    WHERE b.booking_id IN {KEYS}"""


def _invitees_index(view: View, event: str) -> str:
    return f"""
    SELECT t.booking_id FROM {view.table("bookings")} AS t
    WHERE t.booking_id = {literal(event)}"""


def _invitees_render(view: View, **_: Any) -> str:
    uri = _uri("scheduled_events", "b.booking_id || '/invitees/' || b.booking_id")
    return f"""
    SELECT b.booking_id, to_json({{
        'uri': {uri},
        'email': coalesce(c.email, b.booking_id || '@guest.example'),
        'first_name': c.given_name,
        'last_name': c.family_name,
        'name': concat_ws(' ', c.given_name, c.family_name),
        'status': if({IS_CANCELLED}, 'canceled', 'active'),
        'timezone': s.time_zone,
        'event': {_uri("scheduled_events", "b.booking_id")},
        'text_reminder_number': c.phone,
        'rescheduled': false,
        'old_invitee': NULL::VARCHAR,
        'new_invitee': NULL::VARCHAR,
        'cancel_url': 'https://calendly.com/cancellations/' || b.booking_id,
        'reschedule_url': 'https://calendly.com/reschedulings/' || b.booking_id,
        'questions_and_answers': []::VARCHAR[],
        'tracking': {{'utm_source': NULL::VARCHAR, 'utm_medium': NULL::VARCHAR}},
        'cancellation': {CANCELLATION},
        'payment': NULL::VARCHAR,
        'no_show': CASE WHEN b.status = 'NO_SHOW' THEN {{
            'uri': {_uri("invitee_no_shows", "b.booking_id")}, 'created_at': {_iso("b.updated_at")}
        }} END,
        'invitee_scheduled_by': CASE WHEN b.source = 'FIRST_PARTY_MERCHANT'
            THEN {_uri("users", "'U' || s.store_code")} END,
        'created_at': {_iso("b.created_at")},
        'updated_at': {_iso(UPDATED)}
    }})::VARCHAR
    FROM {view.table("bookings")} AS b
    JOIN {view.table("shops")} AS s USING (shop_no)
    JOIN {view.table("till_customers")} AS c USING (square_customer_id)
    WHERE b.booking_id IN {KEYS}"""


TYPES = Stream("calendly.event_types", _types_index, _types_render)
EVENTS = Stream("calendly.scheduled_events", _events_index, _events_render)
INVITEES = Stream("calendly.invitees", _invitees_index, _invitees_render)


def _collection(sim: Simulation, call: Call, stream: Stream, filters: dict[str, Any]) -> Reply:
    limit = parse_limit(call.query.get("count"), "count", 20, 100)
    page, token = sim.page(call, stream, filters, limit, call.query.get("page_token"))
    link = f"{API}{call.path.removeprefix('/' + NAME)}?page_token={token}" if token else None
    around = {
        "count": len(page.rows),
        "next_page": link,
        "previous_page": None,
        "next_page_token": token,
        "previous_page_token": None,
    }
    rows = with_new_field(page.rows, call.whims, "badge_preview")
    return Reply(f'{{"collection":{rows_json(rows)},"pagination":{json.dumps(around)}}}')


def _of_organization(call: Call) -> None:
    _authorise(call)
    if call.query.get("organization") != ORGANIZATION:
        raise Problem("forbidden", "You do not have permission to access this resource.")


def event_types(sim: Simulation, call: Call) -> Reply:
    _of_organization(call)
    return _collection(sim, call, TYPES, {})


def scheduled_events(sim: Simulation, call: Call) -> Reply:
    _of_organization(call)
    since, until = (
        parse_time(str(call.query.get(name)), name) for name in ("min_start_time", "max_start_time")
    )
    return _collection(sim, call, EVENTS, {"since": since, "until": until})


def invitees(sim: Simulation, call: Call) -> Reply:
    _authorise(call)
    return _collection(sim, call, INVITEES, {"event": call.path_params["event"]})


TITLES = {
    "unauthenticated": (401, "Unauthenticated"),
    "rate_limited": (429, "Too Many Requests"),
    "invalid_request": (400, "Invalid Argument"),
    "invalid_cursor": (400, "Invalid Argument"),
    "cursor_expired": (400, "Invalid Argument"),
    "forbidden": (403, "Permission Denied"),
    "not_found": (404, "Resource Not Found"),
}


def refuse(problem: Problem) -> Reply:
    status, title = TITLES.get(problem.kind, (problem.status, "Internal Server Error"))
    body: dict[str, Any] = {"title": title, "message": problem.message}
    if "cursor" in problem.kind:
        body["details"] = [{"parameter": "page_token", "message": "is invalid"}]
    headers = {}
    if problem.retry_after is not None:
        headers["X-RateLimit-Reset"] = str(problem.retry_after)
    return reply_json(body, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": PERSONAL, "extra": {"requests_per_minute": 600_000}}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/users/me", me),
        ("GET", "/event_types", event_types),
        ("GET", "/scheduled_events", scheduled_events),
        ("GET", "/scheduled_events/{event}/invitees", invitees),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={"booking": Record("booking")},
    is_asked_by_day=True,
)

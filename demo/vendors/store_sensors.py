"""Store sensors by our own contract: pings of phones, and counts of doors.

Events carry the device's time and the server's; a list goes from the newest back. What a beacon, an
access point (`wifi`) or a tag (`nfc`) noticed has a `beacon` of that type, what the app's position
tells a `geofence`. Counters export hours of local wall time, with its offset, so the clock-change
days have 23 or 25 of them.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, with_new_field
from demo.vendors.core.sql import iso_ms, literal, without_nulls
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

NAME = "store_sensors"
# Made up, and good for nothing but this simulator.
KEY = "prj_test_sk_demo-store-sensors"


def _authorise(call: Call) -> None:
    if call.headers.get("authorization", "") != KEY:
        raise Problem("unauthenticated", "Unauthorized: the Authorization header must be the key.")


# Beacon events ---------------------------------------------------------------------------------


def _events_index(view: View, since: Any, until: Any) -> str:
    column = "date_trunc('millisecond', received_at)"
    conditions = ["true"]
    if since is not None:
        conditions.append(f"{column} >= {literal(since)}")
    if until is not None:
        conditions.append(f"{column} < {literal(until)}")
    return f"""
    SELECT ping_id FROM {view.table("pings")} AS t WHERE {" AND ".join(conditions)}
    ORDER BY {column} DESC, ping_id DESC"""


def _events_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        '_id': p.ping_id,
        'live': true,
        'type': p.event_type,
        'createdAt': {iso_ms("p.received_at")},
        'actualCreatedAt': {iso_ms("p.observed_at")},
        'user': {{
            '_id': md5(p.device_id)[1:24], 'userId': p.user_id, 'deviceId': p.device_id
        }},
        'beacon': CASE WHEN p.signal <> 'app_location' THEN {{
            '_id': md5(p.beacon_id)[1:24],
            'type': CASE p.signal WHEN 'beacon' THEN 'ibeacon' ELSE p.signal END,
            'externalId': p.beacon_id, 'description': s.store_code
        }} END,
        'geofence': CASE WHEN p.signal = 'app_location' THEN {{
            '_id': md5(s.store_code)[1:24], 'tag': 'store', 'externalId': s.store_code,
            'description': s.store_code
        }} END,
        'location': {{'type': 'Point', 'coordinates': [p.longitude, p.latitude]}},
        'locationAccuracy': p.accuracy_m,
        'confidence': CASE
            WHEN p.signal = 'nfc' OR p.rssi >= -70 THEN 3
            WHEN p.rssi >= -85 OR p.accuracy_m <= 25 THEN 2 ELSE 1 END,
        'metadata': CASE WHEN p.rssi IS NOT NULL THEN {{'rssi': p.rssi}} END
    }})"""
    return f"""
    SELECT p.ping_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("pings")} AS p JOIN shops AS s USING (shop_no)
    WHERE p.ping_id IN (SELECT unnest($keys))"""


EVENTS = Stream("store_sensors.events", _events_index, _events_render)


def events(sim: Simulation, call: Call) -> Reply:
    _authorise(call)
    since, until = (
        parse_time(call.query[name], name) if call.query.get(name) else None
        for name in ("createdAfter", "createdBefore")
    )
    page, following = sim.page(
        call,
        EVENTS,
        {"since": since, "until": until},
        parse_limit(call.query.get("limit"), "limit", 100, 1_000),
        call.query.get("cursor"),
    )
    meta: dict[str, Any] = {"code": 200, "hasMore": following is not None}
    if following:
        meta["cursor"] = following
    rows = with_new_field(page.rows, call.whims, "fraudPreview")
    return Reply(f'{{"meta":{json.dumps(meta)},"events":{rows_json(rows)}}}')


# Door counters ---------------------------------------------------------------------------------


def _local(column: str) -> str:
    """A UTC column as local wall time with its offset, 2026-03-29T03:00:00+02:00."""
    local = f"(({column} AT TIME ZONE 'UTC') AT TIME ZONE s.time_zone)"
    offset = f"date_diff('minute', {column}, {local})"
    return (
        f"strftime({local}, '%Y-%m-%dT%H:%M:%S')"
        f" || CASE WHEN {offset} < 0 THEN '-' ELSE '+' END"
        f" || printf('%02d:%02d', abs({offset}) // 60, abs({offset}) % 60)"
    )


def _counts_index(view: View, serial: str, since: Any, until: Any) -> str:
    conditions = [f"counter_serial = {literal(serial)}"]
    if since is not None:
        conditions.append(f"interval_start >= {literal(since)}")
    if until is not None:
        conditions.append(f"interval_start < {literal(until)}")
    return f"""
    SELECT epoch_us(interval_start) FROM {view.table("door_counts")} AS t
    WHERE {" AND ".join(conditions)} ORDER BY interval_start"""


def _counts_render(view: View, serial: str, **_: Any) -> str:
    return f"""
    SELECT epoch_us(t.interval_start), to_json({{
        'start': {_local("t.interval_start")},
        'end': {_local("t.interval_end")},
        'in': t.in_count,
        'out': t.out_count
    }})::VARCHAR
    FROM {view.table("door_counts")} AS t JOIN shops AS s USING (shop_no)
    WHERE t.counter_serial = {literal(serial)}
    AND epoch_us(t.interval_start) IN (SELECT unnest($keys))"""


COUNTS = Stream("store_sensors.counts", _counts_index, _counts_render)


def counters(sim: Simulation, call: Call) -> Reply:
    _authorise(call)
    found = sim.query(
        "SELECT counter_serial, name, store_code, time_zone FROM shops ORDER BY counter_serial"
    )
    return reply_json(
        [
            {
                "serial": serial,
                "name": name if code in name else f"{name} {code}",
                "model": "P8815-2",
                "timeZone": zone,
            }
            for serial, name, code, zone in found
        ]
    )


def export(sim: Simulation, call: Call) -> Reply:
    _authorise(call)
    serial = call.path_params["serial"]
    shop = sim.query(
        "SELECT name, store_code, time_zone FROM shops WHERE counter_serial = $serial",
        {"serial": serial},
    )
    if not shop:
        raise Problem("not_found", f"No counter has the serial {serial}.")
    name, code, zone = shop[0]
    if call.query.get("resolution", "hour") != "hour":
        raise Problem("invalid_request", "resolution: only hour is recorded.")
    since, until = (_edge(call.query.get(edge), edge, zone) for edge in ("start", "end"))
    listing = sim.listing(COUNTS, {"serial": serial, "since": since, "until": until})
    now = sim.view.now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    head = {
        "serial": serial,
        "name": name if code in name else f"{name} {code}",
        "timestamp": now.isoformat(timespec="seconds"),
        "resolution": "hour",
    }
    rows = with_new_field(listing.rows(0, len(listing)), call.whims, "childrenPreview")
    return Reply(json.dumps(head)[:-1] + f',"data":{rows_json(rows)}}}')


def _edge(text: str | None, what: str, zone: str) -> datetime | None:
    """A moment with offset, or the counter's own wall time without one; a bare date is midnight."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return parse_time(text, what)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC).replace(tzinfo=None)


STATUSES = {
    "unauthenticated": 401,
    "rate_limited": 429,
    "invalid_request": 400,
    "invalid_cursor": 400,
    "cursor_expired": 400,
    "not_found": 404,
}


def refuse(problem: Problem) -> Reply:
    status = problem.status if problem.kind == "server_error" else STATUSES[problem.kind]
    meta: dict[str, Any] = {"code": status, "message": problem.message}
    if "cursor" in problem.kind:
        meta["param"] = "cursor"
    headers = problem.headers()
    return reply_json({"meta": meta}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": KEY}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/v1/events", events),
        ("GET", "/counters", counters),
        ("GET", "/counters/{serial}/export", export),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={
        "app_device": Record("app_device"),
    },
)

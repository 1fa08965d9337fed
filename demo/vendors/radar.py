"""Radar API v1 of one project: events of phones at geofences and beacons, and lists of both.

Lists begin with the newest and have no page tokens: `createdBefore` leads on. Of an event's two
times `createdAt` is the phone's, by which events are listed. Radar knows no Wi-Fi and no tags.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, with_new_field
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

NAME = "radar"
# Made up, and good for nothing but this simulator.
KEY = "prj_live_sk_demo-radar"
KEYS = "(SELECT unnest($keys))"
SIGNALS = "('beacon', 'app_location')"


def _authorise(call: Call) -> None:
    if call.headers.get("authorization", "") != KEY:
        raise Problem("unauthenticated", "Unauthorized")


def _events_index(view: View, since: Any, before: Any) -> str:
    column = "date_trunc('millisecond', observed_at)"
    conditions = [f"signal IN {SIGNALS}"]
    if since is not None:
        conditions.append(f"{column} > {literal(since)}")
    if before is not None:
        conditions.append(f"{column} < {literal(before)}")
    return f"""
    SELECT ping_id FROM {view.table("pings")} AS t WHERE {" AND ".join(conditions)}
    ORDER BY {column} DESC, ping_id DESC"""


def _place(kind: str) -> str:
    return f"substr(md5('{kind}' || s.store_code), 1, 24)"


def _events_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        '_id': p.ping_id,
        'live': true,
        'type': p.event_type,
        'createdAt': {iso_ms("p.observed_at")},
        'actualCreatedAt': {iso_ms("p.received_at")},
        'user': {{
            '_id': md5(p.device_id)[1:24], 'userId': p.user_id, 'deviceId': p.device_id
        }},
        'beacon': CASE WHEN p.signal = 'beacon' THEN {{
            '_id': {_place("beacon")}, 'type': 'ibeacon', 'tag': 'store',
            'externalId': p.beacon_id, 'description': s.store_code || ' entrance'
        }} END,
        'geofence': CASE WHEN p.signal = 'app_location' THEN {{
            '_id': {_place("geofence")}, 'tag': 'store', 'externalId': s.store_code,
            'description': s.name
        }} END,
        'location': {{'type': 'Point', 'coordinates': [p.longitude, p.latitude]}},
        'locationAccuracy': p.accuracy_m,
        'confidence': CASE WHEN p.accuracy_m <= 10 THEN 3 WHEN p.accuracy_m <= 25 THEN 2 ELSE 1 END
    }})"""
    return f"""
    SELECT p.ping_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("pings")} AS p JOIN {view.table("shops")} AS s USING (shop_no)
    WHERE p.ping_id IN {KEYS}"""


# No shop has been moved or opened since the project was set up.
MADE_AT = "TIMESTAMP '2026-01-05 09:00:00' + to_minutes(s.shop_no)"


def _shops_index(view: View, since: Any, before: Any) -> str:
    conditions = ["true"]
    if before is not None:
        conditions.append(f"{MADE_AT} < {literal(before)}")
    return f"""
    SELECT shop_no FROM {view.table("shops")} AS s WHERE {" AND ".join(conditions)}
    ORDER BY shop_no DESC"""


def _geofences_render(view: View, **_: Any) -> str:
    return f"""
    SELECT s.shop_no, to_json({{
        '_id': {_place("geofence")}, 'live': true, 'tag': 'store', 'externalId': s.store_code,
        'description': s.name, 'type': 'circle', 'geometryRadius': 50, 'enabled': true,
        'geometryCenter': {{'type': 'Point', 'coordinates': [s.longitude, s.latitude]}},
        'createdAt': {iso_ms(MADE_AT)}, 'updatedAt': {iso_ms(MADE_AT)}
    }})::VARCHAR
    FROM {view.table("shops")} AS s WHERE s.shop_no IN {KEYS}"""


def _beacons_render(view: View, **_: Any) -> str:
    return f"""
    SELECT s.shop_no, to_json({{
        '_id': {_place("beacon")}, 'live': true, 'tag': 'store', 'externalId': s.beacon_id,
        'description': s.store_code || ' entrance', 'type': 'ibeacon', 'enabled': true,
        'uuid': 'b9407f30-f5f8-466e-aff9-25556b57fe6d', 'major': s.shop_no::VARCHAR, 'minor': '1',
        'geometry': {{'type': 'Point', 'coordinates': [s.longitude, s.latitude]}},
        'createdAt': {iso_ms(MADE_AT)}, 'updatedAt': {iso_ms(MADE_AT)}
    }})::VARCHAR
    FROM {view.table("shops")} AS s WHERE s.shop_no IN {KEYS}"""


EVENTS = Stream("radar.events", _events_index, _events_render)
GEOFENCES = Stream("radar.geofences", _shops_index, _geofences_render)
BEACONS = Stream("radar.beacons", _shops_index, _beacons_render)


def _list(sim: Simulation, call: Call, name: str, stream: Stream, by: str) -> Reply:
    _authorise(call)
    since, before = (
        parse_time(call.query[edge], edge) if call.query.get(edge) else None
        for edge in (f"{by}After", f"{by}Before")
    )
    limit = parse_limit(call.query.get("limit"), "limit", 100, 1_000)
    page = cut_page(sim.listing(stream, {"since": since, "before": before}), 0, limit, call.whims)
    rows = with_new_field(page.rows, call.whims, "fraudPreview")
    meta = {"code": 200, "hasMore": page.next_offset is not None}
    return Reply(f'{{"meta":{json.dumps(meta)},"{name}":{rows_json(rows)}}}')


def events(sim: Simulation, call: Call) -> Reply:
    return _list(sim, call, "events", EVENTS, "created")


def geofences(sim: Simulation, call: Call) -> Reply:
    return _list(sim, call, "geofences", GEOFENCES, "updated")


def beacons(sim: Simulation, call: Call) -> Reply:
    return _list(sim, call, "beacons", BEACONS, "created")


STATUSES = {"unauthenticated": 401, "rate_limited": 429, "invalid_request": 400, "not_found": 404}


def refuse(problem: Problem) -> Reply:
    status = STATUSES.get(problem.kind, problem.status)
    headers = problem.headers()
    return reply_json({"meta": {"code": status, "message": problem.message}}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": KEY}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/v1/events", events),
        ("GET", "/v1/geofences", geofences),
        ("GET", "/v1/beacons", beacons),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={"app_device": Record("app_device")},
)

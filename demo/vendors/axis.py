"""AXIS people counters, one below each serial number: an older camera in every second shop, a 3D
counter in the others.

Both show the shop's wall clock and no zone. On the days on which the clocks change an hour is
missing, or comes twice. They answer a challenge (digest authentication).
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.vendors.core.listing import with_new_field
from demo.vendors.core.sql import literal
from demo.vendors.core.vendor import Vendor
from demo.vendors.core.wire import Call, Problem, Reply, reply_json, rows_json
from demo.world.constants import DEFAULT_SHOPS
from demo.world.places import make_shops

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "axis"
# Made up, and good for nothing but this simulator.
LOGIN, PASSWORD = "o2o-viewer", "demo-axis"
REALM, NONCE = "AXIS_DEMO", "5b4a1c0d"
Shop = tuple[int, str, str, str]  # number, code, name, zone


def _digest(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what counters ask for


def _shop(sim: Simulation, call: Call) -> Shop:
    """The shop whose counter is asked; refuses who does not answer its challenge."""
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', call.headers.get("authorization", "")))
    user = _digest(f"{LOGIN}:{REALM}:{PASSWORD}")
    asked = _digest(f"{call.method}:{said.get('uri')}")
    parts = (said.get("nonce"), said.get("nc"), said.get("cnonce"), said.get("qop"))
    right = _digest(f"{user}:{':'.join(map(str, parts))}:{asked}")
    if said.get("response") != right or call.path not in str(said.get("uri")):
        raise Problem("unauthenticated", "Unauthorized")
    found = sim.query(
        "SELECT shop_no, store_code, name, time_zone FROM shops WHERE counter_serial = $serial",
        {"serial": call.path_params["serial"]},
    )
    if not found:
        raise Problem("not_found", "There is no counter here.")
    number, code, name, zone = found[0]
    return number, code, name, zone


def _clock(sim: Simulation, zone: str) -> datetime:
    return sim.view.now.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def _hours(sim: Simulation, shop: Shop, first: str, last: str) -> list[tuple[Any, ...]]:
    """Start and end on the wall clock, in and out, of the days from one to another."""
    number, _, _, zone = shop

    def local(column: str) -> str:
        return f"(({column} AT TIME ZONE 'UTC') AT TIME ZONE {literal(zone)})"

    return sim.query(
        f"""SELECT {local("interval_start")}, {local("interval_end")}, in_count, out_count
        FROM {sim.view.table("door_counts")} AS t
        WHERE shop_no = {number} AND {local("interval_start")}::DATE BETWEEN $first AND $last
        ORDER BY interval_start""",
        {"first": _day(first), "last": _day(last)},
    )


def _day(text: str) -> Any:
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise Problem("invalid_request", f"{text!r} is no day") from error


def camera(sim: Simulation, call: Call) -> Reply:
    """The older interface, whose query tells by a bare word what is asked for."""
    shop = _shop(sim, call)
    _, code, _, zone = shop
    serial, name = call.path_params["serial"], f"Door {code}"
    if "live-sum.json" in call.query:
        now = _clock(sim, zone)
        rows = _hours(sim, shop, f"{now:%Y%m%d}", f"{now:%Y%m%d}")
        return reply_json(
            {
                "serial": serial,
                "name": name,
                "timestamp": f"{now:%Y%m%d%H%M%S}",
                "in": sum(row[2] for row in rows),
                "out": sum(row[3] for row in rows),
            }
        )
    if "export-json" not in call.query or call.query.get("res") != "1h":
        raise Problem("invalid_request", "only live-sum.json and export-json by the hour")
    first, _, last = call.query.get("date", "").partition("-")
    counter = {"name": name, "serial": serial, "delta": 3600, "types": {"In": 66, "Out": 67}}
    # By hand: the hour that comes twice has the same name twice.
    data = ",".join(
        f'"{start:%Y%m%d%H%M%S}":[{came},{went}]'
        for start, _, came, went in _hours(sim, shop, first, last or first)
    )
    return Reply(f'{{"counter":{json.dumps(counter)},"data":{{{data}}}}}')


def occupancy(sim: Simulation, call: Call) -> Reply:
    shop = _shop(sim, call)
    now = _clock(sim, shop[3])
    rows = _hours(sim, shop, f"{now:%Y%m%d}", f"{now:%Y%m%d}")
    came, went = (sum(row[column] for row in rows) for column in (2, 3))
    serial = ":".join(re.findall("..", call.path_params["serial"].lower()))
    return reply_json(
        {
            "occupancy": max(came - went, 0),
            "serial": serial,
            "timestamp": now.isoformat(timespec="seconds"),
            "total_in": came,
            "total_out": went,
        }
    )


def export(sim: Simulation, call: Call) -> Reply:
    shop = _shop(sim, call)
    if call.query.get("resolution") != "hour":
        raise Problem("invalid_request", "resolution")
    last = _day(call.query.get("end", "")) - timedelta(days=1)
    rows = [
        json.dumps({"start": str(start), "end": str(end), "in": came, "out": went})
        for start, end, came, went in _hours(
            sim, shop, call.query.get("start", ""), f"{last:%Y%m%d}"
        )
    ]
    return Reply(f'{{"data":{rows_json(with_new_field(rows, call.whims, "adultsPreview"))}}}')


def refuse(problem: Problem) -> Reply:
    statuses = {"unauthenticated": 401, "rate_limited": 503, "invalid_request": 400}
    status = statuses.get(problem.kind, 404 if problem.kind == "not_found" else problem.status)
    headers = problem.headers()
    if status == 401:
        challenge = f'Digest realm="{REALM}", nonce="{NONCE}", algorithm=MD5, qop="auth"'
        headers["WWW-Authenticate"] = challenge
    said = {"message": problem.message, "errors": []}
    return reply_json({"error": said}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    shops = make_shops(DEFAULT_SHOPS)
    counters = [
        {
            "url": f"{host}/{serial}",
            "time_zone": zone,
            "api": "a3dpc" if number % 2 else "tvpc",
            "name": f"Door {code}",
        }
        for number, (serial, zone, code) in enumerate(
            zip(shops.counters, shops.zones, shops.codes, strict=True)
        )
    ]
    return {"login": LOGIN, "password": PASSWORD, "extra": {"counters": counters}}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/{serial}/local/tvpc/.api", camera),
        ("GET", "/{serial}/a3dpc/api/occupancy", occupancy),
        ("GET", "/{serial}/a3dpc/api/export/json", export),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    is_asked_by_day=True,
)

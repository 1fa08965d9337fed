"""The requests of the store sensors, against our own contract."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.zone import Landing


def test_door_counts_carry_their_counter_and_the_shops_own_day(
    vendor: Vendor, tmp_path: Path
) -> None:
    vendor.on("GET", "/counters", Answer([{"serial": "A1", "name": "Door"}]))
    interval = b'{"start": "2026-03-29T03:00:00+02:00", "in": 4, "out": 3 }'
    head = b'{"serial":"A1","name":"Door","resolution":"hour","data":['
    vendor.on("GET", "/counters/A1/export", Answer(head + interval + b"]}"))
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-03-01"})
    extract(SOURCES["store_sensors"], connection, str(tmp_path), JUNE, streams=["door_counts"])
    rows = pq.read_table(tmp_path / "store_sensors" / "door_counts").to_pylist()
    (row,) = [row for row in rows if row["_payload"]]
    assert row["_payload"] == (interval[:-1].decode().rstrip() + ',"serial":"A1","name":"Door"}')
    assert (row["_key"], row["_cursor"]) == ("A1|2026-03-29T03:00:00+02:00", "2026-03-29")
    covered = [r["_cursor"] for r in rows if not r["_payload"]]
    assert (covered[0], covered[-1]) == ("2026-03-01", "2026-06-01")


def test_the_hour_that_comes_twice_in_autumn_counts_twice(vendor: Vendor, tmp_path: Path) -> None:
    hours = ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
    rows = [{"start": start, "in": number, "out": 0} for number, start in enumerate(hours)]
    vendor.on("GET", "/counters", Answer([{"serial": "A1", "name": "Door"}]))
    answer = {"serial": "A1", "name": "Door", "resolution": "hour", "data": rows}
    vendor.on("GET", "/counters/A1/export", Answer(answer))
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-10-20"})
    now = datetime(2026, 11, 1, tzinfo=UTC)
    extract(SOURCES["store_sensors"], connection, str(tmp_path), now, streams=["door_counts"])
    place = Landing(str(tmp_path)).stream("store_sensors", "door_counts")
    landed = place.standing(["2026-10-25"])["2026-10-25"]
    assert sorted((row[0], json.loads(row[2])["in"]) for row in landed) == [
        (f"A1|{hours[1]}", 1),
        (f"A1|{hours[0]}", 0),
    ]


def test_pings_follow_the_cursor_in_meta(vendor: Vendor, tmp_path: Path) -> None:
    def page(request: Request) -> Any:
        last = request.query.get("cursor") == "c"
        name = f"{request.query['createdAfter']}-{last}"
        events = [{"_id": name, "createdAt": "2026-05-31T10:00:00.000Z"}]
        return {"meta": {"code": 200, "hasMore": not last, "cursor": "c"}, "events": events}

    vendor.on("GET", "/v1/events", page)
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-04-15"})
    assert len(run(tmp_path, "store_sensors", "pings", connection)) == 4  # two months, two pages
    assert vendor.requests[0].headers["Authorization"] == "k"


@pytest.mark.parametrize("silence", ["not listed", "an empty export"])
def test_a_counter_that_falls_silent_keeps_its_last_days(
    vendor: Vendor, tmp_path: Path, silence: str
) -> None:
    """The other counters go on counting on the same days."""
    listed = [{"serial": "A1", "name": "Door"}, {"serial": "B2", "name": "Gate"}]
    counted: dict[str, int | None] = {"A1": 4, "B2": 7}

    def export(request: Request) -> Any:
        serial = request.path.split("/")[2]
        row = {"start": "2026-05-31T10:00:00+02:00", "in": counted[serial], "out": 0}
        rows = [row] if counted[serial] else []
        return {"serial": serial, "name": "x", "resolution": "hour", "data": rows}

    vendor.on("GET", "/counters", lambda request: Answer(listed))
    for serial in counted:
        vendor.on("GET", f"/counters/{serial}/export", export)
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-05-01"})

    def load() -> tuple[str, ...]:
        (result,) = extract(
            SOURCES["store_sensors"], connection, str(tmp_path), JUNE, streams=["door_counts"]
        )
        return result.unconfirmed

    assert load() == ()
    counted["A1"] = 5
    if silence == "not listed":
        del listed[1]
    else:
        counted["B2"] = None
    for _ in range(2):
        assert load() == ("2026-05-31 B2",)
        place = Landing(str(tmp_path)).stream("store_sensors", "door_counts")
        rows = [json.loads(row[2]) for row in place.standing(["2026-05-31"])["2026-05-31"]]
        assert sorted((row["serial"], row["in"]) for row in rows) == [("A1", 5), ("B2", 7)]

"""The requests of AXIS people counters, both of their interfaces, and what lands of them."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.axis.shape import Door
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError
from warehouse.landing.zone import Landing

TVPC = "/local/tvpc/.api"


def connection(*counters: dict[str, Any], **extra: Any) -> Connection:
    return Connection("", "viewer", "p", {"counters": list(counters), **extra})


def door(vendor: Vendor, **more: Any) -> dict[str, Any]:
    return {"url": vendor.url, "time_zone": "Europe/Berlin", **more}


def serve(vendor: Vendor, data: dict[str, Any], types: tuple[str, ...] = ("In", "Out")) -> None:
    """The older interface, whose query tells by a bare word what is asked for."""

    def answer(request: Request) -> Any:
        if "date" in request.query:
            counter = {"name": "Exit", "serial": "00408CAC512B", "delta": 3600}
            numbered = {name: number for number, name in enumerate(types)}
            return {"counter": {**counter, "types": numbered}, "data": data}
        return {
            "serial": "00408CAC512B",
            "name": "Exit S003",
            "timestamp": "20260601015900",
            "in": 12,
            "out": 318,
        }

    vendor.on("GET", TVPC, answer)


def counts(folder: Path, to: Connection) -> list[tuple[Any, ...]]:
    found = run(folder, "axis", "door_counts", to)
    return [(row["started_at"], row["ended_at"], row["in"], row["out"]) for row in found]


def test_the_older_interface_is_landed_in_the_words_of_the_newer_one(
    vendor: Vendor, tmp_path: Path
) -> None:
    serve(vendor, {"20260531100000": [4, 3], "20260531110000": [0, 1]})
    to = connection(door(vendor), start_date="2026-05-30")
    found = run(tmp_path, "axis", "door_counts", to)
    assert found[0] == {
        "start": "2026-05-31 10:00:00",
        "end": "2026-05-31 11:00:00",
        "in": 4,
        "out": 3,
        "serial": "00408CAC512B",
        "name": "Exit S003",
        "started_at": "2026-05-31T10:00:00+02:00",
        "ended_at": "2026-05-31T11:00:00+02:00",
    }
    assert len(found) == 2
    (export,) = [request for request in vendor.requests if "date" in request.query]
    assert export.query == {"date": "20260530-20260601", "res": "1h"}


def test_an_occupancy_estimator_counts_by_its_totals(vendor: Vendor, tmp_path: Path) -> None:
    types = ("Occupancy", "Average Time", "Total In", "Total Out")
    serve(vendor, {"20260531100000": [7, 60, 18, 17]}, types)
    to = connection(door(vendor), start_date="2026-05-30")
    assert [row[2:] for row in counts(tmp_path, to)] == [(18, 17)]


def test_what_is_no_interval_is_set_aside(vendor: Vendor, tmp_path: Path) -> None:
    data = {
        "20260531100000": [4, 3],
        "yesterday": [1, 1],
        "20260531120000": [1],
        "20260531130000": ["x", 1],
    }
    serve(vendor, data)
    to = connection(door(vendor), start_date="2026-05-30")
    (result,) = extract(SOURCES["axis"], to, str(tmp_path), JUNE, streams=["door_counts"])
    assert (result.rows, result.quarantined) == (1, 3)


def test_an_export_that_does_not_say_how_long_its_intervals_are_is_none(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    told = Answer({"serial": "A1", "name": "x", "timestamp": "20260601000000"})
    vendor.on(
        "GET", TVPC, told, Answer({"counter": {"serial": "A1"}, "data": {"20260531100000": []}})
    )
    with pytest.raises(ExtractFailed, match="not what was asked for"):
        counts(tmp_path, connection(door(vendor), start_date="2026-05-30"))


def interval(start: str, end: str, came: int) -> dict[str, Any]:
    return {"start": start, "end": end, "in": came, "out": 0}


def three_d(vendor: Vendor, serial: str, *rows: dict[str, Any]) -> None:
    vendor.on(
        "GET",
        "/a3dpc/api/occupancy",
        Answer({"serial": serial, "timestamp": "2026-06-01T02:00:00+02:00"}),
    )
    vendor.on("GET", "/a3dpc/api/export/json", Answer({"data": list(rows)}))


def test_the_hour_that_the_clock_shows_twice_counts_twice(vendor: Vendor, tmp_path: Path) -> None:
    three_d(
        vendor,
        "A1",
        interval("2025-10-26 01:00:00", "2025-10-26 02:00:00", 1),
        interval("2025-10-26 02:00:00", "2025-10-26 03:00:00", 2),
        interval("2025-10-26 02:00:00", "2025-10-26 03:00:00", 3),
        interval("2025-10-26 03:00:00", "2025-10-26 04:00:00", 4),
    )
    to = connection(door(vendor, api="a3dpc"), start_date="2025-10-20")
    to = replace(to, extra={**to.extra, "until": "2025-10-27T12:00:00Z"})
    assert counts(tmp_path, to) == [
        ("2025-10-26T01:00:00+02:00", "2025-10-26T02:00:00+02:00", 1, 0),
        ("2025-10-26T02:00:00+02:00", "2025-10-26T02:00:00+01:00", 2, 0),
        ("2025-10-26T02:00:00+01:00", "2025-10-26T03:00:00+01:00", 3, 0),
        ("2025-10-26T03:00:00+01:00", "2025-10-26T04:00:00+01:00", 4, 0),
    ]


def test_an_hour_that_comes_once_though_the_clock_shows_it_twice_is_two_hours_long(
    vendor: Vendor, tmp_path: Path
) -> None:
    serve(vendor, {"20251026020000": [5, 0], "20251026030000": [4, 0]})
    to = connection(door(vendor), start_date="2025-10-20", until="2025-10-27T12:00:00Z")
    assert counts(tmp_path, to)[0] == (
        "2025-10-26T02:00:00+02:00",
        "2025-10-26T03:00:00+01:00",
        5,
        0,
    )


def test_an_hour_that_the_clock_skips_has_nobody_in_it(vendor: Vendor, tmp_path: Path) -> None:
    """A counter that counted in it does not keep to its zone: that is set aside, and told."""
    rows = [
        interval("2026-03-29 01:00:00", "2026-03-29 02:00:00", 1),
        interval("2026-03-29 02:00:00", "2026-03-29 03:00:00", 0),
        interval("2026-03-29 03:00:00", "2026-03-29 04:00:00", 2),
    ]
    three_d(vendor, "A1", *rows)
    to = connection(
        door(vendor, api="a3dpc"), start_date="2026-03-20", until="2026-03-30T12:00:00Z"
    )
    assert [row[0][11:] for row in counts(tmp_path / "a", to)] == [
        "01:00:00+01:00",
        "03:00:00+02:00",
    ]
    rows[1]["in"] = 5
    three_d(vendor, "A1", *rows)
    (result,) = extract(SOURCES["axis"], to, str(tmp_path / "b"), JUNE, streams=["door_counts"])
    assert (result.rows, result.quarantined) == (2, 1)


def test_a_counter_that_does_not_answer_costs_no_other_one_its_load(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    """Its days are asked for again until it answers, however long that takes."""
    other = Vendor()
    try:
        rows = [
            interval(f"2026-05-{day} 10:00:00", f"2026-05-{day} 11:00:00", day)
            for day in range(10, 32)
        ]
        three_d(vendor, "A1", *rows)
        three_d(other, "B2", *rows)
        doors = [door(each, api="a3dpc") for each in (vendor, other)]
        to = connection(*doors, start_date="2026-05-10")

        def load(until: datetime) -> None:
            extract(SOURCES["axis"], to, str(tmp_path), until, streams=["door_counts"])

        def stands(day: str) -> set[str]:
            place = Landing(str(tmp_path)).stream("axis", "door_counts")
            return {json.loads(row[2])["serial"] for row in place.standing([day])[day]}

        load(datetime(2026, 5, 20, 12, tzinfo=UTC))
        vendor.on("GET", "/a3dpc/api/export/json", Answer({"message": "gone"}, 404))
        for day in range(21, 29):
            with pytest.raises(
                ExtractFailed, match=r"what the others have has landed; 1 could not"
            ):
                load(datetime(2026, 5, day, 12, tzinfo=UTC))
        assert stands("2026-05-20") == {"A1", "B2"}
        assert stands("2026-05-22") == {"B2"}
        three_d(vendor, "A1", *rows)
        load(datetime(2026, 5, 29, 12, tzinfo=UTC))
        assert all(stands(f"2026-05-{day}") == {"A1", "B2"} for day in range(17, 30))
        # And no longer than that.
        asked = len(vendor.requests)
        load(datetime(2026, 6, 8, 12, tzinfo=UTC))
        load(datetime(2026, 6, 9, 12, tzinfo=UTC))
        (last,) = [r for r in vendor.requests[asked:] if "start" in r.query][-1:]
        assert last.query["start"] >= "20260530"
    finally:
        other.close()


def test_all_days_of_a_new_counter_are_read(vendor: Vendor, tmp_path: Path) -> None:
    other = Vendor()
    try:
        rows = [interval("2026-03-10 10:00:00", "2026-03-10 11:00:00", 7)]
        three_d(vendor, "A1", *rows)
        three_d(other, "B2", *rows)
        first = connection(door(vendor, api="a3dpc"), start_date="2026-03-01")
        both = connection(
            door(vendor, api="a3dpc"), door(other, api="a3dpc"), start_date="2026-03-01"
        )
        for to in (first, both):
            (told,) = extract(SOURCES["axis"], to, str(tmp_path), JUNE, streams=["door_counts"])
            assert told.unconfirmed == ()
        place = Landing(str(tmp_path)).stream("axis", "door_counts")
        stands = place.standing(["2026-03-10"])["2026-03-10"]
        assert {json.loads(row[2])["serial"] for row in stands} == {"A1", "B2"}
    finally:
        other.close()


def test_counters_that_answer_are_listed_though_one_does_not(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    three_d(vendor, "AC:CC:8E:F3:D9:2E")
    doors = [
        door(vendor, api="a3dpc", name="Door S001"),
        {"url": "http://127.0.0.1:9", "time_zone": "UTC"},
    ]
    with pytest.raises(ExtractFailed, match=r"1 could not be read.*127\.0\.0\.1:9"):
        extract(SOURCES["axis"], connection(*doors), str(tmp_path), JUNE, streams=["counters"])
    (row,) = [
        json.loads(row[2]) for row in Landing(str(tmp_path)).stream("axis", "counters").every_row()
    ]
    assert (row["serial"], row["name"], row["time_zone"]) == (
        "ACCC8EF3D92E",
        "Door S001",
        "Europe/Berlin",
    )


def test_the_password_answers_the_counters_challenge_and_is_not_sent(
    vendor: Vendor, tmp_path: Path
) -> None:
    told = {"serial": "A1", "name": "Door S001", "timestamp": "20260601000000"}
    challenge = 'Digest realm="AXIS_ACCC8EF3D92E", nonce="abc", algorithm=MD5, qop="auth"'

    def digest(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    def answer(request: Request) -> Any:
        said = request.headers.get("Authorization", "")
        found = dict(re.findall(r'(\w+)="?([^",]+)"?', said))
        if not found:
            return Answer({}, 401, {"WWW-Authenticate": challenge})
        user = digest("viewer:AXIS_ACCC8EF3D92E:p4ssword")
        asked = digest(f"GET:{TVPC}?live-sum.json")
        nonce = f"{found['nonce']}:{found['nc']}:{found['cnonce']}:{found['qop']}"
        right = found["response"] == digest(f"{user}:{nonce}:{asked}")
        return Answer(told if right else {}, 200 if right else 401, {"WWW-Authenticate": challenge})

    vendor.on("GET", TVPC, answer)
    to = replace(connection(door(vendor)), password="p4ssword")
    assert len(run(tmp_path / "a", "axis", "counters", to)) == 1
    assert not any("p4ssword" in str(request.headers) for request in vendor.requests)
    with pytest.raises(ExtractFailed, match="refused our credentials"):
        run(tmp_path / "b", "axis", "counters", replace(to, password="wrong"))


def test_a_challenge_that_has_ended_is_answered_anew(vendor: Vendor, tmp_path: Path) -> None:
    """Each is good for one request, and the next request still begins with it."""
    told = {"serial": "A1", "name": "Door S001", "timestamp": "20260601000000"}
    given: list[str] = []

    def answer(request: Request) -> Any:
        said = re.search(r'nonce="(\w+)"', request.headers.get("Authorization", ""))
        if said and said[1] == given[-1] and request.headers["Authorization"].count("nc=00000001"):
            return told if "date" not in request.query else export
        given.append(f"n{len(given)}")
        stale = ", stale=true" if said else ""
        challenge = f'Digest realm="AXIS", nonce="{given[-1]}", qop="auth"{stale}'
        return Answer({}, 401, {"WWW-Authenticate": challenge})

    export = {"counter": {"serial": "A1", "delta": 3600, "types": {"In": 1, "Out": 2}}, "data": {}}
    vendor.on("GET", TVPC, answer)
    counts(tmp_path, connection(door(vendor), start_date="2026-03-01"))
    assert len(given) == 3, "one for each export; the password was right each time"


def test_a_clock_that_is_wrong_is_told(
    vendor: Vendor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.now(UTC)
    for hours, is_told in ((0, False), (1, True)):
        clock = (now + timedelta(hours=hours)).strftime("%Y%m%d%H%M%S")
        vendor.on("GET", TVPC, Answer({"serial": "A1", "name": "x", "timestamp": clock}))
        to = connection({"url": vendor.url, "time_zone": "UTC"})
        with caplog.at_level(logging.WARNING):
            extract(SOURCES["axis"], to, str(tmp_path), now, streams=["counters"])
        assert ("minutes off" in caplog.text) == is_told


@pytest.mark.parametrize(
    ("counters", "said"),
    [
        ("10.1.0.20", "must be a list such as"),
        ([], "missing setting"),
        ([{"time_zone": "UTC"}], r"counters\[0\] must be an object with a url"),
        ([{"url": "http://127.0.0.1:9"}], r"time_zone must be a zone"),
        ([{"url": "http://127.0.0.1:9", "time_zone": "Berlin"}], r"time_zone must be a zone"),
        (
            [{"url": "http://127.0.0.1:9", "time_zone": "UTC", "api": "x"}],
            "api must be one of tvpc",
        ),
        ([{"url": "http://127.0.0.1:9", "time_zone": "UTC", "zone": "x"}], "there is no zone"),
    ],
)
def test_a_wrong_list_of_counters_is_told(counters: Any, said: str) -> None:
    with pytest.raises(SettingError, match=said):
        SOURCES["axis"].open(Connection("", "viewer", "p", {"counters": counters}))


def test_the_shapes_counter_is_one_of_the_newer_interface(vendor: Vendor, tmp_path: Path) -> None:
    """Its export's end is a day's first moment."""
    counter = Door(vendor)
    counter.add("a", JUNE - timedelta(hours=1))
    found = run(tmp_path, "axis", "door_counts", counter.connection)
    assert [row["name"] for row in found] == ["Door S001"]
    last = vendor.seen("/a3dpc/api/export/json")[-1].query
    assert last == {"start": "20260521", "end": "20260602", "resolution": "hour"}

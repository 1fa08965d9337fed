"""The requests of Radar, and what of its answers lands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.radar import source as radar
from connectors.registry import SOURCES
from tests.connectors.radar.shape import Project
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError

DAY = timedelta(days=1)


def test_a_phone_that_was_offline_for_days_is_found(vendor: Vendor, tmp_path: Path) -> None:
    """Radar lists by the phone's time; the event is new when the server hears of it."""
    project = Project(vendor, page_size=2)
    project.add("newest", JUNE - timedelta(hours=1))
    run(tmp_path, "radar", "events", project.connection)
    project.add("late", JUNE + timedelta(hours=1), createdAt=times.text(JUNE - 6 * DAY))
    until = JUNE + timedelta(hours=2)
    extract(SOURCES["radar"], project.connection, str(tmp_path), until, streams=["events"])
    found = run(tmp_path, "radar", "events", project.connection)
    assert {each["_id"] for each in found} == {"newest", "late"}
    first = vendor.requests[0]
    assert first.headers["Authorization"] == "k"
    assert first.query["limit"] == "1000"
    assert first.query["createdAfter"] == "2026-05-12T23:59:59.999Z"  # seven days earlier


def test_events_of_one_time_over_a_page_break_are_all_read(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next page begins with the time of the last row, not before it."""
    monkeypatch.setattr(radar, "LIMIT", 3)
    project = Project(vendor, page_size=3)
    same = times.text(JUNE - DAY)
    for tag in ("a", "b"):
        project.add(tag, JUNE - DAY, createdAt=times.text(JUNE - DAY / 2))
    for tag in ("c", "d"):
        project.add(tag, JUNE - DAY, createdAt=same)
    project.add("e", JUNE - 2 * DAY)
    found = run(tmp_path, "radar", "events", project.connection)
    assert {each["_id"] for each in found} == set("abcde")


def test_more_events_of_one_time_than_a_page_are_told(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radar, "LIMIT", 2)
    project = Project(vendor, page_size=2)
    for tag in "abc":
        project.add(tag, JUNE - DAY, createdAt=times.text(JUNE - DAY))
    with pytest.raises(ExtractFailed, match="more than 2 events have the time 2026-05-31"):
        run(tmp_path, "radar", "events", project.connection)


def test_a_full_page_that_does_not_say_whether_there_are_more_is_not_the_last(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(radar, "LIMIT", 2)
    rows = [
        {"_id": str(number), "createdAt": times.text(JUNE - DAY - timedelta(minutes=number))}
        for number in range(3)
    ]

    def page(request: Request) -> Any:
        return {"events": [r for r in rows if r["createdAt"] < request.query["createdBefore"]][:2]}

    vendor.on("GET", "/v1/events", page)
    connection = Connection(vendor.url, password="k", extra={"start_date": "2026-05-20"})
    assert len(run(tmp_path, "radar", "events", connection)) == 3


@pytest.mark.parametrize("stream", ["geofences", "beacons"])
def test_geofences_and_beacons_are_listed_whole(
    vendor: Vendor, tmp_path: Path, stream: str
) -> None:
    by = {"geofences": "updated", "beacons": "created"}[stream]
    rows = [
        {"_id": str(number), f"{by}At": times.text(JUNE - number * DAY)} for number in range(1500)
    ]

    def page(request: Request) -> Any:
        before = request.query.get(f"{by}Before", "9999")
        found = [row for row in rows if row[f"{by}At"] < before]
        return {"meta": {"code": 200, "hasMore": len(found) > 1000}, stream: found[:1000]}

    vendor.on("GET", f"/v1/{stream}", page)
    connection = Connection(vendor.url, password="k")
    assert len(run(tmp_path, "radar", stream, connection)) == 1500
    assert len(vendor.requests) == 2


@pytest.mark.parametrize("key", ["prj_live_pk_123456", "prj_test_sk_123456"])
def test_a_key_that_lists_nothing_of_the_live_project_is_refused_at_once(key: str) -> None:
    with pytest.raises(SettingError, match="Live Secret key") as refused:
        SOURCES["radar"].open(Connection("http://127.0.0.1:9", password=key))
    assert key not in str(refused.value)


def test_a_disabled_organization_is_told_in_its_words(vendor: Vendor, tmp_path: Path) -> None:
    said = {"meta": {"code": 402, "message": "Organization disabled"}}
    vendor.on("GET", "/v1/events", Answer(said, 402))
    with pytest.raises(ExtractFailed, match=r"Organization disabled.*bill"):
        run(tmp_path, "radar", "events", Connection(vendor.url, password="k"))


def test_days_that_a_phone_may_be_late_are_a_whole_number(vendor: Vendor, tmp_path: Path) -> None:
    with pytest.raises(ExtractFailed, match="late_days must be a whole number of days"):
        run(
            tmp_path,
            "radar",
            "events",
            Connection(vendor.url, password="k", extra={"late_days": "many"}),
        )

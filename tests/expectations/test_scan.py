"""What is remembered of landed files never changes a verdict, only the time it takes."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.registry import SOURCES
from expectations import landed, runner
from warehouse.landing.zone import Landing

STREAMS = [("shopify", "orders"), ("store_sensors", "pings"), ("shop", "unknown")]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "", "1", "2", "3", "it's"]),
        st.sampled_from(["2026-03-01", "2026-03-02T10:00:00+02:00", "1767225600000", "never"]),
        st.sampled_from(
            ["{}", "[1]", '{"id": ', '{"id": 1, "name": "a"}', '{"_id": "p", "user": {}}']
        ),
    ),
    max_size=7,
)
LOAD = st.tuples(
    st.sampled_from(STREAMS),
    ROWS,
    st.lists(st.sampled_from(["2026-03-01", "2026-03-03", "someday"]), max_size=2),
    st.integers(0, 2),
)


def land(landing: Landing, load: Any) -> None:
    (source, stream), rows, days, refused = load
    landing.ensure_stream(source, stream)
    place = landing.stream(source, stream)
    with place.lock(), place.begin({}) as writing:
        writing.add(rows)
        for day in days:
            writing.cover(day)
        writing.quarantine([("no object", "[]")] * refused)
        writing.commit({})


def summed_up(landing: Landing, memory: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("set variable sources_in_use = null")
        landed.prepare(con, landing, SOURCES, memory)
        tables = ("streams", "files", "days", "fields", "expected")
        return {name: con.execute(f"from {name} order by all").fetchall() for name in tables}


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(loads=st.lists(LOAD, min_size=1, max_size=3), data=st.data())
def test_facts_are_the_same_remembered_or_not(loads: list[Any], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        landing = Landing(str(folder / "landing"))

        def compare(step: str) -> None:
            fresh = summed_up(landing, folder / f"{step}.duckdb")
            assert summed_up(landing, folder / "remembered.duckdb") == fresh

        for number, load in enumerate(loads):
            land(landing, load)
            compare(f"added-{number}")
        files = sorted((folder / "landing").rglob("2*.parquet"))
        first, victim, last = (data.draw(st.sampled_from(files)) for _ in range(3))
        shutil.copy(first, first.with_name("20200101T000000.000000Z.parquet"))
        cut = victim.with_suffix(".cut")
        duckdb.execute(f"copy (from '{victim}' limit 1) to '{cut}' (format parquet)")
        cut.replace(victim)
        compare("copied-and-changed")
        last.unlink()
        compare("removed")


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    found = Landing(str(tmp_path / "landing"))
    for refused in (1, 0):
        land(found, (STREAMS[0], [("1", "2026-03-01", "{}"), (None, "never", "[]")], [], refused))
    return found


def test_a_file_is_read_once(landing: Landing, tmp_path: Path) -> None:
    memory = tmp_path / "landed.duckdb"
    before = summed_up(landing, memory)
    file = min((tmp_path / "landing" / "shopify" / "orders").glob("2*.parquet"))
    stat = file.stat()
    file.write_bytes(b"x" * stat.st_size)  # would be found out if it were read again
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert summed_up(landing, memory) == before
    with pytest.raises(runner.AuditError, match=rf"{landing.url} cannot be read.*{file.name}"):
        runner.run_landing(landing, tmp_path / "reports", SOURCES)


def test_a_memory_that_is_lost_or_broken_is_made_anew(landing: Landing, tmp_path: Path) -> None:
    memory = tmp_path / "landed.duckdb"
    facts = summed_up(landing, memory)
    memory.write_bytes(b"no database")
    assert summed_up(landing, memory) == facts
    memory.unlink()
    with duckdb.connect(str(memory)) as con:  # of another version
        con.execute("create table facts (name varchar); create table refused (name varchar)")
    assert summed_up(landing, memory) == facts

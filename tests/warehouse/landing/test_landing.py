"""One load is one file, and the file is the transaction."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.landing import zone
from warehouse.landing.errors import LandingError
from warehouse.landing.zone import NO_LOAD, Landing, StreamLanding


def place_in(folder: Path | str) -> StreamLanding:
    return Landing(str(folder)).stream("shop", "orders")


def land(place: StreamLanding, rows: list[tuple[str, str, str]], state: dict) -> str:
    with place.lock(), place.begin({"since": "a", "until": "b"}) as load:
        load.add(rows)
        load.commit(state)
    return load.load_id


def landed_keys(place: StreamLanding) -> list[str]:
    keys = []
    for load_id in place.load_ids():
        keys += pq.read_table(f"{place.folder}/{load_id}.parquet")["_key"].to_pylist()
    return keys


def test_rows_and_state_are_in_one_file(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    load_id = land(place, [("1", "c1", '{"a":1.10}'), ("2", "c2", "{}")], {"cursor": "c2"})
    assert place.state() == {"cursor": "c2"}
    path = tmp_path / "shop" / "orders" / f"{load_id}.parquet"
    found = duckdb.sql(f"from '{path}' select *").fetchall()
    assert [(row[0], row[1], row[3], row[4]) for row in found] == [
        ("1", "c1", load_id, '{"a":1.10}'),
        ("2", "c2", load_id, "{}"),
    ]
    assert duckdb.sql(f"describe from '{path}'").fetchall()[2][:2] == ("_extracted_at", "TIMESTAMP")
    footer = pq.read_metadata(path).metadata
    assert json.loads(footer[b"o2o.window"]) == {"since": "a", "until": "b"}
    assert footer[b"o2o.rows"] == b"2"
    assert footer[b"o2o.quarantined"] == b"0"
    assert os.listdir(path.parent) == [path.name]


def test_a_covered_day_has_a_marker_that_is_not_counted_as_a_row(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    with place.lock(), place.begin({}) as load:
        load.add([("1", "2026-06-01", "{}")])
        load.cover("2026-06-01")
        load.cover("2026-06-02")
        load.commit({"day": "2026-06-01"})
    table = pq.read_table(f"{place.folder}/{load.load_id}.parquet").to_pylist()
    assert [(row["_key"], row["_cursor"], row["_payload"]) for row in table] == [
        ("1", "2026-06-01", "{}"),
        (None, "2026-06-01", None),
        (None, "2026-06-02", None),
    ]
    assert place.read(load.load_id).rows == 1


class Crash(Exception):
    pass


@settings(max_examples=40)
@given(
    loads=st.lists(
        st.tuples(
            st.lists(st.integers(0, 99), max_size=12),
            st.sampled_from(["", "write", "quarantine", "before rename", "after rename"]),
        ),
        max_size=6,
    ),
    group_rows=st.integers(1, 5),
)
def test_after_any_crash_the_state_is_the_state_of_the_visible_rows(loads, group_rows) -> None:
    """Loads crash at random places; what is visible must always be whole, and match the state."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(zone, "GROUP_ROWS", group_rows)
        place = place_in(folder)
        expected: list[str] = []
        state: dict = {}
        for number, (rows, crash) in enumerate(loads):
            batch = [(f"{number}-{row}", "c", "{}") for row in rows]
            try:
                with place.lock(), place.begin({}) as load:
                    load.add(batch)
                    load.quarantine([("bad", "x")])
                    if crash == "write":
                        raise Crash
                    if crash == "quarantine":
                        load._write_quarantine()
                        raise Crash
                    if crash == "before rename":
                        load._flush()
                        load._writer._parquet.close()
                        raise Crash
                    load.commit({"cursor": str(number)})
                    if crash == "after rename":
                        raise Crash
            except Crash:
                pass
            if crash in ("", "after rename"):
                expected += [key for key, _, _ in batch]
                state = {"cursor": str(number)}
            assert place.state() == state
            assert landed_keys(place) == expected
            assert not [name for name in os.listdir(place.folder) if name.endswith(".tmp")]


KILLED = """
import os, signal, sys
from warehouse.landing.zone import Landing

place = Landing(sys.argv[1]).stream("shop", "orders")
move = place.filesystem.move

class Filesystem:
    def __getattr__(self, name):
        return getattr(place.filesystem, name)
    def move(self, source, target):
        if sys.argv[2] == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        move(source, target)
        os.kill(os.getpid(), signal.SIGKILL)

with place.lock(), place.begin({}) as load:
    load.add([(str(n), "c", "{}") for n in range(1000)])
    load._writer._filesystem = Filesystem()
    load.commit({"cursor": "killed"})
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_kill_9_between_write_and_rename_leaves_no_visible_load(
    tmp_path: Path, moment: str
) -> None:
    place = place_in(tmp_path)
    land(place, [("old", "c", "{}")], {"cursor": "old"})
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), moment], check=False
    )
    assert result.returncode == -signal.SIGKILL
    if moment == "before":
        assert len(os.listdir(place.folder)) == 2  # the old load, and what the kill left
        assert place.state() == {"cursor": "old"}
        assert landed_keys(place) == ["old"]
    else:
        assert place.state() == {"cursor": "killed"}
        assert len(landed_keys(place)) == 1001
    land(place, [("new", "c", "{}")], {"cursor": "new"})
    assert landed_keys(place)[-1] == "new"
    assert all(name.endswith(".parquet") for name in os.listdir(place.folder))


FULL = """
import random, resource, sys
from warehouse.landing import zone
from warehouse.landing.errors import LandingError

zone.GROUP_ROWS = 100
moment, left = sys.argv[2], int(sys.argv[3])
place = zone.Landing(sys.argv[1]).stream("shop", "orders")
text = random.Random(1).randbytes(2_000).hex()  # does not compress
resource.setrlimit(resource.RLIMIT_FSIZE, (left, left))
try:
    with place.lock(), place.begin({}) as load:
        if moment == "quarantine":
            load.quarantine([("bad", text)] * 1)
        else:
            count = 1_000 if moment == "rows" else 10
            load.add([(str(n), "c", f"{n}{text[n:]}") for n in range(count)])
        load.commit({"cursor": "full"})
except LandingError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("moment", "left"), [("begin", 0), ("rows", 5_000), ("commit", 500), ("quarantine", 100)]
)
def test_a_full_disk_ends_in_one_clear_error_and_leaves_nothing(
    tmp_path: Path, moment: str, left: int
) -> None:
    place = place_in(tmp_path)
    land(place, [("old", "c", "{}")], {"cursor": "old"})
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), moment, str(left)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (said,) = done.stdout.splitlines()
    assert "cannot write shop.orders" in said
    assert "Is the disk full?" in said
    assert place.state() == {"cursor": "old"}
    assert landed_keys(place) == ["old"]
    assert len(os.listdir(place.folder)) == 1
    quarantined = tmp_path / "_quarantine" / "shop" / "orders"
    assert not quarantined.exists() or os.listdir(quarantined) == []
    land(place, [("new", "c", "{}")], {"cursor": "new"})
    assert place.state() == {"cursor": "new"}


def test_load_ids_rise_even_when_the_clock_is_set_back(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    land(place, [], {})
    first = place.load_ids()[0]
    os.rename(f"{place.folder}/{first}.parquet", f"{place.folder}/29990101T000000.000000Z.parquet")
    assert land(place, [], {}) == "29990101T000000.000001Z"


def test_two_writers_take_turns(tmp_path: Path) -> None:
    def write(number: int) -> None:
        land(place_in(tmp_path), [(str(number), "c", "{}")], {"cursor": str(number)})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place = place_in(tmp_path)
    assert sorted(landed_keys(place)) == [str(number) for number in range(8)]
    assert place.state() == {"cursor": landed_keys(place)[-1]}


def test_a_writer_that_waits_too_long_says_for_what(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    with (
        place.lock(),
        pytest.raises(LandingError, match=r"another load of shop\.orders"),
        place_in(tmp_path).lock(timeout=0.05),
    ):
        pass


def test_a_load_committed_meanwhile_is_noticed(tmp_path: Path) -> None:
    """Two machines do not share a lock file: the later commit must not go unnoticed."""
    place = place_in(tmp_path)
    with place.begin({}) as load:
        land(place, [], {})
        with pytest.raises(LandingError, match="committed by another writer"):
            load.commit({})
    assert len(place.load_ids()) == 1


def test_quarantine_keeps_reason_and_text(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    with place.lock(), place.begin({}) as load:
        load.quarantine([("not an object", "17"), ("no key (id)", '{"x":1}')])
        load.commit({})
    folder = tmp_path / "_quarantine" / "shop" / "orders"
    found = duckdb.sql(f"select _load_id, _reason, _raw from '{folder}/*.parquet'").fetchall()
    assert found == [
        (load.load_id, "not an object", "17"),
        (load.load_id, "no key (id)", '{"x":1}'),
    ]
    assert place.read(load.load_id).quarantined == 2


def test_an_empty_stream_can_be_read(tmp_path: Path) -> None:
    landing = Landing(str(tmp_path))
    landing.ensure_stream("shop", "orders")
    landing.ensure_stream("shop", "orders")
    place = place_in(tmp_path)
    assert os.listdir(place.folder) == [f"{NO_LOAD}.parquet"]
    assert duckdb.sql(f"select count(_payload) from '{place.folder}/*.parquet'").fetchone() == (0,)
    assert place.load_ids() == []
    assert place.state() == {}


def test_a_file_that_is_no_load_is_named(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    land(place, [], {})
    Path(place.folder, "99990101T000000.000000Z.parquet").write_bytes(b"PAR1 nonsense PAR1")
    with pytest.raises(LandingError, match=r"99990101T000000\.000000Z\.parquet is not a load file"):
        place.state()


def test_a_landing_zone_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "landing").write_text("a file where the folder should be")
    with (
        pytest.raises(LandingError, match="landing"),
        place_in(tmp_path / "landing").begin({}),
    ):
        pass


@pytest.mark.parametrize("url", ["file://{}", "memory://{}"])
def test_any_filesystem_with_a_url(tmp_path: Path, url: str) -> None:
    place = place_in(url.format(tmp_path))
    place.ensure()
    land(place, [("1", "c", "{}")], {"cursor": "1"})
    land(place, [("2", "c", "{}")], {"cursor": "2"})
    assert place.state() == {"cursor": "2"}
    assert len(place.load_ids()) == 2


def test_an_unknown_filesystem_is_named() -> None:
    with pytest.raises(LandingError, match="nowhere://x"):
        Landing("nowhere://x")


def test_large_loads_are_written_in_groups(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(zone, "GROUP_ROWS", 100)
    place = place_in(tmp_path)
    with place.lock(), place.begin({}) as load:
        for start in range(0, 1000, 50):
            load.add([(str(n), "c", "{}") for n in range(start, start + 50)])
            assert len(load._keys) < 100
        load.commit({})
    assert pq.read_metadata(f"{place.folder}/{load.load_id}.parquet").num_row_groups == 10


def test_the_footer_says_what_it_always_said(tmp_path: Path) -> None:
    """Landed files outlive releases: another name for a key would orphan all that has landed."""
    place = place_in(tmp_path)
    load_id = land(place, [("1", "c", "{}")], {"cursor": "c"})
    footer = pq.read_metadata(f"{place.folder}/{load_id}.parquet").metadata
    assert {key.decode() for key in footer if key.startswith(b"o2o.")} == {
        "o2o.before",
        "o2o.connector_version",
        "o2o.quarantined",
        "o2o.rows",
        "o2o.state",
        "o2o.stream",
        "o2o.window",
    }

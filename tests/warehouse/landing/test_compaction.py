"""Many small files become few, and nobody who reads them can tell."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from warehouse.landing import compaction
from warehouse.landing.compaction import merge
from warehouse.landing.errors import LandingError
from warehouse.landing.zone import Landing, StreamLanding

LATER = datetime.now(UTC) + timedelta(days=1)


def place_in(folder: Path) -> StreamLanding:
    return Landing(str(folder)).stream("shop", "orders")


def land(place: StreamLanding, number: int, rows: int = 3, bad: int = 0) -> str:
    dice = random.Random(number)
    with place.lock(), place.begin({"since": str(number)}) as load:
        day = f"2026-05-{number % 5 + 1:02}"
        load.add([(str(dice.randrange(9)), day, f'{{"n": {i}}}') for i in range(rows)])
        load.cover(day)
        load.quarantine([("bad", "x")] * bad)
        load.commit({"cursor": str(number)})
    return load.load_id


def rows(place: StreamLanding) -> list[tuple[Any, ...]]:
    """Every row once, as readers see it who rank by the load that a row carries."""
    return duckdb.sql(
        f"select distinct _key, _cursor, _extracted_at, _load_id, _payload"
        f" from read_parquet('{place.folder}/*.parquet') order by all"
    ).fetchall()


def count(place: StreamLanding) -> int:
    (found,) = duckdb.sql(f"select count(*) from '{place.folder}/*.parquet'").fetchall()
    return int(found[0])


def test_a_merged_stream_reads_as_before_and_goes_on_as_before(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    place.ensure()
    ids = [land(place, number, bad=number % 2) for number in range(10)]
    before, state = rows(place), place.state()
    standing = place.standing([f"2026-05-{day:02}" for day in range(1, 6)])
    done = merge(place, LATER)
    assert (done.before, done.after) == (10, 2)
    assert place.load_ids() == ids[-2:]  # the newest is never touched
    assert rows(place) == before
    assert count(place) == len(before)
    assert place.standing(standing) == standing
    assert place.state() == state == {"cursor": "9"}
    merged = place.read(ids[8])
    assert merged.loads == tuple(ids[:9])
    assert (merged.rows, merged.quarantined, merged.before) == (27, 4, "")
    assert (merged.state, merged.window) == ({"cursor": "8"}, {"since": "8"})
    # Further loads are merged with what was merged; a second time there is nothing to do.
    ids.append(land(place, 10))
    before = rows(place)
    assert merge(place, LATER).after == 2
    assert merge(place, LATER) == compaction.Merged(2, 2)
    assert place.read(ids[9]).loads == tuple(ids[:10])
    assert rows(place) == before
    assert len(place.quarantines()) == 5


def test_what_is_young_stays_as_it_came(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(4)]
    young = datetime.strptime(ids[2], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    merge(place, young)
    assert place.load_ids() == ids[1:]


def test_a_large_file_is_not_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(9)]
    size = max(place.sizes().values())
    monkeypatch.setattr(compaction, "LARGE", 3 * size)
    merge(place, LATER)
    assert place.load_ids() == [ids[2], ids[5], ids[7], ids[8]]
    monkeypatch.setattr(compaction, "LARGE", 64_000_000)
    monkeypatch.setattr(compaction, "MANY", 6)
    merge(place, LATER)
    assert place.load_ids() == [ids[5], ids[7], ids[8]]


def test_small_loads_share_row_groups(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(20)]
    merge(place, LATER)
    assert pq.read_metadata(f"{place.folder}/{ids[-2]}.parquet").num_row_groups == 1


KILLED = """
    import os, signal, sys
    from datetime import UTC, datetime, timedelta
    from pyarrow import fs
    from warehouse.landing import zone
    from warehouse.landing.compaction import merge

    left = int(sys.argv[3])

    class Plug:
        type_name = "local"

        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            def call(*arguments, **options):
                global left
                if name in ("move", "delete_file"):
                    left -= 1
                    if left < 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                return getattr(self.inner, name)(*arguments, **options)
            return call

    landing = zone.Landing(sys.argv[1])
    place = landing.stream("shop", "orders")
    place.filesystem = Plug(place.filesystem)
    merge(place, datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.parametrize("changes", [0, 1, 3])
def test_a_merge_that_is_killed_loses_nothing_and_is_ended_by_the_next(
    tmp_path: Path, changes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the merged file is there, after that, and between two removals."""
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(6)]
    before, state = rows(place), place.state()
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), LATER.isoformat()]
    done = subprocess.run([*command, str(changes)], check=False)
    assert done.returncode == -9
    assert len(place.load_ids()) == (6 if changes < 2 else 4)
    assert rows(place) == before  # some may be there twice, none is missing
    assert place.state() == state
    ids.append(land(place, 6))
    before = rows(place)
    # Also where what is left and what has it do not fit into one file.
    monkeypatch.setattr(compaction, "MANY", 5)
    merge(place, LATER)
    assert place.load_ids() == ids[4:]
    assert rows(place) == before
    assert count(place) == len(before)
    assert list(Path(place.folder).glob("*.tmp")) == []


def test_nothing_is_merged_over_a_load_that_is_missing(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(6)]
    place.remove([ids[2]])
    merge(place, LATER)
    assert place.load_ids() == [ids[1], ids[4], ids[5]]
    assert place.read(ids[4]).before == ids[2]
    with pytest.raises(LandingError, match="misses a load"):
        place.forget(ids[1])
    before = rows(place)
    place.forget(ids[2])
    assert place.read(ids[4]).before == ids[1]
    merge(place, LATER)
    assert place.load_ids() == [ids[4], ids[5]]
    assert rows(place) == before


def test_what_is_no_load_is_left_alone_and_told(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(5)]
    Path(place.folder, f"{ids[2]}.parquet").write_bytes(b"no parquet")
    shutil.copy(f"{place.folder}/{ids[0]}.parquet", f"{place.folder}/copy.parquet")
    done = merge(place, LATER)
    assert done.refused == [ids[2]]
    assert place.load_ids() == sorted([ids[1], ids[2], ids[3], ids[4], "copy"])


def test_loads_of_older_products_are_merged_too(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(4)]
    for load_id in ids[:2]:  # they did not note which load was before
        path = f"{place.folder}/{load_id}.parquet"
        table = place._table(path)
        old = {k: v for k, v in table.schema.metadata.items() if k not in NOTED}
        place._replace(path, table.replace_schema_metadata(old))
    merge(place, LATER)
    assert place.load_ids() == ids[2:]
    assert place.read(ids[2]).before is None


NOTED = (b"o2o.before", b"o2o.stream")


def test_an_erased_record_of_a_merged_load_is_counted(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    ids = [land(place, number, bad=2) for number in range(3)]
    merge(place, LATER)
    place.rewrite_quarantine(ids[0], lambda table: table.slice(1))
    assert place.read(ids[1]).quarantined == 4
    place.rewrite(ids[1], lambda table: table.slice(1))
    assert (place.read(ids[1]).quarantined, place.read(ids[1]).rows) == (3, 5)
    assert place.read(ids[1]).loads == (ids[0], ids[1])
    assert [place.holder(load) for load in (*ids, "2")] == [ids[1], ids[1], ids[2], None]


def test_a_load_may_begin_while_others_are_merged(tmp_path: Path) -> None:
    """Between machines no lock holds: what is written meanwhile is newer than what is merged."""
    place = place_in(tmp_path)
    ids = [land(place, number) for number in range(4)]
    with place.begin({}) as load:
        load.add([("9", "c", "{}")])
        assert place.state() == {"cursor": "3"}
        merge(Landing(str(tmp_path)).stream("shop", "orders"), LATER)
        load.commit({"cursor": "9"})
    assert place.load_ids() == [ids[2], ids[3], load.load_id]
    assert place.state() == {"cursor": "9"}

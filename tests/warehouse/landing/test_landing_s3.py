"""The landing zone in an object store behaves like the one in a folder."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from demo import world
from demo.serving import running
from demo.vendors import connections
from tests.object_store import SECRET, ObjectStore
from warehouse.landing.compaction import merge
from warehouse.landing.errors import LandingError
from warehouse.landing.zone import Landing, StreamLanding

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def stream(url: str) -> StreamLanding:
    return Landing(url).stream("shop", "orders")


def land(place: StreamLanding, key: str = "1", refused: int = 0) -> str:
    with place.lock(), place.begin({"since": "a"}) as load:
        load.add([(key, "c1", '{"a":1.10}')])
        load.quarantine([("no object", "[]")] * refused)
        load.commit({"cursor": key})
    return load.load_id


def read(landing: Landing, columns: str, pattern: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as con:
        root = landing.mount(con)
        return con.execute(
            f"select {columns} from read_parquet('{root}/{pattern}') order by all"
        ).fetchall()


def test_rows_state_and_set_aside_records_are_read_back(
    bucket: str, object_store: ObjectStore
) -> None:
    landing = Landing(f"{bucket}/land/zone/")  # the slash at the end is no folder without a name
    place = landing.stream("shop", "orders")
    assert (place.state(), place.load_ids(), landing.files()) == ({}, [], [])
    landing.ensure_stream("shop", "orders")
    landing.ensure_stream("shop", "orders")
    first, second = land(place, "1"), land(place, "2", refused=3)
    assert place.load_ids() == [first, second]
    assert place.state() == {"cursor": "2"}
    loaded = place.read(second)
    assert (loaded.rows, loaded.quarantined, loaded.window) == (1, 3, {"since": "a"})
    assert read(landing, "_key, _payload", "shop/orders/*.parquet") == [
        ("1", '{"a":1.10}'),
        ("2", '{"a":1.10}'),
    ]
    assert read(landing, "_raw", "_quarantine/*/*/*.parquet") == [("[]",)] * 3
    names = [file.name for file in landing.files()]
    assert names == [
        f"_quarantine/shop/orders/{second}.parquet",
        "shop/orders/00000000T000000.000000Z.parquet",
        f"shop/orders/{first}.parquet",
        f"shop/orders/{second}.parquet",
    ]
    assert object_store.keys(bucket) == [f"land/zone/{name}" for name in names]
    assert all(file.size > 0 and file.modified > 0 for file in landing.files())


def test_a_load_that_breaks_off_is_never_seen(bucket: str, object_store: ObjectStore) -> None:
    """pyarrow completes the upload of a stream that is dropped, so the final name must not be its
    name: at no moment may an object under it be less than the whole load."""
    place = stream(bucket)

    def break_off() -> None:
        with place.lock(), place.begin({}) as load:
            load.add([("1", "c", "{}")] * 60_000)  # more than a group: something was sent
            raise ZeroDivisionError

    before = len(object_store.requests())
    with pytest.raises(ZeroDivisionError):
        break_off()
    gc.collect()
    assert object_store.keys(bucket) == []
    sent = [line for line in object_store.requests()[before:] if ".parquet" in line]
    assert sent
    assert all(".tmp" in line for line in sent)


def test_a_killed_load_leaves_nothing_and_the_next_one_sweeps(
    bucket: str, object_store: ObjectStore
) -> None:
    script = f"""
        import os, signal
        from warehouse.landing.zone import Landing
        place = Landing({bucket!r}).stream("shop", "orders")
        with place.lock(), place.begin({{}}) as load:
            load.add([("1", "c", "x" * 1000)] * 60_000)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    code = textwrap.dedent(script)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert stream(bucket).load_ids() == []
    # Killed between the copy and the removal of what was copied.
    name = bucket.removeprefix("s3://")
    leftover = "shop/orders/20260101T000000.000000Z.parquet.ab.tmp"
    object_store.client().put_object(Bucket=name, Key=leftover, Body=b"half")
    load_id = land(stream(bucket))
    assert object_store.keys(bucket) == [f"shop/orders/{load_id}.parquet"]


def test_loads_are_merged_and_a_lost_one_is_forgotten(bucket: str) -> None:
    place = stream(bucket)
    ids = [land(place, str(number), refused=number) for number in range(5)]
    columns, pattern = "_key, _load_id, _payload", "shop/orders/*.parquet"
    before = read(place.landing, columns, pattern)
    assert merge(place, datetime.now(UTC) + timedelta(days=1)).after == 2
    assert place.load_ids() == ids[3:]
    assert read(place.landing, columns, pattern) == before
    assert (place.state(), place.read(ids[3]).quarantined) == ({"cursor": "4"}, 6)
    ids.append(land(place, "5"))
    place.remove([ids[4]])
    place.forget(ids[4])
    assert place.read(ids[5]).before == ids[3]


def test_more_loads_than_one_page_of_a_listing(bucket: str, object_store: ObjectStore) -> None:
    client, name = object_store.client(), bucket.removeprefix("s3://")
    ids = [f"20250101T000000.{number:06}Z" for number in range(1_010)]

    def put(load: str) -> None:
        client.put_object(Bucket=name, Key=f"shop/orders/{load}.parquet", Body=b"")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, ids))
    assert stream(bucket).load_ids() == ids
    assert len(Landing(bucket).files()) == len(ids)
    with duckdb.connect() as con:
        pattern = f"{Landing(bucket).mount(con)}/*/*/*.parquet"
        assert con.execute("select count(*) from glob(?)", [pattern]).fetchall() == [(len(ids),)]


def test_a_query_asks_once_per_file_how_large_it_is(bucket: str, object_store: ObjectStore) -> None:
    landing = Landing(bucket)
    load_id = land(landing.stream("shop", "orders"))
    with duckdb.connect() as con:
        root = landing.mount(con)
        before = len(object_store.requests())
        for _ in range(3):
            con.execute(f"from read_parquet('{root}/shop/orders/*.parquet')").fetchall()
        asked = [line for line in object_store.requests()[before:] if load_id in line]
    assert len([line for line in asked if line.startswith("HEAD")]) <= 6
    assert len(asked) <= 12


Action = Callable[[str], object]
ACTIONS: list[Action] = [
    lambda url: stream(url).load_ids(),
    lambda url: stream(url).ensure(),
    lambda url: land(stream(url)),
    lambda url: Landing(url).files(),
]


@pytest.mark.parametrize("action", ACTIONS, ids=["list", "ensure", "land", "files"])
def test_what_is_wrong_with_the_store_is_said_in_one_error(
    bucket: str, object_store: ObjectStore, action: Action
) -> None:
    with pytest.raises(LandingError, match=r"s3://no-such-bucket/x.*bucket does not exist"):
        action("s3://no-such-bucket/x")
    object_store.trust(anybody=False)
    try:
        with pytest.raises(LandingError, match=rf"{bucket}/x.*refuses these credentials") as error:
            action(f"{bucket}/x")
    finally:
        object_store.trust(anybody=True)
    assert SECRET not in str(error.value)


def test_a_store_that_does_not_answer(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # "discard": nobody listens
    with pytest.raises(LandingError, match=r"s3://.*does not answer.*AWS_ENDPOINT_URL"):
        stream(bucket).load_ids()


@pytest.mark.parametrize(
    "url", ["s3://key:hunter2@bucket/landing", "s3://bucket/landing?secret_key=hunter2"]
)
def test_access_does_not_belong_into_the_url(url: str) -> None:
    with pytest.raises(LandingError, match=r"s3://bucket/landing holds more") as error:
        Landing(url)
    assert "hunter2" not in str(error.value)


def test_any_scheme_of_fsspec_is_read_by_duckdb() -> None:
    landing = Landing("memory://zone")
    land(landing.stream("shop", "orders"))
    assert read(landing, "_key, parse_path(filename)[-3]", "*/*/*.parquet") == [("1", "shop")]


def test_an_extract_lands_the_same_as_in_a_folder(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.generate(tmp_path / "world", persons=60, days=3, seed=5, start=date(2026, 3, 29))
    with running(tmp_path / "world", now=NOW.replace(tzinfo=None)) as api:
        for source in ("square", "google_ads"):  # entities; reports with covered days
            connection = Connection(**connection_settings(api, source))
            for url in (f"{bucket}/landing", str(tmp_path / "landing")):
                for _ in range(2):
                    extract(SOURCES[source], connection, url, NOW)
    columns = "_key, _cursor, _payload, parse_path(filename)[-3], parse_path(filename)[-2]"
    there = read(Landing(f"{bucket}/landing"), columns, "*/*/*.parquet")
    assert there == read(Landing(str(tmp_path / "landing")), columns, "*/*/*.parquet")
    assert len(there) > 100
    for source in ("square", "google_ads"):
        for item in SOURCES[source].streams:
            remote = Landing(f"{bucket}/landing").stream(source, item.name)
            local = Landing(str(tmp_path / "landing")).stream(source, item.name)
            assert remote.state() == local.state()
            assert len(remote.load_ids()) == len(local.load_ids())


def connection_settings(api: str, source: str) -> dict[str, object]:
    given = connections(api)[source]
    extra = {**given["extra"], "start_date": "2026-03-29"}
    return {**{name: given[name] for name in ("host", "login", "password")}, "extra": extra}

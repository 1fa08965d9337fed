"""A person's rows in the landing zone: found by a pattern, judged by the streams' declarations."""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.core.source import VENDOR_END
from connectors.registry import SOURCES
from o2o.company.contracts import contracts
from o2o.people.erasure.spelling import loose
from warehouse.landing.personal import Personal
from warehouse.landing.suppression import Guard
from warehouse.landing.zone import Landing, StreamLanding

if TYPE_CHECKING:
    from o2o.people.erasure.plan import Plan

Entries = Collection[tuple[str, str]]


def persons_rows(landing: Landing, ids: Entries) -> Iterator[tuple[Personal, str | None, Any]]:
    """Every row of the person whose records have these ids, in every version that ever landed."""

    def is_theirs(kind: str, spelling: str) -> bool:
        return (kind, spelling) in ids

    kinds = {kind for kind, _ in ids}
    with duckdb.connect() as con:
        root = landing.mount(con)
        for place, declared in streams(landing):
            if declared is None:
                continue
            personal = declared.of(place.connection, kinds)
            for _, _, key, payload in _candidates(con, root, place, loose(ids)):
                try:
                    item = json.loads(payload)
                except (ValueError, RecursionError):  # `rewrite` looks at it as a text
                    continue
                if personal.is_persons(key, item, is_theirs):
                    yield personal, key, item


def rewrite(landing: Landing, plan: Plan) -> dict[str, dict[str, int]]:
    """Take the erased identifiers out of all that has landed.

    Each stream is locked while it is looked at, so that a load which runs meanwhile is not missed:
    it ends before, or it reads the suppression list. Returns, by stream, how many files were
    rewritten and how many rows dropped, blanked, and taken out of the quarantine.
    """
    counts: dict[str, dict[str, int]] = {}
    with duckdb.connect() as con:
        root = landing.mount(con)
        for place, personal in streams(landing):
            with place.lock():
                done = _rewrite_stream(con, root, place, personal, plan)
            if done:
                counts[place.name] = dict(done)
    return counts


def found(landing: Landing, pattern: str) -> dict[str, int]:
    """Rows that match, by stream: all of them, whatever they are declared to be."""
    counts: Counter[str] = Counter()
    with duckdb.connect() as con:
        root = landing.mount(con)
        for place, _ in streams(landing):
            for folder in (place.folder, place.quarantine_folder):
                if files := _files(place, folder, root):
                    columns = (
                        "_raw" if folder == place.quarantine_folder else "_key, _cursor, _payload"
                    )
                    rows = con.execute(
                        f"select count(*) from read_parquet(?) where"
                        f" regexp_matches(concat_ws(chr(10), {columns}), ?)",
                        [files, pattern],
                    ).fetchall()
                    counts[place.name] += int(rows[0][0])
    return {name: count for name, count in counts.items() if count}


def streams(landing: Landing) -> Iterator[tuple[StreamLanding, Personal | None]]:
    """Every stream that has landed, of connections no longer in use, too, and what it declares."""
    for connection in landing.connections():
        source = SOURCES.get(connection.partition(VENDOR_END)[0])
        # Of no source: files that a company describes, whose streams are contracts.
        declared = (
            {stream.name: stream.personal for stream in source.streams}
            if source
            else {name: contract.personal for name, contract in contracts().items()}
        )
        for place in landing.streams(connection):
            yield place, declared.get(place.stream)


def _rewrite_stream(
    con: duckdb.DuckDBPyConnection,
    root: str,
    place: StreamLanding,
    personal: Personal | None,
    plan: Plan,
) -> Counter[str]:
    for folder in (place.folder, place.quarantine_folder):
        place.sweep(folder)
    erased, pattern = {*plan.erased}, plan.loose
    kinds = {kind for kind, _ in erased}
    bound = personal.of(place.connection, kinds) if personal else None
    # An id that somebody else has, too, is meant only where it is declared to be one.
    named = {(kind, spelling) for kind, spelling in erased if spelling not in plan.elsewhere}
    guard = Guard(
        bound,
        lambda kind, spelling: (kind, spelling) in erased,
        kinds,
        lambda kind, spelling: (kind, spelling) in named,
    )
    done: Counter[str] = Counter()
    for load_id in _with_bad(con, root, place, pattern):
        place.rewrite_quarantine(load_id, lambda table: _judged_bad(table, guard))
    done["quarantined"] = guard.dropped
    guard.dropped = 0

    changes: dict[str, dict[int, str | None]] = defaultdict(dict)
    for load_id, number, key, payload in _candidates(con, root, place, pattern):
        rest = guard.payload(key, payload, thorough=True)
        if rest != payload:
            changes[load_id][number] = rest
    stale = {
        load_id
        for load_id in (place.load_ids() if place.quarantines() else ())
        if place.set_aside_of(landed := place.read(load_id)) != landed.quarantined
    }
    for load_id in sorted({*changes, *stale}):
        changed = changes[load_id]
        place.rewrite(load_id, lambda table, changed=changed: _changed(table, changed))  # type: ignore[misc]
        done["files"] += 1
    done["dropped"], done["blanked"] = guard.dropped, guard.blanked
    return +done


def _changed(table: pa.Table, changed: dict[int, str | None]) -> pa.Table:
    """The table with other payloads in some rows, and without those whose payload is None."""
    at = table.schema.get_field_index("_payload")
    numbers = pa.array(np.arange(len(table)))
    is_changed = pc.is_in(numbers, value_set=pa.array(changed, pa.int64()))
    payloads = pc.replace_with_mask(
        table["_payload"].combine_chunks(),
        is_changed,
        pa.array([changed[number] for number in sorted(changed)], pa.string()),
    )
    dropped = [number for number, payload in changed.items() if payload is None]
    is_kept = pc.invert(pc.is_in(numbers, value_set=pa.array(dropped, pa.int64())))
    return table.set_column(at, table.schema.field(at), payloads).filter(is_kept)


def _judged_bad(table: pa.Table, guard: Guard) -> pa.Table:
    keeps = [bool(guard.bad([("", raw or "")])) for raw in table["_raw"].to_pylist()]
    return table.filter(pa.array(keeps, pa.bool_()))


def _candidates(
    con: duckdb.DuckDBPyConnection, root: str, place: StreamLanding, pattern: str
) -> list[tuple[str, int, str | None, str]]:
    """Load id, row number, key and payload of the rows that match."""
    files = _files(place, place.folder, root)
    if not files:
        return []
    return con.execute(
        """
        select parse_filename(filename, true), file_row_number, _key, _payload
        from read_parquet(?, filename = true, file_row_number = true)
        where _payload is not null and regexp_matches(concat_ws(chr(10), _key, _payload), ?)""",
        [files, pattern],
    ).fetchall()


def _with_bad(
    con: duckdb.DuckDBPyConnection, root: str, place: StreamLanding, pattern: str
) -> list[str]:
    files = _files(place, place.quarantine_folder, root)
    if not files:
        return []
    rows = con.execute(
        """
        select distinct parse_filename(filename, true)
        from read_parquet(?, filename = true) where regexp_matches(_raw, ?)""",
        [files, pattern],
    ).fetchall()
    return [load_id for (load_id,) in rows]


def _files(place: StreamLanding, folder: str, root: str) -> list[str]:
    """A folder's files as DuckDB knows them."""
    entries = place.storage.entries(folder)
    paths = sorted(entry.path for entry in entries if entry.path.endswith(".parquet"))
    return [root + path.removeprefix(place.storage.root) for path in paths]

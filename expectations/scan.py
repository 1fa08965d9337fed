"""The facts of each landed file, read once and remembered.

A landed file never changes, so what was found in it (its rows, those with a key, the days covered)
stays true. The facts lie in a small DuckDB file, by name, size and time of modification; an audit
reads only what is new, and everything after this module works from facts alone. Losing the file
costs the time to read everything again, nothing else.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa


class Zone(Protocol):
    """A landing zone: a folder or an object store, opened by whoever asks for the audit."""

    @property
    def url(self) -> str:
        """The zone as people know it."""

    def files(self) -> Sequence[tuple[str, int, int]]:
        """Its files: path below the zone's root, bytes, time of modification."""

    def mount(self, con: duckdb.DuckDBPyConnection) -> str:
        """Let the connection read the zone; returns what the paths of its queries begin with."""


Fields = Mapping[tuple[str, str], tuple[str, ...]]

_FACTS = """
    name varchar, bytes bigint, modified bigint, definition varchar, source varchar, stream varchar,
    rows bigint, declared bigint, held varchar[], before varchar, is_ours boolean,
    keyed bigint, objects bigint, labelled bigint, load_ids varchar[],
    newest_cursor timestamp, last_load varchar, last_extracted_at timestamp, days date[],
    state varchar, load_rows struct(load varchar, rows bigint)[],
    day_rows struct(load varchar, day date, rows bigint)[],
    unkeyed varchar[], malformed varchar[], present bigint[], absent varchar[][]"""
_COLUMNS = [column.split()[0] for column in re.split(r",(?![^(]*\))", _FACTS)]

_NAMED = (
    1000  # keys of odd rows that are kept of a file: which of them still count is asked of these
)

# A row without key and payload only marks a day as re-read (reports that vendors restate).
_SCAN = """
    with landed as (
        select *, _key is not null or _payload is not null as is_record,
            -- A case, because json_type breaks off at text that is no JSON at all.
            case when json_valid(_payload) then json_type(_payload) = 'OBJECT' else false end
                as is_object
        from read_parquet({files}, filename = true)
    ),
    footers as (
        select filename, declared, before, state,
            coalesce(loads, [parse_filename(filename, true)]) as held,
            declared is not null and coalesce(named, $stream) = $stream as is_ours
        from (
            select file_name as filename,
                max(try_cast(decode(value) as bigint)) filter (where decode(key) = 'o2o.rows')
                    as declared,
                max(decode(value)) filter (where decode(key) = 'o2o.loads')::json::varchar[]
                    as loads,
                max(decode(value)) filter (where decode(key) = 'o2o.before') as before,
                max(decode(value)) filter (where decode(key) = 'o2o.state') as state,
                max(decode(value)) filter (where decode(key) = 'o2o.stream') as named
            from parquet_kv_metadata({files}) group by file_name
        )
    ),
    labels as (select distinct filename as held_in, unnest(held) as held_load from footers),
    -- A file may hold several loads: what each of them has is told apart.
    per_load as (
        select held_in as filename, list({{'load': held_load, 'rows': coalesce(rows, 0)}})
            as load_rows
        from labels left join (
            select filename, _load_id, count(*) filter (where is_record) as rows
            from landed group by all
        ) as loads on filename = held_in and _load_id = held_load
        group by held_in
    ),
    per_day as (
        select filename, list({{'load': _load_id, 'day': day, 'rows': rows}}) as day_rows
        from (
            select filename, _load_id, try_cast(_cursor as date) as day,
                count(*) filter (where is_record and length(_cursor) = 10) as rows
            from landed where try_cast(_cursor as date) is not null
            group by all having bool_or(not is_record)
        )
        group by filename
    ),
    flags as (
        select *, held_load is not null as is_labelled,
            case when is_object then json_extract_string(_payload, {fields}) else [] end as found
        from landed left join labels on held_in = filename and held_load = _load_id
    ),
    counted as (
        select filename,
            count(*) filter (where is_record) as rows,
            count(_key) filter (where is_record) as keyed,
            count(*) filter (where is_object) as objects,
            count(*) filter (where is_record and _extracted_at is not null
                and is_labelled) as labelled,
            list(distinct _load_id) filter (where is_record and _load_id is not null) as load_ids,
            max(coalesce(
                try_cast(_cursor as timestamptz)::timestamp,
                make_timestamp(try_cast(_cursor as bigint) * 1000)
            )) filter (where is_record) as newest_cursor,
            max(_load_id) filter (where is_record) as last_load,
            max(_extracted_at) filter (where is_record) as last_extracted_at,
            list(distinct try_cast(_cursor as date)) filter (where not is_record) as days,
            min(_load_id, 5) filter (where is_record and _key is null) as unkeyed,
            min(_key, {named}) filter (where is_record and not is_object) as malformed,
            {present}::bigint[] as present,
            {absent}::varchar[][] as absent
        from flags group by filename
    )
    select name, bytes, modified, definition, source, stream, coalesce(rows, 0), declared,
        coalesce(held, [parse_filename(name, true)]), before,
        coalesce(is_ours and list_contains(held, parse_filename(name, true)), false),
        coalesce(keyed, 0), coalesce(objects, 0), coalesce(labelled, 0), load_ids, newest_cursor,
        last_load, last_extracted_at, days, state, load_rows, day_rows,
        unkeyed, malformed, present, absent
    from unread
    left join counted on counted.filename = $root || '/' || name
    left join footers on footers.filename = $root || '/' || name
    left join per_load on per_load.filename = $root || '/' || name
    left join per_day on per_day.filename = $root || '/' || name
    where source = $source and stream = $stream and not is_refused"""

_COUNT_REFUSED = """
    select name, bytes, modified, definition, source, stream, num_rows
    from unread join parquet_file_metadata({files}) on file_name = $root || '/' || name
    where is_refused"""


# Of these keys, the rows that count: the newest version of a record, and of a day, its newest load.
# As staging has it (dbt_project/macros/staging.sql).
_COUNTING = """
    select filename, _key as key
    from (
        select filename, _key, {recency} as recency
        from read_parquet({files}, filename = true)
    )
    where recency = 1 and _key in (select unnest($keys::varchar[]))"""
_FORGIVE = """
    update facts set
        objects = objects
            + coalesce(len(list_filter(malformed, lambda key: list_contains(keys, key))), 0),
        malformed = list_filter(malformed, lambda key: not list_contains(keys, key)),
        present = list_transform(present, lambda count, position: count
            + coalesce(len(list_filter(absent[position], lambda key: list_contains(keys, key))), 0)
            + coalesce(len(list_filter(malformed, lambda key: list_contains(keys, key))), 0)),
        absent = list_transform(absent, lambda found:
            list_filter(found, lambda key: not list_contains(keys, key)))
    from (
        select name, list(key) as keys
        from ({odd}) as odd
        anti join ({counting}) as counting
            on $root || '/' || odd.name = counting.filename and odd.key = counting.key
        group by name
    ) as superseded
    where facts.name = superseded.name"""
_RECENCY = {
    "record": "row_number() over (partition by _key order by"
    " try_cast(_cursor as timestamptz) desc nulls last, _load_id desc, _payload desc)",
    "day": "dense_rank() over (partition by _cursor order by _load_id desc)",
}


def forgive_superseded(con: duckdb.DuckDBPyConnection, zone: Zone) -> None:
    """Count odd rows of the table ``facts`` as sound where a newer version took their place: they
    are in no figure. Keys are read again only of streams with such rows."""
    con.execute(
        """create temp table odd as
        select distinct source, stream, name, unnest(flatten([malformed, flatten(absent)])) as key
        from facts where len(malformed) > 0 or len(flatten(absent)) > 0"""
    )
    places = con.execute("select distinct source, stream from odd order by all").fetchall()
    root = zone.mount(con) if places else ""
    for source, stream in places:
        of = {"source": source, "stream": stream}
        where = "source = $source and stream = $stream"
        keys, names, is_report = con.execute(
            f"""select (select list(distinct key) from odd where {where}), list(name),
                coalesce(bool_or(len(days) > 0), false) from facts where {where}""",
            of,
        ).fetchall()[0]
        counting = _COUNTING.format(
            recency=_RECENCY["day" if is_report else "record"],
            files="[" + ", ".join(_quoted(f"{root}/{name}") for name in sorted(names)) + "]",
        )
        con.execute(
            _FORGIVE.format(counting=counting, odd=f"select * from odd where {where}"),
            {**of, "root": root, "keys": keys},
        )


def in_use(source: str) -> str:
    """Condition on an expression that names a source: this installation reads it."""
    return f"list_contains(getvariable('sources_in_use')::varchar[], {source})"


def collect(con: duckdb.DuckDBPyConnection, zone: Zone, fields: Fields, memory: Path) -> None:
    """Put the facts of every file of the sources in use into the tables ``facts`` and ``refused``.

    ``fields``: paths (``a.b``) whose presence is counted, by (source, stream); ``memory``: the file
    that remembers the facts. Raises duckdb.Error for a file that cannot be read.
    """
    con.register("listed", _listing(zone, fields))
    _open(con, memory)
    try:
        for table in ("facts", "refused"):
            con.execute(
                f"delete from known.{table} where (name, bytes, modified, definition)"
                " not in (select (name, bytes, modified, definition) from listed)"
            )
        con.execute(
            f"""
            create temp table unread as
            select listed.* from listed
            where {in_use("source")} and name not in (
                select name from known.facts union all select name from known.refused
            )"""
        )
        root = zone.mount(con)
        for source, stream in con.execute(
            "select distinct source, stream from unread where not is_refused order by all"
        ).fetchall():
            _scan(con, root, source, stream, fields.get((source, stream), ()))
        refused = _paths(con, root, "is_refused")
        if refused:
            con.execute(
                "insert into known.refused" + _COUNT_REFUSED.format(files=refused), {"root": root}
            )
        for table in ("facts", "refused"):
            con.execute(
                f"create table {table} as select * from known.{table} where {in_use('source')}"
            )
    finally:
        con.execute("detach known")
        con.unregister("listed")


def _listing(zone: Zone, fields: Fields) -> pa.Table:
    """The files that hold loads, and those that hold what was set aside."""
    rows = []
    for name, size, modified in zone.files():
        folders = name.split("/")
        is_refused = len(folders) == 4 and folders[0] == "_quarantine"
        if name.endswith(".parquet") and (is_refused or len(folders) == 3):
            source, stream = folders[-3:-1]
            rows.append(
                {
                    "name": name,
                    "bytes": size,
                    "modified": modified,
                    "definition": _definition(zone, fields.get((source, stream), ())),
                    "source": source,
                    "stream": stream,
                    "is_refused": is_refused,
                }
            )
    text, number = pa.string(), pa.int64()
    schema = {"name": text, "bytes": number, "modified": number, "definition": text}
    schema |= {"source": text, "stream": text, "is_refused": pa.bool_()}
    return pa.Table.from_pylist(rows, pa.schema(list(schema.items())))


def _definition(zone: Zone, fields: Sequence[str]) -> str:
    """Facts are remembered as long as the same is asked of the same place."""
    asked: list[Any] = [zone.url, _SCAN, _COUNT_REFUSED, list(fields), duckdb.__version__]
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]


def _open(con: duckdb.DuckDBPyConnection, memory: Path) -> None:
    """Attach the memory; one that cannot be read, or is of another form, begins anew."""
    quoted = str(memory).replace("'", "''")
    memory.parent.mkdir(parents=True, exist_ok=True)
    try:
        con.execute(f"attach '{quoted}' as known")
        con.execute(f"select {', '.join(_COLUMNS)} from known.facts limit 0")
        con.execute("from known.refused limit 0")
    except duckdb.Error:
        con.execute("detach database if exists known")
        for leftover in (memory, Path(f"{memory}.wal")):
            leftover.unlink(missing_ok=True)
        con.execute(f"attach '{quoted}' as known")
        con.execute(f"create table known.facts ({_FACTS})")
        con.execute(
            "create table known.refused (name varchar, bytes bigint, modified bigint,"
            " definition varchar, source varchar, stream varchar, rows bigint)"
        )


def _scan(
    con: duckdb.DuckDBPyConnection, root: str, source: str, stream: str, fields: Sequence[str]
) -> None:
    which = f"not is_refused and source = {_quoted(source)} and stream = {_quoted(stream)}"
    positions = range(1, len(fields) + 1)
    present = ", ".join(f"count(*) filter (where found[{i}] is not null)" for i in positions)
    absent = ", ".join(
        f"min(_key, {_NAMED}) filter (where is_object and found[{i}] is null)" for i in positions
    )
    query = _SCAN.format(
        files=_paths(con, root, which),
        fields=[f"$.{field}" for field in fields],
        named=_NAMED,
        present=f"[{present}]",
        absent=f"[{absent}]",
    )
    con.execute(
        "insert into known.facts" + query, {"root": root, "source": source, "stream": stream}
    )


def _paths(con: duckdb.DuckDBPyConnection, root: str, which: str) -> str:
    """The unread files of a condition as a SQL list; empty text if there are none."""
    names = con.execute(f"select name from unread where {which} order by name").fetchall()
    return "[" + ", ".join(_quoted(f"{root}/{name}") for (name,) in names) + "]" if names else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

"""The tables that the checks on landed files read (theme ``landing``).

Every file is read once in its life (``expectations.scan``); the checks compare the few facts that
were found in each, summed up per stream (``prepare``).
Streams are discovered from the files; what their payloads must hold, the sources in use declare.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from expectations import scan
from expectations.sources import Sources

LeftOut = Mapping[tuple[str, str], int]
NOTHING: LeftOut = MappingProxyType({})


def _first_five(lists: str) -> str:
    """Of the lists in a column, the five smallest texts; null if there is none at all."""
    return f"array_to_string(nullif(list_sort(flatten(list({lists})))[:5], []), ', ')"


_TABLES = f"""
create table files as
    select parse_filename(name, true) as file, source, stream, rows, declared, held, before, is_ours
    from facts where file not like '00000000T%';  -- no load: for readers' patterns
create table days as select distinct source, stream, unnest(days) as day from facts;
create table streams as
    select source, stream, sum(facts.rows)::bigint as stream_rows, sum(keyed)::bigint as keyed,
        sum(objects)::bigint as objects, sum(labelled)::bigint as labelled,
        len(list_distinct(flatten(list(load_ids)))) as loads,
        coalesce(any_value(set_aside.rows), 0) as quarantined,
        coalesce(any_value(accepted.elements), 0) as accepted,
        max(newest_cursor) as newest_cursor, max(last_load) as last_load,
        max(last_extracted_at) as last_extracted_at,
        {_first_five("unkeyed")} as unkeyed, {_first_five("malformed")} as malformed
    from facts
    left join (select source, stream, sum(rows)::bigint as rows from refused group by all)
        as set_aside using (source, stream)
    left join accepted using (source, stream)
    group by source, stream;
-- Each covered day of a report in each load, with the rows that the load has of it.
create table day_loads as
    select source, stream, each.day, each.load as file, each.rows
    from (select source, stream, unnest(day_rows) as each from facts);
-- What the newest load of a report tells of days that nobody has answered for.
create table unanswered as
    with newest as (
        select source, stream, arg_max(state, parse_filename(name, true)) as state
        from facts group by all
    ),
    told as (
        select source, stream, kind, (state ->> 'first')::date as first_answered,
            unnest(from_json(json_extract(state, '$.' || kind), '["varchar"]')) as stretch
        from newest, (values ('missing'), ('doubtful'), ('left_out')) as kinds (kind)
        where json_valid(state)
    ),
    spans as (
        select *, left(stretch, 10)::timestamp as first_day,
            (case when stretch[11] = '/' then stretch[12:] else left(stretch, 10) end)::timestamp
                as last_day
        from told
    ),
    listed as (
        select source, stream, kind, first_answered,
            case when kind = 'left_out' then stretch[12:] end as part,
            unnest(generate_series(first_day, last_day, interval 1 day))::date as day
        from spans
    )
    select source, stream, kind, part, day from listed
    -- What lies before the oldest day that was ever answered is no gap.
    where kind <> 'missing' or first_answered is null or day > first_answered;
-- Lists that are read whole, by load; one that is empty has no rows to tell its load by.
create table lists as
    select source, stream, each.load as file, each.rows
    from (
        select source, stream, unnest(coalesce(
            load_rows, [{{'load': parse_filename(name, true), 'rows': 0}}]
        )) as each
        from facts join kinds using (source, stream)
        where kind = 'snapshot'
    )
    where each.load > '0001';  -- the first stands for none
create table expected as
    select source, stream from required where position = 0 and {scan.in_use("source")};
create table rests as select source, max(hours) as hours from resting group by source;
create table fields as
    select source, stream, field, sum(objects)::bigint as stream_rows,
        coalesce(sum(present[position]), 0)::bigint as present,
        {_first_five("absent[position]")} as ids, may_be_absent
    from facts join required using (source, stream)
    where position > 0
    group by source, stream, position, field, may_be_absent"""


def prepare(
    con: duckdb.DuckDBPyConnection,
    zone: scan.Zone,
    sources: Sources,
    memory: Path,
    left_out: LeftOut = NOTHING,
) -> int:
    """Sum up the facts of the landed files in small tables; returns the number of streams.

    ``memory``: the file that remembers the facts from one audit to the next.
    ``left_out``: how many quarantined elements may be left out, by source and stream.
    """
    fields = {
        (name, stream.name): (*stream.required, *stream.usual)
        for name, source in sources.items()
        for stream in source.streams
    }
    scan.collect(con, zone, fields, memory)
    scan.forgive_superseded(con, zone)
    con.execute(
        "create temp table required (source varchar, stream varchar, position int, field varchar,"
        " may_be_absent boolean)"
    )
    con.executemany("insert into required values (?, ?, ?, ?, ?)", _required(sources))
    con.execute("create temp table resting (source varchar, hours bigint)")
    con.executemany(
        "insert into resting values (?, ?)",
        [
            [name, int(stream.rests.total_seconds() // 3600)]
            for name, source in sources.items()
            for stream in source.streams
        ],
    )
    con.execute("create temp table kinds (source varchar, stream varchar, kind varchar)")
    con.executemany(
        "insert into kinds values (?, ?, ?)",
        [
            [name, stream.name, stream.kind]
            for name, source in sources.items()
            for stream in source.streams
        ],
    )
    con.execute("create temp table accepted (source varchar, stream varchar, elements bigint)")
    con.executemany(
        "insert into accepted values (?, ?, ?)",
        [[*place, elements] for place, elements in left_out.items()] or [[None, None, 0]],
    )
    con.execute(_TABLES)
    row = con.execute("select count(*) from streams").fetchone()
    return int(row[0]) if row else 0


def _required(sources: Sources) -> list[list[Any]]:
    """The declared fields as rows; position 0 stands for the stream itself, if it is expected."""
    rows: list[list[Any]] = []
    for name, source in sources.items():
        for stream in source.streams:
            if stream.is_expected:
                rows.append([name, stream.name, 0, None, False])
            fields = [(path, False) for path in stream.required]
            fields += [(path, True) for path in stream.usual]
            for position, (path, may_be_absent) in enumerate(fields, start=1):
                rows.append([name, stream.name, position, path, may_be_absent])
    return rows


def summary(con: duckdb.DuckDBPyConnection, sources: Sources) -> list[dict[str, Any]]:
    """What was landed, for the owners' page: one entry per stream, times as ISO text (UTC)."""
    columns = ["source", "stream", "rows", "loads", "quarantined", "newest", "last_extracted_at"]
    rows = con.execute(
        """
        select source, stream, stream_rows, loads, quarantined,
            strftime(newest_cursor, '%Y-%m-%dT%H:%M:%SZ'),
            strftime(last_extracted_at, '%Y-%m-%dT%H:%M:%SZ')
        from streams order by all"""
    ).fetchall()
    return [
        {"title": sources[row[0]].title, **dict(zip(columns, row, strict=True))} for row in rows
    ]

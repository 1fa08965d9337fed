"""Checks on the landing zone, before anything is built from it.

Every file is read once in its life (``expectations.scan``); the checks compare the few facts that
were found in each, summed up per stream (``prepare``).
Streams are discovered from the files; what their payloads must hold, the sources in use declare.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from expectations import scan
from expectations.check import Check, Severity, in_use
from expectations.sources import Sources

OWNER = "data-platform@o2o.example"


def _first_five(lists: str) -> str:
    """Of the lists in a column, the five smallest texts; null if there is none at all."""
    return f"array_to_string(nullif(list_sort(flatten(list({lists})))[:5], []), ', ')"


_TABLES = f"""
create table files as
    select parse_filename(name, true) as file, source, stream, rows, declared from facts;
create table days as select distinct source, stream, unnest(days) as day from facts;
create table streams as
    select source, stream, sum(facts.rows)::bigint as stream_rows, sum(keyed)::bigint as keyed,
        sum(objects)::bigint as objects, sum(labelled)::bigint as labelled,
        len(list_distinct(flatten(list(load_ids)))) as loads,
        coalesce(any_value(set_aside.rows), 0) as quarantined,
        max(newest_cursor) as newest_cursor, max(last_load) as last_load,
        max(last_extracted_at) as last_extracted_at,
        {_first_five("unkeyed")} as unkeyed, {_first_five("malformed")} as malformed
    from facts
    left join (select source, stream, sum(rows)::bigint as rows from refused group by all)
        as set_aside using (source, stream)
    group by source, stream;
create table expected as
    select source, stream from required where position = 0 and {in_use("source")};
create table fields as
    select source, stream, field, sum(rows)::bigint as stream_rows,
        coalesce(sum(present[position]), 0)::bigint as present,
        {_first_five("absent[position]")} as ids, may_be_absent
    from facts join required using (source, stream)
    where position > 0
    group by source, stream, position, field, may_be_absent"""


def prepare(con: duckdb.DuckDBPyConnection, zone: scan.Zone, sources: Sources, memory: Path) -> int:
    """Sum up the facts of the landed files in small tables; returns the number of streams.

    ``memory``: the file that remembers the facts from one audit to the next.
    """
    fields = {
        (name, stream.name): (*stream.required, *stream.usual)
        for name, source in sources.items()
        for stream in source.streams
    }
    scan.collect(con, zone, fields, memory)
    con.execute(
        "create temp table required (source varchar, stream varchar, position int, field varchar,"
        " may_be_absent boolean)"
    )
    con.executemany("insert into required values (?, ?, ?, ?, ?)", _required(sources))
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


CHECKS: tuple[Check, ...] = (
    Check(
        name="landed_streams_present",
        severity=Severity.WARN,
        owner=OWNER,
        title="Every stream we know has landed",
        means="A stream without a single load is missing from everything that is built on it.",
        action="Set the source's connection and run its ingest; o2o status names the stream.",
        left="streams expected",
        right="streams landed",
        sql="""
            select e.source || '/' || e.stream as place, null as day, 'streams' as unit,
                1 as left_total, (s.stream is not null)::int as right_total, 0 as tolerance,
                null as ids
            from expected as e left join streams as s using (source, stream)""",
    ),
    Check(
        name="landed_rows_keyed",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Every landed row has its key",
        means="A row without a key cannot be told from another, so updates would be counted twice.",
        action="Look at the named loads: the connector's key rule no longer fits the payload.",
        left="rows landed",
        right="rows with a key",
        sql="""
            select source || '/' || stream as place, null as day, 'rows' as unit,
                stream_rows as left_total, keyed as right_total, 0 as tolerance,
                unkeyed as ids
            from streams""",
    ),
    Check(
        name="landed_payload_is_json",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Every landed payload is a JSON object",
        means="What is not a JSON object should have gone to quarantine, not into the stream.",
        action="Look at the named records; the connector let a broken answer through.",
        left="rows landed",
        right="rows that are JSON objects",
        sql="""
            select source || '/' || stream as place, null as day, 'rows' as unit,
                stream_rows as left_total, objects as right_total, 0 as tolerance,
                malformed as ids
            from streams""",
    ),
    Check(
        name="landed_fields_present",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Every payload holds the fields we build on",
        means="A vendor that renames or drops one of these fields would silently empty a column.",
        action="Compare the named records with the vendor's release notes; adapt staging.",
        left="rows landed",
        right="rows with the field",
        sql="""
            select source || '/' || stream || ' · ' || field as place, null as day,
                'rows' as unit, stream_rows as left_total, present as right_total,
                if(may_be_absent and present > 0, stream_rows, 0) as tolerance, ids
            from fields""",
    ),
    Check(
        name="landed_labels_match",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Every row carries the load it lies in",
        means="Load id or time of extraction is missing or differs from the file's name, so the"
        " newest version of a record could not be found.",
        action="A file was copied or edited by hand: restore it, or extract its window again.",
        left="rows landed",
        right="rows labelled with their load",
        sql="""
            select source || '/' || stream as place, null as day, 'rows' as unit,
                stream_rows as left_total, labelled as right_total, 0 as tolerance, null as ids
            from streams""",
    ),
    Check(
        name="landed_files_whole",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Every file holds as many rows as its connector wrote",
        means="The count in the file's own footer and the rows in it differ: the file is damaged.",
        action="Remove the named load and extract its window again.",
        left="rows written",
        right="rows in the file",
        sql="""
            select source || '/' || stream as place, null as day, 'rows' as unit,
                sum(declared) as left_total, sum(rows) as right_total, 0 as tolerance,
                array_to_string(
                    min(file, 5) filter (where declared is distinct from rows), ', '
                ) as ids
            from files where rows > 0 or declared > 0
            group by all""",
    ),
    Check(
        name="landed_nothing_quarantined",
        severity=Severity.WARN,
        owner=OWNER,
        title="No record had to be set aside",
        means="A record that could not be read was set aside with its reason; it is not lost, but"
        " it is in no figure either.",
        action="Read the reasons in the quarantine folder of the stream, then extract again.",
        left="records set aside",
        right="records that may be set aside",
        sql="""
            select source || '/' || stream as place, null as day, 'rows' as unit,
                quarantined as left_total, 0 as right_total, 0 as tolerance, null as ids
            from streams""",
        one_sided=True,
        may_be_empty=True,
    ),
    Check(
        name="landed_quarantine_share",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Set-aside records are a rarity",
        means="When more than one record in twenty cannot be read, the figures of the stream are"
        " no longer worth publishing.",
        action="The vendor most likely changed its format: adapt the connector, extract again.",
        left="records set aside",
        right="records that may be set aside",
        allowed="5 % of the records of the stream",
        sql="""
            select source || '/' || stream as place, null as day, 'rows' as unit,
                quarantined as left_total, 0 as right_total,
                floor((stream_rows + quarantined) * 0.05) as tolerance, null as ids
            from streams""",
        one_sided=True,
        may_be_empty=True,
    ),
    Check(
        name="landed_days_complete",
        severity=Severity.FAIL,
        owner=OWNER,
        title="Daily reports have no hole",
        means="A day between the first and the last was never read from a report that comes"
        " by day.",
        action="Extract the named days again (o2o extract with --since and --until).",
        left="days from first to last",
        right="days read",
        sql="""
            with span as (
                select source, stream, min(day) as first_day, max(day) as last_day,
                    count(distinct day) as days_read
                from days group by all
            ),
            calendar as (
                select source, stream, unnest(
                    generate_series(first_day::timestamp, last_day::timestamp, interval 1 day)
                )::date as day
                from span
            ),
            holes as (
                select source, stream, list(day::varchar order by day) as missing
                from calendar anti join days using (source, stream, day) group by all
            )
            select source || '/' || stream as place, null as day, 'days' as unit,
                last_day - first_day + 1 as left_total, days_read as right_total, 0 as tolerance,
                array_to_string(missing[1:20], ', ') as ids
            from span left join holes using (source, stream)""",
        may_be_empty=True,
    ),
    Check(
        name="landed_sources_fresh",
        severity=Severity.WARN,
        owner=OWNER,
        title="No source lags behind the others",
        means="The newest record of a source is days older than that of the freshest source: its"
        " feed has most likely stopped.",
        action="Ask the source's owner whether the vendor's feed runs; then extract again.",
        left="hours behind the freshest source",
        right="hours behind that are normal",
        allowed="72 hours",
        sql="""
            select source as place, max(newest_cursor)::date as day, 'hours' as unit,
                date_diff('hour', max(newest_cursor), max(max(newest_cursor)) over ())
                    as left_total,
                0 as right_total, 72 as tolerance,
                'newest record ' || strftime(max(newest_cursor), '%Y-%m-%d %H:%M UTC') as ids
            from streams where newest_cursor is not null group by source""",
        one_sided=True,
        may_be_empty=True,
    ),
)

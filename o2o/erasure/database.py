"""A person's rows in a DuckDB file: the warehouse, what is published, the evidence of audits.

Which tables there are is asked of the file itself; what happens to a row follows from what kind of
table it stands in (:func:`_policy`), never from a list of tables.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from connectors.core.personal import FACT, blank
from connectors.registry import SOURCES
from o2o.erasure.plan import Plan, listed, quoted

# Words of a history that are the same for many.
_SAY_NOTHING = {"source_system", "record_type", "opened_by", "closed_by", "cause_rule"}

Policy = Literal["drop", "history", "identity", "dimension", "facts"]


@dataclass(frozen=True)
class Table:
    """A table and its columns that hold text, of any depth: name -> type."""

    schema: str
    name: str
    columns: tuple[str, ...]
    texts: dict[str, str]
    required: tuple[str, ...]  # may not be null

    def __str__(self) -> str:
        return f'"{self.schema}"."{self.name}"'

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"


def erase(file: Path, plan: Plan) -> dict[str, dict[str, int]]:
    """Take the person out of every table, in one transaction, and rewrite the file.

    DuckDB leaves deleted rows in the file's unused blocks; so the tables are copied into a new
    file, which replaces the old one at once; also if nothing is to be deleted, because a run may
    have been killed in between. Returns, by table, how many rows were deleted and how many lost
    values.
    """
    counts: dict[str, dict[str, int]] = {}
    with duckdb.connect(str(file)) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute("begin")
        for table in tables(con):
            if done := +_erase_from(con, table, plan):
                counts[table.label] = dict(done)
                if done["deleted"] and "node_no" in table.columns:
                    _unsettle(con, table)
        con.execute("commit")
    compact(file)
    return counts


def _unsettle(con: duckdb.DuckDBPyConnection, nodes: Table) -> None:
    """A graph that has lost nodes no longer fits its edges, which are numbers: without them the
    next build makes it anew (dbt_project/macros/graph/state.sql)."""
    edges = nodes.name.removesuffix("__nodes") + "__edges"
    con.execute(f'drop table if exists "{nodes.schema}"."{edges}"')


def compact(file: Path) -> None:
    """Copy all that counts in a database into a new file of the same name."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    # Under its own name, by which the views inside refer to it.
    name = file.stem.replace('"', '""')
    mode = file.stat().st_mode
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(file))} as before (read_only)")
        con.execute(f'attach {quoted(str(draft))} as "{name}"')
        con.execute(f'copy from database before to "{name}"')
    draft.chmod(mode)
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(draft, file)
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)
    shutil.rmtree(file.with_name(f"{file.name}.tmp"), ignore_errors=True)  # spilled by a killed run


def found(file: Path, plan: Plan) -> dict[str, int]:
    """Rows, by table, that still hold what was erased."""
    counts = {}
    with duckdb.connect(str(file), read_only=True) as con:
        for table in tables(con):
            keeps_people = _policy(table) in ("history", "identity")
            where = _holds(table, plan.pattern if keeps_people else plan.everything)
            rows = con.execute(f"select count(*) from {table} where {where}").fetchall()
            if rows[0][0]:
                counts[table.label] = int(rows[0][0])
    return counts


def tables(con: duckdb.DuckDBPyConnection) -> list[Table]:
    """Every table of the database with a column that holds text."""
    rows = con.execute(
        """
        select schema_name, table_name, list(column_name order by column_index),
            map_from_entries(list((column_name, data_type) order by column_index)
                filter (where data_type similar to '.*(VARCHAR|JSON).*')),
            coalesce(list(column_name) filter (where not is_nullable), [])
        from duckdb_columns() join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = current_database()
        group by all order by all"""
    ).fetchall()
    return [
        Table(schema, name, tuple(columns), texts, tuple(required))
        for schema, name, columns, texts, required in rows
        if texts
    ]


def _policy(table: Table) -> Policy:
    """What happens to a person's row, by the kind of table.

    - *drop*: staging of a stream whose rows an erasure drops: the row goes.
    - *history* (it has valid_from and valid_to): a row that names one of the person's records
      ends as erased and names nothing any more; the person's own id, which means nothing without
      them, stays, so that nobody else is ever given it.
    - *identity*: the same, and the row goes, too, whose first column is the person's id.
    - *dimension*: the row goes whose first column, its key, is the person's.
    - *facts*, all others: the row stays and loses what is the person's, so sums stay as they are.
    """
    if table.name in _dropped_staging():
        return "drop"
    if {"valid_from", "valid_to"} <= {*table.columns}:
        return "history"
    if table.schema == "restricted" or table.name.startswith("int_identity__"):
        return "identity"
    return "dimension" if table.name.startswith("dim_") else "facts"


def _dropped_staging() -> set[str]:
    return {
        f"{layer}_{source.name}__{stream.name}"
        for source in SOURCES.values()
        for stream in source.streams
        if stream.personal and stream.personal.policy == "drop"
        for layer in ("stg", "base")
    }


def _erase_from(con: duckdb.DuckDBPyConnection, table: Table, plan: Plan) -> Counter[str]:
    policy = _policy(table)
    is_theirs = _is_theirs(table, plan)
    # One pass over the table; all that follows looks at these rows only.
    hits = _is_theirs(table, plan, plan.everything)
    con.execute(
        f"create or replace temp table hits as"
        f" select rowid as hit_id, {is_theirs} as hit_is_theirs, * from {table} where {hits}"
    )
    rows = con.execute("select hit_id, hit_is_theirs from hits").fetchall()
    if not rows:
        return Counter()
    theirs = [rowid for rowid, is_named in rows if is_named]
    done: Counter[str] = Counter()
    if policy == "history":
        done["blanked"] = _end(con, table, theirs, plan)
    if policy in ("drop", "identity"):
        done["deleted"] = _run(con, f"delete from {table} where {_among(theirs)}")
    if policy in ("identity", "dimension"):
        persons = f"select hit_id from hits where {_matches(table.columns[0], plan.people)}"
        done["deleted"] += _run(con, f"delete from {table} where rowid in ({persons})")
    if policy in ("dimension", "facts"):
        done["blanked"] = _blank(con, table, plan)
    return done


def _end(con: duckdb.DuckDBPyConnection, table: Table, rowids: Sequence[int], plan: Plan) -> int:
    """End the person's rows of a history, and put a token in place of whatever may name them."""
    ended = {
        "valid_to": f"coalesce(valid_to, (select max(valid_from) from {table}))",
        "closed_run": f"coalesce(closed_run, (select max(opened_run) from {table}))",
        "closed_by": "'erased'",
        "is_current": "false",
    }
    changes = {column: value for column, value in ended.items() if column in table.columns}
    for column in table.texts:
        if column not in _SAY_NOTHING and not column.endswith("customer_id"):
            changes[column] = f"concat('erased:{plan.id}:', rowid)"
    listed_changes = ", ".join(f'"{column}" = {value}' for column, value in changes.items())
    return _run(con, f"update {table} set {listed_changes} where {_among(rowids)}")


def _is_theirs(table: Table, plan: Plan, pattern: str = "") -> str:
    """A condition: the row names an identifier or a record of the person (or holds ``pattern``)."""
    conditions = [_holds(table, pattern or plan.pattern)]
    if {"record_type", "record_id"} <= {*table.columns}:
        conditions.append(f"concat(record_type, ':', record_id) in ({listed(plan.records)})")
    for column in table.texts:
        # Facts that are theirs stay, but whatever else the row tells about the person goes.
        if ids := [value for kind, value in plan.erased if kind == FACT + column]:
            conditions.append(f'coalesce("{column}" in ({listed(ids)}), false)')
    return f"({' or '.join(conditions)})"


def _holds(table: Table, pattern: str) -> str:
    """A condition: the pattern matches in any column, at any depth."""
    texts = ", ".join(f'cast("{column}" as varchar)' for column in table.texts)
    return f"regexp_matches(concat_ws(chr(10), {texts}), {quoted(pattern)})"


def _matches(column: str, pattern: str) -> str:
    return f"""coalesce(regexp_matches(cast("{column}" as varchar), {quoted(pattern)}), false)"""


def _among(rowids: Iterable[int]) -> str:
    return f"rowid in ({', '.join(map(str, rowids)) or 'null'})"


def _blank(con: duckdb.DuckDBPyConnection, table: Table, plan: Plan) -> int:
    """Set to null what is the person's; in their own rows also what others carry, too."""
    own = listed(plan.texts())
    blanked: set[int] = set()
    for column, kind in table.texts.items():
        gone = f"{_matches(column, plan.pattern)} or {_matches(column, plan.people)}"
        if kind == "VARCHAR":
            gone += f' or (hit_is_theirs and coalesce("{column}" in ({own}), false))'
        found = con.execute(f"select hit_id from hits where {gone}")
        if not (hits := [rowid for (rowid,) in found.fetchall()]):
            continue
        blanked.update(hits)
        if column in table.required:
            con.execute(f'alter table {table} alter column "{column}" drop not null')
        if kind == "VARCHAR":
            con.execute(f'update {table} set "{column}" = null where {_among(hits)}')
        else:
            _blank_nested(con, table, column, hits, plan)
    return len(blanked)


def _blank_nested(
    con: duckdb.DuckDBPyConnection, table: Table, column: str, rowids: list[int], plan: Plan
) -> None:
    pattern = re.compile(f"{plan.pattern}|{plan.people.removeprefix('(?i)')}")
    own = set(plan.texts())

    def is_personal(_: str, value: object) -> bool:
        return isinstance(value, str) and (value in own or bool(pattern.search(value)))

    kind = table.texts[column]
    text = f'cast(to_json("{column}") as varchar)'
    for rowid, payload in con.execute(
        f"select rowid, {text} from {table} where {_among(rowids)}"
    ).fetchall():
        con.execute(
            f'update {table} set "{column}" = cast(cast($1 as json) as {kind}) where rowid = $2',
            [blank(payload, is_personal), rowid],
        )


def _run(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    rows = con.execute(sql).fetchall()
    return int(rows[0][0])

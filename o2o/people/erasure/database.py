"""A person's rows in a DuckDB file: the warehouse, what is published, the evidence of audits.

Which tables there are is asked of the file itself; what happens to a row follows from what kind of
table it stands in (:func:`policy_of`), never from a list of tables.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import duckdb

from connectors.connections import vendor
from connectors.registry import SOURCES
from o2o.people.erasure.plan import ErasureError, Plan, record
from o2o.people.erasure.search import Search
from o2o.people.erasure.spelling import literal
from o2o.people.lookup import listed, quoted
from warehouse.landing.personal import Personal, blank

MARK = '"'  # around a name in SQL
ATTEMPTS = 5
# Words of a history that are the same for many.
_SAY_NOTHING = {
    "connection", "source_system", "record_kind", "opened_by", "closed_by", "cause_rule",
}  # fmt: skip

Result = TypeVar("Result")
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


def erase(file: Path, plan: Plan, into: Path | None = None) -> dict[str, dict[str, int]]:
    """Write a file anew without the person, in its own place or ``into`` another.

    Anew, because DuckDB leaves deleted rows in the file's blocks; also if there is nothing to take
    out, because somebody else may have deleted it. Killed, it leaves the file as it was. Returns,
    by table, how many rows were deleted and how many lost values.
    """
    target = into or file
    draft = target.with_name(f"{target.name}.new")
    spilled = file.with_name(f".{file.name}.erasing")
    for leftover in (draft, _again(draft)):
        leftover.unlink(missing_ok=True)
        leftover.with_name(f"{leftover.name}.wal").unlink(missing_ok=True)
    if file.with_name(f"{file.name}.wal").exists():  # what a killed build had not yet moved over
        duckdb.connect(str(file)).close()
    shutil.rmtree(spilled, ignore_errors=True)
    # Under its own name, by which the views inside refer to it.
    name = quoted(file.stem, MARK)
    with duckdb.connect(config={"temp_directory": str(spilled)}) as con:
        con.execute(f"attach {quoted(str(file))} as before (read_only)")
        # With a log: without (no_wal_writes), DuckDB 1.5.5 now and then loses whole tables here.
        con.execute(f"attach {quoted(str(draft))} as {name}")
        con.execute(f"copy from database before to {name} (schema)")
        copied = _each(
            con, tables(con, "before"), lambda cursor, table: _copy(cursor, name, table, plan)
        )
        unsettled = {
            _unsettle(con, name, table)
            for table, done in copied
            if done["deleted"] and "node_no" in table.columns
        }
        con.execute(f"checkpoint {name}")
    deleted = [(table, done["deleted"]) for table, done in copied if table.label not in unsettled]
    _refuse_losses(draft, file, deleted)
    _clear(draft, file.stem, Search(plan.needles))
    if into is None:
        draft.chmod(file.stat().st_mode)
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.replace(draft, target)
    # What a killed build had spilled.
    shutil.rmtree(file.with_name(f"{file.name}.tmp"), ignore_errors=True)
    return {table.label: dict(done) for table, done in copied if done}


def _refuse_losses(draft: Path, file: Path, deleted: Iterable[tuple[Table, int]]) -> None:
    """Raise ErasureError unless each table of the new file has as many rows as the old one had, but
    for those that were ``deleted``. Counted in the file itself: what a process believes to have
    written may never have reached it."""
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(str(file))} as before (read_only)")
        con.execute(f"attach {quoted(str(draft))} as after (read_only)")
        for table, gone in deleted:
            kept = _run(con, f"select count(*) from after.{table}")
            if kept + gone != (rows := _run(con, f"select count(*) from before.{table}")):
                raise ErasureError(
                    f"{table.label} has {kept:,} rows in the copy of {file} without the person, but"
                    f" {rows - gone:,} were to be kept. {file} is as it was: run `o2o erase` again."
                )


def _clear(draft: Path, name: str, search: Search) -> None:
    """Write a file again as long as it holds a text that is in none of its rows.

    DuckDB makes blocks of memory that it does not clear first, so what this process has read before
    may be left in a gap between two columns. Another process has read nothing.
    """
    for _ in range(ATTEMPTS):
        if not search.count_in(draft):
            return
        script = "import sys; from o2o.people.erasure.database import copy; copy(*sys.argv[1:])"
        files = (str(draft), str(_again(draft)))
        subprocess.run([sys.executable, "-c", script, name, *files], check=True)
        _again(draft).replace(draft)


def _again(draft: Path) -> Path:
    return draft.with_name(f"{draft.name}.again")


def copy(name: str, source: str, target: str) -> None:
    """Copy all that is in a database, whose views know it by ``name``, into a new file."""
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(source)} as before (read_only)")
        con.execute(f"attach {quoted(target)} as {quoted(name, MARK)}")
        con.execute(f"copy from database before to {quoted(name, MARK)}")


def _unsettle(con: duckdb.DuckDBPyConnection, database: str, nodes: Table) -> str:
    """A graph that has lost nodes no longer fits its edges, which are numbers: without them the
    next build makes it anew (dbt_project/macros/graph/state.sql). Returns what the edges' table,
    which is dropped, was called."""
    edges = nodes.name.removesuffix("__nodes") + "__edges"
    con.execute(f'drop table if exists {database}."{nodes.schema}"."{edges}"')
    return f"{nodes.schema}.{edges}"


def found(file: Path, plan: Plan) -> dict[str, int]:
    """Rows, by table, that still hold what was erased."""

    def count(cursor: duckdb.DuckDBPyConnection, table: Table) -> int:
        keeps_people = policy_of(table) in ("history", "identity")
        where = _holds(table, plan.pattern if keeps_people else plan.everything)
        return _run(cursor, f"select count(*) from {table} where {where}")

    with duckdb.connect(str(file), read_only=True) as con:
        names = [table for table in tables(con) if table.texts]
        return {table.label: rows for table, rows in _each(con, names, count) if rows}


def _each(
    con: duckdb.DuckDBPyConnection,
    names: Sequence[Table],
    work: Callable[[duckdb.DuckDBPyConnection, Table], Result],
) -> list[tuple[Table, Result]]:
    """Do some work on every table, on several at a time: DuckDB gives a table one core for every
    122,880 rows."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = pool.map(work, [con.cursor() for _ in names], names)
        return list(zip(names, answers, strict=True))


def tables(con: duckdb.DuckDBPyConnection, database: str = "") -> list[Table]:
    """Every table of a database (default: the current one), the largest first."""
    rows = con.execute(
        """
        select schema_name, table_name, list(column_name order by column_index),
            coalesce(map_from_entries(list((column_name, data_type) order by column_index)
                filter (where data_type similar to '.*(VARCHAR|JSON).*')), map {}),
            coalesce(list(column_name) filter (where not is_nullable), [])
        from duckdb_columns() join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = coalesce(nullif(?, ''), current_database())
        group by schema_name, table_name order by max(estimated_size) desc, 1, 2""",
        [database],
    ).fetchall()
    return [
        Table(schema, name, tuple(columns), texts, tuple(required))
        for schema, name, columns, texts, required in rows
    ]


def policy_of(table: Table) -> Policy:
    """What happens to a person's row, by the kind of table.

    - *drop*: staging of a stream whose rows an erasure drops: the row goes.
    - *history* (it has valid_from and valid_to): a row that names one of the person's records
      ends as erased and names nothing any more; the person's own id, which means nothing without
      them, stays, so that nobody else is ever given it.
    - *identity*: the same, and the row goes, too, whose first column is the person's id.
    - *dimension* (also facts of one row per customer): the row goes whose first column, its key, is
      the person's.
    - *facts*, all others: the row stays and loses what is the person's, so sums stay as they are.
    """
    if table.name in _dropped_staging():
        return "drop"
    if {"valid_from", "valid_to"} <= {*table.columns}:
        return "history"
    if table.schema == "restricted" or table.name.startswith("int_identity__"):
        return "identity"
    is_of_persons = table.name.startswith("dim_") or table.columns[0] == "customer_id"
    return "dimension" if is_of_persons else "facts"


def _dropped_staging() -> set[str]:
    return _staging(lambda personal: personal.policy == "drop")


def _referring_staging() -> set[str]:
    """Of streams that name records of other systems, which may be anybody's of that id."""
    return _staging(lambda personal: bool(personal.refers))


def _staging(is_meant: Callable[[Personal], bool]) -> set[str]:
    """Models of such streams, and of what their records once were."""
    return {
        f"{layer}_{source.name}__{stream.name}{part}"
        for source in SOURCES.values()
        for stream in source.streams
        if stream.personal and is_meant(stream.personal)
        for layer in ("stg", "base")
        for part in ("", "__history")
    }


def _copy(con: duckdb.DuckDBPyConnection, database: str, table: Table, plan: Plan) -> Counter[str]:
    """Copy a table's rows from ``before`` into ``database``, those of the person as they may be."""
    source, target = f"before.{table}", f"{database}.{table}"
    found = "false"
    if table.texts:
        rows = con.execute(
            f"select rowid from {source} where {_is_theirs(table, plan, plan.everything)}"
        )
        found = _among(row for (row,) in rows.fetchall())
    con.execute(f"insert into {target} from {source} where not {found}")
    if found == "false":
        return Counter()
    # All that follows looks at these rows only.
    con.execute("set TimeZone = 'UTC'")
    con.execute(
        f"create temp table hits as"
        f" select rowid as hit_id, {_is_theirs(table, plan)} as hit_is_theirs, *"
        f" from {source} where {found}"
    )
    done = _change(con, table, plan)
    for column in table.required:
        if _run(con, f'select count(*) from hits where "{column}" is null'):
            con.execute(f'alter table {target} alter column "{column}" drop not null')
    con.execute(f"insert into {target} select * exclude (hit_id, hit_is_theirs) from hits")
    return done


def _change(con: duckdb.DuckDBPyConnection, table: Table, plan: Plan) -> Counter[str]:
    """Make of the rows of a table that name the person, in ``hits``, what is to be left of them."""
    policy = policy_of(table)
    done: Counter[str] = Counter()
    if policy == "history":
        changes = ended(table, f"before.{table}", f"concat('{token(plan)}', hit_id)")
        listed_changes = ", ".join(f'"{column}" = {value}' for column, value in changes.items())
        done["blanked"] = _run(con, f"update hits set {listed_changes} where hit_is_theirs")
    if policy in ("drop", "identity"):
        done["deleted"] = _run(con, "delete from hits where hit_is_theirs")
    if policy in ("identity", "dimension"):
        is_theirs = _matches(quoted(table.columns[0], MARK), plan.people)
        done["deleted"] += _run(con, f"delete from hits where {is_theirs}")
    if policy in ("dimension", "facts"):
        done["blanked"] = _blank(con, table, plan)
    return +done


def ended(table: Table, place: str, name: str) -> dict[str, str]:
    """What becomes of the person's rows of a history, by column, in SQL of any engine: they end,
    and a token, ``name``, takes the place of whatever may name them.

    ``place`` is the table as the engine writes it.
    """
    changes = {
        "valid_to": f"coalesce(valid_to, (select max(valid_from) from {place}))",
        "closed_run": f"coalesce(closed_run, (select max(opened_run) from {place}))",
        "closed_by": "'erased'",
        "is_current": "false",
    }
    texts = {
        column: name
        for column in table.texts
        if column not in _SAY_NOTHING and not column.endswith("customer_id")
    }
    return {column: value for column, value in (texts | changes).items() if column in table.columns}


def token(plan: Plan) -> str:
    """What the tokens of an erasure begin with."""
    return f"erased:{plan.id}:"


def _is_theirs(table: Table, plan: Plan, pattern: str = "") -> str:
    """A condition: the row names an identifier or a record of the person (or holds ``pattern``)."""
    conditions = [_holds(table, pattern or plan.pattern)]
    if {"connection", "record_kind", "record_id"} <= {*table.columns}:
        key = "concat(connection, ':', record_kind, ':', record_id)"
        conditions.append(f"{key} in ({listed(plan.records)})")
    if plan.elsewhere and table.name in _referring_staging():
        conditions.append(_holds(table, literal(plan.elsewhere)))
    for key in plan.records:
        # Facts that are theirs stay, but whatever else the row tells about the person goes.
        connection, kind, name = record(key)
        column = f"{vendor(connection)}_{kind}_id"
        if column in table.texts and "connection" in table.columns:
            is_it = f'"{column}" = {quoted(name)} and connection = {quoted(connection)}'
            conditions.append(f"coalesce({is_it}, false)")
    return f"({' or '.join(conditions)})"


def _holds(table: Table, pattern: str) -> str:
    """A condition: the pattern matches in any column, at any depth."""
    texts = ", ".join(f'cast("{column}" as varchar)' for column in table.texts)
    return f"regexp_matches(concat_ws(chr(10), {texts}), {quoted(pattern)})"


def _matches(column: str, pattern: str) -> str:
    return f"coalesce(regexp_matches(cast({column} as varchar), {quoted(pattern)}), false)"


def _among(rowids: Iterable[int], column: str = "rowid") -> str:
    listed_rowids = ", ".join(map(str, rowids))
    return f"({column} in ({listed_rowids}))" if listed_rowids else "false"


def _blank(con: duckdb.DuckDBPyConnection, table: Table, plan: Plan) -> int:
    """Set to null what is the person's; in their own rows also what others carry, too."""
    # All columns in one, because such a pattern takes milliseconds to compile.
    cells = ", ".join(
        f"""{{'column': {quoted(column)}, 'value': cast("{column}" as varchar)}}"""
        for column in table.texts
    )
    found = con.execute(
        f"""
        select cell.column, list(hit_id)
        from (select hit_id, hit_is_theirs, unnest([{cells}]) as cell from hits)
        where {_matches("cell.value", plan.everything)}
            or hit_is_theirs and coalesce(
                cell.value in ({listed([*plan.texts(), *plan.elsewhere])}), false)
        group by all"""
    ).fetchall()
    for column, hits in found:
        if table.texts[column] == "VARCHAR":
            con.execute(f'update hits set "{column}" = null where {_among(hits, "hit_id")}')
        else:
            _blank_nested(con, column, table.texts[column], hits, plan)
    return len({hit for _, hits in found for hit in hits})


def _blank_nested(
    con: duckdb.DuckDBPyConnection, column: str, kind: str, hits: list[int], plan: Plan
) -> None:
    pattern = re.compile(f"{plan.pattern}|{plan.people.removeprefix('(?i)')}")
    own = set(plan.texts())

    def is_personal(_: str, value: object) -> bool:
        return isinstance(value, str) and (value in own or bool(pattern.search(value)))

    text = f'cast(to_json("{column}") as varchar)'
    rows = con.execute(f"select hit_id, {text} from hits where {_among(hits, 'hit_id')}")
    for hit, payload in rows.fetchall():
        con.execute(
            f'update hits set "{column}" = cast(cast($1 as json) as {kind}) where hit_id = $2',
            [blank(payload, is_personal), hit],
        )


def _run(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    rows = con.execute(sql).fetchall()
    return int(rows[0][0])

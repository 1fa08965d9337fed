"""Contracts of tables that a user gives: their columns, and what is said of wrong values."""

# Names in queries are this project's own or quoted.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from analytics.errors import InputError
from o2o.commands.table_file import TableFile

# Arrow's type of a kind, and what a value of it looks like.
KINDS = {
    "text": (pa.string(), "text"),
    "time": (pa.int64(), "time: write 2026-03-01 10:00:00, or 2026-03-01T10:00:00+01:00"),
    "flag": (pa.bool_(), "boolean: write true or false"),
    "whole": (pa.int64(), "whole number: write 1234"),
    "amount": (
        pa.decimal128(28, 8),
        "number: write 1234.50, with a point, without thousands separators and currency signs,"
        " below 10^20",
    ),
    "number": (pa.float64(), "number: write 1234.5, with a point"),
}

ROWS_AT_A_TIME = 500_000


@dataclass(frozen=True)
class Column:
    """A column of a contract: its kind and, unless it is required, what stands in for it.

    ``is_nullable`` says that a value may be empty; ``least`` is the least number that it may hold.
    Texts that recur in many rows are ``is_coded``: an Arrow dictionary, a quarter of the memory.
    """

    name: str
    kind: str
    is_required: bool = True
    default: str | bool | int | float | None = None
    is_nullable: bool = False
    least: int | None = None
    is_coded: bool = False


def read(file: TableFile, name: str, contract: Sequence[Column]) -> pa.Table:
    """The columns of the contract, those that are absent filled with their defaults, in the file's
    order; times are microseconds since 1970 in UTC. Raises ``InputError`` for a column that is
    missing and for the first value that is wrong, naming file, line and column."""
    for column in contract:
        if column.is_required and column.name not in file.columns:
            needed = ", ".join(c.name for c in contract if c.is_required)
            raise InputError(
                f"{file.path}: the {name} have no column {column.name}. They need {needed}; found"
                f" {', '.join(file.columns)}"
            )
    given = [column for column in contract if column.name in file.columns]
    tried = {column.name: _expression(column, *file.columns[column.name]) for column in given}
    selected = ", ".join(f"{tried[column.name]} as {column.name}" for column in given)
    try:
        query = file.con.execute(f"select {selected} from {file.source}", file.parameters)
        reader = query.to_arrow_reader(ROWS_AT_A_TIME)
        coded = [column.name for column in given if column.is_coded]
        empty = _kept(pa.RecordBatch.from_pylist([], reader.schema), coded)
        found = pa.concat_tables([empty, *(_kept(batch, coded) for batch in reader)])
        for column in given:
            # Most columns tell by themselves that nothing is wrong.
            if found[column.name].null_count and not (column.is_nullable and column.kind == "text"):
                _refuse_wrong(file, column, tried[column.name])
    except (duckdb.Error, pa.ArrowException, OSError) as error:  # Arrow's: from a later batch
        raise file.complaint(error) from error
    if not found.num_rows:
        raise InputError(f"{file.path}: the {name} have no rows")
    for column in contract:
        if column.name not in tried:
            kind = KINDS[column.kind][0]
            absent = pa.repeat(pa.scalar(column.default, kind), found.num_rows)
            if column.is_coded and column.default is not None:
                codes = pa.repeat(pa.scalar(0, pa.int32()), found.num_rows)
                absent = pa.DictionaryArray.from_arrays(codes, [column.default])
            found = found.append_column(column.name, absent)
    return found


def _kept(batch: pa.RecordBatch, coded: Sequence[str]) -> pa.Table:
    """A batch as it stays in memory. DuckDB frees a batch as a whole, so what is not coded is
    copied: else the texts would stay, too."""
    columns = {
        name: column.dictionary_encode() if name in coded
        else pa.concat_arrays([column, column.slice(0, 0)])
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }  # fmt: skip
    return pa.table(columns)


def _expression(column: Column, name: str, given: str) -> str:
    """SQL for a value of a column that DuckDB holds as type ``given``; null if it is none."""
    value = _text(name) if given == "VARCHAR" else name
    is_float = given in ("DOUBLE", "FLOAT")
    if column.kind == "text":
        if is_float:  # keys that a tool has made floats of: 7.0 is 7
            digits = f"case when {name} = floor({name}) then {name}::hugeint::varchar"
            return f"case when isfinite({name}) then {digits} else {name}::varchar end end"
        return _text(name if given == "VARCHAR" else f"{name}::varchar")
    if column.kind == "time":
        time = "null::timestamp"
        if given == "VARCHAR":
            time = f"try_cast({value} as timestamptz)"
        elif given == "TIMESTAMP WITH TIME ZONE":
            time = name
        elif given == "DATE" or given.startswith("TIMESTAMP"):
            time = f"{name}::timestamp"
        return f"case when isfinite({time}) then epoch_us({time}) end"
    if column.kind == "flag":
        return f"try_cast({value} as boolean)"
    number = f"try_cast({value} as double)"
    is_fine = [f"isfinite({number})"]
    if column.least is not None:
        is_fine.append(f"{number} >= {column.least}")
    if column.kind == "whole":
        whole = f"try_cast({value} as bigint)"
        return f"case when {' and '.join([*is_fine, f'{whole} = {number}'])} then {whole} end"
    exact = number if column.kind == "number" else f"try_cast({value} as decimal(28, 8))"
    return f"case when {' and '.join(is_fine)} then {exact} end"


def _text(name: str) -> str:
    """SQL for a text without blanks around it; null where nothing is left. Few texts have any, and
    to look costs next to nothing: to trim them all takes as long as to read them."""
    is_plain = f"{name} >= '!' and not suffix({name}, ' ')"
    return f"case when {is_plain} then {name} else nullif(trim({name}), '') end"


def _refuse_wrong(file: TableFile, column: Column, tried: str) -> None:
    name, given = file.columns[column.name]
    text = _text(f"{name}::varchar")
    bad = f"({tried}) is null" + (f" and {text} is not null" if column.is_nullable else "")
    row = file.con.execute(
        f"""select row, value from (
            select row_number() over () - 1 as row, {text} as value, ({bad}) as is_bad
            from {file.source}
        ) where is_bad order by row limit 1""",
        file.parameters,
    ).fetchone()
    if row is None:
        return
    place, value = row
    what = "is empty" if value is None else f"{value!r} is not a valid {KINDS[column.kind][1]}"
    if column.kind == "time" and given not in ("VARCHAR", "DATE") and "TIMESTAMP" not in given:
        what = f"holds {given}, and not times: make it a timestamp or a text"
    elif column.least is not None and value is not None:
        what += f", {column.least} or more"
    raise InputError(f"{file.place(place)}: {column.name} {what}")

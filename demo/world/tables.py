"""Appends arrays to the two DuckDB files; they get their names only when they are complete."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np
import pyarrow as pa

from demo.world.constants import TRUTH_FILE, WORLD_FILE, schema_statements
from demo.world.ids import Ints

NEVER = int(np.iinfo(np.int64).min)  # in arrays of integers, days and microseconds: NULL
TRUTH_TABLES = {
    "persons", "identifiers", "visits", "exposures", "conversions", "campaign_effects",
    "stock_outs", "satisfaction",
}  # fmt: skip

_ARROW_TYPES: dict[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "TINYINT": pa.int8(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


class Tables:
    """A context: on success both files appear in ``out_dir`` and replace older ones; else none.

    ``more``: DDL of further tables of the world.
    """

    def __init__(self, out_dir: Path, more: Path | None = None) -> None:
        self._out_dir = out_dir
        self._more = more
        self._types: dict[str, dict[str, str]] = {}
        self._connections: dict[str, duckdb.DuckDBPyConnection] = {}

    def __enter__(self) -> Tables:
        self._out_dir.mkdir(parents=True, exist_ok=True)
        for part, file in (("world", WORLD_FILE), ("truth", TRUTH_FILE)):
            partial = self._out_dir / f"{file}.partial"
            partial.unlink(missing_ok=True)
            # One thread keeps the order of rows, and so the world, the same on any machine; the
            # limit is for DuckDB's cache, which would otherwise grow with the world.
            connection = duckdb.connect(str(partial), config={"threads": 1, "memory_limit": "1GB"})
            connection.execute(schema_statements(part))
            self._connections[part] = connection
        if self._more:
            self._connections["world"].execute(self._more.read_text(encoding="utf-8"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in self._connections.values():
            connection.close()
        for file in (WORLD_FILE, TRUTH_FILE):
            partial = self._out_dir / f"{file}.partial"
            if kind is None:
                os.replace(partial, self._out_dir / file)
            else:
                partial.unlink(missing_ok=True)

    def add(self, table: str, **columns: object) -> None:
        """Append rows. Each column is an array, an Arrow array, or one value for all rows.

        Times are microseconds and dates days since the epoch. Raises ValueError when the columns
        are not exactly those of the table in schema.sql.
        """
        connection = self._connections["truth" if table in TRUTH_TABLES else "world"]
        types = self._types.get(table)
        if types is None:
            described = connection.execute(f"DESCRIBE {table}").fetchall()
            types = self._types[table] = {name: kind for name, kind, *_ in described}
        if set(types) != set(columns):
            raise ValueError(f"{table}: schema.sql and data differ in {set(types) ^ set(columns)}")
        arrays = [v for v in columns.values() if isinstance(v, np.ndarray | pa.Array)]
        rows = len(arrays[0]) if arrays else 1
        chunk = pa.table({name: _arrow(columns[name], types[name], rows) for name in types})
        connection.register("chunk", chunk)
        connection.execute(f"INSERT INTO {table} SELECT * FROM chunk")  # noqa: S608 – our own names
        connection.unregister("chunk")

    def execute(self, statement: str) -> None:
        """Run SQL in the world, over what has been added so far."""
        self._connections["world"].execute(statement)

    def fetch(self, query: str, values: dict[str, object] | None = None) -> dict[str, Ints]:
        """The whole-number columns of a query of the world by name; NULL is NEVER."""
        answer = self._connections["world"].execute(query, values or {}).to_arrow_table()
        return {
            name: column.cast(pa.int64()).fill_null(NEVER).to_numpy()
            for name, column in zip(answer.column_names, answer.columns, strict=True)
        }


def _arrow(values: object, duckdb_type: str, rows: int) -> pa.Array:
    kind = _ARROW_TYPES[duckdb_type]
    if isinstance(values, pa.Array):
        return values
    if not isinstance(values, np.ndarray):
        return pa.repeat(pa.scalar(values, type=kind), rows)
    if values.dtype != np.int64:
        return pa.array(values, type=kind, from_pandas=False)
    empty = values == NEVER
    integers = pa.array(np.where(empty, 0, values), mask=empty)
    if duckdb_type == "DATE":
        integers = integers.cast(pa.int32())
    return integers.cast(kind)


def pick(choices: list[str] | list[str | None], index: Ints) -> pa.Array:
    """Text by index into a short list, without one Python object per row; -1 is NULL."""
    codes = pa.array(index.astype(np.int32), mask=index < 0)
    return pa.DictionaryArray.from_arrays(codes, pa.array(choices, type=pa.string()))

"""Rows of worlds that are few enough to add up by hand."""

from __future__ import annotations

from typing import Any

import duckdb

_ANY = {"VARCHAR": "", "BOOLEAN": False, "TIMESTAMP": "2026-03-10 10:00", "DATE": "2026-03-10"}


def put(connection: duckdb.DuckDBPyConnection, table: str, **given: Any) -> None:
    """A row with what is given; of the rest, what must be told is zero, empty or in March."""
    columns = connection.execute(f"DESCRIBE {table}").fetchall()
    must = {name: _ANY.get(kind, 0) for name, kind, null, *_ in columns if null == "NO"}
    row = must | given
    connection.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
        [*row.values()],
    )

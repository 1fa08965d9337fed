"""SQLAlchemy dialect for DuckDB whose cursors are independent of one another."""

from __future__ import annotations

import weakref
from typing import Any

import duckdb
from duckdb_engine import ConnectionWrapper, CursorWrapper, Dialect


class _Connection(ConnectionWrapper):  # type: ignore[misc]
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        self._duckdb = connection

    def cursor(self) -> CursorWrapper:
        return CursorWrapper(self._duckdb.cursor(), self)


_opened: weakref.WeakSet[_Connection] = weakref.WeakSet()


class CursorDialect(Dialect):  # type: ignore[misc]
    """duckdb-engine's dialect, but each ``cursor()`` is a DuckDB cursor of its own."""

    supports_statement_cache = False

    def connect(self, *args: Any, **kwargs: Any) -> _Connection:
        connection = _Connection(super().connect(*args, **kwargs).duplicate())
        _opened.add(connection)
        return connection


def close_all() -> None:
    """Close what connection pools still hold: DuckDB opens a file only one way at a time."""
    for connection in list(_opened):
        connection.close()
        _opened.discard(connection)

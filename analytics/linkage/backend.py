"""The engines that pairs are compared on: DuckDB in this process, or a Spark session."""

from __future__ import annotations

from typing import Protocol

import duckdb
import pyarrow as pa


class Backend(Protocol):
    """Where tables lie and are computed. Table names are the caller's, and are replaced."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make ``table`` known as ``name``."""

    def create(self, name: str, select: str) -> None:
        """Keep the result of a SELECT as ``name``."""

    def rows(self, select: str) -> pa.Table:
        """The result of a SELECT."""

    def close(self) -> None:
        """Let go of all tables made here."""


class OnDuckDB:
    """Tables in a DuckDB of its own, in memory: they must not end up in the warehouse."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()

    def load(self, name: str, table: pa.Table) -> None:
        self._connection.register(f"{name}_given", table)
        self.create(name, f"select * from {name}_given")  # noqa: S608
        self._connection.unregister(f"{name}_given")

    def create(self, name: str, select: str) -> None:
        self._connection.execute(f"create or replace temp table {name} as {select}")

    def rows(self, select: str) -> pa.Table:
        return self._connection.sql(select).to_arrow_table()

    def close(self) -> None:
        self._connection.close()

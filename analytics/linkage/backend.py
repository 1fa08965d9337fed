"""The engines that Splink works on: DuckDB in this process, or a Spark session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa
from splink import DuckDBAPI

if TYPE_CHECKING:
    pass


class Backend(Protocol):
    """Where tables lie and Splink computes. Table names are the caller's, and are replaced."""

    @property
    def api(self) -> Any:
        """Splink's own handle."""

    def load(self, name: str, table: pa.Table) -> None:
        """Make ``table`` known as ``name``."""

    def create(self, name: str, select: str) -> None:
        """Keep the result of a SELECT as ``name``."""

    def rows(self, select: str) -> pa.Table:
        """The result of a SELECT."""

    def close(self) -> None:
        """Let go of all tables made here."""


class OnDuckDB:
    """Tables in a DuckDB of its own, in memory: Splink leaves its tables where it works, and they
    must not end up in the warehouse."""

    def __init__(self) -> None:
        self._connection = duckdb.connect()
        self.api = DuckDBAPI(self._connection)

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

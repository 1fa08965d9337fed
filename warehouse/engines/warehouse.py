"""What the audit and the publication ask of a warehouse, whichever engine holds it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import duckdb

    from warehouse.engines.dialect import Dialect

SCHEMAS = (
    "seeds",
    "staging",
    "conformed",
    "restricted",
    "intermediate",
    "marts",
)  # all that the dbt project writes into


class WarehouseError(Exception):
    """The warehouse cannot be opened or read; the message says why and what to do."""


class NoWarehouse(WarehouseError):
    """Nobody has built it yet."""


class Reader(Protocol):
    """One state of the warehouse, open for reading."""

    def query(self, sql: str) -> Any:
        """The rows of a query with a small answer, as a ``pyarrow.Table``.

        Raises ``WarehouseError`` with the engine's own words if it cannot be computed.
        """

    def tables(self, schema: str) -> Sequence[str]:
        """Names of the tables and views in a schema, sorted; empty if there is no such schema."""

    def fingerprint(self) -> str:
        """Identity of the state: another one whenever anything was written to a table."""

    def copy_table(self, con: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
        """Create ``schema.name`` with rows and comments in the database ``con`` works in.

        Where the engine knows which columns are never null, they are so there, too.
        Column types are the same whichever engine it comes from (timestamps: UTC, without zone).
        Returns how many rows the warehouse has. Memory stays bounded, however large the table.
        """


class Warehouse(Protocol):
    """A place that holds the tables dbt built."""

    @property
    def name(self) -> str:
        """The engine: ``duckdb`` or ``spark``."""

    @property
    def dialect(self) -> Dialect:
        """How this engine writes what SQL leaves open."""

    def reading(self) -> AbstractContextManager[Reader]:
        """Open it for reading. Raises ``NoWarehouse`` if it is missing, ``WarehouseError`` if it is
        being written."""

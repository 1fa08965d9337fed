"""The truth in the words of those who serve it: each vendor's or system's own ids of the world's
records."""

# SQL is put together from names of our own tables and from what our simulators declare.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from demo.exports import SYSTEMS, System
from demo.vendors import vendors
from demo.vendors.core.vendor import Vendor


class ScoreError(Exception):
    """There is nothing to score: a file, a table or the truth of a record is missing. The message
    says which."""


@contextmanager
def all_three(
    world: Path, truth: Path, warehouse: Path, needed: Collection[str]
) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The world, with the truth and a warehouse attached by these names; None where the warehouse
    lacks one of the ``needed`` tables.

    Raises ScoreError when a file is missing, or another process writes to it.
    """
    for file in (world, truth, warehouse):
        if not file.exists():
            raise ScoreError(f"no file at {file}")
    try:
        with duckdb.connect(str(world), read_only=True) as connection:
            for name, file in (("warehouse", warehouse), ("truth", truth)):
                quoted = str(file).replace("'", "''")
                connection.execute(f"ATTACH '{quoted}' AS {name} (READ_ONLY)")
            there = connection.execute(
                "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
                " WHERE database_name = 'warehouse'"
            ).fetchall()
            yield connection if {*needed} <= {name for (name,) in there} else None
    except duckdb.Error as error:
        raise ScoreError(f"cannot compare {world} with {warehouse}: {error}") from error


def served(table: str, kind_column: str) -> str:
    """SQL: the rows of a table of the truth, once for each that serves such a record.

    ``kind_column`` names the record's kind there. Columns: ``source_system``, ``record_kind`` and
    ``record_id`` as a warehouse has them, then the table's others. Which of the vendors a company
    uses its warehouse knows; a vendor that declares no records is nobody's.
    """
    systems: list[Vendor | System] = [*vendors(), *SYSTEMS.values()]
    parts = [
        f"""
        SELECT
            '{vendor.name}' AS source_system, '{kind}' AS record_kind,
            {record.id_sql} AS served_id, * EXCLUDE ({kind_column})
        FROM {table} WHERE {kind_column} = '{record.truth}'
        """
        for vendor in systems
        for kind, record in vendor.records.items()
    ]
    union = " UNION ALL ".join(parts)
    return f"(SELECT * RENAME (record_id AS world_id, served_id AS record_id) FROM ({union}))"

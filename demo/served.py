"""The truth in the words of those who serve it: each vendor's or system's own ids of the world's
records."""

# SQL is put together from names of our own tables and from what our simulators declare.
# ruff: noqa: S608
from __future__ import annotations

from demo.exports import SYSTEMS, System
from demo.vendors import vendors
from demo.vendors.core.vendor import Vendor


class ScoreError(Exception):
    """There is nothing to score: a file, a table or the truth of a record is missing. The message
    says which."""


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

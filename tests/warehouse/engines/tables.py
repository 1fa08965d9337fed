"""The same tables on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class SparkTables:
    """Copies DuckDB files' tables into Spark, one state after the other. What does not change
    between two states is not written again."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self.session = session
        self.folder = folder
        self._held: dict[str, Any] = {}

    def load(self, file: Path) -> None:
        """Make the catalog hold the very tables of a DuckDB file."""
        with duckdb.connect(str(file), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            names = con.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_type = 'BASE TABLE' order by all"
            ).fetchall()
            for schema, name in names:
                table, rows = f"{schema}.{name}", con.sql(_as_spark(con, schema, name))
                content = rows.to_arrow_table()
                if self._held.get(table) == content:
                    continue
                place = self.folder / schema / name
                place.mkdir(parents=True, exist_ok=True)
                con.sql(_as_spark(con, schema, name)).write_parquet(str(place / "rows.parquet"))
                if table in self._held:
                    self.session.catalog.refreshTable(table)
                else:
                    self.session.sql(f"create schema if not exists {schema}")
                    self.session.sql(f"create table {table} using parquet location '{place}'")
                self._held[table] = content
        for table in set(self._held) - {f"{schema}.{name}" for schema, name in names}:
            self.session.sql(f"drop table {table}")
            del self._held[table]


def _as_spark(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> str:
    """The table with its times as instants, which is what dbt's models hold on Spark."""
    times = con.execute(
        "select column_name from information_schema.columns "
        "where table_schema = ? and table_name = ? and data_type = 'TIMESTAMP'",
        [schema, name],
    ).fetchall()
    replaced = ", ".join(f"timezone('UTC', {column}) as {column}" for (column,) in times)
    return f"select *{f' replace ({replaced})' if replaced else ''} from {schema}.{name}"

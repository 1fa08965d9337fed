"""The warehouse as one DuckDB file: whoever reads it keeps writers out, and the other way round."""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from warehouse.engines.dialect import Dialect, DuckDBDialect
from warehouse.engines.warehouse import NoWarehouse, WarehouseError


@dataclass(frozen=True)
class DuckDBWarehouse:
    """The warehouse in ``file``."""

    file: Path

    @property
    def name(self) -> str:
        return "duckdb"

    @property
    def dialect(self) -> Dialect:
        return DuckDBDialect()

    @contextmanager
    def reading(self) -> Iterator[DuckDBReader]:
        """Open the file read-only; as long as that lasts, nobody can write to it."""
        if not self.file.exists():
            raise NoWarehouse(f"There is no warehouse at {self.file}: build it first (o2o build).")
        with duckdb.connect() as con:
            con.execute("set TimeZone = 'UTC'")
            try:
                _attach(con, self.file)
            except duckdb.IOException as error:
                raise WarehouseError(
                    f"The warehouse {self.file} cannot be opened for reading, most likely because a"
                    " build is still writing to it: wait for the build to end and try again."
                    f" ({error})"
                ) from error
            con.execute(f'use "{self.file.stem}"')
            yield DuckDBReader(con, self.file)


@dataclass(frozen=True)
class DuckDBReader:
    """The warehouse file, opened read-only on ``con`` and made its default database."""

    con: duckdb.DuckDBPyConnection
    file: Path

    def query(self, sql: str) -> Any:
        return query(self.con, sql)

    def tables(self, schema: str) -> list[str]:
        rows = self.con.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = ? and table_schema = ? order by table_name",
            [self.file.stem, schema],
        ).fetchall()
        return [name for (name,) in rows]

    def fingerprint(self) -> str:
        return fingerprint(self.file)

    def copy_table(self, con: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
        _attach(con, self.file)
        source = f'"{self.file.stem}".{schema}."{name}"'
        con.execute(f'create table {schema}."{name}" as from {source}')
        promised = self.con.execute(
            """
            select column_name from duckdb_columns()
            where database_name = $1 and schema_name = $2 and table_name = $3
                and not is_nullable""",
            [self.file.stem, schema, name],
        ).fetchall()
        for (column,) in promised:
            con.execute(f'alter table {schema}."{name}" alter column "{column}" set not null')
        comments = self.con.execute(
            """
            select null, comment from duckdb_tables()
            where database_name = $1 and schema_name = $2 and table_name = $3
            union all
            select column_name, comment from duckdb_columns()
            where database_name = $1 and schema_name = $2 and table_name = $3""",
            [self.file.stem, schema, name],
        ).fetchall()
        comment(con, schema, name, dict(comments))
        rows = self.con.execute(f"select count(*) from {source}").fetchall()
        return int(rows[0][0])


def query(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The rows of a query as a ``pyarrow.Table``; raises ``WarehouseError`` in DuckDB's words."""
    try:
        return con.execute(sql).to_arrow_table()
    except duckdb.Error as error:
        raise WarehouseError(str(error)) from error


def comment(
    con: duckdb.DuckDBPyConnection, schema: str, name: str, comments: dict[str | None, str | None]
) -> None:
    """Describe a table (key None) and its columns."""
    for column, text in comments.items():
        if text:
            thing = f'column {schema}."{name}"."{column}"' if column else f'table {schema}."{name}"'
            quoted = text.replace("'", "''")
            con.execute(f"comment on {thing} is '{quoted}'")


def fingerprint(file: Path) -> str:
    """Identity of the state of a warehouse file: changes whenever anything was written to it.

    Size, modification time and DuckDB's header blocks (which count the checkpoints), plus a
    write-ahead log if a crash left one: reading a large file whole would cost more than the audit.
    """
    parts: list[object] = []
    for path in (file, file.with_name(file.name + ".wal")):
        if path.exists():
            stat = path.stat()
            with path.open("rb") as content:
                parts.append((stat.st_size, stat.st_mtime_ns, content.read(12288).hex()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _attach(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Attach it under its stem, the name by which views inside it refer to it."""
    path = str(file).replace("'", "''")
    con.execute(f"attach if not exists '{path}' as \"{file.stem}\" (read_only)")

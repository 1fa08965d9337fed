"""The warehouse on Spark: tables that the process's session finds in its catalog."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.engines.dialect import Dialect, SparkDialect
from warehouse.engines.spark import folder_url, hadoop, local_path, session, told
from warehouse.engines.warehouse import SCHEMAS, NoWarehouse

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class SparkWarehouse:
    """The warehouse whose tables lie under ``url``."""

    url: str

    @property
    def name(self) -> str:
        return "spark"

    @property
    def dialect(self) -> Dialect:
        return SparkDialect()

    @contextmanager
    def reading(self) -> Iterator[SparkReader]:
        """Read through the process's session. It keeps nobody from writing: who needs one state
        compares fingerprints before and after."""
        missing = NoWarehouse(f"There is no warehouse at {self.url}: build it first (o2o build).")
        folder = local_path(self.url)
        if folder is not None and not folder.exists():
            raise missing  # and spare the start of a cluster
        running = session(self.url)
        # Any, because a build reads what it has built before it comes to the marts.
        if not any(map(running.catalog.databaseExists, SCHEMAS)):
            raise missing
        yield SparkReader(running, self.url)


@dataclass(frozen=True)
class SparkReader:
    """The warehouse's tables through ``session``."""

    session: SparkSession
    url: str

    def query(self, sql: str) -> Any:
        with told():
            return self.session.sql(sql).toArrow()

    def tables(self, schema: str) -> list[str]:
        if not self.session.catalog.databaseExists(schema):
            return []
        found = self.session.sql(f"show tables in {schema}").collect()
        return sorted(row.tableName for row in found if not row.isTemporary)

    def fingerprint(self) -> str:
        with told():
            states = [
                (schema, name, self._state(f"{schema}.`{name}`"))
                for schema in SCHEMAS
                for name in self.tables(schema)
            ]
        return hashlib.sha256(repr(states).encode()).hexdigest()[:32]

    def copy_table(self, con: duckdb.DuckDBPyConnection, schema: str, name: str) -> int:
        table = f"{schema}.`{name}`"
        folder = f"{folder_url(self.url)}/_publishing/{schema}.{name}"
        with told():
            # As files, because rows that pass one by one through this process take minutes. What
            # a killed run left there is overwritten.
            rows = self.session.table(table)
            rows = rows.selectExpr(*(_as_published(*column) for column in rows.dtypes))
            try:
                rows.write.mode("overwrite").parquet(folder)
                with self._parquet_files(folder) as files:
                    con.execute(
                        f'create table {schema}."{name}" as from read_parquet($files)',
                        {"files": files},
                    )
            finally:
                self._delete(folder)
            self._comment(con, schema, name)
            return int(self.session.table(table).count())

    def _state(self, table: str) -> list[str]:
        """Names of the table's data files: a writer never uses a name twice. A view is its text:
        the tables in it have a state of their own, and to plan each view takes minutes."""
        described = self.session.sql(f"describe table extended {table}").collect()
        text = [row.data_type for row in described if row.col_name == "View Text"]
        if text and "parquet.`" not in text[0]:  # no files of its own
            return text
        self.session.catalog.refreshTable(table)  # another process may have written
        if files := self.session.table(table).inputFiles():
            return sorted(files)
        # Iceberg shows no files here, but the number of its snapshot among the properties.
        return sorted(
            str(tuple(row)) for row in self.session.sql(f"show tblproperties {table}").collect()
        )

    def _comment(self, con: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
        from warehouse.engines.duckdb import comment

        catalog = self.session.catalog
        comments: dict[str | None, str | None] = {
            column.name: column.description for column in catalog.listColumns(f"{schema}.{name}")
        }
        comments[None] = catalog.getTable(f"{schema}.{name}").description
        comment(con, schema, name, comments)

    @contextmanager
    def _parquet_files(self, folder: str) -> Iterator[list[str]]:
        """The folder's Parquet files as files of this machine, fetched with Spark's own access."""
        if (here := local_path(folder)) is not None:
            yield sorted(str(file) for file in here.glob("*.parquet"))
            return
        filesystem, path = hadoop(self.session, folder)
        with tempfile.TemporaryDirectory(prefix="o2o-publish-") as fetched:
            files: list[str] = []
            for status in filesystem.listStatus(path):
                if status.getPath().getName().endswith(".parquet"):
                    files.append(f"{fetched}/{len(files):06}.parquet")
                    target = hadoop(self.session, f"file:{files[-1]}")[1]
                    # Raw: without a checksum file beside it.
                    filesystem.copyToLocalFile(False, status.getPath(), target, True)
            yield files

    def _delete(self, folder: str) -> None:
        filesystem, path = hadoop(self.session, folder)
        filesystem.delete(path, True)


def _as_published(name: str, kind: str) -> str:
    """A column as DuckDB builds it: Spark's timestamp is an instant, ours are UTC without zone."""
    return f"cast(`{name}` as timestamp_ntz) as `{name}`" if kind == "timestamp" else f"`{name}`"

"""What is published is the same, whichever engine the marts were built on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from expectations import runner
from o2o.pipeline import publish
from warehouse.engines.duckdb import DuckDBWarehouse
from warehouse.engines.spark_warehouse import SparkReader, SparkWarehouse
from warehouse.engines.warehouse import Warehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

# A column of each type that marts have, a row of values at the edges, a row of nulls.
COLUMNS = {
    "fact_id": ("string", "'it''s · ü'"),
    "is_known": ("boolean", "true"),
    "number_count": ("integer", "-2147483648"),
    "total_minor": ("bigint", "9007199254740993"),
    "revenue_amount": ("decimal(18, 2)", "9999999999999999.99"),
    "credit_share": ("decimal(38, 9)", "0.333333333"),
    "visit_date": ("date", "'1999-12-31'"),
    "arrived_at": ("timestamp", "'2026-03-29 01:30:00.123456'"),
}


def statements(engine: str) -> list[str]:
    using = " using parquet" if engine == "spark" else ""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
    row = ", ".join(f"cast({value} as {kind})" for kind, value in COLUMNS.values())
    made = [
        "create schema if not exists marts",
        f"create table marts.fct_edges ({columns}){using}",
        f"insert into marts.fct_edges select {row}",
        f"insert into marts.fct_edges select {', '.join('null' for _ in COLUMNS)}",
        f"create table marts.dim_empty ({columns}){using}",
        "comment on table marts.fct_edges is 'One row per edge; the customer''s view'",
    ]
    if engine == "spark":
        made.append("alter table marts.fct_edges alter column total_minor comment 'Minor units'")
        made[-2] = made[-2].replace("''s", r"\'s")
        return made
    return [*made, "comment on column marts.fct_edges.total_minor is 'Minor units'"]


def audited(warehouse: Warehouse, reports: Path) -> None:
    """Write the verdict that an audit finding nothing would write."""
    with warehouse.reading() as reader:
        subject = reader.fingerprint()
    audit = runner.AuditResult("an-audit", "marts", "2026-06-01T04:00:00+00:00", subject, [])
    runner.save(audit, reports)


def content(file: Path) -> dict[str, Any]:
    with duckdb.connect(str(file), read_only=True) as con:
        return {
            "columns": con.execute(
                "select schema_name, table_name, column_name, data_type, comment"
                " from duckdb_columns() where schema_name = 'marts' order by all"
            ).fetchall(),
            "tables": con.execute(
                "select table_name, comment from duckdb_tables() order by all"
            ).fetchall(),
            "rows": con.execute("select * from marts.fct_edges order by all").fetchall(),
        }


@pytest.fixture
def warehouses(
    session: SparkSession, warehouse_url: str, tmp_path: Path
) -> Iterator[tuple[Warehouse, Warehouse]]:
    session.sql("drop schema if exists marts cascade")
    for statement in statements("spark"):
        session.sql(statement)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        for statement in statements("duckdb"):
            con.execute(statement)
    yield DuckDBWarehouse(tmp_path / "warehouse.duckdb"), SparkWarehouse(warehouse_url)
    session.sql("drop schema marts cascade")


def test_both_engines_publish_the_same(
    warehouses: tuple[Warehouse, Warehouse], warehouse_url: str, tmp_path: Path
) -> None:
    published = {}
    for warehouse in warehouses:
        audited(warehouse, tmp_path / warehouse.name)
        target = tmp_path / warehouse.name / "o2o.duckdb"
        done = publish.publish(warehouse, tmp_path / warehouse.name, target)
        assert done.tables == {"dim_empty": 0, "fct_edges": 2}
        assert publish.publish(warehouse, tmp_path / warehouse.name, target) == done
        published[warehouse.name] = content(target)
    assert published["spark"] == published["duckdb"]
    assert not list(Path(warehouse_url, "_publishing").iterdir())


def test_a_build_during_the_copy_is_noticed(
    warehouses: tuple[Warehouse, Warehouse],
    session: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    _, warehouse = warehouses
    audited(warehouse, tmp_path)
    copy = SparkReader.copy_table

    def meanwhile(reader: SparkReader, con: duckdb.DuckDBPyConnection, *table: str) -> int:
        session.sql("insert into marts.dim_empty (fact_id) values ('late')")
        return copy(reader, con, *table)

    monkeypatch.setattr(SparkReader, "copy_table", meanwhile)
    with pytest.raises(publish.PublishRefused, match=r"written to while.*Nothing has been"):
        publish.publish(warehouse, tmp_path, tmp_path / "o2o.duckdb")
    assert not (tmp_path / "o2o.duckdb").exists()
    with pytest.raises(
        publish.PublishRefused, match="warehouse has been written to since the audit"
    ):
        publish.publish(warehouse, tmp_path, tmp_path / "o2o.duckdb")


def test_a_failed_copy_leaves_no_files(
    warehouses: tuple[Warehouse, Warehouse], warehouse_url: str, tmp_path: Path
) -> None:
    _, warehouse = warehouses
    with (
        warehouse.reading() as reader,
        duckdb.connect() as con,
        pytest.raises(duckdb.Error),  # there is no schema to copy into
    ):
        reader.copy_table(con, "marts", "fct_edges")
    assert not list(Path(warehouse_url, "_publishing").iterdir())


def test_a_warehouse_on_another_machine_is_fetched_with_sparks_own_access(
    warehouses: tuple[Warehouse, Warehouse], session: SparkSession, tmp_path: Path
) -> None:
    # To us a filesystem that only Hadoop knows.
    hadoop = session.sparkContext._jsc.hadoopConfiguration()
    hadoop.set("fs.viewfs.mounttable.far.link./data", f"file:{tmp_path}")
    reader = SparkReader(session, "viewfs://far/data/warehouse")
    with duckdb.connect() as con:
        con.execute("create schema marts")
        assert reader.copy_table(con, "marts", "fct_edges") == 2
        rows = con.execute("select total_minor from marts.fct_edges order by all").fetchall()
    assert rows == [(9007199254740993,), (None,)]
    assert not list((tmp_path / "warehouse" / "_publishing").iterdir())

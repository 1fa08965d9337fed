"""The Spark session: what is settled whatever the user sets, and what is swept up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from warehouse.engines import spark
from warehouse.engines.spark_warehouse import SparkReader, SparkWarehouse
from warehouse.engines.warehouse import WarehouseError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_without_pyspark_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(WarehouseError, match="install the extra `spark`"):
        spark.session(str(tmp_path))


def test_duckdb_needs_no_pyspark() -> None:
    script = (
        "import sys, o2o.pipeline.engine, o2o.pipeline.publish; assert 'pyspark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[3])


def test_a_folder_that_is_not_there_starts_no_cluster(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseError, match="build it first"),
        SparkWarehouse(str(tmp_path / "none")).reading(),
    ):
        pass


@pytest.mark.spark
def test_a_build_reads_what_it_has_before_there_are_marts(
    session: SparkSession, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = ["intermediate"]
    monkeypatch.setattr(type(session.catalog), "databaseExists", lambda _, name: name in there)
    with SparkWarehouse(warehouse_url).reading() as reader:
        assert reader.tables("marts") == []
    there.clear()
    with (
        pytest.raises(WarehouseError, match="build it first"),
        SparkWarehouse(warehouse_url).reading(),
    ):
        pass


@pytest.mark.spark
def test_what_would_change_a_figure_is_settled(session: SparkSession, warehouse_url: str) -> None:
    assert session.conf.get("spark.sql.session.timeZone") == "UTC"
    assert session.conf.get("spark.sql.ansi.enabled") == "true"
    assert session.conf.get("spark.sql.sources.partitionOverwriteMode") == "dynamic"
    assert session.conf.get("spark.sql.shuffle.partitions") == "2"  # the user's own
    assert session.sparkContext.master == "local[2]"
    assert session.sparkContext.appName == "o2o"
    assert spark.session(warehouse_url) is session
    assert not Path("derby.log").exists()
    with pytest.raises(WarehouseError, match="already works on"):
        spark.session(warehouse_url + "-2")


@pytest.mark.heavy
def test_another_process_is_told_to_wait(session: SparkSession, warehouse_url: str) -> None:
    script = (
        "import sys\nfrom warehouse.engines import spark\n"
        "from warehouse.engines.warehouse import WarehouseError\n"
        "try:\n    spark.session(sys.argv[1])\n"
        "except WarehouseError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, warehouse_url],
        check=False,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert "open in another process" in done.stdout, done.stderr


@pytest.mark.spark
def test_plans_are_not_kept_for_pages_that_nobody_can_open(session: SparkSession) -> None:
    settled = session.sparkContext.getConf()
    assert settled.get("spark.ui.enabled") == "false"
    assert int(settled.get("spark.sql.ui.retainedExecutions") or 1_000) < 100


@pytest.mark.spark
def test_the_fingerprint_follows_what_is_written(session: SparkSession, warehouse_url: str) -> None:
    reader = SparkReader(session, warehouse_url)
    session.sql("create schema if not exists seeds")
    session.sql("create table seeds.rates using parquet as select 1 as x")
    before = reader.fingerprint()
    session.sql("select * from seeds.rates").collect()
    assert reader.fingerprint() == before
    session.sql("insert overwrite seeds.rates select 1")
    after = reader.fingerprint()
    assert after != before
    session.sql("drop table seeds.rates")
    assert reader.fingerprint() not in (before, after)


@pytest.mark.spark
def test_the_fingerprint_follows_views_and_the_files_that_they_name(
    session: SparkSession, warehouse_url: str, tmp_path: Path
) -> None:
    reader = SparkReader(session, warehouse_url)
    session.sql("create schema if not exists seeds")
    session.range(1).write.parquet(f"{tmp_path}/landed/1")
    seen = [reader.fingerprint()]
    for query in (
        "select 1 as x",
        "select 2 as x",
        f"select id from parquet.`{tmp_path}/landed/*`",
    ):
        session.sql(f"create or replace view seeds.seen as {query}")
        seen.append(reader.fingerprint())
    assert reader.fingerprint() == seen[-1]
    session.range(1).write.parquet(f"{tmp_path}/landed/2")
    seen.append(reader.fingerprint())
    session.sql("drop view seeds.seen")
    assert len({*seen}) == len(seen)


@pytest.mark.spark
def test_only_what_no_table_owns_is_swept_up(session: SparkSession, warehouse_url: str) -> None:
    home = Path(warehouse_url)
    for schema in ("intermediate", "of_somebody_else"):
        session.sql(f"create schema if not exists {schema}")
    elsewhere = home / "intermediate.db" / "elsewhere"
    session.sql("create table intermediate.kept using parquet as select 1 as x")
    session.sql(f"create table intermediate.far using parquet location '{elsewhere}' as select 1 y")
    left = home / "intermediate.db" / "int_sessions"
    foreign = [home / "of_somebody_else.db" / "files", home / "files"]
    for folder in (left, *foreign):
        folder.mkdir(parents=True)
        (folder / "part-0.parquet").write_bytes(b"half")

    with pytest.raises(Exception, match="LOCATION_ALREADY_EXISTS"):
        session.sql("create table intermediate.int_sessions using parquet as select 1 as x")
    assert spark.sweep(session) == [f"file:{left}"]
    assert all(folder.exists() for folder in foreign)
    session.sql("create table intermediate.int_sessions using parquet as select 1 as x")
    assert spark.sweep(session) == []
    for table in ("kept", "far", "int_sessions"):
        assert session.table(f"intermediate.{table}").count() == 1
        session.sql(f"drop table intermediate.{table}")


@pytest.mark.spark
def test_a_table_is_rewritten_by_a_query_of_itself(session: SparkSession) -> None:
    session.sql("create schema if not exists intermediate")
    session.sql(
        "create table intermediate.stints using parquet partitioned by (part)"
        " as select id, concat('p', id % 2) as part from range(4)"
    )
    spark.rewrite(
        session, "intermediate", "stints", "select id * 10 as id, part from intermediate.stints"
    )
    expected = {(0, "p0"), (10, "p1"), (20, "p0"), (30, "p1")}
    assert {*map(tuple, session.table("intermediate.stints").collect())} == expected
    assert not session.catalog.tableExists("intermediate.stints__rewriting")

    # Killed while it was overwriting: a partition is gone, and the rows lie beside it.
    session.sql(
        "create table intermediate.stints__rewriting using parquet as from intermediate.stints"
    )
    session.sql("alter table intermediate.stints drop partition (part = 'p0')")
    spark.sweep(session)
    assert {*map(tuple, session.table("intermediate.stints").collect())} == expected
    assert not session.catalog.tableExists("intermediate.stints__rewriting")
    session.sql("drop table intermediate.stints")

"""Every check says the same on both engines: of sound data, of broken data, and of none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.registry import SOURCES
from expectations import catalogue, publication, runner
from tests.expectations.faults import FAULTS
from tests.warehouse.engines.tables import SparkTables
from warehouse.engines.duckdb import DuckDBWarehouse
from warehouse.engines.spark_warehouse import SparkWarehouse
from warehouse.engines.warehouse import Warehouse, WarehouseError

pytestmark = pytest.mark.spark

CHECKS = [check for checks in catalogue.suites("marts", SOURCES).values() for check in checks]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sound") / "warehouse.duckdb"
    schema = Path(__file__).parents[2] / "expectations" / "warehouse.sql"
    with duckdb.connect(str(file)) as con:
        con.execute(schema.read_text(encoding="utf-8"))
    return file


def changed(file: Path, folder: Path, *statements: str) -> Path:
    copy = Path(shutil.copy(file, folder / "warehouse.duckdb"))
    with duckdb.connect(str(copy)) as con:
        for statement in statements:
            con.execute(statement)
    return copy


def cells(warehouse: Warehouse) -> dict[str, Any]:
    """What each check compares: column types and rows."""
    with warehouse.reading() as reader:
        answers = {check.name: reader.query(check.query(warehouse.dialect)) for check in CHECKS}
    return {
        name: (
            [str(field.type).removeprefix("large_") for field in answer.schema],
            sorted(map(str, answer.to_pylist())),
        )
        for name, answer in answers.items()
    }


def evidence(reports: Path) -> list[tuple[Any, ...]]:
    file = reports / "gx" / "evidence-marts.duckdb"
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute("select * from cells order by all").fetchall()


def test_of_sound_data(sound: Path, tables: SparkTables, warehouse_url: str) -> None:
    tables.load(sound)
    found = cells(SparkWarehouse(warehouse_url))
    assert found == cells(DuckDBWarehouse(sound))
    assert all(rows for _, rows in found.values())


def test_of_broken_data(
    sound: Path, tables: SparkTables, warehouse_url: str, tmp_path: Path
) -> None:
    # All faults at once: how each is named is tested on DuckDB, here the engines are compared.
    broken = changed(
        sound,
        tmp_path,
        *(fault for _, _, fault, _ in FAULTS),
        "update marts.dim_campaigns set campaign_name = null",
        "update marts.fct_orders set discount_minor = 1 where order_id = 'shopify:104'",
        "update marts.fct_orders set currency_code = 'EUR' || chr(10) where order_id = 'shopify:5'",
        "update marts.fct_orders set net_minor = null where order_id = 'shopify:7'",
    )
    tables.load(broken)
    here = runner.run_marts(DuckDBWarehouse(broken), tmp_path / "duckdb", SOURCES)
    there = runner.run_marts(SparkWarehouse(warehouse_url), tmp_path / "spark", SOURCES)
    assert evidence(tmp_path / "spark") == evidence(tmp_path / "duckdb")
    assert there.checks == here.checks
    assert {check.name for check in here.checks if check.status == "failed"} == {
        check.name for check in CHECKS
    }


def test_figures_are_the_same_against_what_is_published(
    sound: Path, tables: SparkTables, warehouse_url: str
) -> None:
    tables.load(sound)
    found = []
    for warehouse in (SparkWarehouse(warehouse_url), DuckDBWarehouse(sound)):
        with warehouse.reading() as reader, duckdb.connect() as con:
            assert publication.prepare(con, reader, sound) == []
            found.append(con.execute("from figures order by all").fetchall())
    assert found[0] == found[1]
    assert {row[0] for row in found[0]} == publication.FIGURES.keys()
    assert all(published == draft for *_, published, draft in found[0])


def test_of_no_data(sound: Path, tables: SparkTables, warehouse_url: str, tmp_path: Path) -> None:
    with duckdb.connect(str(sound), read_only=True) as con:
        names = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    empty = changed(sound, tmp_path, *(f"delete from {schema}.{name}" for schema, name in names))
    tables.load(empty)
    assert cells(SparkWarehouse(warehouse_url)) == cells(DuckDBWarehouse(empty))


def test_a_query_that_cannot_be_computed_says_why(
    sound: Path, tables: SparkTables, warehouse_url: str
) -> None:
    tables.load(sound)
    with (
        SparkWarehouse(warehouse_url).reading() as reader,
        pytest.raises(WarehouseError, match=r"TABLE_OR_VIEW_NOT_FOUND.*fct_of_nobody"),
    ):
        reader.query("select * from marts.fct_of_nobody")
    with (
        SparkWarehouse(warehouse_url).reading() as reader,
        pytest.raises(WarehouseError, match="CAST_INVALID_INPUT"),  # seen only when it is run
    ):
        reader.query("select cast(store_id as int) from marts.dim_stores")

"""A warehouse that another version built is built anew, or left alone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from o2o.pipeline import project, upgrade
from o2o.pipeline.upgrade import BuiltBy, NewerWarehouse
from warehouse.engines.duckdb import DuckDBWarehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    """One of before versions were noted."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as con:
        con.execute("create schema staging; create schema intermediate;")
        con.execute("create table staging.stg_square__orders as select '1' as square_order_id")
    return DuckDBWarehouse(tmp_path / "warehouse.duckdb")


def note(warehouse: DuckDBWarehouse, version: str, shape: str) -> None:
    with duckdb.connect(str(warehouse.file)) as con:
        con.execute(
            "create or replace table intermediate.int_records__built_by as"
            " select $version as product_version, $shape as shape",
            {"version": version, "shape": shape},
        )


def test_where_nothing_was_built_there_is_nothing_to_build_anew(tmp_path: Path) -> None:
    assert upgrade.built_by(DuckDBWarehouse(tmp_path / "none.duckdb")) is None
    assert upgrade.why_anew(None) == ""


def test_a_warehouse_that_does_not_say_is_an_older_one(warehouse: DuckDBWarehouse) -> None:
    found = upgrade.built_by(warehouse)
    assert found == BuiltBy()
    assert "it is an older one: everything is built anew" in upgrade.why_anew(found)


def test_the_same_product_goes_on(warehouse: DuckDBWarehouse) -> None:
    note(warehouse, project.version(), project.shape())
    assert upgrade.why_anew(upgrade.built_by(warehouse)) == ""


def test_an_older_version_that_read_alike_is_gone_on_with(warehouse: DuckDBWarehouse) -> None:
    note(warehouse, "0.0.1", project.shape())
    assert upgrade.why_anew(upgrade.built_by(warehouse)) == ""
    note(warehouse, "0.0.1", "another")
    why = upgrade.why_anew(upgrade.built_by(warehouse))
    assert "reads what landed otherwise than version 0.0.1" in why


def test_a_newer_warehouse_is_left_alone(warehouse: DuckDBWarehouse) -> None:
    note(warehouse, "99.0", project.shape())
    with pytest.raises(NewerWarehouse, match=r"install 99.0 or newer"):
        upgrade.why_anew(upgrade.built_by(warehouse))


def test_the_shape_is_of_what_is_read_not_of_what_is_remarked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in ("macros", "models/staging/acme", "seeds"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "seeds" / "currencies.csv").write_text("EUR,2\n")
    model = tmp_path / "models/staging/acme/stg_acme__sales.sql"
    monkeypatch.setattr(project, "PROJECT_DIR", tmp_path)

    def shape(text: str) -> str:
        model.write_text(text)
        return project.shape.__wrapped__()

    first = shape("select a from b")
    assert shape("{#- Why. -#}\nselect a  -- a remark\nfrom b\n") == first
    assert shape("select c from b") != first

"""Contracts are what the standard wants, and a published file is held against them."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
import yaml

from o2o.dictionary import contracts
from o2o.dictionary.marts import catalogue, find
from tests.o2o.dictionary.tables import EXPONENT


def test_every_contract_is_one_of_the_standard(tmp_path: Path) -> None:
    package = resources.files("open_data_contract_standard")
    schema = json.loads(package.joinpath("schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    written = contracts.write(tmp_path, EXPONENT)
    assert [each.name for each in written] == [f"{mart.name}.odcs.yaml" for mart in catalogue()]
    for each in written:
        document = yaml.load(each.read_text(encoding="utf-8"), yaml.CSafeLoader)
        (mart,) = document["schema"]
        # One column of each shape: the schema takes its time over fifteen hundred alike.
        mart["properties"] = [*{tuple(column): column for column in mart["properties"]}.values()]
        assert [error.message for error in validator.iter_errors(document)] == [], each.name


def test_a_contract_says_what_the_mart_promises() -> None:
    contract = contracts.contract(find("fct_refunds"), 3)
    (mart,) = contract["schema"]
    properties: dict[str, dict[str, Any]] = {each["name"]: each for each in mart["properties"]}
    assert contract["team"] == {"name": "sales-finance"}
    assert mart["dataGranularityDescription"].startswith("One row per refund")
    assert contract["description"]["usage"].count("select") >= 3
    assert properties["refund_id"] == {
        "name": "refund_id",
        "logicalType": "string",
        "physicalType": "VARCHAR",
        "description": "Connection and its refund id.",
        "required": True,
        "primaryKey": True,
        "primaryKeyPosition": 1,
        "unique": True,
    }
    assert properties["revenue_amount"]["physicalType"] == "DECIMAL(18,3)"
    assert properties["revenue_amount"]["logicalType"] == "number"
    assert not properties["revenue_amount"]["required"]
    (stores,) = contracts.contract(find("fct_store_daily"), 2)["schema"]
    told = {each["name"]: each for each in stores["properties"]}
    assert told["store_id"]["relationships"] == [
        {"type": "foreignKey", "to": "dim_stores.store_id"}
    ]
    (known,) = told["footfall_source"]["quality"]
    assert known["arguments"] == {"validValues": ["counted", "estimated"]}


def test_a_file_that_keeps_all_of_them_is_sound(empty: duckdb.DuckDBPyConnection) -> None:
    assert [*contracts.broken(empty, EXPONENT)] == []


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ("drop table marts.dim_stores", ["dim_stores: it is not published"]),
        ("create table marts.extra (x int)", ["extra: it is published without a contract"]),
        (
            "alter table marts.dim_dates drop column weekday",
            ["dim_dates.weekday: it is not published"],
        ),
        (
            "alter table marts.dim_dates add column x int",
            ["dim_dates.x: it is published without a contract"],
        ),
        (
            "alter table marts.dim_dates alter column iso_week drop not null",
            ["dim_dates.iso_week: it may be null, promised is that it never is"],
        ),
        (
            "alter table marts.dim_dates alter column is_weekend type integer",
            ["dim_dates.is_weekend: it is INTEGER, promised is BOOLEAN"],
        ),
        (
            "comment on column marts.dim_dates.iso_week is null",
            ["dim_dates.iso_week: it is published without its description"],
        ),
    ],
)
def test_what_is_broken_is_named(
    empty: duckdb.DuckDBPyConnection, change: str, faults: list[str]
) -> None:
    empty.begin()
    empty.execute(change)
    found = [*contracts.broken(empty, EXPONENT)]
    empty.rollback()
    assert found == faults

"""The whole project over a retailer small enough to reckon by hand."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics.attribution import heuristics
from connectors.registry import SOURCES
from o2o.pipeline.project import mappings
from tests.dbt_project import retailer
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e
# Not solved here: those of channel weights.
RULES = [rule.name for rule in heuristics.RULES]
DATA_TESTS_ONLY = ("--exclude-resource-type", "unit_test")
# What was seen twice may stand there twice.
# Lines with one id within their order are told apart in the contract.
KEYLESS = (
    "person_identifiers",
    "stg_shopify__order_lines",
    "stg_adobe_commerce__order_lines",
    "base_clover__lines",
)
# They tell in which run something became known, so they differ where the runs do.
HISTORIES = ('intermediate."int_identity__memberships"', 'marts."dim_persons_history"')


@pytest.fixture(scope="module")
def day_by_day(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Built over nothing, then over the first load, then over the second: always incremental."""
    warehouse = Warehouse(tmp_path_factory.mktemp("day_by_day"))
    warehouse.land_nothing()
    warehouse.build()
    assert warehouse.rows("select count(*) from marts.fct_orders") == [(0,)]
    retailer.land_first(warehouse)
    warehouse.build(*DATA_TESTS_ONLY)
    retailer.land_second(warehouse)
    warehouse.build(*DATA_TESTS_ONLY)
    return warehouse


def test_incremental_builds_equal_a_full_refresh_row_for_row(
    day_by_day: Warehouse, tmp_path: Path
) -> None:
    at_once = Warehouse(tmp_path)
    at_once.land_nothing()
    retailer.land_second(at_once)  # files may also arrive in another order
    retailer.land_first(at_once)
    at_once.build(*DATA_TESTS_ONLY)
    tables = day_by_day.tables()
    assert tables
    assert at_once.tables() == tables
    assert set(HISTORIES) < set(tables)
    for table in sorted({*tables} - {*HISTORIES}):
        rows = [Counter(map(str, w.rows(f"from {table}"))) for w in (day_by_day, at_once)]
        assert rows[0] == rows[1], table


@pytest.mark.parametrize(
    ("model", "credit"),
    [
        ("first", {"email": "3", "organic_search": "3", "referral": "3"}),
        ("last", {"email": "5", "organic_search": "2", "referral": "2"}),
        ("linear", {"email": "3.5", "organic_search": "3", "referral": "2.5"}),
        ("position", {"email": "3.7", "organic_search": "2.8", "referral": "2.5"}),
        ("last_non_direct", {"email": "5", "organic_search": "2", "referral": "2"}),
    ],
)
def test_the_nine_paths_get_their_known_credit(
    day_by_day: Warehouse, model: str, credit: dict[str, str]
) -> None:
    found = dict(
        day_by_day.rows(
            f"""select channel, sum(credit_share) from marts.fct_attribution
            where attribution_model = '{model}' and conversion_type = 'web_order' group by all"""
        )
    )
    # Thirds are rounded to nine places; what one channel lacks another has.
    assert sum(found.values()) == 9
    assert found.keys() == credit.keys()
    for channel, share in credit.items():
        assert abs(found[channel] - Decimal(share)) < Decimal("0.00000001")


def test_credited_money_is_the_net_value_in_every_model(day_by_day: Warehouse) -> None:
    assert day_by_day.rows(
        """select attribution_model, sum(credit_minor) from marts.fct_attribution
        where conversion_type = 'web_order' group by all order by all"""
    ) == [(model, 875_000) for model in sorted(RULES)]


def test_an_order_picked_up_in_the_store_is_one_row_of_both_worlds(day_by_day: Warehouse) -> None:
    assert day_by_day.rows(
        """select order_channel, store_id, total_minor, count(*) from marts.fct_orders
        where source_system = 'shopify' group by all order by all"""
    ) == [("bopis", "S005", 100_000, 1), ("web", None, 100_000, 8)]


def test_lines_and_parcels_that_landed_beside_their_order_are_read(day_by_day: Warehouse) -> None:
    assert day_by_day.rows(
        """select shopify_order_line_id, quantity, unit_price_minor
        from staging.stg_shopify__order_lines where shopify_order_id = '102' order by 1"""
    ) == [("2", 2, None), ("21", 1, 750), ("22", 1, 750)]
    assert day_by_day.rows(
        """select shopify_order_id, len(line_items), len(fulfillment_orders)
        from staging.stg_shopify__orders where shopify_order_id in ('101', '102') order by 1"""
    ) == [("101", 1, 1), ("102", 3, 2)]


def test_a_refund_lowers_the_order_though_an_older_version_lands_later(
    day_by_day: Warehouse,
) -> None:
    assert day_by_day.rows(
        "select refunded_minor, net_minor from marts.fct_orders where source_order_id = '100'"
    ) == [(25_000, 75_000)]


def test_a_return_is_no_order_and_yen_have_no_cents(day_by_day: Warehouse) -> None:
    assert day_by_day.rows(
        """select source_order_id, order_date::varchar, total_minor, net_minor,
            sold_reporting_minor, net_reporting_minor
        from marts.fct_orders where order_channel = 'till'"""
    ) == [("SALE", "2026-03-13", 12_000, 10_000, 7_320, 6_100)]


def test_a_customer_of_shop_and_till_is_one(day_by_day: Warehouse) -> None:
    assert day_by_day.rows(
        """select count(distinct customer_id), count(*) from marts.fct_orders
        where source_order_id in ('100', 'SALE')"""
    ) == [(1, 2)]


def test_restated_and_emptied_ad_days_are_replaced(day_by_day: Warehouse) -> None:
    assert day_by_day.rows(
        """select spend_date::varchar, cost_micros, spend_minor
        from marts.fct_ad_spend order by spend_date"""
    ) == [
        ("2026-03-10", 5_004_000, 500),
        ("2026-03-11", 5_004_000, 501),
        ("2026-03-12", 6_000_000, 600),
    ]


def test_contracts_tell_what_a_load_changed_and_what_it_emptied(day_by_day: Warehouse) -> None:
    second = f"_load_id = '{retailer.SECOND}'"
    changed = {
        contract: [one for (one,) in day_by_day.rows(f"{query} where {second} order by 1")]
        for contract, query in {
            "orders": "select source_order_id from conformed.orders",
            "refunds": "select source_order_id from conformed.refunds",
            "ad_spend": "select spend_date::varchar from conformed.ad_spend",
            "person_records": "select record_id from restricted.person_records",
        }.items()
    }
    # A return leaves its sale as it was; order 101 was sent once more.
    assert changed == {
        "orders": ["100", "101"],
        "refunds": ["100", "SALE"],
        "ad_spend": ["2026-03-12"],
        "person_records": [],
    }
    # The days that the load covered; the one that has no spend was emptied.
    assert day_by_day.rows(
        f"""select restated_date::varchar, spend_date is null
        from conformed.restated_days as days
        left join conformed.ad_spend as spend
            on days.connection = spend.connection and days.restated_date = spend.spend_date
        where days.contract_name = 'ad_spend' and days.{second} order by 1"""
    ) == [(day, day != retailer.DAYS[2]) for day in retailer.DAYS[2:]]


@pytest.fixture(scope="module")
def nodes(day_by_day: Warehouse) -> list[dict[str, Any]]:
    return list(day_by_day.manifest()["nodes"].values())


def test_every_model_says_its_grain_its_owner_and_its_key(nodes: list[dict[str, Any]]) -> None:
    models = [node for node in nodes if node["resource_type"] in ("model", "seed")]
    assert len(models) > 50
    # What a mapping's columns and key are, its contract says.
    mapped = {name for names in mappings(SOURCES).values() for name in names}
    assert mapped <= {model["name"] for model in models}
    for model in models:
        assert model["description"].startswith("One row per "), model["name"]
        assert model["config"]["meta"].get("owner"), model["name"]
        if model["name"] not in {*mapped, *KEYLESS}:
            assert model["config"]["meta"].get("primary_key"), model["name"]


def test_every_column_is_described_and_every_mart_has_a_contract(
    day_by_day: Warehouse, nodes: list[dict[str, Any]]
) -> None:
    models = {node["name"]: node for node in nodes if node["resource_type"] == "model"}
    for model in models.values():
        for column in model["columns"].values():
            assert column["description"], (model["name"], column["name"])
        if model["schema"] in ("marts", "conformed"):
            assert model["config"]["contract"]["enforced"], model["name"]
    contract_of = {
        name: contract for contract, names in mappings(SOURCES).items() for name in names
    }
    for schema, table, column in day_by_day.rows(
        # A graph's tables are the business of the macros that keep them (macros/graph/state.sql).
        """select table_schema, table_name, column_name from information_schema.columns
        where table_schema <> 'seeds' and not regexp_matches(table_name, '__(nodes|edges)$')"""
    ):
        described = models[contract_of.get(table, table)]["columns"]
        assert column in described, (schema, table, column)


def test_marts_carry_no_personal_identifier(day_by_day: Warehouse) -> None:
    for table in day_by_day.tables():
        if table.startswith("marts."):
            text = str(day_by_day.rows(f"from {table}")).lower()
            assert "example.com" not in text, table
            assert "client-" not in text, table

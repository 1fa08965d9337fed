"""One world, landed by our connectors and kept by other loaders: nothing below staging differs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.connections import TABLE, connected
from connectors.registry import SOURCES
from demo import world
from demo.serving import running
from demo.vendors import connections
from o2o.company.loaders import LOADERS
from o2o.pipeline.project import PROJECT_DIR, mappings
from tests.dbt_project import ordinary_sales, retailer
from tests.dbt_project import other_loaders as loaders
from tests.dbt_project.other_loaders import Payload, Tables
from tests.dbt_project.warehouse import NO_LOAD, Warehouse, part_of_project, run_dbt
from tests.end_to_end.installation import Installation, differences

pytestmark = pytest.mark.e2e

DAYS = 28
USED = ("google_ads", "shopify", "square")
STAGING = "+path:models/staging/shopify +path:models/staging/google_ads"
KEPT = {
    "fivetran": {"shopify": loaders.fivetran_shopify, "google_ads": loaders.fivetran_google_ads},
    "airbyte": {"shopify": loaders.airbyte_shopify, "google_ads": loaders.airbyte_google_ads},
}
CONTRACTS_OF_SQUARE = {name for name, models in mappings(["square"]).items() if models}
READ = {
    "shopify": ("orders", "customers", "locations"),
    "google_ads": ("customers", "campaigns", "campaign_performance", "click_views"),
}
# The parts of an order hold amounts as they came, 12.3 or 12.30, and its payments are not read from
# a loader's tables; a loader's report has no device of
# a click; days before the first with rows are no loader's business.
STAGED = {
    "stg_shopify__orders": (
        "exclude (line_items, refunds, fulfillment_orders, fulfillments, transactions)"
    ),
    "stg_shopify__order_lines": "",
    "stg_shopify__order_refunds": "",
    "stg_shopify__customers": "",
    "stg_shopify__locations": "",
    "stg_google_ads__customers": "",
    "stg_google_ads__campaigns": "",
    "stg_google_ads__campaign_performance": "",
    "stg_google_ads__click_views": "exclude (device)",
}


@dataclass(frozen=True)
class Worlds:
    """``landed`` is built from landing. ``mixed`` reads Shopify's tables by Airbyte, Google Ads' by
    Fivetran and Square's contracts as they stand; ``swapped``, of which staging alone is built,
    Shopify and Google Ads the other way round."""

    landed: Installation
    mixed: Installation
    swapped: Installation


def company(home: Path, via: dict[str, str]) -> dict[str, str]:
    """Settings of an installation that reads the tables in ``home``."""
    said = [f"  {name}:" for name in USED if name not in via]
    for vendor, loader in via.items():
        tables = f"../tables/{loader}/{vendor}/{{table}}/*.parquet"
        said += [f"  {vendor}:", f"    via: {loader}", f"    tables: {tables}"]
        if loader == TABLE:
            said += [f"    contracts: [{', '.join(sorted(CONTRACTS_OF_SQUARE))}]"]
    (home / "company").mkdir(parents=True)
    (home / "company" / "company.yml").write_text("\n".join(["connections:", *said]) + "\n")
    return {"O2O_COMPANY": str(home / "company")}


def export(warehouse: Path, folder: Path, connection: str) -> None:
    """The contracts' rows of a connection, as tables that somebody else keeps."""
    with duckdb.connect(str(warehouse), read_only=True) as database:
        for contract in CONTRACTS_OF_SQUARE:
            schema = "restricted" if contract.startswith("person_") else "conformed"
            file = folder / contract / "1.parquet"
            file.parent.mkdir(parents=True)
            made = "order_id, " if contract == "orders" else ""
            database.execute(
                f"""copy (select * exclude ({made}connection, source_system)
                    from {schema}.{contract} where connection = '{connection}') to '{file}'"""
            )


def write(home: Path, landing: Path, loader: str, vendor: str) -> Tables:
    payloads = [loaders.newest(landing / vendor, stream) for stream in READ[vendor]]
    tables: Tables = KEPT[loader][vendor](*payloads)
    loaders.write(home / "tables" / loader / vendor, tables)
    return tables


def forget_unread(landing: Path, read: tuple[str, ...]) -> None:
    """What is not read from a loader's tables is there in none of the worlds."""
    for load in landing.glob("*/*.parquet"):
        if load.parent.name not in read and load.stem != NO_LOAD:
            load.unlink()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    home = tmp_path_factory.mktemp("existing_tables")
    world.generate(home / "world", persons=700, days=DAYS, seed=12)
    start = datetime.combine(world.DEFAULT_START, datetime.min.time(), UTC)
    now = start + timedelta(days=DAYS)
    with running(home / "world", now=now) as url:
        served = {name: said for name, said in connections(url).items() if name in USED}
        landed = Installation(home / "landed", served, now, url, company(home / "landed", {}))
        landed.extract()
        forget_unread(landed.home / "landing" / "shopify", READ["shopify"])

        def reading(name: str, via: dict[str, str]) -> Installation:
            for vendor, loader in via.items():
                if loader == TABLE:
                    export(landed.warehouse, home / name / "tables" / TABLE / vendor, vendor)
                else:
                    write(home / name, landed.home / "landing", loader, vendor)
            if "square" not in via:
                square = home / name / "landing" / "square"
                shutil.copytree(landed.home / "landing" / "square", square)
            return replace(landed, home=home / name, settings=company(home / name, via))

        landed.o2o("build")
        mixed = reading("mixed", {"shopify": "airbyte", "google_ads": "fivetran", "square": TABLE})
        swapped = reading("swapped", {"shopify": "fivetran", "google_ads": "airbyte"})
        mixed.o2o("build")
        swapped.o2o("build", "--select", STAGING)
        yield Worlds(landed, mixed, swapped)


def rows(installation: Installation, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(installation.warehouse), read_only=True) as connection:
        return connection.sql(query).fetchall()


def staged(installation: Installation, model: str) -> list[str]:
    """The rows of a staging model, without what tells the load."""
    but = STAGED[model].removeprefix("exclude (").removesuffix(")")
    columns = ", ".join(filter(None, (but, "_load_id", "_extracted_at")))
    found = rows(installation, f"select * exclude ({columns}) from staging.{model}")
    return sorted(map(str, found))


def test_a_loader_has_the_streams_that_are_read_from_its_tables() -> None:
    """What is not read from them is empty (docs/existing-tables.md): of a stream, no macro."""
    assert {loader: sorted(vendors) for loader, vendors in sorted(KEPT.items())} == LOADERS
    for loader, vendors in LOADERS.items():
        for vendor in vendors:
            text = (PROJECT_DIR / f"macros/via/{vendor}/{loader}.sql").read_text()
            made = set(re.findall(rf"macro {loader}__{vendor}__(\w+)\(tables\)", text))
            assert made == set(READ[vendor])
            assert made <= {stream.name for stream in SOURCES[vendor].streams}


def test_the_marts_are_the_same_row_for_row(worlds: Worlds) -> None:
    # The date on which something became known is a run's own; payments are no loader's, and not all
    # tell when a parcel was ready, picked up or delivered: there it is `not_told`.
    found = differences(
        worlds.landed.warehouse,
        worlds.mixed.warehouse,
        ("marts",),
        skip=("dim_persons_history", "fct_payments", "fct_bopis", "fct_deliveries"),
    )
    assert found == {}


def test_the_world_has_what_is_hard_to_tell(worlds: Worlds) -> None:
    assert rows(
        worlds.mixed,
        """select count(*) filter (order_channel = 'bopis') > 5,
            count(*) filter (net_minor < total_minor) > 1,
            count(distinct currency_code) filter (net_minor < total_minor) > 1
        from marts.fct_orders where source_system = 'shopify'""",
    ) == [(True, True, True)]


@pytest.mark.parametrize("model", STAGED)
def test_each_loader_stages_what_we_land(worlds: Worlds, model: str) -> None:
    expected = staged(worlds.landed, model)
    assert expected
    assert staged(worlds.mixed, model) == expected
    assert staged(worlds.swapped, model) == expected


def ordinary_orders() -> list[Payload]:
    """What shops really sell, told in full as Shopify tells it: tips, duties and debts, too."""
    bag = ordinary_sales.bag
    owed = {
        "totalTipReceivedSet": bag("55.00", "SEK", shop="5.00"),
        "totalOutstandingSet": bag("110.00", "SEK", shop="10.00"),
        "originalTotalDutiesSet": bag("22.00", "SEK", shop="2.00"),
        "originalTotalAdditionalFeesSet": bag("33.00", "SEK", shop="3.00"),
    }
    tipped = ordinary_sales.web_order("TIPPED", "220.00", currency="SEK", shop="20.00", **owed)
    orders: list[Payload] = []
    for place, (_, _, sold) in enumerate([*ordinary_sales.web_orders(), tipped], 1):
        empty = dict.fromkeys(("discountCodes", "customAttributes", "refunds"), ())
        order: Payload = {**empty, **(sold or {})}
        for index, line in enumerate(order["lineItems"]["nodes"]):
            line["id"] = f"gid://shopify/LineItem/{100 * place + index}"
            line.setdefault("taxLines", [])
        for index, parcel in enumerate(order["fulfillmentOrders"]["nodes"]):
            parcel["id"] = f"gid://shopify/FulfillmentOrder/{100 * place + index}"
        orders.append(order)
    return orders


def test_both_loaders_tell_what_was_sold_as_we_do(tmp_path: Path) -> None:
    """Three connections of one shop, of which we land one."""
    connections = tuple(
        connected(
            f"shopify__{loader}", via=loader, tables=f"{tmp_path}/{loader}/{{table}}/*.parquet"
        )
        for loader in KEPT
    )
    warehouse = Warehouse(tmp_path, connections=(SOURCES["shopify"], *connections))
    orders = ordinary_orders()
    places = [{"id": f"gid://shopify/Location/{place}", "name": f"S00{place}"} for place in (1, 2)]
    warehouse.land_nothing()
    for stream, landed in (("orders", orders), ("locations", places)):
        found = [(each["id"], each.get("updatedAt"), each) for each in landed]
        warehouse.land("shopify", stream, ordinary_sales.LOAD, found)
    for loader, vendors in KEPT.items():
        kept = vendors["shopify"](orders, [], places)
        renamed = {loaders.RENAMED.get(name, name): kept[name] for name in kept}
        loaders.write(tmp_path / loader, renamed)
    models = ("shopify__orders", "shopify__order_lines", "shopify__refunds")
    project = part_of_project(tmp_path / "project", "models/staging/shopify")
    run_dbt(warehouse, "build", project, "--select", *(f"+{model}" for model in models),
            "--exclude-resource-type", "unit_test", "test")  # fmt: skip
    for model in models:
        told = {
            connection.name: warehouse.rows(
                f"""select columns(c -> c not in ('connection', 'order_id', '_load_id'))
                from staging.{model} where connection = '{connection.name}' order by all"""
            )
            for connection in warehouse.connections
        }
        assert told["shopify__fivetran"] == told["shopify"]
        assert told["shopify__airbyte"] == told["shopify"]
        assert told["shopify"]


def test_nothing_lands_for_tables_that_others_keep(worlds: Worlds) -> None:
    folders = {path.name for path in (worlds.mixed.home / "landing").iterdir()}
    assert folders - {"_locks"} == {"o2o"}
    told = worlds.mixed.o2o("extract", "shopify", code=2)
    assert "shopify is read via airbyte" in told
    assert "via airbyte" in worlds.mixed.o2o("sources")
    assert "via fivetran" in worlds.mixed.o2o("status")
    assert "airbyte" in worlds.mixed.o2o("config", "show")


def test_the_next_build_finds_what_changed_and_what_is_gone(worlds: Worlds, tmp_path: Path) -> None:
    """No refund, no visit, no pick-up, no tax of a line any more; an order deleted, a day of the
    report emptied."""
    landing, home = worlds.landed.home / "landing", tmp_path / "later"
    later = replace(worlds.swapped.copied(home), settings={"O2O_COMPANY": str(home / "company")})
    orders = write(tmp_path, landing, "fivetran", "shopify")
    days = write(tmp_path, landing, "airbyte", "google_ads")
    first, *others = orders["order"]
    kept = {**orders, "order": [{**first, "_fivetran_deleted": True}, *others]}
    for name in (
        "refund", "order_line_refund", "refund_shipping_line", "tax_line", "discount_allocation",
        "order_shipping_line", "customer_visit", "fulfillment_order", "order_note_attribute",
    ):  # fmt: skip
        kept[name] = []
    emptied = max(row["segments_date"] for row in days["campaign"] if row["metrics_clicks"])
    assert isinstance(emptied, date)
    shutil.rmtree(home / "tables")
    loaders.write(home / "tables/fivetran/shopify", kept)
    still = [row for row in days["campaign"] if row["segments_date"] != emptied]
    loaders.write(home / "ads", {**days, "campaign": still})
    # This time in a schema of the warehouse.
    said = home / "company" / "company.yml"
    files = "../tables/airbyte/google_ads/{table}/*.parquet"
    said.write_text(said.read_text().replace(files, "raw_ads.{table}"))
    with duckdb.connect(str(later.warehouse)) as connection:
        connection.execute("create schema raw_ads")
        for table in days:
            file = home / "ads" / table / "1.parquet"
            connection.execute(f"create table raw_ads.{table} as from '{file}'")
    later.o2o("build", "--select", STAGING)
    before = rows(worlds.swapped, "select count(*) from staging.stg_shopify__orders")[0][0]
    assert rows(
        later,
        """select count(*), count(utm_source), count(browser_id), coalesce(sum(len(refunds)), 0),
            sum(len(fulfillment_orders)) from staging.stg_shopify__orders""",
    ) == [(before, 0, 0, 0, 0)]
    assert rows(later, "select count(tax_minor) from staging.stg_shopify__order_lines") == [(0,)]
    assert rows(
        later,
        """select source_order_id from staging.shopify__orders where order_status = 'deleted'""",
    ) == [(str(first["id"]),)]
    day = f"from staging.stg_google_ads__campaign_performance where report_date = '{emptied}'"
    assert rows(worlds.swapped, day)
    assert rows(later, day) == []

    shutil.rmtree(home / "tables/fivetran/shopify/order_line")
    told = later.o2o("build", "--select", STAGING, code=1)
    assert "order_line" in told
    assert "there is no such table" in told


def test_a_table_that_is_no_contract_is_named(worlds: Worlds, tmp_path: Path) -> None:
    faulty = worlds.mixed.copied(tmp_path / "faulty")
    faulty = replace(faulty, settings={"O2O_COMPANY": str(faulty.home / "company")})
    tables = faulty.home / "tables" / TABLE / "square"
    for contract, made in (
        ("orders", "* replace (item_count / 8 as item_count)"),
        ("refunds", "* exclude (refund_id)"),
    ):
        file = tables / contract / "1.parquet"
        duckdb.sql(f"select {made} from '{file}'").write_parquet(f"{file}.new")
        Path(f"{file}.new").replace(file)
    shutil.rmtree(tables / "locations")
    told = " ".join(
        faulty.o2o("build", "--select", "orders int_orders__all refunds locations", code=1).split()
    )
    assert "item_count must be a whole number, not" in told
    assert "has no column refund_id, without which there are no refunds" in told
    assert "locations/*.parquet: there is no such table; square names it" in told


@pytest.mark.spark
def test_both_loaders_stage_the_same_on_spark(tmp_path: Path) -> None:
    """Two connections, in schemas of Spark's catalog; in the second build an order is gone."""
    connections = tuple(
        connected(f"shopify__{loader}", via=loader, tables=f"raw_{loader}.{{table}}")
        for loader in KEPT
    )
    warehouse = Warehouse(tmp_path, "spark", connections)
    project = part_of_project(tmp_path / "project", "models/staging/shopify")
    orders = []
    for place in range(len(retailer.PATHS)):
        _, _, order = retailer.web_order(place, refund="250.00" if place < 3 else "")
        assert order
        parcel = {**order["fulfillmentOrders"]["nodes"][0], "id": f"gid://x/{place}"}
        orders.append({**order, "fulfillmentOrders": {"nodes": [parcel]}})
    for kept in (orders, orders[1:]):
        for loader, vendors in KEPT.items():
            loaders.write(tmp_path / "raw" / loader, vendors["shopify"](kept, [], []))
        done = subprocess.run(
            [sys.executable, "-c", CATALOGUED, str(tmp_path / "raw")],
            cwd=tmp_path,
            env={**os.environ, **warehouse.spark_settings()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        selected = ("--select", "+stg_shopify__orders", "--exclude-resource-type")
        run_dbt(warehouse, "build", project, *selected, "unit_test", "test")
        found: dict[str, list[str]] = {}
        for connection, *rest in duckdb.sql(ON_SPARK.format(home=tmp_path / "spark")).fetchall():
            found.setdefault(connection, []).append(str(rest))
        fivetran, airbyte = found["shopify__fivetran"], found["shopify__airbyte"]
        assert len(fivetran) == len(kept)
        assert fivetran == airbyte
        assert sum("250.00" in row for row in fivetran) == sum(bool(o["refunds"]) for o in kept)
        assert sum("PICK_UP" in row for row in fivetran) == 1


ON_SPARK = """
select connection, shopify_order_id, total_minor, discount_code, browser_id, created_at,
    len(line_items), fulfillment_orders[1].deliveryMethod.methodType,
    fulfillment_orders[1].assignedLocation.location.id,
    refunds[1].totalRefundedSet.shopMoney.amount::decimal(9, 2)::varchar
from '{home}/staging.db/stg_shopify__orders/**/*.parquet' order by all
"""
CATALOGUED = """
import sys
from pathlib import Path
from pyspark.sql import SparkSession
spark = SparkSession.builder.enableHiveSupport().getOrCreate()
for folder in Path(sys.argv[1]).glob("*/*"):
    spark.sql(f"create schema if not exists raw_{folder.parent.name}")
    table = f"raw_{folder.parent.name}.`{folder.name}`"
    spark.sql(f"drop table if exists {table}")
    spark.sql(f"create table {table} using parquet location '{folder.as_uri()}'")
"""

"""Companies that are not the demo's: with some of the systems, or two of one vendor, or far away.

Each is a configuration; what landed is the demo's small world, or told otherwise.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.end_to_end.companies import second, told_otherwise
from tests.end_to_end.conftest import BOUTIQUE
from tests.end_to_end.installation import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

PHONE = re.compile(r'("phone(?:Number)?":")([^"]+)')
SUBSETS = {
    "tills": ("square",),
    "ads and web shop": ("google_ads", "ga4", "shopify"),
}


def run(installation: Installation, home: Path, company: Path, **settings: str) -> Installation:
    """Judge, build, judge and publish what has landed there, as the company wants it."""
    mine = replace(
        installation,
        home=home,
        settings={"O2O_COMPANY": str(company), "O2O_EXPERIMENTS": "", **settings},
        connections={},
    )
    for step in (("audit", "landing"), ("build",), ("audit", "marts"), ("publish",)):
        mine.o2o(*step)
    return mine


def said(folder: Path, text: str, **tables: list[dict[str, Any]]) -> Path:
    folder.mkdir()
    (folder / "company.yml").write_text(text, encoding="utf-8")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def asked(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("used", SUBSETS.values(), ids=SUBSETS)
def test_some_of_the_systems_are_enough(
    landed: Installation, tmp_path: Path, used: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    landed.fork(home)
    company = said(tmp_path / "company", f"connections: [{', '.join(used)}]\n")
    mine = run(landed, home, company)
    for table in ("fct_orders", "dim_customers"):
        assert asked(mine.published, f"select count(*) from marts.{table}")[0][0] > 100, table
    systems = {
        name
        for (name,) in asked(mine.published, "select distinct connection from marts.fct_orders")
    }
    assert systems == {"shopify", "square"} & set(used)
    # Of a vendor that is not in use there is nothing: no table, no node.
    staged = {
        table.split("__")[0].removeprefix("stg_").removeprefix("base_")
        for (table,) in asked(
            mine.warehouse, "select table_name from duckdb_tables() where schema_name = 'staging'"
        )
    }
    assert staged == {*used, "o2o"}


# What was sold, to the minor unit. An order of the web shop's own tills is one of the web where the
# shop's system has no tills, so channels are not asked.
SOLD = """
    select currency_code, count(*), sum(sold_minor), sum(net_minor)
    from marts.fct_orders where is_sale group by currency_code order by currency_code"""


def test_a_company_with_other_systems_reads_the_same_sales(
    boutique: Installation, sound: Installation, tmp_path: Path
) -> None:
    """The boutique's systems serve the world that the retailer's do."""
    home = tmp_path / "home"
    boutique.fork(home)
    mine = run(boutique, home, BOUTIQUE.folder)
    assert asked(mine.published, SOLD) == asked(sound.published, SOLD)
    tills = "select distinct connection from marts.fct_orders where order_channel = 'till'"
    assert asked(mine.published, tills) == [("clover",)]
    spent = "select distinct platform from marts.fct_ad_spend order by all"
    assert asked(mine.published, spent) == [("meta_ads",), ("tiktok_ads",)]


def british(payload: str) -> str:
    """The same numbers, other people, another currency."""
    payload = payload.replace('"EUR"', '"GBP"').replace("@", "@uk-")
    payload = payload.replace('"ga_client_id","value":"', '"ga_client_id","value":"9')
    return PHONE.sub(lambda found: f"{found[1]}+44 20 {found[2][-8:]}", payload)


def test_two_shops_with_the_same_numbers_are_two(
    landed: Installation, sound: Installation, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    landed.fork(home)
    shop = replace(landed, home=home)
    second(shop, "shopify", "shopify__uk", british)
    ((account,),) = asked(
        sound.warehouse, "select account_id from staging.stg_google_ads__customers"
    )
    second(
        shop,
        "google_ads",
        "google_ads__uk",
        lambda payload: payload.replace(account, f"9{account}").replace('gclid":"', 'gclid":"9'),
    )
    company = said(
        tmp_path / "company",
        "connections: [shopify, shopify__uk, google_ads, google_ads__uk, ga4]\n",
    )
    mine = run(landed, home, company)
    numbers = asked(
        mine.published,
        """select connection, count(*), count(distinct order_name), sum(total_minor),
            count(distinct currency_code) filter (where currency_code = 'GBP')
        from marts.fct_orders group by connection order by connection""",
    )
    (ours, theirs) = numbers
    assert (ours[0], theirs[0]) == ("shopify", "shopify__uk")
    assert ours[1:4] == theirs[1:4]
    both = asked(
        mine.warehouse,
        """select count(*), count(*) filter (where shops > 1) from (
            select customer_id, count(distinct connection) as shops
            from intermediate.int_identity__persons
            where source_system = 'shopify' group by customer_id)""",
    )
    assert both[0][0] > 200
    assert both[0][1] == 0  # nobody is a customer of both: only the numbers are alike
    # What analytics says of a customer number that two shops gave out is nobody's.
    assert asked(
        mine.warehouse,
        """select count(*) from restricted.int_identity__observations
        where record_kind = 'customer' and identifier_type = 'browser_id'""",
    ) == [(0,)]
    ((campaigns, numbers_of_campaigns),) = asked(
        mine.published,
        "select count(*), count(distinct platform_campaign_id) from marts.dim_campaigns",
    )
    assert campaigns == 2 * numbers_of_campaigns > 0


# Units of yen per unit; what ships says nothing of them.
RATES = {"JPY": 1, "EUR": "160.5", "USD": "150.25", "GBP": "190", "SEK": "14.2", "KWD": "490"}
ZONES = {"S001": "Pacific/Auckland", "S002": "Pacific/Kiritimati"}
TOLD = ("square", "shopify", "store_sensors")  # the systems that know of stores
LEFT_OUT = "S003"


def pacific(payload: str) -> str:
    """Shops whose names carry no code that we know."""
    return re.sub(r"S(\d{3})\b", r"Shop-\1", payload)


def test_a_company_far_away_runs_from_its_configuration_alone(
    landed: Installation, sound: Installation, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    landed.fork(home)
    for connection in TOLD:
        told_otherwise(replace(landed, home=home), connection, pacific)
    stores = [
        {"connection": connection, "location_id": pacific(location), "store_id": f"P{store[1:]}"}
        for connection, location, store in asked(
            sound.warehouse,
            "select connection, location_id, store_id from intermediate.int_stores__locations",
        )
        if store != LEFT_OUT and connection in TOLD
    ]
    rates = [
        {"currency_code": code, "valid_from": "1970-01-01", "rate_to_reporting": rate}
        for code, rate in RATES.items()
    ]
    zones = dict(
        asked(
            sound.warehouse,
            "select store_id, till_location_id from marts.dim_stores",
        )
    )
    told_otherwise(
        replace(landed, home=home),
        "square",
        lambda payload: _moved(payload, {zones[store]: zone for store, zone in ZONES.items()}),
    )
    company = said(
        tmp_path / "company",
        "reporting: {currency: JPY, time_zone: Pacific/Auckland}\n"
        "connections: [square, shopify, store_sensors, ga4]\n"
        "checks: {stores_known_to_systems: {severity: warn}}\n",
        stores=stores,
        exchange_rates=rates,
    )
    mine = run(landed, home, company)
    known = dict(asked(mine.published, "select store_id, time_zone from marts.dim_stores"))
    assert known["P001"] == "Pacific/Auckland"
    assert known["P002"] == "Pacific/Kiritimati"
    # A shop that the map leaves out is shown under the own id of each till that sells there, and it
    # is suggested what they may be.
    left_out = f"square:{zones[LEFT_OUT]}"
    unknown = set(known) - {store["store_id"] for store in stores}
    assert {name.partition(":")[0] for name in unknown} == {"square", "shopify"}
    assert len(unknown) == 2
    assert left_out in unknown
    suggested = list(csv.DictReader(io.StringIO(mine.o2o("stores", "suggest", "--csv"))))
    assert {row["store_id"] for row in suggested} == {left_out}
    assert {row["connection"] for row in suggested} == {"square", "shopify", "store_sensors"}
    for store in ZONES:
        days = asked(
            mine.published,
            f"""select count(*),
                count(*) filter (
                    where order_date <> timezone(time_zone, timezone('UTC', ordered_at))::date
                ),
                count(*) filter (where order_date <> ordered_at::date)
            from marts.fct_orders where store_id = 'P{store[1:]}' and order_channel = 'till'""",
        )
        ((orders, wrong, other_days),) = days
        assert (orders > 10, wrong, other_days > 0) == (True, 0, True), store
    ((sold, lost),) = asked(
        mine.published,
        """select count(*), count(*) filter (where store_id is null)
        from marts.fct_orders where order_channel = 'till'""",
    )
    assert (sold > 100, lost) == (True, 0)
    # Yen have no minor unit: a sale in yen is worth in the report what it came to.
    assert asked(
        mine.published,
        """select count(*) filter (where sold_reporting_minor <> sold_minor) from marts.fct_orders
        where currency_code = 'JPY' and order_channel = 'till'""",
    ) == [(0,)]
    ((euros, right),) = asked(
        mine.published,
        """select count(*), count(*) filter (
            where sold_reporting_minor = round(sold_minor::decimal(18, 0) * 1.605)
        ) from marts.fct_orders where currency_code = 'EUR' and order_channel = 'till'""",
    )
    assert euros == right > 10
    assert asked(
        mine.published, "select distinct currency_code from marts.rpt_channel_performance"
    ) == [("JPY",)]


def _moved(payload: str, zones: dict[str, str]) -> str:
    for location, zone in zones.items():
        if f'"id":"{location}"' in payload and '"timezone":' in payload:
            payload = re.sub(r'"timezone":"[^"]+"', f'"timezone":"{zone}"', payload)
    return payload

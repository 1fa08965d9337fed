"""Each check on the warehouse passes on sound data and names what a seeded fault broke."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.connections import connected
from connectors.registry import SOURCES
from expectations import catalogue, context, runner
from expectations.owners import Owner
from tests.expectations.faults import FAULTS
from warehouse.engines.dialect import DuckDBDialect
from warehouse.engines.duckdb import DuckDBWarehouse

SUITES = catalogue.suites("marts", SOURCES)
ALL = [check for checks in SUITES.values() for check in checks]


def by_name(result: runner.AuditResult) -> dict[str, runner.CheckResult]:
    return {check.name: check for check in result.checks}


@pytest.fixture(scope="module")
def sound(
    sound_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[runner.AuditResult, Path]:
    reports = tmp_path_factory.mktemp("reports")
    return runner.run_marts(DuckDBWarehouse(sound_warehouse), reports, SOURCES), reports


def test_sound_warehouse_passes_every_check(sound: tuple[runner.AuditResult, Path]) -> None:
    result, reports = sound
    assert [c.name for c in result.checks if c.status != "passed"] == []
    assert {c.name for c in result.checks} == {c.name for c in ALL}
    assert result.verdict == "passed"
    assert runner.load(reports, "marts") == result
    assert all(check.compared > 0 for check in result.checks)


def test_what_a_source_not_in_use_would_show_is_not_judged(
    sound_warehouse: Path, tmp_path: Path
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(sound_warehouse, warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from staging.stg_hubspot__deals")
        connection.execute("delete from conformed.deals")
        connection.execute("delete from marts.fct_ad_spend")
        connection.execute("delete from staging.stg_google_ads__campaign_performance")
        connection.execute("delete from conformed.ad_spend")
        connection.execute("update marts.rpt_channel_performance set spend_amount = 0")

    waits = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path / "all", SOURCES)
    # A CRM without deals and a resting account say nothing; that nothing came from them is told.
    assert waits.verdict == "warned"
    silent = next(check for check in waits.warned if check.name == "sources_equally_fresh")
    assert {culprit.place for culprit in silent.culprits} >= {"HubSpot deals", "Google Ads report"}

    used = {k: v for k, v in SOURCES.items() if not {"deals", "ad_spend"} & {*v.provides}}
    without = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path / "less", used)
    assert without.verdict == "passed"
    assert not any(check.name.startswith("deals_") for check in without.checks)
    fresh = next(check for check in without.checks if check.name == "sources_equally_fresh")
    feeds = [stream.feed for source in used.values() for stream in source.streams if stream.feed]
    assert fresh.compared == len(feeds) > 4


def test_each_connection_is_as_fresh_as_its_own_rows(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil(
        "update staging.stg_shopify__orders set created_at = created_at - interval 4 day,"
        " connection = 'shopify__uk' where created_at < timestamp '2026-03-03'"
    )
    names = ("shopify", "shopify__uk", "store_sensors")
    used = {name: connected(name) for name in names}
    result = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path / "reports", used)
    fresh = by_name(result)["sources_equally_fresh"]
    assert fresh.compared == 4
    assert [culprit.place for culprit in fresh.culprits] == ["Shopify orders (shopify__uk)"]


def test_what_seldom_comes_may_be_silent_for_longer(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    """Three answers in twelve days are no reason to miss one on each of the next five."""
    spoil(
        "create or replace table staging.stg_typeform__responses as"
        " select 'typeform' as connection, moment as submitted_at from (values"
        " (timestamp '2026-02-14'),"
        " (timestamp '2026-02-20'), (timestamp '2026-02-26')) as t(moment)"
    )
    used = {name: connected(name) for name in ("typeform", "store_sensors")}
    result = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path / "reports", used)
    assert by_name(result)["sources_equally_fresh"].status == "passed"


def test_totals_are_exact(sound: tuple[runner.AuditResult, Path]) -> None:
    totals = {t.unit: t for t in by_name(sound[0])["deals_match_orders"].totals}
    # 10 orders on each of 3 days, less the newest, which is younger than the horizon.
    assert totals["orders"].left == totals["orders"].right == 28
    assert totals["EUR"].left == sum(
        1000 + i * 7 + d for d in range(3) for i in range(0, 10, 2)
    ) - (1000 + 8 * 7 + 2)
    assert isinstance(totals["EUR"].left, Decimal)


def test_data_docs_show_every_check_and_phone_nobody(
    sound: tuple[runner.AuditResult, Path],
) -> None:
    site = context.data_docs(sound[1] / "gx").parent
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    together = "".join(pages.values())
    assert len(pages) >= 1 + 2 * len(SUITES)  # the index, and suite and result of each
    for check in ALL:
        assert f"[{check.name}, {check.severity}, {check.owner}]" in together
    front = pages[site / "index.html"]
    links = re.findall(r'href="([^"]+)"', front)
    assert len(links) == 2 * len(SUITES)
    assert all((site / link).exists() for link in links)
    for page, text in pages.items():
        assert "<script src=" not in text, page
        assert 'rel="stylesheet" href="http' not in text, page


def test_check_names_are_unique_and_wordings_complete() -> None:
    checks = ALL + catalogue.suites("landing", SOURCES)["landing"]
    assert len({c.name for c in checks}) == len(checks) > 20
    for check in checks:
        assert check.owner in set(Owner)
        assert check.means.endswith(".")
        assert check.action.endswith(".")


def test_every_check_has_a_fault() -> None:
    assert {name for _, name, _, _ in FAULTS} == {check.name for check in ALL}


@pytest.fixture(scope="module")
def spoiled(
    sound_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], dict[str, runner.CheckResult]]:
    @cache
    def audit(group: int) -> dict[str, runner.CheckResult]:
        folder = tmp_path_factory.mktemp("spoiled")
        warehouse = Path(shutil.copy(sound_warehouse, folder / "warehouse.duckdb"))
        with duckdb.connect(str(warehouse)) as con:
            for number, _, fault, _ in FAULTS:
                if number == group:
                    con.execute(fault)
        return by_name(runner.run_marts(DuckDBWarehouse(warehouse), folder / "reports", SOURCES))

    return audit


@pytest.mark.parametrize(
    ("group", "name", "expected"), [(f[0], f[1], f[3]) for f in FAULTS], ids=[f[1] for f in FAULTS]
)
def test_fault_is_caught_and_named(
    spoiled: Callable[[int], dict[str, runner.CheckResult]],
    group: int,
    name: str,
    expected: tuple[str, str | None, str, Any, Any, str | None],
) -> None:
    check = spoiled(group)[name]
    assert check.status == "failed"
    place, day, unit, left, right, ids = expected
    found = {(c.place, c.day, c.unit): c for c in check.culprits}
    assert (place, day, unit) in found, found
    culprit = found[place, day, unit]
    assert (culprit.left, culprit.right) == (left, right)
    assert culprit.gap == Decimal(left) - Decimal(right)
    assert ids is None or ids in (culprit.ids or "")
    total = next(t for t in check.totals if t.unit == unit)
    assert total.left is not None
    assert total.right is not None
    assert total.gap == total.left - total.right


def test_doubled_deals_of_a_day_show_in_count_and_money(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil(
        "insert into conformed.deals select * replace ('X' || deal_id as"
        " deal_id) from conformed.deals where closed_at::date = '2026-03-01'"
    )
    result = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES)
    check = by_name(result)["deals_match_orders"]
    assert {(c.day, c.unit, c.left, c.right) for c in check.culprits} >= {
        ("2026-03-01", "EUR", Decimal(5140), Decimal(10280)),
        ("2026-03-01", "GBP", Decimal(5175), Decimal(10350)),
    }
    assert result.verdict == "warned"  # the CRM's fault is shown, the shop's revenue is published


def test_voids_are_lawful_and_a_second_door_counts(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil(
        # An order that was voided, and its payment with it.
        "update conformed.orders set order_status = 'void' where source_order_id = 'L1-0-2';"
        "update conformed.payments set payment_status = 'cancelled'"
        " where source_order_id = 'L1-0-2';"
        # Everybody comes in by the back door.
        "update conformed.door_counts set in_count = 0"
        " where location_id = 'C1';"
        "insert into conformed.door_counts select * replace"
        " ('C3' as location_id, 3 as in_count) from conformed.door_counts"
        " where location_id = 'C1'"
    )
    result = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES)
    assert [c.name for c in result.checks if c.status != "passed"] == []


def test_claims_of_an_account_in_another_currency_are_converted(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    # 3 days of 90,000 yen: more than the orders and the slack as if in cents, less when converted.
    spoil("update marts.fct_ad_spend set currency_code = 'JPY', claimed_value_minor = 90000")
    check = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))[
        "claims_match_orders"
    ]
    assert check.status == "passed"
    assert next(t for t in check.totals if t.unit == "EUR").left == 3 * 54_900


def test_each_platform_is_judged_by_its_own_days(
    warehouse: Path, spoil: Callable[[str], None]
) -> None:
    """One is a day late, or in a zone where the day has not begun; another one rests."""
    spoil(
        "insert into marts.fct_ad_spend select * replace (platform || '_late' as platform,"
        " spend_date - 2 as spend_date, 400 as claimed_conversions) from marts.fct_ad_spend;"
        "insert into marts.fct_ad_spend select * replace ('resting' as platform,"
        " spend_date - 28 as spend_date, 400 as claimed_conversions)"
        " from marts.fct_ad_spend where platform = 'google_ads'"
    )
    (check,) = (each for each in SUITES["silos"] if each.name == "claims_match_orders")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        told = connection.sql(
            f"select place, day::varchar from ({check.query(DuckDBDialect())})"
            " where unit = 'conversions' order by place"
        ).fetchall()
    assert told == [("google_ads", "2026-03-03"), ("google_ads_late", "2026-03-01")]


def test_claims_after_a_view_alone_are_not_held_against_clicks(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    """3 days of 66.05 claims and 900 euros for 30 orders: too much, unless most follow a view."""
    many = "claimed_conversions = 66.05, claimed_value_minor = 90000"
    spoil(f"update marts.fct_ad_spend set {many}, claimed_view_conversions = null")
    told = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))
    assert told["claims_match_orders"].status == "failed"
    views = "claimed_view_conversions = 40, claimed_view_value_minor = 60000"
    spoil(f"update marts.fct_ad_spend set {views}")
    told = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))
    assert told["claims_match_orders"].status == "passed"
    assert {t.unit: t.left for t in told["claims_match_orders"].totals} == {
        "conversions": Decimal("78.15"), "EUR": 90_000,
    }  # fmt: skip
    # The views are named beside what is too much without them.
    spoil("update marts.fct_ad_spend set claimed_conversions = 106.05")
    told = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))
    (culprit,) = told["claims_match_orders"].culprits
    assert culprit.ids == "Spring: 198.2 claimed, 120.0 more after a view alone, 30 orders"


@pytest.mark.parametrize(("exponent", "factor"), [(0, "100"), (3, "0.1")])
def test_amounts_are_judged_in_a_reporting_currency_with_other_decimals(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None], exponent: int, factor: str
) -> None:
    """The same minor units: a cent is as much as a yen, or a fils. Claims have decimals of their
    own, which they lost beside an amount without any."""
    amounts = {
        "rpt_channel_performance": ("revenue_amount", "spend_amount"),
        "rpt_platform_claims": ("claimed_value_amount", "ledger_online_amount"),
    }
    spoil(f"update intermediate.int_currencies__rates set exponent = {exponent}")
    for mart, columns in amounts.items():
        for name in columns:
            spoil(
                f"alter table marts.{mart} alter {name} type decimal(18, {exponent})"
                f" using ({name} * {factor})::decimal(18, {exponent})"
            )
    checks = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))
    assert [name for name, check in checks.items() if check.status != "passed"] == []
    smallest = f"{10**-exponent:.{exponent}f}"
    spoil(
        f"update marts.rpt_platform_claims set claimed_value_amount = claimed_value_amount"
        f" + {smallest} where window_days = 1 and report_date = '2026-03-01'"
    )
    checks = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))
    assert {culprit.gap for culprit in checks["claims_conserved"].culprits} == {-1}


def test_amounts_beyond_floating_point_stay_exact(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    # 2^53 + 1 and 2^53 are the same number to a float.
    spoil(
        "update conformed.ad_spend set cost_micros = 9007199254740993"
        " where spend_date = '2026-03-01';"
        "update marts.fct_ad_spend set cost_micros = 9007199254740992"
        " where spend_date = '2026-03-01'"
    )
    check = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))[
        "spend_conserved"
    ]
    assert check.status == "failed"
    (culprit,) = check.culprits
    assert culprit.gap == 1
    stored = runner.load(tmp_path, "marts")
    assert stored is not None
    assert by_name(stored)["spend_conserved"].culprits == [culprit]


def test_missing_table_is_an_error_of_its_checks_not_a_pass(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil("drop table conformed.deals")
    result = runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES)
    checks = by_name(result)
    assert checks["deals_have_orders"].status == "error"
    assert "Table with name deals" in (checks["deals_have_orders"].note or "")
    assert checks["orders_conserved"].status == "passed"
    assert result.verdict == "failed"


def test_a_web_shop_s_payments_are_held_against_its_tills_alone(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    """It tells of the payments of its web orders, too, and not always where a till took one."""
    spoil(
        "update conformed.orders set sales_channel = 'till', location_kind = 'till',"
        " location_id = 'L1', order_status = if(source_order_id = '2', 'cancelled', 'placed')"
        " where connection = 'shopify' and source_order_id in ('2', '4', '9');"
        "insert into conformed.payments by name select connection, source_order_id,"
        " 'W' || source_order_id as payment_id, 'web_shop' as location_kind, null as location_id,"
        " ordered_at as paid_at, currency_code, total_minor as amount_minor,"
        " 'paid' as payment_status from conformed.orders where connection = 'shopify'"
    )
    name = "till_sales_match_payments"
    check = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))[name]
    assert check.status == "passed", check.culprits
    spoil("delete from conformed.payments where payment_id = 'W4'")
    check = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))[name]
    assert [culprit.ids for culprit in check.culprits] == ["4", "4"]


def test_empty_bag_does_not_pass(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil("delete from conformed.orders; delete from conformed.payments")
    check = by_name(runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES))[
        "till_sales_match_payments"
    ]
    assert check.status == "failed"
    assert "nothing to compare" in (check.note or "")


def test_missing_warehouse_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(runner.AuditError, match="build it first"):
        runner.run_marts(DuckDBWarehouse(tmp_path / "none.duckdb"), tmp_path, SOURCES)

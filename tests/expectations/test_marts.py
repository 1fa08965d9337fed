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

from expectations import context, runner
from expectations.suites import landed, marts, silos

ALL = marts.CHECKS + silos.CHECKS


def by_name(result: runner.AuditResult) -> dict[str, runner.CheckResult]:
    return {check.name: check for check in result.checks}


@pytest.fixture(scope="module")
def sound(
    sound_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[runner.AuditResult, Path]:
    reports = tmp_path_factory.mktemp("reports")
    return runner.run_marts(sound_warehouse, reports), reports


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
        connection.execute("delete from marts.fct_ad_spend")
        connection.execute("delete from staging.stg_google_ads__campaign_performance")
        connection.execute("update marts.rpt_channel_performance set spend_amount = 0")
    all_sources = {source for source, *_ in silos.FEEDS}

    waits = runner.run_marts(warehouse, tmp_path / "all", all_sources)
    assert waits.verdict == "failed"
    assert "deals_have_orders" in {check.name for check in waits.failed}

    used = all_sources - {"hubspot", "google_ads"}
    without = runner.run_marts(warehouse, tmp_path / "less", used)
    assert without.verdict == "passed"
    assert not any(check.name.startswith("deals_") for check in without.checks)
    fresh = next(check for check in without.checks if check.name == "sources_equally_fresh")
    assert fresh.compared == len(silos.FEEDS) - 2


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
    assert len(pages) >= 5  # the index, and suite and result of both suites
    for check in ALL:
        assert f"[{check.name}, {check.severity}, {check.owner}]" in together
    front = pages[site / "index.html"]
    links = re.findall(r'href="([^"]+)"', front)
    assert len(links) == 4
    assert all((site / link).exists() for link in links)
    for page, text in pages.items():
        assert "<script src=" not in text, page
        assert 'rel="stylesheet" href="http' not in text, page


def test_check_names_are_unique_and_wordings_complete() -> None:
    checks = ALL + landed.CHECKS
    assert len({c.name for c in checks}) == len(checks) > 20
    for check in checks:
        assert "@" in check.owner
        assert check.means.endswith(".")
        assert check.action.endswith(".")


# Faults of one number share a warehouse, and so one audit. Then: check, fault, and the culprit it
# must name: place, day, unit, left, right, records named.
FAULTS: list[tuple[int, str, str, tuple[str, str | None, str, Any, Any, str | None]]] = [
    (
        0,
        "marts_keys_unique",
        "insert into marts.dim_campaigns from marts.dim_campaigns",
        ("dim_campaigns", None, "rows", 2, 1, None),
    ),
    (
        1,
        "marts_references_hold",
        "update marts.fct_store_visits set store_id = 'S777' where store_id = 'S002'",
        ("fct_store_visits.store_id", None, "rows", 2, 1, "visit-S002"),
    ),
    (
        0,
        "marts_ranges_hold",
        "update marts.fct_store_visits set dwell_seconds = -1 where store_id = 'S001'",
        ("visit ends after it began, within a day", None, "rows", 2, 1, "visit-S001"),
    ),
    (
        0,
        "order_parts_add_up",
        "update marts.fct_orders set discount_minor = 1 where order_id = 'shopify:103'",
        ("charged = goods - discount + shipping + tax", None, "rows", 150, 149, "shopify:103"),
    ),
    (
        1,
        "marts_values_accepted",
        "update marts.fct_orders set order_channel = 'phone' where order_id = 'shopify:103'",
        ("order channel", None, "rows", 150, 149, "shopify:103"),
    ),
    (
        2,
        "orders_conserved",
        "insert into marts.fct_orders select * replace ('copy' as order_id) from marts.fct_orders"
        " where order_id = 'square:L2-1-4'",
        ("tills · USD", None, "orders", 60, 61, None),
    ),
    (
        1,
        "spend_conserved",
        "update marts.fct_ad_spend set cost_micros = cost_micros - 1"
        " where spend_date = '2026-03-02'",
        ("campaign 77", None, "micros", 37037037, 37037036, None),
    ),
    (
        0,
        "credit_shares_conserved",
        # One share too high, another too low: the sum over all conversions still fits.
        "update marts.fct_attribution set credit_share = credit_share"
        " + case conversion_id when 'shopify:1' then 0.000000001 else -0.000000001 end"
        " where attribution_id in ('shopify:1-linear-0', 'shopify:2-linear-0')",
        ("linear · web_order", None, "conversions", 30, 28, "shopify:1, shopify:2"),
    ),
    (
        1,
        "credit_money_conserved",
        "update marts.fct_attribution set credit_minor = credit_minor + 1"
        " where attribution_id = 'shopify:1-last-0'",
        ("last model", None, "GBP", 15540, 15541, None),
    ),
    (
        1,
        "report_conserved",
        "update marts.rpt_channel_performance set revenue_amount = revenue_amount + 0.01"
        " where attribution_model = 'position'",
        ("revenue · position model", None, "EUR", 94395, 94396, None),
    ),
    (
        2,
        "customers_counted_once",
        "update marts.dim_customers set order_count = 31",
        ("all customers", None, "orders", 30, 31, None),
    ),
    (
        0,
        "deals_match_orders",
        "update staging.stg_hubspot__deals set amount_minor = amount_minor - 1"
        " where order_name = '#103'",
        ("web shop", "2026-03-02", "GBP", 5180, 5179, None),
    ),
    (
        1,
        "deals_single",
        "insert into staging.stg_hubspot__deals select * replace ('X' || hubspot_deal_id as"
        " hubspot_deal_id) from staging.stg_hubspot__deals where order_name in ('#100', '#103')",
        ("CRM", "2026-03-02", "deals", 12, 10, "#100, #103"),
    ),
    (
        3,
        "deals_have_orders",
        "delete from marts.fct_orders where order_name = '#103'",
        ("web shop", "2026-03-02", "orders", 10, 9, "#103"),
    ),
    (
        3,
        "till_sales_match_payments",
        "delete from staging.stg_square__orders where square_order_id like 'L2-1-%'",
        ("S002", "2026-03-02", "USD", 0, sum(500 + i * 3 for i in range(20)), "PL2-1-0"),
    ),
    (
        0,
        "till_refunds_have_sales",
        "update staging.stg_square__refunds set return_order_id = 'elsewhere'"
        " where square_refund_id = 'R2'",
        ("S001", "2026-03-02", "EUR", 150, 100, "R2"),
    ),
    (
        2,
        "claims_match_orders",
        "update marts.fct_ad_spend set claimed_conversions = claimed_conversions * 12.01",
        (
            "google_ads",
            "2026-03-03",
            "conversions",
            Decimal("198.165"),
            30,
            "Spring: 198.2 claimed, 30 orders",
        ),
    ),
    (
        3,
        "stores_known_to_systems",
        "insert into marts.dim_stores values ('S099', 'Pop-up store', 'Europe/Berlin', 'L99', null,"
        " true, false, false, false)",
        ("S099", None, "stores in Shopify", 1, 0, "Pop-up store"),
    ),
    (
        0,
        "stores_known_to_sensors",
        "update marts.dim_stores set is_known_to_counters = false where store_id = 'S002'",
        ("S002", None, "stores with door counters", 1, 0, "Boston S002"),
    ),
    (
        1,
        "receipts_within_footfall",
        "update staging.stg_store_sensors__door_counts set in_count = 0"
        " where counter_serial = 'C1' and started_at between '2026-03-01 23:00' and"
        " '2026-03-02 22:00'",
        ("S001", "2026-03-02", "people", 20, 0, None),
    ),
    (
        0,
        "sources_equally_fresh",
        "update staging.stg_store_sensors__pings set observed_at = '2026-02-27 06:00'",
        ("beacon pings", "2026-02-27", "hours", 119, 0, "newest event 2026-02-27 06:00 UTC"),
    ),
]


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
        return by_name(runner.run_marts(warehouse, folder / "reports"))

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
        "insert into staging.stg_hubspot__deals select * replace ('X' || hubspot_deal_id as"
        " hubspot_deal_id) from staging.stg_hubspot__deals where closed_at::date = '2026-03-01'"
    )
    result = runner.run_marts(warehouse, tmp_path)
    check = by_name(result)["deals_match_orders"]
    assert {(c.day, c.unit, c.left, c.right) for c in check.culprits} >= {
        ("2026-03-01", "EUR", Decimal(5140), Decimal(10280)),
        ("2026-03-01", "GBP", Decimal(5175), Decimal(10350)),
    }
    assert result.verdict == "warned"  # the CRM's fault is shown, the shop's revenue is published


def test_exchanges_and_voids_are_lawful_and_a_second_door_counts(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil(
        # A sale that also takes something back; an order that was voided, and its payment with it.
        "update staging.stg_square__orders set returned_order_id = 'L1-0-0'"
        " where square_order_id = 'L1-0-1';"
        "update staging.stg_square__orders set order_state = 'CANCELED'"
        " where square_order_id = 'L1-0-2';"
        "update staging.stg_square__payments set status = 'CANCELED'"
        " where square_order_id = 'L1-0-2';"
        # Everybody comes in by the back door.
        "update staging.stg_store_sensors__door_counts set in_count = 0"
        " where counter_serial = 'C1';"
        "insert into staging.stg_store_sensors__door_counts select * replace"
        " ('C3' as counter_serial, 3 as in_count) from staging.stg_store_sensors__door_counts"
        " where counter_serial = 'C1'"
    )
    result = runner.run_marts(warehouse, tmp_path)
    assert [c.name for c in result.checks if c.status != "passed"] == []


def test_claims_of_an_account_in_another_currency_are_converted(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    # 3 days of 90,000 yen: more than the orders and the slack as if in cents, less when converted.
    spoil("update marts.fct_ad_spend set currency_code = 'JPY', claimed_value_minor = 90000")
    check = by_name(runner.run_marts(warehouse, tmp_path))["claims_match_orders"]
    assert check.status == "passed"
    assert next(t for t in check.totals if t.unit == "EUR").left == 3 * 54_900


def test_amounts_beyond_floating_point_stay_exact(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    # 2^53 + 1 and 2^53 are the same number to a float.
    spoil(
        "update staging.stg_google_ads__campaign_performance set cost_micros = 9007199254740993"
        " where report_date = '2026-03-01';"
        "update marts.fct_ad_spend set cost_micros = 9007199254740992"
        " where spend_date = '2026-03-01'"
    )
    check = by_name(runner.run_marts(warehouse, tmp_path))["spend_conserved"]
    assert check.status == "failed"
    (culprit,) = check.culprits
    assert culprit.gap == 1
    stored = runner.load(tmp_path, "marts")
    assert stored is not None
    assert by_name(stored)["spend_conserved"].culprits == [culprit]


def test_missing_table_is_an_error_of_its_checks_not_a_pass(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil("drop table staging.stg_hubspot__deals")
    result = runner.run_marts(warehouse, tmp_path)
    checks = by_name(result)
    assert checks["deals_have_orders"].status == "error"
    assert "stg_hubspot__deals" in (checks["deals_have_orders"].note or "")
    assert checks["orders_conserved"].status == "passed"
    assert result.verdict == "failed"


def test_empty_bag_does_not_pass(
    warehouse: Path, tmp_path: Path, spoil: Callable[[str], None]
) -> None:
    spoil("delete from staging.stg_square__orders; delete from staging.stg_square__payments")
    check = by_name(runner.run_marts(warehouse, tmp_path))["till_sales_match_payments"]
    assert check.status == "failed"
    assert "nothing to compare" in (check.note or "")


def test_missing_warehouse_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(runner.AuditError, match="build it first"):
        runner.run_marts(tmp_path / "none.duckdb", tmp_path)


def test_fingerprint_follows_the_content(warehouse: Path, spoil: Callable[[str], None]) -> None:
    before = runner.fingerprint(warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute("select count(*) from marts.fct_orders").fetchall()
    assert runner.fingerprint(warehouse) == before
    spoil("create table marts.new_one as select 1 as x")
    assert runner.fingerprint(warehouse) != before

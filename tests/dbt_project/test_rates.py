"""Money in several currencies, by the rates of a feed: all cases built once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from connectors.registry import SOURCES
from expectations import runner
from tests.dbt_project import hostile
from tests.dbt_project.hostile import LOAD, till_order, web_order
from tests.dbt_project.warehouse import Row, Warehouse, part_of_project, run_dbt
from warehouse.engines.duckdb import DuckDBWarehouse

pytestmark = pytest.mark.e2e
IN_USD = ("--vars", "{reporting_currency: USD}")
FRIDAY = date(2026, 3, 13)
# Units per euro. Nobody quotes the Kuwaiti dinar; the kuna ended in 2022.
BY_DAY = {
    "2022-12-30": {"HRK": "7.5365"},
    "2026-03-12": {"USD": "1.6", "JPY": "200.0", "SEK": "10"},
    "2026-03-13": {"USD": "1.25", "JPY": "160.0", "SEK": "11"},
    "2026-03-16": {"USD": "1.28", "JPY": "125.0", "SEK": "12"},
}


def rate(day: str, currency: str, digits: str) -> Row:
    payload = {"date": day, "currency": currency, "rate": float(digits)}
    return f"{day}|{currency}", day, payload


def land_rates(warehouse: Warehouse, by_day: Mapping[str, Mapping[str, str]]) -> None:
    rows = [rate(day, *quoted) for day, rates in by_day.items() for quoted in rates.items()]
    warehouse.land_report("ecb", "rates", LOAD, sorted(by_day), rows)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The build runs every test of money and keys over the same cases."""
    warehouse = Warehouse(tmp_path_factory.mktemp("rates"))
    warehouse.land_nothing()
    land_rates(warehouse, BY_DAY)
    warehouse.land("square", "locations", LOAD, [
        (location, None, {
            "id": location, "name": f"Shop {code}", "timezone": zone, "currency": currency})
        for code, (location, zone, currency) in hostile.SHOPS.items()
    ])  # fmt: skip
    warehouse.land("square", "orders", LOAD, [
        # One in the morning in Tokyo is still the day before in UTC.
        till_order("TOKYO", "S005", 1_000, "2026-03-12T16:00:00Z"),
        till_order("SATURDAY", "S002", 10_000, "2026-03-14T16:00:00Z"),
        till_order("BEFORE", "S002", 10_000, "2026-03-02T16:00:00Z"),
        till_order("DINAR", "S006", 1_234, "2026-03-13T12:00:00Z"),
    ])  # fmt: skip
    at = "2026-03-13T12:00:00Z"
    warehouse.land("shopify", "orders", LOAD, [
        web_order(1, "110.00", "SEK", "9.87", at=at),  # the shop's own rate is another
        web_order(2, "110.00", "SEK", "110.00", "SEK", at=at),
        web_order(3, "1.50", "XBT", "10.00", at=at),
        web_order(4, "1.50", "XBT", "1.50", "XBT", at=at),
        web_order(5, "75.37", "HRK", "75.37", "HRK", at=at),
    ])  # fmt: skip
    warehouse.land("google_ads", "customers", LOAD, [
        (account, None, {
            "customer": {"id": account, "currencyCode": currency, "timeZone": "Asia/Tokyo"}})
        for account, currency in (("1", "EUR"), ("2", "KWD"), ("3", "XBT"), ("4", "USD"))
    ])  # fmt: skip
    days = ["2026-03-13", "2026-03-14"]
    warehouse.land_report("google_ads", "campaign_performance", LOAD, days, [
        hostile.spend(account, f"{account}0", day, "1000000", conversionsValue="2")
        for account in ("1", "2", "3", "4")
        for day in days
    ])  # fmt: skip
    warehouse.build("--exclude-resource-type", "unit_test")
    return warehouse


def test_an_order_is_converted_by_the_rate_of_its_own_day(built: Warehouse) -> None:
    assert built.rows(
        """select order_id, order_date::varchar, sold_reporting_minor
        from marts.fct_orders where source_system = 'square' order by all"""
    ) == [
        ("square:BEFORE", "2026-03-02", 6_250),  # the first rate that there is
        ("square:DINAR", "2026-03-13", None),
        ("square:SATURDAY", "2026-03-14", 8_000),  # Friday's, not Monday's
        ("square:TOKYO", "2026-03-13", 625),
    ]


def test_what_a_shop_books_needs_no_rate(built: Warehouse) -> None:
    assert built.rows(
        """select order_id, currency_code, total_minor, sold_reporting_minor, net_reporting_minor
        from marts.fct_orders where source_system = 'shopify' order by all"""
    ) == [
        ("shopify:1", "SEK", 11_000, 987, 987),
        ("shopify:2", "SEK", 11_000, 1_000, 1_000),
        ("shopify:3", None, None, 1_000, 1_000),
        ("shopify:4", None, None, None, None),
        ("shopify:5", "HRK", 7_537, 1_000, 1_000),
    ]


def test_an_account_without_a_rate_spends_in_its_own_currency(built: Warehouse) -> None:
    assert built.rows(
        """select account_id, sum(cost_micros), sum(spend_minor), sum(spend_reporting_minor),
            sum(claimed_value_reporting_minor)
        from marts.fct_ad_spend group by all order by all"""
    ) == [
        ("1", 2_000_000, 200, 200, 400),
        ("2", 2_000_000, 2_000, None, None),
        ("3", 2_000_000, None, None, None),
        ("4", 2_000_000, 200, 160, 320),
    ]


def test_what_has_no_rate_is_out_of_sums_and_counts(built: Warehouse) -> None:
    assert built.rows(
        """select sum(revenue_amount)::varchar, sum(spend_amount)::varchar,
            sum(attributed_order_count)::varchar
        from marts.rpt_channel_performance
        where attribution_model = 'last' and credit_view = 'cash'"""
    ) == [("188.62", "3.60", "9.000000000")]


def test_who_has_no_rate_is_named(built: Warehouse, tmp_path: Path) -> None:
    audit = runner.run_marts(DuckDBWarehouse(built.file), tmp_path, SOURCES)
    checks = {check.name: check for check in audit.checks}
    found = {
        name: [(culprit.place, culprit.ids) for culprit in checks[name].culprits]
        for name in ("orders_rated", "ad_accounts_rated", "rates_current")
    }
    assert found == {
        "orders_rated": [("KWD", "square:DINAR"), ("unknown currency", "shopify:4")],
        "ad_accounts_rated": [
            ("google_ads account 2 · KWD", "google_ads:2:20, google_ads:2:20"),
            ("google_ads account 3 · XBT", "google_ads:3:30, google_ads:3:30"),
        ],
        "rates_current": [("HRK", "rate of 2022-12-30")],
    }
    # Nothing else is off because of them.
    ours = ("orders", "currencies", "money", "claims", "report", "marts", "spend")
    off = {
        check.name: [(c.place, c.left, c.right, c.ids) for c in check.culprits]
        for check in audit.checks
        if check.off and check.name.startswith(ours) and check.name not in found
    }
    assert off == {}


def test_rates_are_published_by_the_day(built: Warehouse) -> None:
    assert built.rows(
        """select rate_date::varchar, rate_to_reporting::varchar, quoted_date::varchar,
            days_since_quoted, is_filled, rate_source
        from marts.fct_exchange_rates
        where currency_code = 'USD' and rate_date between '2026-03-11' and '2026-03-14'
        order by all"""
    ) == [
        ("2026-03-11", "0.625000000", "2026-03-12", -1, True, "feed"),
        ("2026-03-12", "0.625000000", "2026-03-12", 0, False, "feed"),
        ("2026-03-13", "0.800000000", "2026-03-13", 0, False, "feed"),
        ("2026-03-14", "0.800000000", "2026-03-13", 1, True, "feed"),
    ]
    assert built.rows("from marts.fct_exchange_rates where currency_code = 'KWD'") == []


def test_the_calendar_is_that_of_the_data(built: Warehouse) -> None:
    assert built.rows(
        "select min(calendar_date)::varchar, max(calendar_date)::varchar, count(*)"
        " from marts.dim_dates"
    ) == [("2026-03-02", "2026-03-14", 13)]


@pytest.fixture(scope="module")
def rates_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the rates and what they are made of."""
    return part_of_project(
        tmp_path_factory.mktemp("rates_alone"),
        "models/staging/ecb", "models/staging/o2o",
        "models/conformed/_conformed.yml", "models/conformed/exchange_rates.sql",
        "models/intermediate/orders/_orders.yml",
        "models/intermediate/orders/int_currencies__rates.sql",
        "tests/assert_rates_are_the_reporting_currencys.sql",
    )  # fmt: skip


def test_a_reporting_currency_without_a_rate_or_with_other_decimals_is_refused(
    rates_alone: Path, tmp_path: Path
) -> None:
    warehouse = Warehouse(tmp_path)
    warehouse.land_nothing()
    test = "assert_rates_are_the_reporting_currencys"

    def build(*variables: str) -> None:
        run_dbt(
            warehouse, "build", rates_alone,
            "--select", "+int_currencies__rates", test, "--indirect-selection", "cautious",
            "--exclude-resource-type", "unit_test", *variables,
        )  # fmt: skip

    build()
    build(*IN_USD)
    build("--vars", "{reporting_currency: JPY, reporting_exponent: 0}")
    for currency in ("XXX", "JPY"):  # nobody has a rate for it; it has no cents
        with pytest.raises(AssertionError, match=test):
            build("--vars", f"{{reporting_currency: {currency}}}")


def test_every_day_has_the_last_rate_before_it(rates_alone: Path, tmp_path: Path) -> None:
    """Sixty days of a feed with random gaps, against a count by hand, in a currency of its own."""
    dice = random.Random(23)
    first = FRIDAY - timedelta(days=40)
    by_day: dict[str, dict[str, str]] = {}
    for number in range(60):
        rates = {
            code: f"{dice.uniform(0.5, 200):.4f}"
            for code in ("USD", "GBP", "JPY")
            if dice.random() < 0.6
        }
        if rates:
            by_day[str(first + timedelta(days=number))] = rates
    warehouse = Warehouse(tmp_path)
    warehouse.land_nothing()
    land_rates(warehouse, by_day)
    select = ("--select", "+int_currencies__rates", "--exclude-resource-type", "unit_test", "test")
    run_dbt(warehouse, "build", rates_alone, *select, *IN_USD)

    def per_euro(code: str, day: date) -> Fraction:
        if code == "EUR":
            return Fraction(1)
        quoted = {d: Fraction(rates[code]) for d, rates in by_day.items() if code in rates}
        before = [d for d in quoted if d <= str(day)]
        return quoted[max(before) if before else min(quoted)]

    for number in range(-5, 70):
        day = first + timedelta(days=number)
        found = dict(
            warehouse.rows(
                f"""select currency_code, rate_to_reporting from intermediate.int_currencies__rates
                where date '{day}' >= valid_from
                and date '{day}' < coalesce(valid_before, date '9999-12-31')"""
            )
        )
        exact = {c: per_euro("USD", day) / per_euro(c, day) for c in ("EUR", "USD", "GBP", "JPY")}
        assert found == {
            code: (Decimal(one.numerator) / one.denominator).quantize(
                Decimal("1.000000000"), ROUND_HALF_UP
            )
            for code, one in exact.items()
        }, day

"""The revenue score against sales that are few enough to add up by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.revenue_score import score_revenue
from demo.served import ScoreError
from demo.world import schema_statements
from tests.demo.rows import put

CLOCK = datetime(2026, 5, 1, tzinfo=UTC)

_MARTS = """
CREATE SCHEMA marts;
CREATE TABLE marts.fct_orders AS FROM (VALUES
    -- 120 of goods less 20, 5 of shipping, 21 of tax; 59.50 came back
    ('web', NULL, 'EUR', DATE '2026-03-10', true, 12000, 2000, 5000, 6650),
    -- of two lines one was taken off
    ('bopis', 'S001', 'EUR', DATE '2026-03-10', true, 6000, 0, 6000, 7140),
    ('web', NULL, 'EUR', DATE '2026-03-10', false, 9900, 0, 9900, 9900),
    ('till', 'S002', 'JPY', DATE '2026-04-01', true, 1000, 0, 1000, 1100)
) AS t (order_channel, store_id, currency_code, order_date, is_sale, goods_minor, discount_minor,
    net_sales_minor, net_minor);
CREATE TABLE marts.fct_sales_entries AS FROM (VALUES
    ('sale', 'web', NULL, 'EUR', DATE '2026-03-10', 10000, 12600, 0, 0),
    ('refund', 'web', 'S001', 'EUR', DATE '2026-04-02', -5000, -5950, 0, 0),
    ('sale', 'bopis', 'S001', 'EUR', DATE '2026-03-10', 6000, 7140, 0, 0),
    ('sale', 'web', NULL, 'EUR', DATE '2026-03-10', 0, 0, 0, 2500),
    ('sale', 'till', 'S002', 'JPY', DATE '2026-04-01', 1000, 1100, 100, 3000),
    -- nobody had the receipt
    ('refund', 'till', 'S001', 'EUR', DATE '2026-03-10', -800, -952, 0, 0)
) AS t (entry_kind, order_channel, booked_store_id, currency_code, booked_date, net_sales_minor,
    revenue_minor, tip_minor, gift_card_minor);
"""


def sell(connection: duckdb.DuckDBPyConnection) -> None:
    """What _MARTS tells of, and what is no sale."""
    put(connection, "currencies", currency_code="EUR", exponent=2, eur_per_unit=1)
    put(connection, "currencies", currency_code="JPY", exponent=0, eur_per_unit=0.0061)
    for number, zone in ((1, "Europe/Berlin"), (2, "Asia/Tokyo")):
        put(
            connection, "shops", shop_no=number, store_code=f"S00{number}", time_zone=zone,
            square_location_id=str(number), shopify_location_no=number,
            counter_serial=str(number), beacon_id=str(number),
        )  # fmt: skip

    def web(number: int, *lines: tuple[int, int, int, bool], **order: Any) -> None:
        put(connection, "web_orders", order_no=number, currency_code="EUR", **order)
        for place, (price, off, tax, is_gift_card) in enumerate(lines, 1):
            put(
                connection, "web_order_lines", order_no=number, line_no=place, quantity=1,
                unit_price_minor=price, discount_minor=off, tax_minor=tax,
                is_gift_card=is_gift_card,
            )  # fmt: skip

    web(
        1,
        (6000, 1000, 950, False),
        (6000, 1000, 1150, False),
        shipping_minor=500,
        total_minor=12600,
    )
    put(
        connection, "web_refunds", refund_no=1, order_no=1, amount_minor=5950, shop_no=1,
        created_at="2026-04-02 10:00",
    )  # fmt: skip
    web(
        2, (6000, 0, 1140, False), (4000, 400, 684, False), total_minor=11424, is_bopis=True,
        pickup_shop_no=1, edited_at="2026-03-10 11:00", removed_minor=4284,
    )  # fmt: skip
    web(3, (9900, 0, 0, False), total_minor=9900, voided_at="2026-03-10 12:00")
    web(4, (2500, 0, 0, True), total_minor=2500)

    def till(name: str, shop: int, currency: str, price: int, tax: int, **order: Any) -> None:
        put(
            connection, "till_orders", order_id=name, shop_no=shop, currency_code=currency,
            subtotal_minor=price, tax_minor=tax, **order,
        )  # fmt: skip
        put(connection, "till_order_lines", order_id=name, quantity=1, unit_price_minor=price)

    # Still March in Europe.
    till(
        "T1", 2, "JPY", 1000, 100, tip_minor=100, state="COMPLETED", created_at="2026-03-31 16:00",
        total_minor=4200,
    )  # fmt: skip
    put(
        connection, "till_order_lines", order_id="T1", quantity=1, unit_price_minor=3000,
        is_gift_card=True,
    )  # fmt: skip
    till("DRAFT", 1, "EUR", 700, 0, due_minor=700, state="DRAFT", total_minor=700)
    till("SAVED", 1, "EUR", 700, 0, due_minor=700, state="OPEN", total_minor=700)
    till("BACK", 1, "EUR", 800, 152, is_return=True, state="COMPLETED", total_minor=952)
    put(
        connection, "till_refunds", refund_id="R", order_id="BACK", shop_no=1, amount_minor=952,
        currency_code="EUR",
    )  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    world, warehouse = tmp_path / "world.duckdb", tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(world)) as connection:
        connection.execute(schema_statements("world"))
        sell(connection)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(_MARTS)
    return world, warehouse


def test_what_is_published_as_it_was_sold_differs_nowhere(files: tuple[Path, Path]) -> None:
    found = score_revenue(*files, CLOCK)
    assert [str(cell) for cell in found.differing] == []
    assert found.shops == (2, 2)
    sums = {(part.definition, part.channel): part for part in found.sums()}
    web = sums["Revenue by order date", "web"]
    assert (web.truth, web.warehouse, web.cells, web.differing) == (66.5, 66.5, 1, 0)
    # A month each for the sale, and for what came back to a shop.
    assert sums["Revenue as booked", "web"].cells == 2
    assert sums["Tips", "till"].truth == pytest.approx(0.61)
    assert sums["Gift cards sold", "web"].truth == 25


def test_a_difference_is_found_and_named(files: tuple[Path, Path]) -> None:
    with duckdb.connect(str(files[1])) as connection:
        connection.execute(
            """
            UPDATE marts.fct_orders SET net_minor = net_minor + 1 WHERE store_id = 'S002';
            DELETE FROM marts.fct_sales_entries
            WHERE booked_store_id = 'S001' AND entry_kind = 'sale'
            """
        )
    found = score_revenue(*files, CLOCK)
    assert [str(cell) for cell in found.differing] == [
        "Revenue by order date, till · S002 · April 2026 · JPY:"
        " truth 1,100, warehouse 1,101 minor units",
        "Net sales as booked, bopis · S001 · March 2026 · EUR:"
        " truth 6,000, warehouse 0 minor units",
        "Revenue as booked, bopis · S001 · March 2026 · EUR: truth 7,140, warehouse 0 minor units",
    ]
    assert found.shops == (0, 2)


def test_before_it_happened_nothing_is_true(files: tuple[Path, Path]) -> None:
    found = score_revenue(*files, datetime(2026, 3, 1, tzinfo=UTC))
    assert {cell.truth_minor for cell in found.cells} == {0}


def test_a_missing_file_or_table_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match=r"no file at .*none"):
        score_revenue(files[0], tmp_path / "none", CLOCK)
    with duckdb.connect(str(files[1])) as connection:
        connection.execute("DROP TABLE marts.fct_sales_entries")
    with pytest.raises(ScoreError, match="fct_sales_entries"):
        score_revenue(*files, CLOCK)

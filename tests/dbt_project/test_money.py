"""Ordinary sales in which a plausible figure would be wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt_project.ordinary_sales import rows
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e


def order(shops: Warehouse, order_id: str, *columns: str) -> tuple[Any, ...]:
    (row,) = rows(
        shops, f"select {', '.join(columns)} from marts.fct_orders where order_id = '{order_id}'"
    )
    return row


def sold(shops: Warehouse, order_id: str) -> tuple[Any, ...]:
    return order(shops, order_id, "is_sale", "sold_minor", "net_minor")


PARTS = ("goods_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")


def test_a_tip_is_no_sale(shops: Warehouse) -> None:
    assert sold(shops, "square:TIP") == (True, 10_000, 10_000)
    assert order(shops, "square:TIP", "tip_minor", "total_minor") == (2_000, 12_000)


def test_a_draft_and_a_saved_cart_are_no_sales_and_a_paid_ticket_is(shops: Warehouse) -> None:
    assert sold(shops, "square:DRAFT") == (False, 0, 0)
    assert sold(shops, "square:SAVED") == (False, 0, 0)
    assert sold(shops, "square:PAID_OPEN") == (True, 4_600, 4_600)
    # 46.00 of which 20.00 are still to be paid
    assert sold(shops, "square:DEPOSIT") == (True, 2_600, 2_600)
    assert sold(shops, "square:GIVEN_UP") == (False, 0, 0)


def test_what_was_voided_or_ran_out_is_no_sale(shops: Warehouse) -> None:
    assert sold(shops, "shopify:VOIDED") == (False, 0, 0)
    assert sold(shops, "shopify:EXPIRED") == (False, 0, 0)
    assert sold(shops, "shopify:DELETED") == (False, 0, 0)
    assert order(shops, "shopify:DELETED", "order_status", "is_cancelled") == ("deleted", True)


def test_a_gift_card_is_owed_until_it_is_spent(shops: Warehouse) -> None:
    assert sold(shops, "shopify:CARD_SOLD") == (False, 0, 0)
    assert order(shops, "shopify:CARD_SOLD", "gift_card_minor", "total_minor") == (5_000, 0)
    assert sold(shops, "shopify:CARD_SPENT") == (True, 8_000, 8_000)
    assert order(shops, "square:CARD_AND_GOODS", "gift_card_minor", "sold_minor") == (
        2_500,
        1_000,
    )


def test_an_edit_changes_the_order_and_a_refund_does_not(shops: Warehouse) -> None:
    assert sold(shops, "shopify:EDITED") == (True, 6_000, 6_000)
    assert order(shops, "shopify:EDITED", *PARTS) == (5_042, 0, 0, 958, 6_000)
    # What was taken off takes its discount along.
    assert order(shops, "shopify:EDITED_OFF", *PARTS) == (6_000, 600, 0, 0, 5_400)
    assert sold(shops, "shopify:ADDED") == (True, 13_000, 13_000)
    # As captured: total 1,341,615.95, refunds 736,515.55, current 604,214.45
    assert order(shops, "shopify:CAPTURED", "net_minor") == (60_421_445,)
    assert sold(shops, "shopify:GOODWILL") == (True, 10_000, 9_000)


def test_goods_that_are_edited_away_take_their_discount_along(shops: Warehouse) -> None:
    assert order(shops, "shopify:EDITED_DISCOUNT", *PARTS) == (4_800, 960, 0, 0, 3_840)


def test_what_was_sold_for_nothing_was_sold(shops: Warehouse) -> None:
    assert sold(shops, "shopify:FREE") == (True, 0, 0)
    assert order(shops, "shopify:FREE", *PARTS) == (5_000, 5_000, 0, 0, 0)


def test_goods_are_without_tax_in_every_system(shops: Warehouse) -> None:
    assert order(shops, "shopify:INCLUDED", *PARTS) == (10_000, 0, 0, 1_900, 11_900)
    assert order(shops, "square:ADDITIVE", *PARTS) == (10_000, 0, 0, 1_900, 11_900)
    assert order(shops, "square:INCLUSIVE", *PARTS) == (10_000, 1_000, 0, 1_710, 10_710)
    # 10% off prices with tax, shipping 5.95 with 0.95 tax in it
    assert order(shops, "shopify:INCLUDED_10", *PARTS) == (10_000, 1_000, 500, 1_805, 11_305)
    assert order(shops, "shopify:UNTOLD_TAX", *PARTS) == (10_000, 0, 500, 1_995, 12_495)


def test_free_shipping_is_no_discount_on_goods(shops: Warehouse) -> None:
    assert order(shops, "shopify:FREE_SHIPPING", *PARTS) == (10_000, 0, 0, 0, 10_000)
    assert order(shops, "shopify:FREE_OLD", *PARTS) == (10_000, 0, 0, 0, 10_000)


def test_a_refund_without_a_receipt_counts_on_its_day_and_is_no_sale(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select entry_kind, order_id, booked_store_id, booked_date::varchar, revenue_minor
        from marts.fct_sales_entries where refund_key = 'square:NO_RECEIPT'""",
    ) == [("refund", None, "S001", "2026-04-02", -2_500)]
    assert (
        rows(shops, "select * from marts.fct_orders where order_id = 'square:NO_RECEIPT_O'") == []
    )


def test_a_refund_has_its_own_day_and_its_sales(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select order_date::varchar, booked_date::varchar, revenue_minor
        from marts.fct_sales_entries where order_id = 'shopify:MARCH' order by booked_at""",
    ) == [("2026-03-10", "2026-03-10", 20_000), ("2026-03-10", "2026-04-02", -20_000)]
    assert sold(shops, "shopify:MARCH") == (True, 20_000, 0)


def test_what_comes_back_is_split_as_it_was_sold(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select net_sales_minor, shipping_minor, tax_minor, revenue_minor
        from marts.fct_sales_entries
        where order_id = 'shopify:INCLUDED_10' and entry_kind = 'refund'""",
    ) == [(-9_000, -500, -1_805, -11_305)]
    assert rows(
        shops,
        """select tip_minor, tax_minor, net_sales_minor, revenue_minor
        from marts.fct_sales_entries
        where order_id = 'square:TIP_BACK' and entry_kind = 'refund'""",
    ) == [(-2_000, -1_900, -10_000, -11_900)]
    assert order(shops, "square:TIP_BACK", "refunded_minor", "net_minor") == (13_900, 0)


def test_a_cancelled_order_was_sold_until_it_was_cancelled(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select entry_kind, booked_date::varchar, revenue_minor
        from marts.fct_sales_entries where order_id = 'shopify:CANCELLED' order by booked_at""",
    ) == [
        ("sale", "2026-03-10", 5_000),
        ("refund", "2026-03-28", -3_000),
        ("cancellation", "2026-04-02", -2_000),
    ]
    assert sold(shops, "shopify:CANCELLED") == (False, 0, 0)
    # What was refunded already is not taken back once more.
    assert rows(
        shops,
        """select entry_kind, revenue_minor from marts.fct_sales_entries
        where order_id = 'shopify:CANCELLED_BACK' order by revenue_minor""",
    ) == [("refund", -5_000), ("sale", 5_000)]


def test_revenue_as_booked_is_revenue_by_order_date_over_all_time(shops: Warehouse) -> None:
    booked, by_order = rows(
        shops,
        """select sum(revenue_minor), (select sum(net_minor) from marts.fct_orders)
        + (select sum(revenue_minor) from marts.fct_sales_entries where order_id is null)
        from marts.fct_sales_entries""",
    )[0]
    assert booked == by_order > 0
    months = dict(
        rows(
            shops,
            """select strftime(booked_date, '%Y-%m'), sum(revenue_minor)
            from marts.fct_sales_entries group by all""",
        )
    )
    assert months["2026-04"] < 0, "nothing was sold in April, and much given back"


def test_an_order_is_of_the_day_it_was_placed(shops: Warehouse) -> None:
    assert order(shops, "shopify:IMPORTED", "order_date::varchar") == ("2025-12-24",)


def test_the_rate_is_that_of_the_orders_own_date(shops: Warehouse) -> None:
    # 13 March 01:00 in Tokyo is 12 March in UTC; the rate changes on the 13th.
    assert order(shops, "square:TOKYO", "order_date::varchar", "net_reporting_minor") == (
        "2026-03-13",
        700,
    )


def test_a_currency_without_a_rate_stops_nobody(shops: Warehouse) -> None:
    assert order(shops, "shopify:KRONOR", "net_minor", "net_reporting_minor") == (11_000, 1_000)
    # A refund goes by the rate of its sale, as the shop booked it.
    assert order(shops, "shopify:KRONOR_BACK", "net_minor", "net_reporting_minor") == (
        5_500,
        500,
    )
    assert order(shops, "square:UNRATED", "net_minor", "net_reporting_minor") == (500, None)


def test_an_order_of_the_web_shops_own_till_is_a_till_sale(shops: Warehouse) -> None:
    assert order(shops, "shopify:POS", "order_channel", "store_id", "sold_store_id") == (
        "till", "S001", "S001",
    )  # fmt: skip
    assert order(shops, "shopify:POS_PICKUP", "sold_store_id", "pickup_store_id", "store_id") == (
        "S001", "S002", "S001",
    )  # fmt: skip


def test_what_the_till_system_ships_was_sold_on_the_web(shops: Warehouse) -> None:
    assert order(shops, "square:ONLINE", "order_channel", "store_id") == ("web", None)
    assert order(shops, "square:ONLINE_PICKUP", "order_channel", "store_id") == ("bopis", "S001")


def test_a_pickup_that_was_cancelled_and_shipped_is_no_pickup(shops: Warehouse) -> None:
    assert order(shops, "shopify:SHIPPED_AFTER_ALL", "order_channel", "store_id") == (
        "web",
        None,
    )
    assert order(shops, "shopify:MOVED", "order_channel", "pickup_store_id") == ("bopis", "S002")


def test_a_web_order_that_comes_back_to_a_shop_is_booked_there(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select order_channel, store_id, booked_store_id, revenue_minor
        from marts.fct_sales_entries
        where order_id = 'shopify:BACK_IN_SHOP' and entry_kind = 'refund'""",
    ) == [("web", None, "S002", -4_000)]


def test_an_open_location_stands_for_its_shop(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select store_name, time_zone, till_location_id, is_open from marts.dim_stores
        where store_id = 'S001'""",
    ) == [("Berlin S001", "Europe/Berlin", "L1", True)]


def test_parts_sum_over_channels_systems_and_shops_to_the_whole(shops: Warehouse) -> None:
    whole = rows(shops, "select sum(net_minor) from marts.fct_orders")
    for column in ("order_channel", "source_system", "coalesce(store_id, 'none')", "connection"):
        parts = f"select {column} as part, sum(net_minor) as net_minor from marts.fct_orders"
        assert rows(shops, f"select sum(net_minor) from ({parts} group by all)") == whole


def test_lines_say_what_was_sold(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select line_kind, product_name, quantity, current_quantity, net_sales_minor, tax_minor
        from marts.fct_order_lines where order_id = 'shopify:EDITED' order by product_name""",
    ) == [
        ("goods", "Hat", 1, 0, 3_361, 639),
        ("goods", "Shirt", 1, 1, 5_042, 958),
    ]
    assert rows(
        shops,
        """select line_kind, quantity, net_sales_minor from marts.fct_order_lines
        where order_id = 'square:CARD_AND_GOODS' order by line_kind""",
    ) == [("gift_card", 1, 2_500), ("goods", 1, 1_000)]

"""Ordinary sales in which a plausible figure would be wrong, built once by the whole project."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.dbt_project import (
    ordinary_experience,
    ordinary_goods,
    ordinary_pickups,
    ordinary_sales,
)
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The build runs every test of money and keys over the same cases."""
    warehouse = Warehouse(tmp_path_factory.mktemp("ordinary_sales"))
    ordinary_sales.land(warehouse)
    ordinary_experience.land(warehouse)
    ordinary_goods.land(warehouse)
    ordinary_pickups.land(warehouse)
    warehouse.build("--exclude-resource-type", "unit_test")
    return warehouse


def rows(built: Warehouse, query: str) -> list[tuple[Any, ...]]:
    return built.rows(ordinary_sales.numbered(query))


def order(built: Warehouse, order_id: str, *columns: str) -> tuple[Any, ...]:
    (row,) = rows(
        built, f"select {', '.join(columns)} from marts.fct_orders where order_id = '{order_id}'"
    )
    return row


def sold(built: Warehouse, order_id: str) -> tuple[Any, ...]:
    return order(built, order_id, "is_sale", "sold_minor", "net_minor")


PARTS = ("goods_minor", "discount_minor", "shipping_minor", "tax_minor", "total_minor")


def test_a_tip_is_no_sale(built: Warehouse) -> None:
    assert sold(built, "square:TIP") == (True, 10_000, 10_000)
    assert order(built, "square:TIP", "tip_minor", "total_minor") == (2_000, 12_000)


def test_a_draft_and_a_saved_cart_are_no_sales_and_a_paid_ticket_is(built: Warehouse) -> None:
    assert sold(built, "square:DRAFT") == (False, 0, 0)
    assert sold(built, "square:SAVED") == (False, 0, 0)
    assert sold(built, "square:PAID_OPEN") == (True, 4_600, 4_600)
    # 46.00 of which 20.00 are still to be paid
    assert sold(built, "square:DEPOSIT") == (True, 2_600, 2_600)
    assert sold(built, "square:GIVEN_UP") == (False, 0, 0)


def test_what_was_voided_or_ran_out_is_no_sale(built: Warehouse) -> None:
    assert sold(built, "shopify:VOIDED") == (False, 0, 0)
    assert sold(built, "shopify:EXPIRED") == (False, 0, 0)
    assert sold(built, "shopify:DELETED") == (False, 0, 0)
    assert order(built, "shopify:DELETED", "order_status", "is_cancelled") == ("deleted", True)


def test_a_gift_card_is_owed_until_it_is_spent(built: Warehouse) -> None:
    assert sold(built, "shopify:CARD_SOLD") == (False, 0, 0)
    assert order(built, "shopify:CARD_SOLD", "gift_card_minor", "total_minor") == (5_000, 0)
    assert sold(built, "shopify:CARD_SPENT") == (True, 8_000, 8_000)
    assert order(built, "square:CARD_AND_GOODS", "gift_card_minor", "sold_minor") == (2_500, 1_000)


def test_an_edit_changes_the_order_and_a_refund_does_not(built: Warehouse) -> None:
    assert sold(built, "shopify:EDITED") == (True, 6_000, 6_000)
    assert order(built, "shopify:EDITED", *PARTS) == (5_042, 0, 0, 958, 6_000)
    # What was taken off takes its discount along.
    assert order(built, "shopify:EDITED_OFF", *PARTS) == (6_000, 600, 0, 0, 5_400)
    assert sold(built, "shopify:ADDED") == (True, 13_000, 13_000)
    # As captured: total 1,341,615.95, refunds 736,515.55, current 604,214.45
    assert order(built, "shopify:CAPTURED", "net_minor") == (60_421_445,)
    assert sold(built, "shopify:GOODWILL") == (True, 10_000, 9_000)


def test_goods_that_are_edited_away_take_their_discount_along(built: Warehouse) -> None:
    assert order(built, "shopify:EDITED_DISCOUNT", *PARTS) == (4_800, 960, 0, 0, 3_840)


def test_what_was_sold_for_nothing_was_sold(built: Warehouse) -> None:
    assert sold(built, "shopify:FREE") == (True, 0, 0)
    assert order(built, "shopify:FREE", *PARTS) == (5_000, 5_000, 0, 0, 0)


def test_goods_are_without_tax_in_every_system(built: Warehouse) -> None:
    assert order(built, "shopify:INCLUDED", *PARTS) == (10_000, 0, 0, 1_900, 11_900)
    assert order(built, "square:ADDITIVE", *PARTS) == (10_000, 0, 0, 1_900, 11_900)
    assert order(built, "square:INCLUSIVE", *PARTS) == (10_000, 1_000, 0, 1_710, 10_710)
    # 10% off prices with tax, shipping 5.95 with 0.95 tax in it
    assert order(built, "shopify:INCLUDED_10", *PARTS) == (10_000, 1_000, 500, 1_805, 11_305)
    assert order(built, "shopify:UNTOLD_TAX", *PARTS) == (10_000, 0, 500, 1_995, 12_495)


def test_free_shipping_is_no_discount_on_goods(built: Warehouse) -> None:
    assert order(built, "shopify:FREE_SHIPPING", *PARTS) == (10_000, 0, 0, 0, 10_000)
    assert order(built, "shopify:FREE_OLD", *PARTS) == (10_000, 0, 0, 0, 10_000)


def test_a_refund_without_a_receipt_counts_on_its_day_and_is_no_sale(built: Warehouse) -> None:
    assert rows(
        built,
        """select entry_kind, order_id, booked_store_id, booked_date::varchar, revenue_minor
        from marts.fct_sales_entries where refund_key = 'square:NO_RECEIPT'""",
    ) == [("refund", None, "S001", "2026-04-02", -2_500)]
    assert (
        rows(built, "select * from marts.fct_orders where order_id = 'square:NO_RECEIPT_O'") == []
    )


def test_a_refund_has_its_own_day_and_its_sales(built: Warehouse) -> None:
    assert rows(
        built,
        """select order_date::varchar, booked_date::varchar, revenue_minor
        from marts.fct_sales_entries where order_id = 'shopify:MARCH' order by booked_at""",
    ) == [("2026-03-10", "2026-03-10", 20_000), ("2026-03-10", "2026-04-02", -20_000)]
    assert sold(built, "shopify:MARCH") == (True, 20_000, 0)


def test_what_comes_back_is_split_as_it_was_sold(built: Warehouse) -> None:
    assert rows(
        built,
        """select net_sales_minor, shipping_minor, tax_minor, revenue_minor
        from marts.fct_sales_entries
        where order_id = 'shopify:INCLUDED_10' and entry_kind = 'refund'""",
    ) == [(-9_000, -500, -1_805, -11_305)]
    assert rows(
        built,
        """select tip_minor, tax_minor, net_sales_minor, revenue_minor
        from marts.fct_sales_entries
        where order_id = 'square:TIP_BACK' and entry_kind = 'refund'""",
    ) == [(-2_000, -1_900, -10_000, -11_900)]
    assert order(built, "square:TIP_BACK", "refunded_minor", "net_minor") == (13_900, 0)


def test_a_cancelled_order_was_sold_until_it_was_cancelled(built: Warehouse) -> None:
    assert rows(
        built,
        """select entry_kind, booked_date::varchar, revenue_minor
        from marts.fct_sales_entries where order_id = 'shopify:CANCELLED' order by booked_at""",
    ) == [
        ("sale", "2026-03-10", 5_000),
        ("refund", "2026-03-28", -3_000),
        ("cancellation", "2026-04-02", -2_000),
    ]
    assert sold(built, "shopify:CANCELLED") == (False, 0, 0)
    # What was refunded already is not taken back once more.
    assert rows(
        built,
        """select entry_kind, revenue_minor from marts.fct_sales_entries
        where order_id = 'shopify:CANCELLED_BACK' order by revenue_minor""",
    ) == [("refund", -5_000), ("sale", 5_000)]


def test_revenue_as_booked_is_revenue_by_order_date_over_all_time(built: Warehouse) -> None:
    booked, by_order = rows(
        built,
        """select sum(revenue_minor), (select sum(net_minor) from marts.fct_orders)
        + (select sum(revenue_minor) from marts.fct_sales_entries where order_id is null)
        from marts.fct_sales_entries""",
    )[0]
    assert booked == by_order > 0
    months = dict(
        rows(
            built,
            """select strftime(booked_date, '%Y-%m'), sum(revenue_minor)
            from marts.fct_sales_entries group by all""",
        )
    )
    assert months["2026-04"] < 0, "nothing was sold in April, and much given back"


def test_each_booking_has_its_end_and_its_local_days(built: Warehouse) -> None:
    assert rows(
        built,
        """select split_part(booking_id, ':', 3), booking_status, showed_by, booked_date::varchar,
            starts_date::varchar, lead_time_days
        from marts.fct_bookings order by booked_at""",
    ) == [
        ("CAME", "showed", "sale", "2026-03-01", "2026-03-10", 9),
        ("CANCELLED", "cancelled", None, "2026-03-02", "2026-03-12", 10),
        # Nobody says whether she came, and she bought nothing on the 21st.
        ("NIGHT", "unknown", None, "2026-03-20", "2026-03-21", 1),
        ("STAYED_AWAY", "no_show", None, "2026-03-21", "2026-03-25", 4),
        ("AHEAD", "booked", None, "2026-04-10", "2026-05-20", 40),
    ]


def test_a_sale_is_of_the_newest_booking_that_was_kept(built: Warehouse) -> None:
    """What was cancelled or not kept sells nothing; two sales of one booking count as two."""
    assert rows(
        built,
        """select split_part(booking_id, ':', 3), bought_order_id, order_count, revenue_amount
        from marts.fct_bookings where order_count > 0 order by booked_at""",
    ) == [
        ("CAME", "square:AT_THE_APPOINTMENT", 2, Decimal("80.00")),
        ("NIGHT", "square:AFTER_THE_NO_SHOW", 1, Decimal("20.00")),
    ]


def test_the_funnel_of_bookings_adds_up(built: Warehouse) -> None:
    assert rows(
        built,
        """select booked_month::varchar, store_id, booking_count, cancelled_count, ahead_count,
            no_show_count, showed_count, unknown_count, bought_count, revenue_amount, no_show_rate
        from marts.rpt_booking_funnel order by booked_month""",
    ) == [
        ("2026-03-01", "S001", 4, 1, 0, 1, 1, 1, 2, Decimal("100.00"), Decimal("0.333333")),
        ("2026-04-01", "S001", 1, 0, 1, 0, 0, 0, 0, Decimal("0.00"), None),
    ]


def test_points_close_month_by_month_on_the_shops_clock(built: Warehouse) -> None:
    assert rows(
        built,
        """select loyalty_month::varchar, new_member_count, active_member_count, opening_points,
            earned_points, earned_till_points, redeemed_points, reversed_points, adjusted_points,
            expired_points, closing_points
        from marts.rpt_loyalty order by loyalty_month""",
    ) == [
        ("2026-03-01", 1, 1, 0, 50, 50, 0, 0, 0, 0, 50),
        ("2026-04-01", 0, 1, 50, 120, 120, -100, 100, -5, -20, 145),
    ]
    assert rows(
        built, "select points_after from marts.fct_loyalty order by occurred_at desc limit 1"
    ) == [(145,)]


def test_touches_of_one_channel_in_a_row_are_one_step(built: Warehouse) -> None:
    """Three appointments that stand led to the last sale; the cancelled one to none."""
    assert rows(
        built,
        """select channel_path, step_count, touch_count, first_channel, path_days, revenue_amount
        from marts.fct_customer_journeys where conversion_id = 'square:AFTER_THE_NO_SHOW'""",
    ) == [("booking", 1, 3, "booking", 25, Decimal("20.00"))]
    assert rows(
        built,
        """select from_channel, to_channel, position, journey_count from marts.rpt_path_steps
        where conversion_type = 'till_order'""",
    ) == [("booking", "converted", 1, 3)]


def test_an_order_is_of_the_day_it_was_placed(built: Warehouse) -> None:
    assert order(built, "shopify:IMPORTED", "order_date::varchar") == ("2025-12-24",)


def test_the_rate_is_that_of_the_orders_own_date(built: Warehouse) -> None:
    # 13 March 01:00 in Tokyo is 12 March in UTC; the rate changes on the 13th.
    assert order(built, "square:TOKYO", "order_date::varchar", "net_reporting_minor") == (
        "2026-03-13",
        700,
    )


def test_a_currency_without_a_rate_stops_nobody(built: Warehouse) -> None:
    assert order(built, "shopify:KRONOR", "net_minor", "net_reporting_minor") == (11_000, 1_000)
    # A refund goes by the rate of its sale, as the shop booked it.
    assert order(built, "shopify:KRONOR_BACK", "net_minor", "net_reporting_minor") == (5_500, 500)
    assert order(built, "square:UNRATED", "net_minor", "net_reporting_minor") == (500, None)


def test_an_order_of_the_web_shops_own_till_is_a_till_sale(built: Warehouse) -> None:
    assert order(built, "shopify:POS", "order_channel", "store_id", "sold_store_id") == (
        "till", "S001", "S001",
    )  # fmt: skip
    assert order(built, "shopify:POS_PICKUP", "sold_store_id", "pickup_store_id", "store_id") == (
        "S001", "S002", "S001",
    )  # fmt: skip


def test_what_the_till_system_ships_was_sold_on_the_web(built: Warehouse) -> None:
    assert order(built, "square:ONLINE", "order_channel", "store_id") == ("web", None)
    assert order(built, "square:ONLINE_PICKUP", "order_channel", "store_id") == ("bopis", "S001")


def test_a_pickup_that_was_cancelled_and_shipped_is_no_pickup(built: Warehouse) -> None:
    assert order(built, "shopify:SHIPPED_AFTER_ALL", "order_channel", "store_id") == ("web", None)
    assert order(built, "shopify:MOVED", "order_channel", "pickup_store_id") == ("bopis", "S002")


def test_a_web_order_that_comes_back_to_a_shop_is_booked_there(built: Warehouse) -> None:
    assert rows(
        built,
        """select order_channel, store_id, booked_store_id, revenue_minor
        from marts.fct_sales_entries
        where order_id = 'shopify:BACK_IN_SHOP' and entry_kind = 'refund'""",
    ) == [("web", None, "S002", -4_000)]


def test_an_open_location_stands_for_its_shop(built: Warehouse) -> None:
    assert rows(
        built,
        """select store_name, time_zone, till_location_id, is_open from marts.dim_stores
        where store_id = 'S001'""",
    ) == [("Berlin S001", "Europe/Berlin", "L1", True)]


def test_parts_sum_over_channels_systems_and_shops_to_the_whole(built: Warehouse) -> None:
    whole = rows(built, "select sum(net_minor) from marts.fct_orders")
    for column in ("order_channel", "source_system", "coalesce(store_id, 'none')", "connection"):
        parts = f"select {column} as part, sum(net_minor) as net_minor from marts.fct_orders"
        assert rows(built, f"select sum(net_minor) from ({parts} group by all)") == whole


def test_lines_say_what_was_sold(built: Warehouse) -> None:
    assert rows(
        built,
        """select line_kind, product_name, quantity, current_quantity, net_sales_minor, tax_minor
        from marts.fct_order_lines where order_id = 'shopify:EDITED' order by product_name""",
    ) == [
        ("goods", "Hat", 1, 0, 3_361, 639),
        ("goods", "Shirt", 1, 1, 5_042, 958),
    ]
    assert rows(
        built,
        """select line_kind, quantity, net_sales_minor from marts.fct_order_lines
        where order_id = 'square:CARD_AND_GOODS' order by line_kind""",
    ) == [("gift_card", 1, 2_500), ("goods", 1, 1_000)]


def test_two_lines_with_one_id_are_two_lines(built: Warehouse) -> None:
    assert rows(
        built,
        """select product_code, net_sales_minor from marts.fct_order_lines
        where order_id = 'shopify:TWICE' order by all""",
    ) == [("SP-9", 300), ("T-77", 2_000)]


def test_lines_sum_to_what_the_shop_booked_for_their_order(built: Warehouse) -> None:
    assert rows(
        built,
        """select sum(net_sales_reporting_minor), count(distinct net_sales_reporting_minor)
        from marts.fct_order_lines where order_id = 'shopify:THIRDS'""",
    ) == [(1_000, 2)]


def test_web_and_till_variants_are_one_by_gtin_else_by_sku(built: Warehouse) -> None:
    matched = rows(
        built,
        """select product_id, product_code, matched_product_count, match_reason
        from marts.dim_products order by all""",
    )
    assert matched == [
        ("shopify:501", "T-77", 2, "gtin"),
        ("shopify:502", "shopify:502", 1, "ambiguous_sku"),
        ("shopify:503", "shopify:503", 1, "ambiguous_sku"),
        ("shopify:504", "SP-9", 2, "gtin"),
        ("shopify:505", "shopify:505", 1, "only_here"),
        ("shopify:506", "gtin:04006381333948", 1, "rival_gtins"),
        ("shopify:507", "JUG", 2, "sku"),
        ("square:V_BLANK", "square:V_BLANK", 1, "only_here"),
        ("square:V_CHEESE", "square:V_CHEESE", 1, "only_here"),
        ("square:V_CUP", "square:V_CUP", 1, "ambiguous_sku"),
        ("square:V_JUG", "JUG", 2, "sku"),
        ("square:V_KET", "gtin:04006381333955", 1, "rival_gtins"),
        ("square:V_SPOON", "SP-9", 2, "gtin"),
        ("square:V_TEA", "T-77", 2, "gtin"),
    ]
    assert rows(
        built, "select count(*), count(distinct product_code) from marts.dim_products where is_main"
    ) == [(11, 11)]


def test_a_line_whose_sku_is_two_products_is_neither(built: Warehouse) -> None:
    assert rows(
        built,
        """select product_id, product_code, product_found from marts.fct_order_lines
        where order_id = 'shopify:WHICH_CUP'""",
    ) == [(None, "CUP", "ambiguous")]


def test_what_the_web_and_a_till_sold_of_one_product_is_one_code(built: Warehouse) -> None:
    assert rows(
        built,
        """select order_channel, store_id, product_id, sold_quantity, net_sales_amount::varchar
        from marts.fct_product_daily
        where product_code = 'T-77' and order_date = '2026-03-12' order by all""",
    ) == [
        ("till", "S001", "shopify:501", 2, "36.00"),
        ("web", None, "shopify:501", 1, "20.00"),
    ]


def test_prices_are_compared_where_they_can_be(built: Warehouse) -> None:
    assert rows(
        built,
        """select product_name, store_id, parity_status, difference_minor,
            difference_amount::varchar
        from marts.fct_price_parity where parity_status not in ('only_web', 'only_till')
        order by all""",
    ) == [
        ("Jug", None, "other_currency", None, None),
        ("Jug", None, "other_currency", None, None),
        ("Spoon", None, "same", 0, "0.00"),
        ("Teapot", "S002", "same", 0, "0.00"),
        ("Teapot", None, "different", -200, "-2.00"),
    ]
    assert rows(
        built,
        """select parity_status, count(*) from marts.fct_price_parity
        where parity_status like 'only%' group by all order by all""",
    ) == [("only_till", 4), ("only_web", 4)]


def test_stock_goes_on_until_it_is_counted_again(built: Warehouse) -> None:
    assert rows(
        built,
        """select stock_date::varchar, opening_quantity, sold_quantity, other_moves_quantity,
            on_hand_quantity, days_of_cover::varchar, is_stock_out, nearby_store_count,
            lost_quantity_estimate::varchar, fillable_web_line_count
        from marts.fct_inventory_daily
        where product_code = 'T-77' and store_id = 'S001' and stock_date >= '2026-03-11'
        order by stock_date""",
    ) == [
        ("2026-03-11", 5, 0, 0, 5, None, False, 1, "0.00", 0),
        ("2026-03-12", 5, 2, 0, 3, "12.00", False, 1, "0.00", 1),
        ("2026-03-13", 3, 0, -3, 0, "0.00", True, 1, None, 0),
        ("2026-03-14", 0, 0, 0, 0, "0.00", True, 1, "0.22", 0),
        ("2026-03-15", 0, 0, 0, 0, "0.00", True, 1, "0.22", 0),
    ]


def test_a_coupon_is_one_however_it_is_spelled(built: Warehouse) -> None:
    assert rows(
        built,
        """select coupon_code, is_listed, redeemed_order_count, discount_amount::varchar,
            net_amount::varchar, not_incremental_reason
        from marts.fct_coupons order by all""",
    ) == [
        ("BLOGGER", False, 1, "2.00", "18.00", "not_tested"),
        ("SUMMER", True, 0, "0.00", "0.00", "not_tested"),
        ("Welcome10", True, 3, "6.00", "36.00", "not_tested"),
    ]


def test_a_payment_is_of_its_order_and_its_tender(built: Warehouse) -> None:
    assert rows(
        built,
        """select order_id, store_id, paid_date::varchar, tender, is_paid, payment_amount::varchar,
            tip_amount::varchar
        from marts.fct_payments where payment_id = 'square:P_TIP'""",
    ) == [("square:TIP", "S001", "2026-03-10", "card", True, "100.00", "20.00")]


def test_a_refund_has_its_shop_and_its_parts(built: Warehouse) -> None:
    assert rows(
        built,
        """select returned_store_id, days_since_order, goods_amount::varchar,
            revenue_amount::varchar
        from marts.fct_refunds where order_id in ('shopify:BACK_IN_SHOP', 'shopify:INCLUDED_10')
        order by all""",
    ) == [("S002", 23, "40.00", "40.00"), (None, 23, "90.00", "113.05")]


def test_a_pick_up_has_the_times_that_are_told(built: Warehouse) -> None:
    told = {
        name: outcome
        for name, *outcome in rows(
            built,
            """select order_id, pickup_status, minutes_to_ready, minutes_to_pickup, promise_outcome,
                is_promise_kept from marts.fct_bopis""",
        )
    }
    expected = {
        "shopify:P_KEPT": ["picked_up", 120, 1830, "kept", True],
        "shopify:P_LATE": ["ready", 300, None, "late", False],
        "shopify:P_NO_PROMISE": ["picked_up", 120, 1830, "no_promise", None],
        # Whoever hands it over tells no time before that: it was ready by then, and not said when.
        "shopify:P_UNTOLD": ["picked_up", None, 480, "not_told", None],
        "shopify:P_EARLY": ["picked_up", None, 180, "kept", True],
        "shopify:P_BEGUN": ["in_progress", None, None, "not_told", None],
        "shopify:P_OPEN": ["open", None, None, "late", False],
        "shopify:P_PENDING": ["open", None, None, "pending", None],
        "shopify:P_CANCELLED": ["cancelled", None, None, "cancelled", None],
        # Ready with its last part, an hour after that was promised.
        "shopify:P_TWO": ["ready", 300, None, "late", False],
        "shopify:MOVED": ["open", None, None, "no_promise", None],
        "square:SQ_KEPT": ["picked_up", 100, 125, "kept", True],
        "square:ONLINE_PICKUP": ["not_told", None, None, "not_told", None],
    }
    named = {ordinary_sales.numbered(name): outcome for name, outcome in expected.items()}
    assert {name: told[name] for name in named} == named


def test_what_is_bought_along_with_a_pick_up_counts_once(built: Warehouse) -> None:
    assert rows(
        built,
        """select order_id, has_cross_sell, cross_sell_order_id, cross_sell_order_count,
            cross_sell_reporting_minor from marts.fct_bopis
        where order_id in ('shopify:P_KEPT', 'shopify:P_NO_PROMISE', 'shopify:P_LATE',
            'shopify:P_UNTOLD')
        order by 1""",
    ) == [
        # A quarter of an hour later, and nine minutes before; an evening's sale is no part of it.
        (ordinary_sales.numbered("shopify:P_KEPT"), True, "square:BEFORE", 2, 2_500),
        # Fetched along with the other one.
        (ordinary_sales.numbered("shopify:P_NO_PROMISE"), False, None, 0, 0),
        (ordinary_sales.numbered("shopify:P_LATE"), None, None, None, None),
        # By somebody whom nobody knows.
        (ordinary_sales.numbered("shopify:P_UNTOLD"), None, None, None, None),
    ]


def test_a_delivery_has_the_times_that_are_told(built: Warehouse) -> None:
    assert rows(
        built,
        """select o.order_name, d.delivery_status, d.minutes_to_ship, d.minutes_to_deliver,
            d.promise_outcome, d.is_promise_kept, d.is_ship_promise_kept
        from marts.fct_deliveries as d join marts.fct_orders as o using (order_id)
        where starts_with(o.order_name, '#D_') or o.order_id = 'square:D_SQUARE' order by all""",
    ) == [
        ("#D_CALLED_BACK", "cancelled", None, None, "cancelled", None, None),
        ("#D_CALLED_BACK", "open", None, None, "late", False, None),
        ("#D_KEPT", "handed_over", 60, 2880, "kept", True, True),
        ("#D_LATE", "handed_over", 60, 7200, "late", False, None),
        ("#D_ON_ITS_WAY", "shipped", 60, None, "not_told", None, False),
        (None, "shipped", 60, None, "no_promise", None, True),
    ]

"""Products, prices, stock, coupons and payments against answers worked out by hand."""

from __future__ import annotations

import pytest

from tests.dbt_project.ordinary_sales import rows
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e


def test_two_lines_with_one_id_are_two_lines(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select product_code, net_sales_minor from marts.fct_order_lines
        where order_id = 'shopify:TWICE' order by all""",
    ) == [("SP-9", 300), ("T-77", 2_000)]


def test_lines_sum_to_what_the_shop_booked_for_their_order(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select sum(net_sales_reporting_minor), count(distinct net_sales_reporting_minor)
        from marts.fct_order_lines where order_id = 'shopify:THIRDS'""",
    ) == [(1_000, 2)]


def test_web_and_till_variants_are_one_by_gtin_else_by_sku(shops: Warehouse) -> None:
    matched = rows(
        shops,
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
        ("shopify:910", "COAT", 1, "only_here"),
        ("shopify:920", "MUG", 1, "only_here"),
        ("shopify:930", "SCARF", 1, "only_here"),
        ("square:V_BLANK", "square:V_BLANK", 1, "only_here"),
        ("square:V_CHEESE", "square:V_CHEESE", 1, "only_here"),
        ("square:V_CUP", "square:V_CUP", 1, "ambiguous_sku"),
        ("square:V_JUG", "JUG", 2, "sku"),
        ("square:V_KET", "gtin:04006381333955", 1, "rival_gtins"),
        ("square:V_SPOON", "SP-9", 2, "gtin"),
        ("square:V_TEA", "T-77", 2, "gtin"),
    ]
    assert rows(
        shops,
        "select count(*), count(distinct product_code) from marts.dim_products where is_main",
    ) == [(14, 14)]


def test_a_line_whose_sku_is_two_products_is_neither(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select product_id, product_code, product_found from marts.fct_order_lines
        where order_id = 'shopify:WHICH_CUP'""",
    ) == [(None, "CUP", "ambiguous")]


def test_what_the_web_and_a_till_sold_of_one_product_is_one_code(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select order_channel, store_id, product_id, sold_quantity, net_sales_amount::varchar
        from marts.fct_product_daily
        where product_code = 'T-77' and order_date = '2026-03-12' order by all""",
    ) == [
        ("till", "S001", "shopify:501", 2, "36.00"),
        ("web", None, "shopify:501", 1, "20.00"),
    ]


def test_prices_are_compared_where_they_can_be(shops: Warehouse) -> None:
    assert rows(
        shops,
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
        shops,
        """select parity_status, count(*) from marts.fct_price_parity
        where parity_status like 'only%' group by all order by all""",
    ) == [("only_till", 4), ("only_web", 7)]


def test_stock_goes_on_until_it_is_counted_again(shops: Warehouse) -> None:
    assert rows(
        shops,
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


def test_a_coupon_is_one_however_it_is_spelled(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select coupon_code, is_listed, redeemed_order_count, discount_amount::varchar,
            net_amount::varchar, not_incremental_reason
        from marts.fct_coupons order by all""",
    ) == [
        ("BLOGGER", False, 2, "3.00", "27.00", "not_tested"),
        ("SUMMER", True, 0, "0.00", "0.00", "not_tested"),
        ("Welcome10", True, 3, "5.00", "27.00", "not_tested"),
    ]


def test_what_codes_of_one_order_share_adds_up_to_its_amounts(shops: Warehouse) -> None:
    ((discount, net, net_sales),) = rows(
        shops,
        """select sum(discount_reporting_minor), sum(net_reporting_minor),
            sum(net_sales_reporting_minor)
        from marts.fct_orders where is_sale and coupon_code is not null""",
    )
    assert rows(
        shops,
        """select sum(discount_reporting_minor), sum(net_reporting_minor),
            sum(net_sales_reporting_minor)
        from marts.fct_coupons""",
    ) == [(discount, net, net_sales)]


def test_a_payment_is_of_its_order_and_its_tender(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select order_id, store_id, paid_date::varchar, tender, is_paid, payment_amount::varchar,
            tip_amount::varchar
        from marts.fct_payments where payment_id = 'square:P_TIP'""",
    ) == [("square:TIP", "S001", "2026-03-10", "card", True, "100.00", "20.00")]


def test_a_refund_has_its_shop_and_its_parts(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select returned_store_id, days_since_order, goods_amount::varchar,
            shipping_amount::varchar, tax_amount::varchar, revenue_amount::varchar
        from marts.fct_refunds where order_id in ('shopify:BACK_IN_SHOP', 'shopify:INCLUDED_10')
        order by all""",
    ) == [
        ("S002", 23, "40.00", "0.00", "0.00", "40.00"),
        (None, 23, "90.00", "5.00", "18.05", "113.05"),
    ]

"""What Square serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.sources.built import NOW, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def square(retailer: Callable[[str], Built]) -> Built:
    return retailer("square")


def test_the_contracts_hold(square: Built) -> None:
    square.assert_contracts_hold()


def test_sales(square: Built) -> None:
    statuses = "map {'COMPLETED': 'placed', 'OPEN': 'open', 'DRAFT': 'draft', 'CANCELED': 'void'}"
    square.assert_same(
        f"""with cards as (
            select order_id, sum(unit_price_minor * quantity - discount_minor + tax_minor) as minor
            from {square.world("till_order_lines")} where is_gift_card group by all)
        select order_id, square_location_id, o.created_at, o.currency_code, {statuses}[state],
            discount_minor, tax_minor, tip_minor, total_minor - coalesce(minor, 0) as total,
            coalesce(minor, 0) as cards, due_minor, coupon_code
        from {square.world("till_orders")} as o join {square.world("shops")} using (shop_no)
        left join cards using (order_id) where not is_return""",
        f"""select source_order_id, location_id, ordered_at, currency_code, order_status,
            discount_minor, tax_minor, tip_minor, total_minor, gift_card_minor, due_minor,
            coupon_code
        from {square.contract("orders")}""",
    )


def test_lines(square: Built) -> None:
    square.assert_same(
        f"""select order_id, order_id || '-' || line_no, sku, quantity::decimal(18, 5),
            unit_price_minor * quantity, l.discount_minor, l.tax_minor, is_gift_card
        from {square.world("till_order_lines")} as l
        join {square.world("till_orders")} as o using (order_id)
        where not is_return""",
        f"""select source_order_id, line_id, product_code, quantity, goods_minor, discount_minor,
            tax_minor, line_kind = 'gift_card'
        from {square.contract("order_lines")}""",
    )


def test_payments(square: Built) -> None:
    square.assert_same(
        f"""select payment_id, order_id, square_location_id, created_at, p.currency_code,
            amount_minor, tip_minor,
            case card_brand when 'SQUARE_GIFT_CARD' then 'gift_card' else lower(source_type) end
        from {square.world("payments")} as p join {square.world("shops")} using (shop_no)""",
        f"""select payment_id, source_order_id, location_id, paid_at, currency_code, amount_minor,
            tip_minor, tender
        from {square.contract("payments")} where payment_status = 'paid'""",
    )


def test_refunds(square: Built) -> None:
    square.assert_same(
        f"""select refund_id, return_of_order_id, square_location_id, r.created_at, r.currency_code,
            amount_minor, tax_minor
        from {square.world("till_refunds")} as r
        join {square.world("till_orders")} as o using (order_id)
        join {square.world("shops")} as s on s.shop_no = r.shop_no""",
        f"""select refund_id, source_order_id, location_id, refunded_at, currency_code,
            refunded_minor, tax_minor
        from {square.contract("refunds")}""",
    )


def test_products(square: Built) -> None:
    square.assert_same(
        f"""select 'CAT' || product_no, 'ITEM' || min(product_no) over one, sku, barcode, title,
            if(count(*) over one > 1, coalesce(variant_title, 'Regular'), null), category,
            retired_at is null
        from {square.world("products")} window one as (partition by title)""",
        f"""select product_id, parent_product_id, product_code, barcode, product_name, variant_name,
            category, is_active
        from {square.contract("products")}""",
    )


def test_prices(square: Built) -> None:
    square.assert_same(
        f"""select 'CAT' || product_no, null, currency_code, till_price_minor
        from {square.world("product_prices")} where currency_code = 'EUR'
        union all
        select 'CAT' || product_no, square_location_id, currency_code, till_price_minor
        from {square.world("product_prices")} join {square.world("shops")} using (currency_code)
        where currency_code <> 'EUR'""",
        f"""select product_id, location_id, currency_code, price_minor
        from {square.contract("prices")}
        union all
        -- What is archived has no price any more.
        select 'CAT' || product_no, s.square_location_id, currency_code, till_price_minor
        from {square.world("product_prices")}
        left join {square.world("shops")} as s using (currency_code)
        semi join (select * from {square.contract("products")} where not is_active) as gone
            on gone.product_id = 'CAT' || product_no
        where currency_code <> 'EUR' and s.shop_no is not null
        union all
        select 'CAT' || product_no, null, currency_code, till_price_minor
        from {square.world("product_prices")}
        semi join (select * from {square.contract("products")} where not is_active) as gone
            on gone.product_id = 'CAT' || product_no
        where currency_code = 'EUR'""",
    )


def test_stock(square: Built) -> None:
    square.assert_same(
        f"""select 'CAT' || product_no, sku, square_location_id, on_hand, true
        from {square.world("stock")} join {square.world("shops")} using (shop_no)
        join products using (product_no)""",
        f"""select product_id, product_code, location_id, on_hand_quantity, is_tracked
        from {square.contract("inventory_levels")}
        qualify row_number() over (
            partition by product_id, location_id order by observed_at desc) = 1""",
    )


def test_gift_cards_come_without_their_number(square: Built) -> None:
    said = square.rows(f"select last_characters from {square.contract('gift_cards')}")
    cards = square.rows(f"from {square.world('gift_cards')} where shop_no is not null")
    assert len(said) == len(cards)
    assert all(len(last) == 4 for (last,) in said)


def test_who_took_an_order_and_on_what(square: Built) -> None:
    square.assert_same(
        f"""select order_id, 'device:' || device_no, 'TMEM' || staff_no
        from {square.world("till_orders")} semi join {square.world("payments")} using (order_id)
        where not is_return""",
        f"""select source_order_id, device_id, staff_id from {square.contract("orders")}
        where device_id is not null""",
    )


def test_staff_and_devices(square: Built) -> None:
    square.assert_same(
        f"""select 'TMEM' || staff_no, square_location_id, role, left_at is null
        from {square.world("staff")} join {square.world("shops")} using (shop_no)""",
        f"select staff_id, location_id, role_name, is_active from {square.contract('staff')}",
    )
    square.assert_same(
        f"""select 'device:' || device_no, d.name, d.kind, square_location_id
        from {square.world("till_devices")} as d join {square.world("shops")} using (shop_no)
        where kind = 'handheld' or device_no in (
            select device_no from {square.world("till_orders")}
            semi join {square.world("payments")} using (order_id))""",
        f"""select device_id, device_name, device_kind, location_id
        from {square.contract("devices")}""",
    )


def test_points(square: Built) -> None:
    square.assert_same(
        f"""select loyalty_account_id, p.order_id, points, earned_at, square_location_id,
            case kind when 'earn' then 'earned' when 'redeem' then 'redeemed' else 'expired' end
        from (from loyalty_points where earned_at <= timestamp '{NOW:%Y-%m-%d %H:%M:%S}') as p
        left join till_orders as o using (order_id)
        left join {square.world("shops")} using (shop_no)""",
        f"""select loyalty_account_id, source_order_id, points, occurred_at, location_id,
            entry_kind
        from {square.contract("loyalty_ledger")}""",
    )


def test_kiosks(square: Built) -> None:
    square.assert_same(
        f"""select order_id, 'kiosk_session', 'square:customer:' || square_customer_id,
            square_location_id, order_id, o.created_at
        from {square.world("till_orders")} as o join {square.world("shops")} using (shop_no)
        where source_name = 'Square Kiosk' and not is_return""",
        f"""select event_id, event_kind, record_key, location_id, source_order_id, started_at
        from {square.contract("store_events")}""",
    )

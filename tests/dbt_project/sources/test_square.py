"""What Square serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def square(build: Build) -> Built:
    return build("square")


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

"""What Clover serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

import pytest

from demo.vendors import clover as served
from tests.dbt_project.sources.built import Build, Built

pytestmark = pytest.mark.e2e
ORDER = served.clover_id("order", "o.order_id")
MERCHANT = served.merchant_id("o.shop_no")


@pytest.fixture(scope="module")
def clover(build: Build) -> Built:
    return build("clover")


def test_the_contracts_hold(clover: Built) -> None:
    clover.assert_contracts_hold()


def test_sales(clover: Built) -> None:
    """A draft is in no list, and a return no sale."""
    statuses = "map {'COMPLETED': 'placed', 'OPEN': 'open', 'CANCELED': 'void'}"
    clover.assert_same(
        f"""with cards as (
            select order_id, sum(unit_price_minor * quantity - discount_minor) as minor
            from {clover.world("till_order_lines")} where is_gift_card group by all)
        select {ORDER}, {MERCHANT}, date_trunc('millisecond', created_at), currency_code,
            {statuses}[state], discount_minor, tax_minor, tip_minor,
            total_minor - coalesce(minor, 0) as total, coalesce(minor, 0) as cards, due_minor,
            coupon_code
        from {clover.world("till_orders")} as o left join cards using (order_id)
        where not is_return and state <> 'DRAFT'""",
        f"""select source_order_id, location_id, ordered_at, currency_code, order_status,
            discount_minor, tax_minor, tip_minor, total_minor, gift_card_minor, due_minor,
            coupon_code
        from {clover.contract("orders")}""",
    )


def test_the_parts_of_a_sale_add_up(clover: Built) -> None:
    assert not clover.rows(
        f"""from {clover.contract("orders")}
        where goods_minor - discount_minor + shipping_minor + tax_minor + tip_minor + service_minor
            <> total_minor"""
    )


def test_lines_and_what_of_them_was_given_back(clover: Built) -> None:
    """Each unit is a line; the order's tax and discount are shared among them without a rest."""
    clover.assert_same(
        f"""with back as (
            select r.return_of_order_id as order_id, l.line_no, l.quantity
            from {clover.world("till_orders")} as r
            join {clover.world("till_order_lines")} as l using (order_id)
            join {clover.world("till_refunds")} as refund using (order_id)
            join {clover.world("payments")} as paid using (payment_id)
            where r.is_return and paid.shop_no = refund.shop_no)
        select {ORDER}, sku, sum(l.quantity)::decimal(18, 5) as sold,
            sum(l.quantity - coalesce(back.quantity, 0))::decimal(18, 5) as kept,
            sum(unit_price_minor * l.quantity)::bigint as goods
        from {clover.world("till_order_lines")} as l
        join {clover.world("till_orders")} as o using (order_id)
        left join back on back.order_id = l.order_id and back.line_no = l.line_no
        where not is_return and state <> 'DRAFT' and not is_gift_card group by all""",
        f"""select source_order_id, product_code, sum(quantity)::decimal(18, 5),
            sum(current_quantity)::decimal(18, 5), sum(goods_minor)::bigint
        from {clover.contract("order_lines")} where line_kind = 'goods' group by all""",
    )
    clover.assert_same(
        f"""select {ORDER}, sum(l.discount_minor)::bigint, any_value(o.tax_minor)
        from {clover.world("till_order_lines")} as l
        join {clover.world("till_orders")} as o using (order_id)
        where not is_return and state <> 'DRAFT' group by all""",
        f"""select source_order_id, sum(discount_minor)::bigint, sum(tax_minor)::bigint
        from {clover.contract("order_lines")} group by all""",
    )


def test_payments(clover: Built) -> None:
    clover.assert_same(
        f"""select {served.clover_id("payment", "payment_id")}, {ORDER}, {MERCHANT},
            date_trunc('millisecond', created_at), currency_code, amount_minor, tip_minor,
            case card_brand when 'SQUARE_GIFT_CARD' then 'gift_card' else lower(source_type) end
        from {clover.world("payments")} as o""",
        f"""select payment_id, source_order_id, location_id, paid_at, currency_code, amount_minor,
            tip_minor, tender
        from {clover.contract("payments")} where payment_status = 'paid'""",
    )


def test_refunds(clover: Built) -> None:
    """Without the payment at the same merchant, the sale is not known."""
    sale = served.clover_id("order", "p.order_id")
    clover.assert_same(
        f"""select {served.clover_id("refund", "refund_id")},
            case when p.order_id is not null then {sale} end, {MERCHANT},
            date_trunc('millisecond', o.created_at), o.currency_code, o.amount_minor, tax_minor
        from {clover.world("till_refunds")} as o
        join {clover.world("till_orders")} as back using (order_id)
        left join {clover.world("payments")} as p
            on p.payment_id = o.payment_id and p.shop_no = o.shop_no""",
        f"""select refund_id, source_order_id, location_id, refunded_at, currency_code,
            refunded_minor, tax_minor
        from {clover.contract("refunds")} where refund_status = 'refunded'""",
    )


def test_shops_and_their_hours(clover: Built) -> None:
    clover.assert_same(
        f"""select {MERCHANT}, store_code, city, region_code, country_code, time_zone,
            currency_code, true
        from {clover.world("shops")} as o""",
        f"""select location_id, store_code, city, region_code, country_code, time_zone,
            currency_code, is_open
        from {clover.contract("locations")}""",
    )
    clover.assert_same(
        f"""select {MERCHANT}, weekday, open_minute, close_minute
        from {clover.world("shops")} as o, range(1, 8) as days (weekday)
        where is_open_sunday or weekday <> 7""",
        f"""select location_id, weekday, opens_minute, closes_minute
        from {clover.contract("opening_hours")}""",
    )


def test_customers_and_whether_they_may_be_written_to(clover: Built) -> None:
    customer = served.clover_id("customer", "square_customer_id")
    clover.assert_same(
        f"""select {customer}, email, phone, given_name, family_name, street,
            if({served.allows_marketing("square_customer_id")}, 'granted', 'refused')
        from {clover.world("till_customers")}""",
        f"""select record_id, email, phone, first_name, last_name, street, consent_status
        from {clover.contract("person_records")}
        join {clover.contract("consents")} using (connection, record_kind, record_id)""",
    )
    clover.assert_same(
        f"""select {customer}, 'email', email from {clover.world("till_customers")}
        where email is not null
        union all
        select {customer}, 'phone', phone from {clover.world("till_customers")}
        where phone is not null
        union all
        select {ORDER}, 'customer_id', {customer} from {clover.world("till_orders")} as o
        where square_customer_id is not null and state <> 'DRAFT' and not is_return""",
        f"""select record_id, identifier_type, identifier_value
        from {clover.contract("person_identifiers")}
        where identifier_type <> 'customer_id' or record_kind = 'order'
            and record_id in (select source_order_id from {clover.contract("orders")})""",
    )


def test_products_prices_and_stock(clover: Built) -> None:
    item = served.clover_id("item", "product_no || '-' || o.shop_no")
    clover.assert_same(
        f"""select {item}, sku, barcode, category, p.retired_at is null, {MERCHANT},
            currency_code, till_price_minor
        from {clover.world("shops")} as o
        join {clover.world("product_prices")} using (currency_code)
        join {clover.world("products")} as p using (product_no)""",
        f"""select product_id, product_code, barcode, category, is_active, location_id,
            currency_code, price_minor
        from {clover.contract("products")}
        join {clover.contract("prices")} using (connection, product_id, product_code)""",
    )
    clover.assert_same(
        f"""select {item}, {MERCHANT}, date_trunc('millisecond', updated_at),
            on_hand::decimal(18, 5)
        from {clover.world("stock")} as o""",
        f"""select product_id, location_id, observed_at, on_hand_quantity
        from {clover.contract("inventory_levels")}""",
    )


def test_staff_and_devices_are_those_that_orders_name(clover: Built) -> None:
    clover.assert_same(
        f"""select {MERCHANT}, upper(replace(role, 'assistant', 'employee')), true
        from {clover.world("staff")} as o where left_at is null""",
        f"select location_id, role_name, is_active from {clover.contract('staff')}",
    )
    clover.assert_same(
        f"select {MERCHANT}, name, kind from {clover.world('till_devices')} as o",
        f"select location_id, device_name, device_kind from {clover.contract('devices')}",
    )
    clover.assert_same(
        f"""select {ORDER}, d.name, o.staff_no is not null
        from {clover.world("till_orders")} as o
        join {clover.world("till_devices")} as d using (device_no)
        where not is_return and state <> 'DRAFT'""",
        f"""select source_order_id, device_name, staff_id is not null
        from {clover.contract("orders")}
        join {clover.contract("devices")} using (connection, device_id)""",
    )

"""What Adobe Commerce serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import world
from tests.dbt_project.sources import built
from tests.dbt_project.sources.built import Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Of a world in which enough is sold on the web that some is cancelled and given back."""
    folder: Path = tmp_path_factory.mktemp("world")
    world.generate(folder, persons=1_500, days=10, seed=11, start=built.START)
    return built.build(tmp_path_factory.mktemp("home"), folder, ("adobe_commerce",))


def test_the_contracts_hold(shop: Built) -> None:
    shop.assert_contracts_hold()


def test_orders(shop: Built) -> None:
    shop.assert_same(
        f"""with lines as (
            select order_no,
                sum(unit_price_minor * quantity - discount_minor) filter (is_gift_card) as cards,
                sum(quantity) filter (not is_gift_card) as items
            from {shop.world("web_order_lines")} group by all)
        select order_no::varchar, order_name, date_trunc('second', created_at), o.currency_code,
            case when voided_at is not null then 'void'
                when cancelled_at is not null and ready_at is null and fulfilled_at is null
                    and (recipient_first_name is not null or is_bopis) then 'cancelled'
                else 'placed' end,
            if(is_bopis, 'pick_up', 'ship'), lower(if(is_bopis, store_code, null)),
            if(is_bopis, s.region_code,
                if(recipient_first_name is null and sold_shop_no is null, null, o.region_code)),
            discount_code, shipping_minor, coalesce(items, 0)::bigint,
            total_minor - removed_minor - coalesce(cards, 0)::bigint, coalesce(cards, 0)::bigint,
            shop_currency_code
        from {shop.world("web_orders")} as o join lines using (order_no)
        left join {shop.world("shops")} as s on s.shop_no = o.pickup_shop_no""",
        f"""select source_order_id, order_name, ordered_at, currency_code, order_status, fulfilment,
            pickup_location_id, region_code, coupon_code, shipping_minor, item_count, total_minor,
            gift_card_minor, book_currency_code
        from {shop.contract("orders")}""",
    )


def test_what_of_an_order_is_due_booked_and_added_up(shop: Built) -> None:
    """Nothing is left for fees: the world has none."""
    shop.assert_same(
        f"""select order_no::varchar, 0::bigint,
            if(financial_status in ('AUTHORIZED', 'PENDING'), total_minor, 0)::bigint
        from {shop.world("web_orders")} as o""",
        f"""select source_order_id, service_minor, due_minor from {shop.contract("orders")}
        where total_minor = goods_minor - discount_minor + shipping_minor + tax_minor""",
    )


def test_lines(shop: Built) -> None:
    """A variant and the product that it is one of are one line."""
    shop.assert_same(
        f"""select order_no::varchar, sku, quantity::decimal(18, 5), unit_price_minor * quantity,
            l.discount_minor, l.tax_minor, is_gift_card
        from {shop.world("web_order_lines")} as l join {shop.world("web_orders")} using (order_no)
        """,
        f"""select source_order_id, product_code, quantity, goods_minor, discount_minor, tax_minor,
            line_kind = 'gift_card'
        from {shop.contract("order_lines")}""",
    )


def test_refunds(shop: Built) -> None:
    shop.assert_same(
        f"""select refund_no::varchar, order_no::varchar, date_trunc('second', r.created_at),
            o.currency_code, amount_minor, shop_amount_minor
        from {shop.world("web_refunds")} as r join {shop.world("web_orders")} as o using (order_no)
        """,
        f"""select refund_id, source_order_id, refunded_at, currency_code, refunded_minor,
            book_refunded_minor
        from {shop.contract("refunds")} where refund_status = 'refunded'""",
    )


def test_payments(shop: Built) -> None:
    shop.assert_same(
        f"""select order_no::varchar, currency_code, total_minor - removed_minor
        from {shop.world("web_orders")}
        where financial_status in ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')""",
        f"""select source_order_id, currency_code, amount_minor
        from {shop.contract("payments")} where payment_status = 'paid'""",
    )


def test_customers_and_what_they_agreed_to(shop: Built) -> None:
    """Those that changed since the first day that was asked for."""
    known = f"(select record_id from {shop.contract('person_records')})"
    customers = shop.world("web_customers")
    assert not shop.rows(
        f"from {customers} where created_at >= '{built.START}'"
        f" and customer_no::varchar not in {known}"
    )
    shop.assert_same(
        f"""select customer_no::varchar,
            coalesce(email, 'account-' || customer_no || '@shops.example'),
            phone, first_name, last_name, street, city,
            if(email_marketing_state = 'SUBSCRIBED', 'granted', 'unknown')
        from {customers} where customer_no::varchar in {known}""",
        f"""select record_id, r.email, phone, first_name, last_name, street, city, consent_status
        from {shop.contract("person_records")} as r
        join {shop.contract("consents")} using (connection, record_id)""",
    )


def test_products_and_prices(shop: Built) -> None:
    """Of some the price is a special one, whose days are past for others."""
    shop.assert_same(
        f"""select sku, barcode, title, variant_title, category, retired_at is null, price_minor
        from {shop.world("products")}
        join (from {shop.world("product_prices")} where currency_code = 'EUR') using (product_no)
        """,
        f"""select product_code, barcode, product_name, variant_name, category, is_active,
            price_minor
        from {shop.contract("products")}
        join {shop.contract("prices")} using (connection, product_id, product_code)
        where currency_code = 'EUR'""",
    )
    reduced = f"from {shop.contract('prices')} where regular_price_minor = 2 * price_minor"
    assert shop.rows(f"select count(*) {reduced}") > [(0,)]


def test_stock(shop: Built) -> None:
    shop.assert_same(
        f"""select sku, lower(store_code), store_code, on_hand::decimal(18, 5)
        from {shop.world("stock")}
        join {shop.world("products")} using (product_no)
        join {shop.world("shops")} using (shop_no)""",
        f"""select product_code, location_id, store_code, on_hand_quantity
        from {shop.contract("inventory_levels")} as i
        join {shop.contract("locations")} using (connection, location_kind, location_id)""",
    )


def test_coupons(shop: Built) -> None:
    shop.assert_same(
        f"""select code, coupon_no::varchar, title, (percent / 100)::decimal(9, 6), usage_limit,
            ends_at
        from {shop.world("coupons")}
        join (select coupon_no, code from coupons where code is not null
            union all select coupon_no, code from {shop.world("coupon_codes")}) as codes
            using (coupon_no)
        """.replace("select code,", "select codes.code,"),
        f"""select coupon_code, discount_id, discount_name, discount_rate, usage_limit, ends_at
        from {shop.contract("coupons")}""",
    )

"""What Shopify serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.sources.built import START, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def shopify(retailer: Callable[[str], Built]) -> Built:
    return retailer("shopify")


def test_the_contracts_hold(shopify: Built) -> None:
    shopify.assert_contracts_hold()


def test_products(shopify: Built) -> None:
    shopify.assert_same(
        f"""select product_no::varchar, min(product_no) over one, sku, barcode, title,
            variant_title, category, count(*) over one > count(retired_at) over one,
            date_trunc('second', created_at)
        from {shopify.world("products")} window one as (partition by title)""",
        f"""select product_id, parent_product_id::bigint, product_code, barcode, product_name,
            variant_name, category, is_active, created_at
        from {shopify.contract("products")}""",
    )


def test_prices(shopify: Built) -> None:
    shopify.assert_same(
        f"""select product_no::varchar, currency_code, price_minor, null::bigint
        from {shopify.world("product_prices")}
        semi join (select * from {shopify.contract("products")} where is_active) as sold
            on sold.product_id = product_no::varchar
        where currency_code = 'EUR'""",
        f"""select product_id, currency_code, price_minor, regular_price_minor
        from {shopify.contract("prices")}""",
    )


def test_stock(shopify: Built) -> None:
    shopify.assert_same(
        f"""select product_no::varchar, sku, shopify_location_no::varchar, on_hand, on_hand, 0
        from {shopify.world("stock")} join {shopify.world("shops")} using (shop_no)
        join products using (product_no)""",
        f"""select product_id, product_code, location_id, on_hand_quantity, available_quantity,
            incoming_quantity
        from {shopify.contract("inventory_levels")}
        qualify row_number() over (
            partition by product_id, location_id order by observed_at desc) = 1""",
    )


def test_payments_are_what_the_orders_came_to(shopify: Built) -> None:
    shopify.assert_same(
        f"""select order_no::varchar, o.currency_code, total_minor - removed_minor,
            if(sold_shop_no is null, 'card', 'cash'), shopify_location_no::varchar
        from {shopify.world("web_orders")} as o
        left join {shopify.world("shops")} on shop_no = sold_shop_no
        where total_minor > 0 and financial_status not in ('AUTHORIZED', 'VOIDED', 'PENDING')""",
        f"""select source_order_id, currency_code, amount_minor, tender, location_id
        from {shopify.contract("payments")} where payment_status = 'paid'""",
    )
    shopify.assert_same(
        f"""select source_order_id, total_minor + gift_card_minor - due_minor
        from {shopify.contract("orders")} where order_status = 'placed' and total_minor > 0""",
        f"""select source_order_id, amount_minor + tip_minor
        from {shopify.contract("payments")} where payment_status = 'paid'
            and source_order_id in (select source_order_id
                from {shopify.contract("orders")} where order_status = 'placed')""",
    )


def test_gift_cards(shopify: Built) -> None:
    shopify.assert_same(
        f"""select gift_card_no::varchar, code_last4, currency_code, initial_minor, balance_minor,
            web_order_no::varchar, expires_on
        from {shopify.world("gift_cards")} where shop_no is null""",
        f"""select gift_card_id, last_characters, currency_code, initial_minor, balance_minor,
            source_order_id, expires_on
        from {shopify.contract("gift_cards")}""",
    )


def test_coupons(shopify: Built) -> None:
    shopify.assert_same(
        f"""select coupon_no::varchar, code, title, percent / 100, usage_limit
        from {shopify.world("coupons")} where code is not null
        union all
        select coupon_no::varchar, codes.code, title, percent / 100, usage_limit
        from {shopify.world("coupon_codes")} as codes
        join {shopify.world("coupons")} as c using (coupon_no)""",
        f"""select discount_id, coupon_code, discount_name, discount_rate, usage_limit
        from {shopify.contract("coupons")} where discount_kind = 'percent'
            and coupon_code is not null""",
    )


def test_consents(shopify: Built) -> None:
    said = "map {'SUBSCRIBED': 'granted', 'NOT_SUBSCRIBED': 'unknown', 'UNSUBSCRIBED': 'withdrawn'}"
    shopify.assert_same(
        f"""select customer_no::varchar, {said}[email_marketing_state]
        from {shopify.world("web_customers")}
        where email is not null and updated_at >= '{START}'""",
        f"""select record_id, consent_status from {shopify.contract("consents")}
        where purpose = 'email_marketing'""",
    )


def test_staff(shopify: Built) -> None:
    shopify.assert_same(
        f"select staff_no::varchar, left_at is null from {shopify.world('staff')}"
        " where role = 'manager'",
        f"select staff_id, is_active from {shopify.contract('staff')}",
    )


def test_pick_ups_and_deliveries_have_their_times(shopify: Built) -> None:
    """Those that became of an order; its first pick-up, which was called off, is another part."""
    shopify.assert_same(
        f"""select order_no::varchar, if(is_bopis, 'pick_up', 'ship'),
            if(is_bopis, shopify_location_no::varchar, null),
            case when coalesce(picked_up_at, delivered_at) is not null then 'handed_over'
                when fulfilled_at is not null then 'shipped'
                when cancelled_at is not null then 'cancelled'
                when ready_at is not null then 'ready' else 'open' end,
            date_trunc('second', promised_at), date_trunc('second', ready_at),
            date_trunc('second', fulfilled_at),
            date_trunc('second', coalesce(picked_up_at, delivered_at))
        from {shopify.world("web_orders")} left join {shopify.world("shops")}
            on shop_no = pickup_shop_no
        where sold_shop_no is null and (is_bopis or recipient_first_name is not null)""",
        f"""select source_order_id, fulfilment_kind, location_id, fulfilment_status, promised_at,
            ready_at, shipped_at, handed_over_at
        from {shopify.contract("fulfilments")} where fulfilment_id = source_order_id""",
    )

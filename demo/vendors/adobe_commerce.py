"""Adobe Commerce REST API V1 of one shop: orders with invoices and credit memos, catalogue, stock.

Lists are asked for by searchCriteria; a page past the end is the last one again. What is null is
left out. Requests are signed (OAuth 1.0a). A product with variants is a product of its own beside
them; on an order it is a line with the price, and the variant another one without. A customer's
newsletter state, and a product's price, change without their update time.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, with_new_field
from demo.vendors.core.sql import literal, without_nulls
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import (
    Call,
    Problem,
    Reply,
    parse_limit,
    parse_time,
    reply_json,
    rows_json,
)

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "adobe_commerce"
ROOT = "/rest/all/V1"
# Made up, and good for nothing but this simulator.
KEY, KEY_SECRET = "demo-commerce-key", "demo-commerce-key-secret"
TOKEN, TOKEN_SECRET = "demo-commerce-token", "demo-commerce-token-secret"
MOST_ROWS = 300
KEYS = "(SELECT unnest($keys))"
FIRST_PRODUCT, FIRST_PARENT, FIRST_CODE = 1_000, 500_000, 1_000_000
# The shop's own codes of regions, which are not those of ISO 3166-2.
REGIONS = {
    "DE-NI": "NDS", "DE-BW": "BAW", "DE-BY": "BAY", "DE-BE": "BER", "DE-BB": "BRG", "DE-HB": "BRE",
    "DE-HH": "HAM", "DE-HE": "HES", "DE-MV": "MEC", "DE-NW": "NRW", "DE-RP": "RHE", "DE-SL": "SAR",
    "DE-SN": "SAS", "DE-ST": "SAC", "DE-SH": "SCN", "DE-TH": "THE",
    "AT-9": "WI", "AT-3": "NO", "AT-4": "OO", "AT-5": "SB", "AT-2": "KN", "AT-6": "ST",
    "AT-7": "TI", "AT-1": "BL", "AT-8": "VB",
}  # fmt: skip
METHODS = ("adyen_cc", "paypal_express", "banktransfer", "stripe_payments", "checkmo")
STATUSES = {"new": "pending"}


def _time(column: str) -> str:
    return f"strftime({column}, '%Y-%m-%d %H:%M:%S')"


def _second(column: str) -> str:
    # Compared as it is shown: in whole seconds.
    return f"date_trunc('second', {column})"


def _case(of: str, cases: Mapping[str, str], otherwise: str) -> str:
    told = " ".join(f"WHEN {literal(one)} THEN {literal(other)}" for one, other in cases.items())
    return f"CASE {of} {told} ELSE {otherwise} END"


def _region(region: str) -> str:
    return _case(region, REGIONS, f"split_part({region}, '-', 2)")


def _number(minor: str, exponent: str) -> str:
    return f"(({minor})::DOUBLE / pow(10, {exponent}))"


def _both(name: str, minor: str, base_minor: str | None = None) -> str:
    """Two members: an amount in the order's currency, and in the base one at the order's rate."""
    base = base_minor or f"round(({minor}) / pow(10, o.exponent) * o.eur_per_unit * 100)"
    return f"'{name}': {_number(minor, 'o.exponent')}, 'base_{name}': {_number(base, '2')}"


ORDER_CURRENCIES = """
    'order_currency_code': o.currency_code,
    'base_currency_code': o.shop_currency_code,
    'global_currency_code': o.shop_currency_code,
    'store_currency_code': o.currency_code,
    'base_to_order_rate': 1 / o.eur_per_unit
"""


def _orders_with(view: View, condition: str) -> str:
    """CTEs: the orders that meet a condition, and their lines."""
    return f"""
    o AS (
        SELECT
            t.*, cur.exponent, cur.eur_per_unit,
            cur.store_id,
            t.recipient_first_name IS NULL AND NOT t.is_bopis AND t.sold_shop_no IS NULL
                AS is_virtual,
            coalesce(t.fulfilled_at, t.ready_at) IS NOT NULL OR t.sold_shop_no IS NOT NULL
                AS is_shipped,
            t.financial_status IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED') AS is_paid,
            t.total_minor - t.removed_minor AS charged_minor
        FROM {view.table("web_orders")} AS t
        JOIN (SELECT *, row_number() OVER (ORDER BY currency_code) AS store_id FROM currencies)
            AS cur USING (currency_code)
        WHERE {condition}
    ),
    lines AS (
        SELECT
            l.*,
            l.unit_price_minor * l.quantity AS row_minor,
            p.variant_title IS NOT NULL AS is_variant,
            o.edited_at IS NOT NULL AND l.line_no = max(l.line_no) OVER (PARTITION BY l.order_no)
                AS is_removed
        FROM web_order_lines AS l
        JOIN o USING (order_no)
        LEFT JOIN products AS p USING (product_no)
    ),
    -- What comes back: the whole order, or its first line.
    memos AS (
        SELECT r.*, r.amount_minor >= o.charged_minor AS is_whole
        FROM {view.table("web_refunds")} AS r JOIN o USING (order_no)
    ),
    back AS (
        SELECT DISTINCT r.refund_no, l.*
        FROM memos AS r JOIN lines AS l USING (order_no)
        WHERE NOT l.is_removed AND (r.is_whole OR l.line_no = 1)
    )"""


ITEM_ID = "(l.order_no * 1000 + l.line_no * 2)"
PRODUCT_ID = (
    f"CASE WHEN l.product_no > 0 THEN {FIRST_PRODUCT} + l.product_no ELSE {FIRST_PARENT - 1} END"
)


def _item(child: bool) -> str:
    """A line; of a variant the line below it, without a price."""
    held = "0" if child else "{}"

    def amount(name: str, minor: str) -> str:
        return _both(name, held.format(minor))

    kind = (
        "'simple'"
        if child
        else "CASE WHEN l.is_gift_card THEN 'giftcard' WHEN l.is_variant THEN 'configurable'"
        " ELSE 'simple' END"
    )
    parent = (
        f"""'parent_item_id': {ITEM_ID},
        'parent_item': {{'item_id': {ITEM_ID}, 'sku': l.sku, 'product_type': 'configurable'}},"""
        if child
        else ""
    )
    return without_nulls(f"""to_json({{
        'item_id': {ITEM_ID}{" + 1" if child else ""},
        {parent}
        'order_id': l.order_no,
        'product_id': {PRODUCT_ID},
        'product_type': {kind},
        'sku': l.sku,
        'name': l.title,
        'is_virtual': l.is_gift_card::INTEGER,
        'qty_ordered': l.quantity,
        'qty_invoiced': CASE WHEN o.is_paid AND NOT l.is_removed THEN l.quantity ELSE 0 END,
        'qty_shipped': CASE WHEN o.is_shipped AND NOT l.is_removed THEN l.quantity ELSE 0 END,
        'qty_canceled': CASE WHEN l.is_removed OR o.voided_at IS NOT NULL
            THEN l.quantity ELSE 0 END,
        'qty_refunded': CASE WHEN returned.line_no IS NOT NULL THEN l.quantity ELSE 0 END,
        {amount("price", "l.unit_price_minor")},
        {amount("original_price", "l.unit_price_minor")},
        {amount("row_total", "l.row_minor")},
        {amount("row_total_incl_tax", "l.row_minor + l.tax_minor")},
        {amount("discount_amount", "l.discount_minor")},
        {amount("tax_amount", "l.tax_minor")},
        {amount("discount_tax_compensation_amount", "0")}
    }})""")


def _orders_render(view: View, **_: Any) -> str:
    shipped_to = without_nulls(f"""to_json({{
        'address_type': 'shipping',
        'firstname': o.recipient_first_name,
        'lastname': o.recipient_last_name,
        'country_id': coalesce(s.country_code, o.country_code),
        'region_code': {_region("coalesce(s.region_code, o.region_code)")},
        'street': [coalesce(s.street, '-')],
        'city': coalesce(s.city, '-'),
        'postcode': coalesce(s.postal_code, '-'),
        'telephone': o.phone,
        'parent_id': o.order_no
    }})""")
    cancelled = "CASE WHEN o.voided_at IS NOT NULL THEN {} ELSE coalesce({}, 0) END"
    state = """CASE
        WHEN o.voided_at IS NOT NULL THEN 'canceled'
        WHEN o.financial_status = 'PENDING' THEN 'new'
        WHEN o.cancelled_at IS NOT NULL OR o.refunded_minor >= o.charged_minor THEN 'closed'
        WHEN o.is_paid AND (o.is_shipped OR o.is_virtual) THEN 'complete'
        ELSE 'processing' END"""
    row = without_nulls(f"""to_json({{
        'entity_id': o.order_no,
        'increment_id': o.order_name,
        'state': {state},
        'status': {_case(f"({state})", STATUSES, state)},
        'store_id': o.store_id,
        'created_at': {_time("o.created_at")},
        'updated_at': {_time("o.updated_at")},
        'is_virtual': o.is_virtual::INTEGER,
        'customer_id': o.customer_no,
        'customer_is_guest': (o.customer_no IS NULL)::INTEGER,
        'customer_email': o.email,
        'customer_firstname': o.buyer_first_name,
        'customer_lastname': o.buyer_last_name,
        'coupon_code': o.discount_code,
        {ORDER_CURRENCIES},
        {_both("subtotal", "o.subtotal_minor")},
        {_both("subtotal_incl_tax", "o.subtotal_minor + o.tax_minor")},
        {_both("discount_amount", "-o.discount_minor")},
        {_both("discount_tax_compensation_amount", "0")},
        {_both("shipping_amount", "o.shipping_minor")},
        {_both("shipping_discount_amount", "0")},
        {_both("tax_amount", "o.tax_minor")},
        {_both("grand_total", "o.total_minor", "o.shop_total_minor")},
        {_both("subtotal_canceled", cancelled.format("o.subtotal_minor", "gone.row_minor"))},
        {_both("discount_canceled", cancelled.format("o.discount_minor", "gone.discount_minor"))},
        {_both("shipping_canceled", cancelled.format("o.shipping_minor", "0"))},
        {_both("tax_canceled", cancelled.format("o.tax_minor", "gone.tax_minor"))},
        {
        _both(
            "total_canceled",
            cancelled.format("o.total_minor", "o.removed_minor"),
            cancelled.format("o.shop_total_minor", "o.shop_removed_minor"),
        )
    },
        {_both("total_paid", "CASE WHEN o.is_paid THEN o.charged_minor ELSE 0 END")},
        {_both("total_due", "o.total_minor - CASE WHEN o.is_paid THEN o.charged_minor ELSE 0 END")},
        {_both("total_refunded", "o.refunded_minor")},
        'total_qty_ordered': items.quantity,
        'items': items.listed,
        'billing_address': CASE WHEN o.buyer_last_name IS NOT NULL THEN {{
            'address_type': 'billing',
            'firstname': o.buyer_first_name,
            'lastname': o.buyer_last_name,
            'country_id': o.country_code,
            'region_code': {_region("o.region_code")},
            'street': ['-'],
            'city': '-',
            'postcode': '-',
            'telephone': CASE WHEN o.is_virtual THEN o.phone END,
            'email': o.email,
            'parent_id': o.order_no
        }} END,
        'payment': {{
            'method': {list(METHODS)}[1 + o.order_no % {len(METHODS)}],
            'account_status': '',
            'cc_last4': '',
            'additional_information': ['Paid online'],
            {_both("amount_ordered", "o.total_minor", "o.shop_total_minor")}
        }},
        'status_histories': [],
        'extension_attributes': {{
            'shipping_assignments': list_filter([{{
                'shipping': {{
                    'address': {shipped_to},
                    'method': CASE WHEN o.is_bopis THEN 'instore_pickup'
                        WHEN o.shipping_minor = 0 THEN 'freeshipping_freeshipping'
                        ELSE 'flatrate_flatrate' END
                }},
                'items': []
            }}], lambda each: NOT o.is_virtual),
            'payment_additional_info': [{{'key': 'method_title', 'value': 'Paid online'}}],
            'pickup_location_code': lower(s.store_code),
            'coupon_codes': list_filter([o.discount_code], lambda code: code IS NOT NULL),
            'ga_client_id': o.ga_client_id
        }}
    }})""")
    return f"""
    WITH {_orders_with(view, f"t.order_no IN {KEYS}")},
    items AS (
        SELECT
            l.order_no,
            sum(l.quantity)::BIGINT AS quantity,
            flatten(list(
                list_filter([{_item(False)}, CASE WHEN l.is_variant THEN {_item(True)} END],
                    lambda item: item IS NOT NULL)
                ORDER BY l.line_no
            )) AS listed
        FROM lines AS l
        JOIN o USING (order_no)
        LEFT JOIN (SELECT DISTINCT order_no, line_no FROM back) AS returned
            ON returned.order_no = l.order_no AND returned.line_no = l.line_no
        GROUP BY l.order_no
    )
    SELECT o.order_no, {row}::VARCHAR
    FROM o
    JOIN items USING (order_no)
    LEFT JOIN lines AS gone ON gone.order_no = o.order_no AND gone.is_removed
    LEFT JOIN shops AS s ON o.is_bopis AND s.shop_no = o.pickup_shop_no"""


def _invoices(view: View) -> str:
    return f"""(
        SELECT order_no AS key, coalesce(edited_at, created_at) AS updated_at
        FROM {view.table("web_orders")}
        WHERE financial_status IN ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED')
    )"""


def _invoices_render(view: View, **_: Any) -> str:
    row = without_nulls(f"""to_json({{
        'entity_id': o.order_no,
        'increment_id': 'I' || o.order_no,
        'order_id': o.order_no,
        'store_id': o.store_id,
        'state': 2,
        'created_at': {_time("coalesce(o.edited_at, o.created_at)")},
        'updated_at': {_time("coalesce(o.edited_at, o.created_at)")},
        {ORDER_CURRENCIES},
        {_both("shipping_amount", "o.shipping_minor")},
        {_both("grand_total", "o.charged_minor", "o.shop_total_minor - o.shop_removed_minor")},
        'total_qty': items.quantity,
        'items': items.listed,
        'comments': []
    }})""")
    return f"""
    WITH {_orders_with(view, f"t.order_no IN {KEYS}")},
    items AS (
        SELECT order_no, sum(quantity)::BIGINT AS quantity, list({{
            'entity_id': {ITEM_ID}, 'order_item_id': {ITEM_ID}, 'qty': quantity, 'sku': sku,
            'name': title
        }} ORDER BY line_no) AS listed
        FROM lines AS l WHERE NOT is_removed GROUP BY order_no
    )
    SELECT o.order_no, {row}::VARCHAR FROM o JOIN items USING (order_no)"""


def _creditmemos(view: View) -> str:
    return f"""(
        SELECT refund_no AS key, created_at AS updated_at FROM {view.table("web_refunds")}
    )"""


def _creditmemos_render(view: View, **_: Any) -> str:
    shipping = "CASE WHEN r.is_whole THEN o.shipping_minor ELSE 0 END"
    told = f"(items.row_minor - items.discount_minor + items.tax_minor + {shipping})"
    row = without_nulls(f"""to_json({{
        'entity_id': r.refund_no,
        'increment_id': 'C' || r.refund_no,
        'order_id': o.order_no,
        'store_id': o.store_id,
        'state': 2,
        'created_at': {_time("r.created_at")},
        'updated_at': {_time("r.created_at")},
        {ORDER_CURRENCIES},
        {_both("subtotal", "items.row_minor")},
        {_both("discount_amount", "-items.discount_minor")},
        {_both("discount_tax_compensation_amount", "0")},
        {_both("shipping_amount", shipping)},
        {_both("tax_amount", "items.tax_minor")},
        {_both("adjustment_positive", f"greatest(r.amount_minor - {told}, 0)")},
        {_both("adjustment_negative", f"greatest({told} - r.amount_minor, 0)")},
        {_both("adjustment", f"r.amount_minor - {told}")},
        {_both("grand_total", "r.amount_minor", "r.shop_amount_minor")},
        'items': items.listed,
        'comments': []
    }})""")
    return f"""
    WITH {
        _orders_with(
            view,
            f'''t.order_no IN (
                SELECT order_no FROM {view.table("web_refunds")} WHERE refund_no IN {KEYS}
            )''',
        )
    },
    items AS (
        SELECT
            l.refund_no,
            sum(l.row_minor)::BIGINT AS row_minor,
            sum(l.discount_minor)::BIGINT AS discount_minor,
            sum(l.tax_minor)::BIGINT AS tax_minor,
            list({{
                'entity_id': l.refund_no * 100 + l.line_no,
                'order_item_id': {ITEM_ID},
                'qty': l.quantity,
                'sku': l.sku,
                'name': l.title,
                'base_cost': 0,
                {_both("price", "l.unit_price_minor")},
                {_both("row_total", "l.row_minor")},
                {_both("discount_amount", "l.discount_minor")},
                {_both("tax_amount", "l.tax_minor")}
            }} ORDER BY l.line_no) AS listed
        FROM back AS l JOIN o USING (order_no)
        GROUP BY l.refund_no
    )
    SELECT r.refund_no, {row}::VARCHAR
    FROM memos AS r JOIN o USING (order_no) JOIN items USING (refund_no)
    WHERE r.refund_no IN {KEYS}"""


# Customers -------------------------------------------------------------------------------------


def _customers(view: View) -> str:
    """Who unsubscribes changes the list of subscribers, and not the customer. No account is without
    an address: the shops' own have one that nobody reads."""
    return f"""(
        SELECT t.* EXCLUDE (updated_at) REPLACE (
            coalesce(t.email, 'account-' || t.customer_no || '@shops.example') AS email
        ), t.customer_no AS key, greatest(
            t.created_at,
            CASE WHEN made.email_changed_at <= {literal(view.now)} THEN made.email_changed_at END
        ) AS updated_at
        FROM {view.table("web_customers")} AS t
        JOIN web_customers AS made USING (customer_no)
    )"""


def _customers_render(view: View, **_: Any) -> str:
    row = without_nulls(f"""to_json({{
        'id': customer_no,
        'group_id': 1,
        'website_id': 1,
        'store_id': 1,
        'created_at': {_time("created_at")},
        'updated_at': {_time("updated_at")},
        'email': email,
        'firstname': first_name,
        'lastname': last_name,
        'addresses': CASE WHEN coalesce(street, phone, city) IS NOT NULL THEN [{
        without_nulls('''to_json({
            'id': customer_no,
            'customer_id': customer_no,
            'country_id': country_code,
            'street': list_filter([street], lambda line: line IS NOT NULL),
            'telephone': phone,
            'postcode': postal_code,
            'city': city,
            'firstname': first_name,
            'lastname': last_name,
            'default_billing': true,
            'default_shipping': true
        })''')
    }] ELSE [] END,
        'extension_attributes': {{'is_subscribed': email_marketing_state = 'SUBSCRIBED'}}
    }})""")
    return f"SELECT key, {row}::VARCHAR FROM {_customers(view)} WHERE key IN {KEYS}"


# Products, stock -------------------------------------------------------------------------------

CATEGORIES = (
    "(SELECT category, 2 + row_number() OVER (ORDER BY category) AS category_id"
    " FROM (SELECT DISTINCT category FROM products))"
)


def _products(view: View) -> str:
    """What is sold, and what some of it are variants of. A mass action changed the prices."""
    return f"""(
        SELECT
            p.product_no + {FIRST_PRODUCT} AS key, p.sku, p.barcode, p.category,
            concat_ws('-', p.title, p.variant_title) AS name, 'simple' AS type_id,
            p.retired_at IS NOT NULL AS is_off, p.created_at,
            -- Not all of them at once: whoever reads from the newest time on would read them all.
            p.updated_at + to_seconds(p.product_no * 60) AS updated_at,
            prices.price_minor, NULL::BIGINT[] AS variants
        FROM {view.table("products")} AS p
        JOIN (
            SELECT product_no, arg_max(price_minor, updated_at) AS price_minor
            FROM {view.table("product_prices")} WHERE currency_code = 'EUR' GROUP BY product_no
        ) AS prices USING (product_no)
        UNION ALL BY NAME
        SELECT
            min(product_no) + {FIRST_PARENT} AS key, 'ALL-' || min(sku) AS sku,
            any_value(category) AS category, title AS name, 'configurable' AS type_id,
            false AS is_off, min(created_at) AS created_at,
            max(created_at) + to_seconds(min(product_no) * 60 + 30) AS updated_at,
            list(product_no + {FIRST_PRODUCT} ORDER BY product_no) AS variants
        FROM {view.table("products")} WHERE variant_title IS NOT NULL GROUP BY title
    )"""


def _products_render(view: View, **_: Any) -> str:
    """Of some the price is a special one, of others it was."""
    reduced = "p.key % 5 = 0 AND p.type_id = 'simple'"
    past = f"p.key % 7 = 0 AND p.type_id = 'simple' AND NOT {reduced}"
    listed = f"CASE WHEN {reduced} THEN p.price_minor * 2 ELSE coalesce(p.price_minor, 0) END"

    def attribute(code: str, value: str, condition: str = "true") -> str:
        return (
            f"CASE WHEN {condition} THEN"
            f" to_json({{'attribute_code': '{code}', 'value': {value}}}) END"
        )

    special = "printf('%.6f', p.price_minor / 100)"
    attributes = [
        attribute("special_price", special, f"{reduced} OR {past}"),
        attribute("special_from_date", "'2026-01-01 00:00:00'", f"{reduced} OR {past}"),
        attribute("special_to_date", "'2026-01-31 00:00:00'", past),
        attribute("gtin", "p.barcode", "p.barcode IS NOT NULL"),
        attribute("category_ids", "[categories.category_id::VARCHAR]"),
    ]
    row = without_nulls(f"""to_json({{
        'id': p.key,
        'sku': p.sku,
        'name': p.name,
        'attribute_set_id': 4,
        'price': ({listed}) / 100,
        'status': CASE WHEN p.is_off THEN 2 ELSE 1 END,
        'visibility': CASE WHEN p.type_id = 'simple' THEN 1 ELSE 4 END,
        'type_id': p.type_id,
        'created_at': {_time("p.created_at")},
        'updated_at': {_time("p.updated_at")},
        'extension_attributes': {{
            'website_ids': [1],
            'category_links': [{{
                'position': 0, 'category_id': categories.category_id::VARCHAR
            }}],
            'configurable_product_links': p.variants
        }},
        'product_links': [],
        'options': [],
        'media_gallery_entries': [],
        'tier_prices': [],
        'custom_attributes': list_filter([{", ".join(attributes)}],
            lambda each: each IS NOT NULL)
    }})""")
    return f"""
    SELECT p.key, {row}::VARCHAR
    FROM {_products(view)} AS p JOIN {CATEGORIES} AS categories USING (category)
    WHERE p.key IN {KEYS}"""


def _categories(view: View) -> str:
    return f"(SELECT category_id AS key, category FROM {CATEGORIES})"


def _categories_render(view: View, **_: Any) -> str:
    return f"""
    SELECT key, to_json({{
        'id': key, 'parent_id': 2, 'name': category, 'is_active': true, 'position': key,
        'level': 2, 'path': '1/2/' || key
    }})::VARCHAR FROM {_categories(view)} WHERE key IN {KEYS}"""


def _sources(view: View) -> str:
    return f"(SELECT *, lower(store_code) AS key FROM {view.table('shops')})"


def _sources_render(view: View, **_: Any) -> str:
    return f"""
    SELECT key, to_json({{
        'source_code': key,
        'name': CASE WHEN contains(name, store_code) THEN name ELSE name || ' ' || store_code END,
        'enabled': true,
        'latitude': latitude,
        'longitude': longitude,
        'country_id': country_code,
        'region': {_region("region_code")},
        'city': city,
        'street': street,
        'postcode': postal_code,
        'use_default_carrier_config': true,
        'carrier_links': [],
        'extension_attributes': {{'is_pickup_location_active': true, 'frontend_name': name}}
    }})::VARCHAR FROM {_sources(view)} WHERE key IN {KEYS}"""


def _source_items(view: View) -> str:
    return f"""(
        SELECT stock.product_no * 1000 + stock.shop_no AS key, p.sku, lower(s.store_code) AS place,
            stock.on_hand
        FROM {view.table("stock")} AS stock
        JOIN products AS p USING (product_no)
        JOIN shops AS s ON s.shop_no = stock.shop_no
    )"""


def _source_items_render(view: View, **_: Any) -> str:
    return f"""
    SELECT key, to_json({{
        'sku': sku, 'source_code': place, 'quantity': on_hand, 'status': (on_hand > 0)::INTEGER
    }})::VARCHAR FROM {_source_items(view)} WHERE key IN {KEYS}"""


# Coupons ---------------------------------------------------------------------------------------


def _sales_rules(view: View) -> str:
    return f"(SELECT *, coupon_no AS key FROM {view.table('coupons')})"


def _sales_rules_render(view: View, **_: Any) -> str:
    row = without_nulls("""to_json({
        'rule_id': key, 'name': title, 'website_ids': [1], 'customer_group_ids': [0, 1],
        'from_date': strftime(starts_at, '%Y-%m-%d'), 'to_date': strftime(ends_at, '%Y-%m-%d'),
        'uses_per_customer': 0, 'is_active': true, 'stop_rules_processing': false,
        'is_advanced': true, 'sort_order': 0, 'simple_action': 'by_percent',
        'discount_amount': percent, 'discount_step': 0, 'apply_to_shipping': false,
        'times_used': used_count, 'is_rss': false, 'coupon_type': 'SPECIFIC_COUPON',
        'use_auto_generation': code IS NULL, 'uses_per_coupon': coalesce(usage_limit, 0)
    })""")
    return f"SELECT key, {row}::VARCHAR FROM {_sales_rules(view)} WHERE key IN {KEYS}"


def _coupons(view: View) -> str:
    """The codes for everybody, and each customer's own, numbered as they were issued."""
    return f"""(
        SELECT c.coupon_no::BIGINT AS key, c.coupon_no, c.code, c.starts_at AS created_at,
            c.ends_at, c.usage_limit, true AS is_primary
        FROM {view.table("coupons")} AS c WHERE c.code IS NOT NULL
        UNION ALL BY NAME
        SELECT {FIRST_CODE} + row_number() OVER (ORDER BY own.issued_at, own.code) AS key,
            own.coupon_no, own.code, own.issued_at AS created_at, c.ends_at, c.usage_limit,
            false AS is_primary
        FROM {view.table("coupon_codes")} AS own JOIN coupons AS c USING (coupon_no)
    )"""


def _coupons_render(view: View, **_: Any) -> str:
    row = without_nulls(f"""to_json({{
        'coupon_id': key, 'rule_id': coupon_no, 'code': code, 'usage_limit': usage_limit,
        'usage_per_customer': 0, 'times_used': coalesce(used.times, 0),
        'expiration_date': {_time("ends_at")}, 'is_primary': is_primary,
        'created_at': {_time("c.created_at")}, 'type': (NOT is_primary)::INTEGER
    }})""")
    return f"""
    SELECT key, {row}::VARCHAR
    FROM {_coupons(view)} AS c
    LEFT JOIN (
        SELECT discount_code AS code, count(*) AS times FROM {view.table("web_orders")} GROUP BY 1
    ) AS used USING (code)
    WHERE key IN {KEYS}"""


# Lists -----------------------------------------------------------------------------------------


def _web_orders(view: View) -> str:
    return f"(SELECT order_no AS key, updated_at FROM {view.table('web_orders')})"


@dataclass(frozen=True)
class Listed:
    """A list: who may read it, the column that is its key, and what is searched and rendered."""

    resource: str
    column: str
    relation: Callable[[View], str]
    render: Callable[..., str]
    key: str = ""  # what a row calls that column
    has_time: bool = False

    def index(self, view: View, where: str, order: str) -> str:
        return f"SELECT key FROM {self.relation(view)} AS t WHERE {where} ORDER BY {order}"

    @property
    def stream(self) -> Stream:
        return Stream(f"{NAME}.{self.column}.{self.render.__name__}", self.index, self.render)


LISTS = {
    "/orders": Listed(
        "Magento_Sales::actions_view", "entity_id", _web_orders, _orders_render, has_time=True
    ),
    "/invoices": Listed(
        "Magento_Sales::sales_invoice", "entity_id", _invoices, _invoices_render, has_time=True
    ),
    "/creditmemos": Listed(
        "Magento_Sales::sales_creditmemo",
        "entity_id",
        _creditmemos,
        _creditmemos_render,
        has_time=True,
    ),
    "/customers/search": Listed(
        "Magento_Customer::customer",
        "entity_id",
        _customers,
        _customers_render,
        "id",
        has_time=True,
    ),
    "/products": Listed(
        "Magento_Catalog::products", "entity_id", _products, _products_render, "id", has_time=True
    ),
    "/categories/list": Listed(
        "Magento_Catalog::categories", "entity_id", _categories, _categories_render, "id"
    ),
    "/inventory/sources": Listed(
        "Magento_InventoryApi::source", "source_code", _sources, _sources_render
    ),
    "/inventory/source-items": Listed(
        "Magento_InventoryApi::source", "source_item_id", _source_items, _source_items_render
    ),
    "/salesRules/search": Listed(
        "Magento_SalesRule::quote", "rule_id", _sales_rules, _sales_rules_render
    ),
    "/coupons/search": Listed("Magento_SalesRule::quote", "coupon_id", _coupons, _coupons_render),
}
CONDITIONS = {"eq": "=", "gteq": ">=", "lteq": "<=", "gt": ">", "lt": "<"}
PLACE = "searchCriteria[filterGroups]"


def _column(listed: Listed, name: str) -> str:
    if name == listed.column:
        return "t.key"
    if name == "updated_at" and listed.has_time:
        return _second("t.updated_at")
    raise Problem("invalid_request", f"This server cannot search or sort by {name!r}.")


def _value(name: str, text: str) -> str:
    if name == "updated_at":
        return literal(parse_time(text, name))
    return text if text.isdigit() else literal(text)


def _where(listed: Listed, query: Mapping[str, str]) -> str:
    """One filter of each group is understood."""
    terms = ["true"]
    for name in query:
        if not (
            found := re.fullmatch(re.escape(PLACE) + r"\[(\d+)\]\[filters\]\[0\]\[field\]", name)
        ):
            continue
        place = f"{PLACE}[{found[1]}][filters][0]"
        column, value = query[name], query.get(f"{place}[value]", "")
        condition = query.get(f"{place}[conditionType]", "eq")
        if condition == "in":
            values = ", ".join(_value(column, each) for each in value.split(","))
            terms.append(f"{_column(listed, column)} IN ({values})")
        elif condition in CONDITIONS:
            test = CONDITIONS[condition]
            terms.append(f"{_column(listed, column)} {test} {_value(column, value)}")
        else:
            raise Problem("invalid_request", f"This server does not know the test {condition!r}.")
    return " AND ".join(terms)


def _order(listed: Listed, query: Mapping[str, str]) -> str:
    terms: list[str] = []
    while name := query.get(f"searchCriteria[sortOrders][{len(terms)}][field]"):
        given = query.get(f"searchCriteria[sortOrders][{len(terms)}][direction]", "DESC")
        terms.append(f"{_column(listed, name)} {'ASC' if given == 'ASC' else 'DESC'}")
    return ", ".join(terms or ["t.key"])


def _listing(listed: Listed) -> Callable[[Simulation, Call], Reply]:
    stream = listed.stream

    def endpoint(sim: Simulation, call: Call) -> Reply:
        _authorise(sim, call, listed.resource)
        query = call.query
        size = parse_limit(query.get("searchCriteria[pageSize]"), "pageSize", 20, 10_000)
        if size > MOST_ROWS:
            raise Problem("invalid_request", "Maximum SearchCriteria pageSize is %max", code="max")
        number = parse_limit(query.get("searchCriteria[currentPage]"), "currentPage", 1, 10**9)
        filters = {"where": _where(listed, query), "order": _order(listed, query)}
        rows = sim.listing(stream, filters)
        number = min(number, max(1, -(-len(rows) // size)))  # past the end: the last one
        # Who goes by page numbers would lose what stands before the page, so nothing moves.
        whims = replace(call.whims, duplicate_row=False)
        page = cut_page(rows, (number - 1) * size, size, whims)
        found = with_new_field(page.rows, call.whims, "gateway_preview")
        if fields := re.fullmatch(r"items\[(\w+)\],total_count", query.get("fields", "")):
            found = [json.dumps({fields[1]: json.loads(row)[fields[1]]}) for row in found]
            return Reply(f'{{"items":{rows_json(found)},"total_count":{page.total}}}')
        criteria = {"filter_groups": [], "page_size": size, "current_page": number}
        return Reply(
            f'{{"items":{rows_json(found)},"search_criteria":{json.dumps(criteria)},'
            f'"total_count":{page.total}}}'
        )

    return endpoint


def store_configs(sim: Simulation, call: Call) -> Reply:
    """A store view for each currency, all of one website with one base currency."""
    _authorise(sim, call, "Magento_Backend::store")
    found = sim.query("SELECT currency_code FROM currencies ORDER BY 1")
    urls = {
        f"{secure}base_{kind}url": "https://shop.example/"
        for secure in ("", "secure_")
        for kind in ("", "link_", "static_", "media_")
    }
    return reply_json(
        [
            {
                "id": number,
                "code": currency.lower(),
                "website_id": 1,
                "locale": "en_US",
                "base_currency_code": "EUR",
                "default_display_currency_code": currency,
                "timezone": "Europe/Berlin",
                "weight_unit": "kgs",
                **urls,
            }
            for number, (currency,) in enumerate(found, 1)
        ]
    )


# Who asks --------------------------------------------------------------------------------------


def _authorise(sim: Simulation, call: Call, resource: str) -> None:
    """The signature over method, address and parameters (RFC 5849)."""
    told = dict(re.findall(r'(\w+)="([^"]*)"', call.headers.get("authorization", "")))
    signature = unquote(told.pop("oauth_signature", ""))
    told = {name: unquote(value) for name, value in told.items() if name != "realm"}
    sent = sorted((quote(n, ""), quote(v, "")) for n, v in {**call.query, **told}.items())
    parts = (
        call.method,
        f"http://{call.headers.get('host', '')}{call.path}",
        "&".join(f"{name}={value}" for name, value in sent),
    )
    text = "&".join(quote(part, "") for part in parts)
    expected = hmac.new(f"{KEY_SECRET}&{TOKEN_SECRET}".encode(), text.encode(), hashlib.sha256)
    known = told.get("oauth_consumer_key") == KEY and told.get("oauth_token") == TOKEN
    if not known or signature != base64.b64encode(expected.digest()).decode():
        raise Problem("unauthenticated", "The signature is invalid. Verify and try again.")
    sim.need(resource)


STATUS = {"unauthenticated": 401, "rate_limited": 429, "forbidden": 401, "not_found": 404}


def refuse(problem: Problem) -> Reply:
    status = STATUS.get(problem.kind, 400)
    said: dict[str, Any] = {"message": problem.message}
    if problem.kind == "server_error":
        status = problem.status
        said = {"message": "Internal Error. Details are available in Magento log file."}
    if problem.kind == "forbidden":
        resource = problem.message.rpartition(" ")[2].removesuffix(".")
        said = {
            "message": "The consumer isn't authorized to access %resources.",
            "parameters": {"resources": resource},
        }
    if problem.code == "max":
        said["parameters"] = {"max": MOST_ROWS}
    headers = problem.headers()
    return reply_json(said, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {
        "login": KEY,
        "password": TOKEN,
        "extra": {"consumer_secret": KEY_SECRET, "access_token_secret": TOKEN_SECRET},
    }


VENDOR = Vendor(
    NAME,
    (
        ("GET", f"{ROOT}/store/storeConfigs", store_configs),
        *(("GET", f"{ROOT}{path}", _listing(listed)) for path, listed in LISTS.items()),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={
        "customer": Record("web_customer"),
        "order": Record("web_order"),
    },
)

"""Square REST API 2026-09-16: orders, payments, refunds, customers, loyalty, bookings, locations,
catalogue, stock, gift cards, staff, Terminals.

Lists are ordered by the field they are filtered on, an absent field is left out of the object, a
cursor belongs to one query. A till that was offline shows its orders up to 72 hours late: they
appear with their old created_at and a new updated_at. A return is an order of its own.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Page, Stream, with_new_field
from demo.vendors.core.sql import iso_ms, literal, without_nulls
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

NAME = "square"
# Made up, and good for nothing but this simulator.
CLIENT_ID = "demo-square-client"
CLIENT_SECRET = "demo-square-secret"  # noqa: S105
REFRESH_TOKEN = "demo-square-refresh"  # noqa: S105
MERCHANT = "MLO2ORETAIL01"
MOST_LOCATIONS = 10
MOST_BOOKING_DAYS = 31
TOKEN_SECONDS = 30 * 24 * 3600

KEYS = "(SELECT unnest($keys))"


def _money(minor: str, currency: str) -> str:
    return f"{{'amount': ({minor})::BIGINT, 'currency': {currency}}}"


def _updated(column: str = "updated_at") -> str:
    # Compared as it is shown: in milliseconds.
    return f"date_trunc('millisecond', {column})"


def _window(view: View, table: str, key: str, since: Any, until: Any, extra: str = "") -> str:
    # Both ends included: a client must expect to see the edge twice.
    conditions = [extra] if extra else []
    if since is not None:
        conditions.append(f"{_updated()} >= {literal(since)}")
    if until is not None:
        conditions.append(f"{_updated()} <= {literal(until)}")
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {key} FROM {view.table(table)} AS t {where}"


# Locations -------------------------------------------------------------------------------------


def _locations_index(view: View) -> str:
    return f"SELECT square_location_id FROM {view.table('square_shops')} ORDER BY 1"


def _clock(minute: str) -> str:
    return f"printf('%02d:%02d:00', {minute} // 60, {minute} % 60)"


def _locations_render(view: View) -> str:
    return f"""
    SELECT square_location_id, to_json({{
        'id': square_location_id,
        'name': CASE WHEN contains(name, store_code) THEN name ELSE name || ' ' || store_code END,
        'address': {{
            'address_line_1': street, 'locality': city,
            'administrative_district_level_1': region_code, 'postal_code': postal_code,
            'country': country_code
        }},
        'timezone': time_zone,
        'capabilities': ['CREDIT_CARD_PROCESSING'],
        'status': 'ACTIVE',
        'created_at': '2024-01-15T09:00:00.000Z',
        'merchant_id': '{MERCHANT}',
        'country': country_code,
        'language_code': CASE country_code
            WHEN 'DE' THEN 'de-DE' WHEN 'FR' THEN 'fr-FR' WHEN 'JP' THEN 'ja-JP'
            WHEN 'GB' THEN 'en-GB' ELSE 'en-US' END,
        'currency': currency_code,
        'business_name': 'O2O Retail',
        'type': 'PHYSICAL',
        'business_hours': {{'periods': list_transform(
            list_filter(
                ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'],
                lambda day: is_open_sunday OR day <> 'SUN'
            ),
            lambda day: {{
                'day_of_week': day,
                'start_local_time': {_clock("open_minute")},
                'end_local_time': {_clock("close_minute")}
            }}
        )}},
        'coordinates': {{'latitude': latitude, 'longitude': longitude}}
    }})::VARCHAR
    FROM {view.table("square_shops")} WHERE square_location_id IN {KEYS}"""


# Orders ----------------------------------------------------------------------------------------


def _orders_index(
    view: View, locations: tuple[str, ...], field: str, since: Any, until: Any, descending: bool
) -> str:
    column = f"date_trunc('millisecond', t.{field})"
    conditions = [f"s.square_location_id IN ({', '.join(literal(item) for item in locations)})"]
    if since is not None:
        conditions.append(f"{column} >= {literal(since)}")
    if until is not None:
        conditions.append(f"{column} <= {literal(until)}")
    direction = "DESC" if descending else "ASC"
    return f"""
    SELECT t.order_id
    FROM {view.table("till_orders")} AS t JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE {" AND ".join(conditions)}
    ORDER BY {column} {direction}, t.order_id {direction}"""


def _orders_render(view: View, **_: Any) -> str:
    def money(minor: str) -> str:
        return _money(minor, "o.currency_code")

    gross = "l.unit_price_minor * l.quantity"
    line_total = f"{gross} - l.discount_minor + l.tax_minor"

    def amounts(sign: str = "") -> str:
        return f"""{{
            'total_money': {money(sign + "o.total_minor")},
            'tax_money': {money(sign + "o.tax_minor")},
            'discount_money': {money(sign + "o.discount_minor")},
            'tip_money': {money(sign + "o.tip_minor")},
            'service_charge_money': {money("0")}
        }}"""

    # Of a return without a receipt neither sale nor line is told.
    returned = without_nulls(f"""to_json({{
        'uid': l.order_id || '-' || l.line_no,
        'source_line_item_uid': o.return_of_order_id || '-' || l.line_no,
        'catalog_object_id': 'CAT' || l.product_no,
        'quantity': l.quantity::VARCHAR,
        'name': l.title,
        'variation_name': 'Regular',
        'item_type': CASE WHEN l.is_gift_card THEN 'GIFT_CARD' ELSE 'ITEM' END,
        'base_price_money': {money("l.unit_price_minor")},
        'gross_return_money': {money(gross)},
        'total_tax_money': {money("l.tax_minor")},
        'total_discount_money': {money("l.discount_minor")},
        'total_money': {money(line_total)}
    }})""")
    handed_back = without_nulls(f"""to_json({{
        'uid': o.order_id || '-return',
        'source_order_id': o.return_of_order_id,
        'return_line_items': lines.returned,
        'return_amounts': {amounts()}
    }})""")

    return f"""
    WITH o AS (
        SELECT t.*, s.square_location_id
        FROM {view.table("till_orders")} AS t
        JOIN {view.table("square_shops")} AS s USING (shop_no)
        WHERE t.order_id IN {KEYS}
    ),
    lines AS (
        SELECT
            l.order_id,
            list({{
                'uid': l.order_id || '-' || l.line_no,
                'catalog_object_id': 'CAT' || l.product_no,
                'quantity': l.quantity::VARCHAR,
                'name': l.title,
                'variation_name': 'Regular',
                'item_type': CASE WHEN l.is_gift_card THEN 'GIFT_CARD' ELSE 'ITEM' END,
                'metadata': {{'sku': l.sku}},
                'base_price_money': {money("l.unit_price_minor")},
                'gross_sales_money': {money(gross)},
                'total_tax_money': {money("l.tax_minor")},
                'total_discount_money': {money("l.discount_minor")},
                'total_service_charge_money': {money("0")},
                'total_money': {money(line_total)}
            }} ORDER BY l.line_no) AS sold,
            list({returned} ORDER BY l.line_no) AS returned
        FROM {view.table("till_order_lines")} AS l JOIN o USING (order_id)
        GROUP BY l.order_id
    ),
    tenders AS (
        SELECT p.order_id, list({{
            'id': p.payment_id,
            'location_id': o.square_location_id,
            'transaction_id': p.order_id,
            'created_at': {iso_ms("p.created_at")},
            'amount_money': {money("p.amount_minor + p.tip_minor")},
            'tip_money': {money("p.tip_minor")},
            'type': CASE p.card_brand WHEN 'SQUARE_GIFT_CARD' THEN p.card_brand
                ELSE p.source_type END,
            'payment_id': p.payment_id
        }} ORDER BY p.payment_id) AS items
        FROM {view.table("payments")} AS p JOIN o USING (order_id)
        GROUP BY p.order_id
    )
    SELECT o.order_id, {
        without_nulls(f'''to_json({{
        'id': o.order_id,
        'location_id': o.square_location_id,
        'source': {{'name': o.source_name}},
        'customer_id': o.square_customer_id,
        'line_items': CASE WHEN NOT is_return THEN lines.sold END,
        'discounts': CASE WHEN NOT is_return AND o.discount_minor > 0 THEN [{{
            'uid': o.order_id || '-discount',
            'name': coalesce(o.coupon_code, 'Discount'),
            'type': 'FIXED_AMOUNT',
            'amount_money': {money("o.discount_minor")},
            'applied_money': {money("o.discount_minor")},
            'scope': 'ORDER'
        }}] END,
        'returns': CASE WHEN is_return THEN [{handed_back}] END,
        'return_amounts': CASE WHEN is_return THEN {amounts()} END,
        'net_amounts': {amounts("sign * ")},
        'tenders': tenders.items,
        'metadata': {{'device_name': o.device_name, 'coupon_code': o.coupon_code}},
        'created_at': {iso_ms("o.created_at")},
        'updated_at': {iso_ms("o.updated_at")},
        'closed_at': CASE WHEN o.state NOT IN ('OPEN', 'DRAFT') THEN {iso_ms("o.closed_at")} END,
        'state': o.state,
        'version': 1,
        'total_money': {money("CASE WHEN is_return THEN 0 ELSE o.total_minor END")},
        'total_tax_money': {money("CASE WHEN is_return THEN 0 ELSE o.tax_minor END")},
        'total_discount_money': {money("CASE WHEN is_return THEN 0 ELSE o.discount_minor END")},
        'total_tip_money': {money("CASE WHEN is_return THEN 0 ELSE o.tip_minor END")},
        'total_service_charge_money': {money("0")},
        'net_amount_due_money': {money("o.due_minor")}
    }})''')
    }::VARCHAR
    FROM (
        SELECT *, if(is_return, -1, 1) AS sign FROM o
    ) AS o
    LEFT JOIN lines USING (order_id)
    LEFT JOIN tenders USING (order_id)"""


# Payments, refunds -----------------------------------------------------------------------------


def _payments_index(
    view: View, field: str, since: Any, until: Any, descending: bool, location: str | None
) -> str:
    return _money_moves(view, "payments", "payment_id", field, since, until, descending, location)


def _refunds_index(
    view: View, field: str, since: Any, until: Any, descending: bool, location: str | None
) -> str:
    return _money_moves(
        view, "till_refunds", "refund_id", field, since, until, descending, location
    )


def _money_moves(
    view: View,
    table: str,
    key: str,
    field: str,
    since: Any,
    until: Any,
    descending: bool,
    location: str | None,
) -> str:
    column = f"date_trunc('millisecond', t.{field})"
    conditions = ["true"]
    if since is not None:
        conditions.append(f"{column} >= {literal(since)}")
    if until is not None:
        conditions.append(f"{column} <= {literal(until)}")
    if location:
        conditions.append(f"s.square_location_id = {literal(location)}")
    direction = "DESC" if descending else "ASC"
    return f"""
    SELECT t.{key}
    FROM {view.table(table)} AS t JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE {" AND ".join(conditions)} ORDER BY {column} {direction}, t.{key} {direction}"""


def _payments_render(view: View, **_: Any) -> str:
    def money(minor: str) -> str:
        return _money(minor, "p.currency_code")

    body = f"""to_json({{
        'id': p.payment_id,
        'created_at': {iso_ms("p.created_at")},
        'updated_at': {iso_ms("p.updated_at")},
        'amount_money': {money("p.amount_minor")},
        'tip_money': CASE WHEN p.tip_minor > 0 THEN {money("p.tip_minor")} END,
        'total_money': {money("p.amount_minor + p.tip_minor")},
        'approved_money': {money("p.amount_minor + p.tip_minor")},
        'refunded_money': CASE WHEN p.refunded_minor > 0 THEN {money("p.refunded_minor")} END,
        'status': p.status,
        'source_type': p.source_type,
        'card_details': CASE WHEN p.source_type = 'CARD' THEN {{
            'status': 'CAPTURED',
            'card': {{
                'card_brand': p.card_brand, 'last_4': p.card_last4,
                'fingerprint': p.card_fingerprint
            }},
            'entry_method': 'CONTACTLESS'
        }} END,
        'cash_details': CASE WHEN p.source_type = 'CASH' THEN {{
            'buyer_supplied_money': {money("p.amount_minor + p.tip_minor")},
            'change_back_money': {money("0")}
        }} END,
        'location_id': s.square_location_id,
        'order_id': p.order_id,
        'customer_id': p.square_customer_id,
        'team_member_id': 'TMEM' || o.staff_no,
        'device_details': CASE WHEN o.device_no IS NOT NULL THEN {{
            'device_id': 'device:' || o.device_no, 'device_name': o.device_name
        }} END,
        'receipt_number': left(p.payment_id, 4),
        'version_token': md5(p.payment_id || p.updated_at::VARCHAR)
    }})"""
    return f"""
    SELECT p.payment_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("payments")} AS p JOIN {view.table("square_shops")} AS s USING (shop_no)
    LEFT JOIN till_orders AS o ON o.order_id = p.order_id
    WHERE p.payment_id IN {KEYS}"""


def _refunds_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        'id': r.refund_id,
        'status': 'COMPLETED',
        'amount_money': {_money("r.amount_minor", "r.currency_code")},
        'payment_id': r.payment_id,
        'unlinked': CASE WHEN r.payment_id IS NULL THEN true END,
        'order_id': r.order_id,
        'location_id': s.square_location_id,
        'reason': r.reason,
        'destination_type': coalesce(p.source_type, 'CASH'),
        'created_at': {iso_ms("r.created_at")},
        'updated_at': {iso_ms("r.updated_at")}
    }})"""
    return f"""
    SELECT r.refund_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("till_refunds")} AS r
    JOIN {view.table("square_shops")} AS s USING (shop_no)
    LEFT JOIN payments AS p USING (payment_id)
    WHERE r.refund_id IN {KEYS}"""


# Customers, loyalty ----------------------------------------------------------------------------


def _customers_index(view: View, since: Any, until: Any, descending: bool) -> str:
    direction = "DESC" if descending else "ASC"
    window = _window(view, "till_customers", "square_customer_id", since, until)
    return f"{window} ORDER BY created_at {direction}, square_customer_id {direction}"


def _customers_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        'id': square_customer_id,
        'created_at': {iso_ms("created_at")},
        'updated_at': {iso_ms("updated_at")},
        'given_name': given_name,
        'family_name': family_name,
        'email_address': email,
        'phone_number': phone,
        'birthday': birth_date,
        'address': CASE WHEN street IS NOT NULL THEN {{
            'address_line_1': street, 'locality': city, 'postal_code': postal_code,
            'country': country_code
        }} END,
        'reference_id': loyalty_card_no,
        'preferences': {{'email_unsubscribed': hash(square_customer_id) % 12 = 0}},
        'creation_source': 'DIRECTORY',
        'version': CASE WHEN updated_at > created_at THEN 1 ELSE 0 END
    }})"""
    return f"""
    SELECT square_customer_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("till_customers")} WHERE square_customer_id IN {KEYS}"""


def _loyalty_index(view: View, customers: tuple[str, ...], phones: tuple[str, ...]) -> str:
    where = ""
    if customers:
        where = f"WHERE square_customer_id IN ({', '.join(literal(item) for item in customers)})"
    elif phones:
        where = f"WHERE phone IN ({', '.join(literal(item) for item in phones)})"
    return f"""
    SELECT loyalty_account_id FROM {view.table("loyalty_accounts")} {where}
    ORDER BY enrolled_at, loyalty_account_id"""


def _loyalty_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        'id': loyalty_account_id,
        'program_id': 'O2O-LOYALTY-PROGRAM',
        'balance': balance,
        'lifetime_points': lifetime_points,
        'customer_id': square_customer_id,
        'enrolled_at': {iso_ms("enrolled_at")},
        'created_at': {iso_ms("enrolled_at")},
        'updated_at': {iso_ms("updated_at")},
        'mapping': CASE WHEN phone IS NOT NULL THEN {{
            'id': md5(loyalty_account_id),
            'created_at': {iso_ms("enrolled_at")},
            'phone_number': phone
        }} END
    }})"""
    return f"""
    SELECT loyalty_account_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("loyalty_accounts")} WHERE loyalty_account_id IN {KEYS}"""


# Bookings --------------------------------------------------------------------------------------


def _bookings_index(
    view: View, since: Any, until: Any, location: str | None, customer: str | None
) -> str:
    conditions = [f"t.start_at >= {literal(since)}", f"t.start_at < {literal(until)}"]
    if location:
        conditions.append(f"s.square_location_id = {literal(location)}")
    if customer:
        conditions.append(f"t.square_customer_id = {literal(customer)}")
    return f"""
    SELECT t.booking_id
    FROM {view.table("bookings")} AS t JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE {" AND ".join(conditions)} ORDER BY t.start_at, t.booking_id"""


def _bookings_render(view: View, **_: Any) -> str:
    body = f"""to_json({{
        'id': b.booking_id,
        'version': CASE WHEN b.updated_at > b.created_at THEN 1 ELSE 0 END,
        'status': b.status,
        'created_at': {iso_ms("b.created_at")},
        'updated_at': {iso_ms("b.updated_at")},
        'start_at': {iso_ms("b.start_at")},
        'location_id': s.square_location_id,
        'customer_id': b.square_customer_id,
        'appointment_segments': [{{
            'duration_minutes': b.duration_minutes,
            'service_variation_id': 'STYLING',
            'team_member_id': 'TM' || s.store_code,
            'service_variation_version': 1,
            'any_team_member': true
        }}],
        'transition_time_minutes': 0,
        'all_day': false,
        'location_type': 'BUSINESS_LOCATION',
        'creator_details': CASE WHEN b.source = 'FIRST_PARTY_BUYER'
            THEN {{
                'creator_type': 'CUSTOMER', 'team_member_id': NULL::VARCHAR,
                'customer_id': b.square_customer_id
            }}
            ELSE {{
                'creator_type': 'TEAM_MEMBER', 'team_member_id': 'TM' || s.store_code,
                'customer_id': NULL::VARCHAR
            }} END,
        'source': b.source
    }})"""
    return f"""
    SELECT b.booking_id, {without_nulls(body)}::VARCHAR
    FROM {view.table("bookings")} AS b JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE b.booking_id IN {KEYS}"""


# A reward is made of points, and redeemed with an order.
_MOVEMENTS = """(
    SELECT md5(concat_ws('/', loyalty_account_id, type, order_id)) AS event_id, *
    FROM (
        SELECT *, unnest(CASE kind
            WHEN 'earn' THEN ['ACCUMULATE_POINTS'] WHEN 'expire' THEN ['EXPIRE_POINTS']
            ELSE ['CREATE_REWARD', 'REDEEM_REWARD'] END) AS type
        FROM loyalty_points
    )
)"""


def _loyalty_events_index(view: View, since: Any, until: Any) -> str:
    conditions = [f"earned_at <= {literal(view.now)}"]
    if since is not None:
        conditions.append(f"{_updated('earned_at')} >= {literal(since)}")
    if until is not None:
        conditions.append(f"{_updated('earned_at')} <= {literal(until)}")
    return f"""
    SELECT event_id FROM {_MOVEMENTS} AS e
    WHERE {" AND ".join(conditions)} ORDER BY earned_at DESC, 1"""


def _loyalty_events_render(view: View, **_: Any) -> str:
    points = "{'loyalty_program_id': 'O2O-LOYALTY-PROGRAM', 'points': abs(e.points)"
    reward = "'reward_id': md5(concat_ws('/', e.loyalty_account_id, e.order_id))"
    body = f"""to_json({{
        'id': e.event_id,
        'type': e.type,
        'created_at': {iso_ms("e.earned_at")},
        'accumulate_points': CASE e.type WHEN 'ACCUMULATE_POINTS'
            THEN {points}, 'order_id': e.order_id}} END,
        'create_reward': CASE e.type WHEN 'CREATE_REWARD' THEN {points}, {reward}}} END,
        'redeem_reward': CASE e.type WHEN 'REDEEM_REWARD'
            THEN {{'loyalty_program_id': 'O2O-LOYALTY-PROGRAM', {reward},
                'order_id': e.order_id}} END,
        'expire_points': CASE e.type WHEN 'EXPIRE_POINTS' THEN {points}}} END,
        'loyalty_account_id': e.loyalty_account_id,
        'location_id': s.square_location_id,
        'source': 'SQUARE'
    }})"""
    return f"""
    SELECT e.event_id, {without_nulls(body)}::VARCHAR
    FROM {_MOVEMENTS} AS e
    LEFT JOIN till_orders AS o USING (order_id)
    LEFT JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE e.event_id IN {KEYS}"""


# Catalogue, stock ------------------------------------------------------------------------------


def _catalog(view: View) -> str:
    """One row per object: id, type, updated_at, and its JSON text."""

    def objects(type_: str, number: str, moved: str, data: str, source: str) -> str:
        name = type_.lower()
        body = without_nulls(f"""to_json({{
            'type': '{type_}',
            'id': {number},
            'updated_at': {iso_ms(moved)},
            'version': epoch_ms({moved}),
            'is_deleted': false,
            'present_at_all_locations': true,
            '{name}_data': {data}
        }})""")
        return f"""
        SELECT {number} AS id, '{type_}' AS type, {moved} AS updated_at, {body}::VARCHAR AS body
        FROM {source}"""

    parents = """(
        SELECT title, min(product_no) AS parent_no FROM products GROUP BY title
    )"""
    categories = """(
        SELECT category, min(product_no) AS category_no, min(created_at) AS made_at
        FROM products GROUP BY category
    )"""
    variations = f"""(
        SELECT
            v.*, parents.parent_no, price.till_price_minor,
            greatest(v.updated_at, price.updated_at) AS moved_at,
            (
                SELECT list({{
                    'location_id': s.square_location_id,
                    'price_money': {_money("p.till_price_minor", "p.currency_code")},
                    'pricing_type': 'FIXED_PRICING'
                }} ORDER BY s.square_location_id)
                FROM {view.table("product_prices")} AS p
                JOIN {view.table("square_shops")} AS s USING (currency_code)
                WHERE p.product_no = v.product_no AND p.currency_code <> 'EUR'
            ) AS overrides
        FROM {view.table("products")} AS v JOIN {parents} AS parents USING (title)
        JOIN {view.table("product_prices")} AS price
            ON price.product_no = v.product_no AND price.currency_code = 'EUR'
    )"""
    items = f"""(
        SELECT
            parent_no, any_value(title) AS title, max(t.updated_at) AS updated_at,
            bool_and(retired_at IS NOT NULL) AS is_retired, any_value(c.category_no) AS category_no
        FROM {view.table("products")} AS t JOIN {parents} AS parents USING (title)
        JOIN {categories} AS c USING (category)
        GROUP BY parent_no
    )"""
    parts = (
        objects(
            "ITEM",
            "'ITEM' || parent_no",
            "updated_at",
            "{'name': title, 'product_type': 'REGULAR', 'is_archived': is_retired,"
            " 'reporting_category': {'id': 'CATEGORY' || category_no}}",
            items,
        ),
        objects(
            "ITEM_VARIATION",
            "'CAT' || product_no",
            "moved_at",
            f"""{{
                'item_id': 'ITEM' || parent_no,
                'name': coalesce(variant_title, 'Regular'),
                'sku': sku,
                'upc': barcode,
                'pricing_type': 'FIXED_PRICING',
                'price_money': {_money("till_price_minor", "'EUR'")},
                'location_overrides': overrides,
                'track_inventory': true,
                'sellable': retired_at IS NULL,
                'stockable': true
            }}""",
            variations,
        ),
        objects(
            "CATEGORY",
            "'CATEGORY' || category_no",
            "made_at",
            "{'name': category, 'category_type': 'REGULAR_CATEGORY'}",
            categories,
        ),
        objects(
            "DISCOUNT",
            "'DISCOUNT' || coupon_no",
            "starts_at",
            "{'name': title, 'discount_type': 'FIXED_PERCENTAGE', 'percentage': percent::VARCHAR}",
            view.table("coupons"),
        ),
    )
    return f"({' UNION ALL '.join(parts)})"


def _catalog_index(view: View, types: tuple[str, ...], since: Any) -> str:
    later = f"AND {_updated()} > {literal(since)}" if since is not None else ""
    kinds = ", ".join(map(literal, types))
    return f"""
    SELECT id FROM {_catalog(view)} WHERE type IN ({kinds}) {later} ORDER BY updated_at, id"""


def _catalog_render(view: View, **_: Any) -> str:
    return f"SELECT id, body FROM {_catalog(view)} WHERE id IN {KEYS}"


COUNT_KEY = "t.product_no || '|' || t.shop_no"


def _counts_index(view: View, since: Any) -> str:
    later = f"WHERE {_updated()} > {literal(since)}" if since is not None else ""
    return f"""
    SELECT {COUNT_KEY} FROM {view.table("stock")} AS t {later}
    ORDER BY t.updated_at DESC, 1"""


def _counts_render(view: View, **_: Any) -> str:
    return f"""
    SELECT {COUNT_KEY}, to_json({{
        'catalog_object_id': 'CAT' || t.product_no,
        'catalog_object_type': 'ITEM_VARIATION',
        'state': 'IN_STOCK',
        'location_id': s.square_location_id,
        'quantity': t.on_hand::VARCHAR,
        'calculated_at': {iso_ms("t.updated_at")}
    }})::VARCHAR
    FROM {view.table("stock")} AS t JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE {COUNT_KEY} IN {KEYS}"""


# Gift cards, staff, devices ----------------------------------------------------------------------

CARD_ID = "'gftc:' || g.gift_card_no"
CARD_NUMBER = "'77831' || lpad(g.gift_card_no::VARCHAR, 7, '0') || g.code_last4"


def _till_gift_cards(view: View) -> str:
    """Cards that the web shop sold are its own."""
    return f"(SELECT * FROM {view.table('gift_cards')} WHERE shop_no IS NOT NULL)"


def _gift_cards_index(view: View) -> str:
    return f"SELECT {CARD_ID} FROM {_till_gift_cards(view)} AS g ORDER BY issued_at, gift_card_no"


def _gift_cards_render(view: View) -> str:
    return f"""
    SELECT {CARD_ID}, to_json({{
        'id': {CARD_ID},
        'type': 'DIGITAL',
        'gan_source': 'SQUARE',
        'state': 'ACTIVE',
        'balance_money': {_money("g.balance_minor", "g.currency_code")},
        'gan': {CARD_NUMBER},
        'created_at': {iso_ms("g.issued_at")}
    }})::VARCHAR
    FROM {_till_gift_cards(view)} AS g WHERE {CARD_ID} IN {KEYS}"""


def _activities(view: View) -> str:
    """One row per movement: what a card was sold for, and what it paid."""
    return f"""(
        SELECT
            'gcact:' || gift_card_no || ':0' AS id, 'ACTIVATE' AS type, gift_card_no, shop_no,
            issued_at AS created_at, initial_minor AS amount_minor, till_order_id AS order_id
        FROM {_till_gift_cards(view)}
        UNION ALL
        SELECT
            'gcact:' || u.gift_card_no || ':' || u.till_order_id, 'REDEEM', u.gift_card_no,
            o.shop_no, u.used_at, u.amount_minor, u.till_order_id
        FROM {view.table("gift_card_uses")} AS u
        JOIN till_orders AS o ON o.order_id = u.till_order_id
        SEMI JOIN {_till_gift_cards(view)} AS own ON own.gift_card_no = u.gift_card_no
    )"""


def _activities_index(view: View, since: Any, until: Any) -> str:
    conditions = ["true"]
    if since is not None:
        conditions.append(f"{_updated('created_at')} >= {literal(since)}")
    if until is not None:
        conditions.append(f"{_updated('created_at')} <= {literal(until)}")
    return f"""
    SELECT id FROM {_activities(view)} AS t WHERE {" AND ".join(conditions)}
    ORDER BY created_at, id"""


def _activities_render(view: View, **_: Any) -> str:
    amount = _money("t.amount_minor", "g.currency_code")
    body = f"""to_json({{
        'id': t.id,
        'type': t.type,
        'location_id': s.square_location_id,
        'created_at': {iso_ms("t.created_at")},
        'gift_card_id': {CARD_ID},
        'gift_card_gan': {CARD_NUMBER},
        'gift_card_balance_money': {_money("g.initial_minor", "g.currency_code")},
        'activate_activity_details': CASE WHEN t.type = 'ACTIVATE' THEN {{
            'amount_money': {amount}, 'order_id': t.order_id
        }} END,
        'redeem_activity_details': CASE WHEN t.type = 'REDEEM' THEN {{
            'amount_money': {amount}, 'status': 'COMPLETED'
        }} END
    }})"""
    return f"""
    SELECT t.id, {without_nulls(body)}::VARCHAR
    FROM {_activities(view)} AS t
    JOIN gift_cards AS g USING (gift_card_no)
    JOIN {view.table("square_shops")} AS s ON s.shop_no = t.shop_no
    WHERE t.id IN {KEYS}"""


def _team_index(view: View) -> str:
    return f"SELECT 'TMEM' || staff_no FROM {view.table('staff')} ORDER BY staff_no"


def _team_render(view: View) -> str:
    return f"""
    SELECT 'TMEM' || t.staff_no, to_json({{
        'id': 'TMEM' || t.staff_no,
        'is_owner': false,
        'status': CASE WHEN t.left_at IS NULL THEN 'ACTIVE' ELSE 'INACTIVE' END,
        'given_name': t.given_name,
        'family_name': t.family_name,
        'email_address': t.email,
        'created_at': {iso_ms("t.hired_at")},
        'updated_at': {iso_ms("t.updated_at")},
        'assigned_locations': {{
            'assignment_type': 'EXPLICIT_LOCATIONS', 'location_ids': [s.square_location_id]
        }},
        'wage_setting': {{'job_assignments': [{{'job_title': t.role, 'pay_type': 'NONE'}}]}}
    }})::VARCHAR
    FROM {view.table("staff")} AS t JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE 'TMEM' || t.staff_no IN {KEYS}"""


def _devices(view: View) -> str:
    """Square lists its Terminals alone; a till or a kiosk is an app on some other machine."""
    return f"(SELECT * FROM {view.table('till_devices')} WHERE kind = 'handheld')"


def _devices_index(view: View) -> str:
    return f"SELECT 'device:' || device_no FROM {_devices(view)} ORDER BY device_no DESC"


def _devices_render(view: View) -> str:
    return f"""
    SELECT 'device:' || t.device_no, to_json({{
        'id': 'device:' || t.device_no,
        'attributes': {{
            'type': 'HANDHELD', 'manufacturer': 'Square', 'model': 'T2', 'name': t.name,
            'updated_at': {iso_ms("t.added_at")}
        }},
        'components': [{{
            'type': 'APPLICATION', 'application_details': {{
                'application_type': 'TERMINAL_API', 'session_location': s.square_location_id
            }}
        }}],
        'status': {{'category': 'AVAILABLE'}}
    }})::VARCHAR
    FROM {_devices(view)} AS t JOIN {view.table("square_shops")} AS s USING (shop_no)
    WHERE 'device:' || t.device_no IN {KEYS}"""


LOCATIONS = Stream("square.locations", _locations_index, _locations_render)
ORDERS = Stream("square.orders", _orders_index, _orders_render)
PAYMENTS = Stream("square.payments", _payments_index, _payments_render)
REFUNDS = Stream("square.refunds", _refunds_index, _refunds_render)
CUSTOMERS = Stream("square.customers", _customers_index, _customers_render)
LOYALTY = Stream("square.loyalty_accounts", _loyalty_index, _loyalty_render)
BOOKINGS = Stream("square.bookings", _bookings_index, _bookings_render)
LOYALTY_EVENTS = Stream("square.loyalty_events", _loyalty_events_index, _loyalty_events_render)
CATALOG = Stream("square.catalog", _catalog_index, _catalog_render)
COUNTS = Stream("square.inventory", _counts_index, _counts_render)
GIFT_CARDS = Stream("square.gift_cards", _gift_cards_index, _gift_cards_render)
ACTIVITIES = Stream("square.gift_card_activities", _activities_index, _activities_render)
TEAM = Stream("square.team_members", _team_index, _team_render)
DEVICES = Stream("square.devices", _devices_index, _devices_render)

SCOPES = (
    "MERCHANT_PROFILE_READ", "ORDERS_READ", "PAYMENTS_READ", "CUSTOMERS_READ", "LOYALTY_READ",
    "APPOINTMENTS_READ", "APPOINTMENTS_ALL_READ", "ITEMS_READ", "INVENTORY_READ",
    "GIFTCARDS_READ", "EMPLOYEES_READ", "DEVICES_READ",
)  # fmt: skip

# Endpoints -------------------------------------------------------------------------------------


def token(sim: Simulation, call: Call) -> Reply:
    form = call.form
    if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
        raise Problem("bad_credentials", "Not Authorized: check client_id and client_secret.")
    if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != REFRESH_TOKEN:
        raise Problem("bad_credentials", "Not Authorized: the refresh token is not valid.")
    expires = datetime.now(UTC) + timedelta(seconds=TOKEN_SECONDS)
    return reply_json(
        {
            "access_token": sim.tokens.issue(NAME, TOKEN_SECONDS, "EAAA"),
            "token_type": "bearer",
            "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "merchant_id": MERCHANT,
            "refresh_token": REFRESH_TOKEN,
            "short_lived": False,
        }
    )


def token_status(sim: Simulation, call: Call) -> Reply:
    sim.tokens.check(NAME, call.bearer)
    return reply_json(
        {
            "scopes": sim.granted(SCOPES),
            "expires_at": (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "client_id": CLIENT_ID,
            "merchant_id": MERCHANT,
        }
    )


def _range(given: dict[str, Any] | None, what: str) -> tuple[Any, Any]:
    given = given or {}
    return tuple(  # type: ignore[return-value]
        parse_time(given[name], f"{what}.{name}") if given.get(name) else None
        for name in ("start_at", "end_at")
    )


def _answer(name: str, call: Call, page: Page, following: str | None, extra: str = "") -> Reply:
    rows = with_new_field(page.rows, call.whims, "square_preview")
    # Square leaves an empty list out altogether, except for locations.
    parts = [f'"{name}":{rows_json(rows)}'] if rows else []
    if following:
        parts.append(f'"cursor":"{following}"')
    if extra:
        parts.append(extra)
    return Reply("{" + ",".join(parts) + "}")


def _may(sim: Simulation, call: Call, right: str) -> None:
    sim.tokens.check(NAME, call.bearer)
    sim.need(right)


_EDGES = {"since": "begin", "until": "end"}


def _time(asked: Mapping[str, Any], name: str) -> datetime | None:
    return parse_time(asked[name], name) if asked.get(name) else None


def _listed(
    sim: Simulation,
    call: Call,
    stream: Stream,
    name: str,
    filters: dict[str, Any],
    usual: int,
    most: int,
) -> Reply:
    """One page of a list; what a search asks for stands in its body."""
    asked = call.query if call.method == "GET" else call.json
    limit = parse_limit(asked.get("limit"), "limit", usual, most)
    page, following = sim.page(call, stream, filters, limit, asked.get("cursor"))
    return _answer(
        name, call, page, following, f'"count":{page.total}' if asked.get("count") else ""
    )


def locations(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "MERCHANT_PROFILE_READ")
    page, _ = sim.page(call, LOCATIONS, {}, 1_000, None)
    return _answer("locations", call, page, None)


def search_orders(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "ORDERS_READ")
    body = call.json
    wanted = body.get("location_ids") or []
    if not wanted:
        raise Problem(
            "invalid_request",
            "Must provide at least 1 location_id.",
            code="MISSING_REQUIRED_PARAMETER",
        )
    if len(wanted) > MOST_LOCATIONS:
        raise Problem(
            "invalid_request",
            f"At most {MOST_LOCATIONS} location_ids.",
            code="ARRAY_LENGTH_TOO_LONG",
        )
    query = body.get("query") or {}
    given = (query.get("filter") or {}).get("date_time_filter") or {}
    sort = query.get("sort") or {}
    sort_field = str(sort.get("sort_field", "CREATED_AT")).upper()
    if len(given) > 1 or (given and next(iter(given)).upper() != sort_field):
        raise Problem(
            "invalid_request",
            "The sort_field must be the field of the date_time_filter.",
            code="CONFLICTING_PARAMETERS",
        )
    if sort_field not in {"CREATED_AT", "UPDATED_AT", "CLOSED_AT"}:
        raise Problem("invalid_request", f"Unknown sort_field {sort_field}.")
    since, until = _range(given.get(sort_field.lower()), f"date_time_filter.{sort_field.lower()}")
    filters = {
        "locations": tuple(sorted(map(str, wanted))),
        "field": sort_field.lower(),
        "since": since,
        "until": until,
        "descending": str(sort.get("sort_order", "DESC")).upper() != "ASC",
    }
    return _listed(sim, call, ORDERS, "orders", filters, 500, 1_000)


def _list_money_moves(sim: Simulation, call: Call, stream: Stream, name: str) -> Reply:
    _may(sim, call, "PAYMENTS_READ")
    query = call.query
    field = query.get("sort_field", "CREATED_AT").lower()
    if field not in {"created_at", "updated_at"}:
        raise Problem("invalid_request", f"Unknown sort_field {field.upper()}.")
    by_update = "updated_at_begin_time" in query or "updated_at_end_time" in query
    if by_update and field != "updated_at":
        raise Problem(
            "invalid_request",
            "updated_at_begin_time needs sort_field=UPDATED_AT.",
            code="CONFLICTING_PARAMETERS",
        )
    prefix = "updated_at_" if by_update else ""
    filters = {
        "field": field,
        **{name: _time(query, f"{prefix}{edge}_time") for name, edge in _EDGES.items()},
        "descending": query.get("sort_order", "DESC").upper() != "ASC",
        "location": query.get("location_id"),
    }
    return _listed(sim, call, stream, name, filters, 100, 100)


def list_payments(sim: Simulation, call: Call) -> Reply:
    return _list_money_moves(sim, call, PAYMENTS, "payments")


def list_refunds(sim: Simulation, call: Call) -> Reply:
    return _list_money_moves(sim, call, REFUNDS, "refunds")


def search_customers(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "CUSTOMERS_READ")
    body = call.json
    query = body.get("query") or {}
    since, until = _range((query.get("filter") or {}).get("updated_at"), "filter.updated_at")
    filters = {
        "since": since,
        "until": until,
        "descending": (query.get("sort") or {}).get("order") == "DESC",
    }
    return _listed(sim, call, CUSTOMERS, "customers", filters, 100, 100)


def retrieve_customers(sim: Simulation, call: Call) -> Reply:
    """Customers by their ids, each answered for by itself."""
    sim.tokens.check(NAME, call.bearer)
    ids = [str(each) for each in call.json.get("customer_ids") or []]
    if not 1 <= len(ids) <= 100:
        raise Problem("invalid_request", "customer_ids must hold 1 to 100 ids.")
    found = dict(sim.query(_customers_render(sim.view), {"keys": ids}))
    missing = {"category": "INVALID_REQUEST_ERROR", "code": "NOT_FOUND"}
    none = json.dumps({"errors": [missing]})
    told = [
        f'"{each}":' + (f'{{"customer":{found[each]}}}' if each in found else none) for each in ids
    ]
    return Reply('{"responses":{' + ",".join(told) + "}}")


def search_loyalty_accounts(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "LOYALTY_READ")
    body = call.json
    query = body.get("query") or {}
    filters = {
        "customers": tuple(query.get("customer_ids") or ()),
        "phones": tuple(
            str(mapping.get("phone_number")) for mapping in query.get("mappings") or ()
        ),
    }
    return _listed(sim, call, LOYALTY, "loyalty_accounts", filters, 30, 200)


def list_bookings(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "APPOINTMENTS_READ")
    query, longest = call.query, timedelta(days=MOST_BOOKING_DAYS)
    first, last = query.get("start_at_min"), query.get("start_at_max")
    since = parse_time(first, "start_at_min") if first else sim.view.now
    until = parse_time(last, "start_at_max") if last else since + longest
    if not since < until <= since + longest:
        raise Problem(
            "invalid_request",
            f"start_at_max must be later than start_at_min, by at most {MOST_BOOKING_DAYS} days.",
            code="INVALID_VALUE",
        )
    filters = {
        "since": since,
        "until": until,
        "location": query.get("location_id"),
        "customer": query.get("customer_id"),
    }
    return _listed(sim, call, BOOKINGS, "bookings", filters, 100, 100)


def search_loyalty_events(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "LOYALTY_READ")
    body = call.json
    given = ((body.get("query") or {}).get("filter") or {}).get("date_time_filter") or {}
    since, until = _range(given.get("created_at"), "date_time_filter.created_at")
    filters = {"since": since, "until": until}
    return _listed(sim, call, LOYALTY_EVENTS, "events", filters, 30, 30)


def search_catalog(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "ITEMS_READ")
    filters = {
        "types": tuple(sorted(map(str, call.json.get("object_types") or ()))),
        "since": _time(call.json, "begin_time"),
    }
    return _listed(sim, call, CATALOG, "objects", filters, 1_000, 1_000)


def retrieve_counts(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "INVENTORY_READ")
    filters = {"since": _time(call.json, "updated_after")}
    return _listed(sim, call, COUNTS, "counts", filters, 1_000, 1_000)


def list_gift_cards(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "GIFTCARDS_READ")
    return _listed(sim, call, GIFT_CARDS, "gift_cards", {}, 30, 200)


def list_devices(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "DEVICES_READ")
    return _listed(sim, call, DEVICES, "devices", {}, 100, 100)


def list_gift_card_activities(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "GIFTCARDS_READ")
    filters = {name: _time(call.query, f"{edge}_time") for name, edge in _EDGES.items()}
    return _listed(sim, call, ACTIVITIES, "gift_card_activities", filters, 50, 100)


def search_team_members(sim: Simulation, call: Call) -> Reply:
    _may(sim, call, "EMPLOYEES_READ")
    return _listed(sim, call, TEAM, "team_members", {}, 100, 200)


PROBLEMS = {
    "bad_credentials": (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED"),
    "unauthenticated": (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED"),
    "token_expired": (401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_EXPIRED"),
    "rate_limited": (429, "RATE_LIMIT_ERROR", "RATE_LIMITED"),
    "server_error": (500, "API_ERROR", "INTERNAL_SERVER_ERROR"),
    "invalid_request": (400, "INVALID_REQUEST_ERROR", "BAD_REQUEST"),
    "invalid_cursor": (400, "INVALID_REQUEST_ERROR", "INVALID_CURSOR"),
    "cursor_expired": (400, "INVALID_REQUEST_ERROR", "INVALID_CURSOR"),
    "not_found": (404, "INVALID_REQUEST_ERROR", "NOT_FOUND"),
    "forbidden": (403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES"),
}
SERVER_ERRORS = {500: "INTERNAL_SERVER_ERROR", 502: "BAD_GATEWAY", 503: "SERVICE_UNAVAILABLE"}


def refuse(problem: Problem) -> Reply:
    status, category, code = PROBLEMS[problem.kind]
    if problem.kind == "server_error":
        status, code = problem.status, SERVER_ERRORS[problem.status]
    headers = problem.headers()
    error = {"category": category, "code": problem.code or code, "detail": problem.message}
    return reply_json({"errors": [error]}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {
        "login": CLIENT_ID,
        "password": CLIENT_SECRET,
        "extra": {"refresh_token": REFRESH_TOKEN},
    }


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/oauth2/token", token),
        ("POST", "/oauth2/token/status", token_status),
        ("GET", "/v2/locations", locations),
        ("POST", "/v2/orders/search", search_orders),
        ("GET", "/v2/payments", list_payments),
        ("GET", "/v2/refunds", list_refunds),
        ("POST", "/v2/customers/search", search_customers),
        ("POST", "/v2/customers/bulk-retrieve", retrieve_customers),
        ("POST", "/v2/loyalty/accounts/search", search_loyalty_accounts),
        ("GET", "/v2/bookings", list_bookings),
        ("POST", "/v2/loyalty/events/search", search_loyalty_events),
        ("POST", "/v2/catalog/search", search_catalog),
        ("POST", "/v2/inventory/counts/batch-retrieve", retrieve_counts),
        ("GET", "/v2/gift-cards", list_gift_cards),
        ("GET", "/v2/gift-cards/activities", list_gift_card_activities),
        ("POST", "/v2/team-members/search", search_team_members),
        ("GET", "/v2/devices", list_devices),
    ),
    refuse,
    credentials,
    records={
        "customer": Record("till_customer"),
        "order": Record("till_order"),
        "loyalty_account": Record("loyalty_account"),
        "card_fingerprint": Record("card_fingerprint"),
    },
)

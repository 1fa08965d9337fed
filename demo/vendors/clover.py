"""Clover REST API v3: each shop is a merchant, with its orders, payments, stock and staff.

Lists are paged by offset and tell neither order nor length; a window of more than ninety days is
answered for its last ninety. Each unit sold is a line of its own. A sale that was given back stays
an order, with its lines marked; what comes back without a payment is a credit with an order of its
own. A till takes an order's discount off gift cards, too: beside one, each line has its own
instead. A till that was offline shows its orders with their old clientCreatedTime. A customer
stands with one merchant, and orders of all name them by the same id.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, cut_page, with_new_field
from demo.vendors.core.sql import without_nulls
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_limit, reply_json, rows_json
from demo.world import DEFAULT_SHOPS

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "clover"
# Made up, and good for nothing but this simulator.
TOKEN = "demo-clover-token-"  # noqa: S105
LONGEST_WINDOW = timedelta(days=90)
MOST_NESTED = 100
KEYS = "(SELECT unnest($keys))"


def clover_id(kind: str, key: str) -> str:
    """Thirteen characters, as Clover's ids are, of a key of the world."""
    return f"upper(left(md5('{kind}' || ({key})::VARCHAR), 13))"


def merchant_id(shop_no: str) -> str:
    return f"('CLVR' || printf('%09d', {shop_no}))"


def _uuid(key: str) -> str:
    return f"(md5('device' || {key})::UUID)::VARCHAR"


def _ms(column: str) -> str:
    return f"epoch_ms({column})"


def _ref(kind: str, key: str) -> str:
    """An object with the id of what a key names; null without a key."""
    return f"CASE WHEN {key} IS NOT NULL THEN {{'id': {clover_id(kind, key)}}} END"


# What is served. Each is a relation with its Clover id, shop and time of change. -----------------


def _sales(view: View) -> str:
    """Orders: sales that a till has opened, and those that only give back without a receipt."""
    return f"""(
    SELECT
        o.*, {clover_id("order", "o.order_id")} AS id,
        greatest(o.updated_at, given_back.at) AS modified_at,
        coalesce(given_back.minor, 0) AS given_back_minor,
        CASE WHEN o.state = 'CANCELED' THEN o.updated_at END AS deleted_at,
        o.coupon_code IS NOT NULL AND o.order_id NOT IN (
            SELECT order_id FROM {view.table("till_order_lines")} WHERE is_gift_card
        ) AS is_discounted_whole
    FROM {view.table("till_orders")} AS o
    LEFT JOIN (
        SELECT r.sale_id, max(r.created_at) AS at, sum(r.amount_minor) AS minor
        FROM {_refunds(view)} AS r WHERE r.sale_id IS NOT NULL GROUP BY r.sale_id
    ) AS given_back ON given_back.sale_id = o.order_id
    WHERE o.state <> 'DRAFT'
        AND (NOT o.is_return OR o.order_id IN (
            SELECT return_id FROM {_refunds(view)} AS r WHERE r.sale_id IS NULL
        ))
    )"""


def _refunds(view: View) -> str:
    """Refunds of a payment at the merchant who took it; without ``sale_id``: credits."""
    return f"""(
    SELECT
        r.refund_id, r.shop_no, r.created_at, r.amount_minor, r.currency_code, r.reason,
        r.order_id AS return_id, back.tax_minor, back.square_customer_id,
        p.payment_id, p.order_id AS sale_id, {clover_id("refund", "r.refund_id")} AS id
    FROM {view.table("till_refunds")} AS r
    JOIN {view.table("till_orders")} AS back ON back.order_id = r.order_id
    LEFT JOIN {view.table("payments")} AS p
        ON p.payment_id = r.payment_id AND p.shop_no = r.shop_no
    )"""


def _units(view: View) -> str:
    """Each unit of each line, with its share of the line's discount."""
    share = "l.discount_minor * {n} // l.quantity"
    return f"""(
    SELECT
        l.*, u.n, {clover_id("line", "l.order_id || '-' || l.line_no || '-' || u.n")} AS id,
        {share.format(n="u.n")} - {share.format(n="(u.n - 1)")} AS unit_discount_minor,
        coalesce(u.n <= back.quantity, false) AS is_refunded
    FROM {view.table("till_order_lines")} AS l
    CROSS JOIN LATERAL (SELECT unnest(generate_series(1, l.quantity)) AS n) AS u
    LEFT JOIN (
        SELECT r.sale_id, b.line_no, sum(b.quantity) AS quantity
        FROM {_refunds(view)} AS r
        JOIN {view.table("till_order_lines")} AS b ON b.order_id = r.return_id
        WHERE r.sale_id IS NOT NULL
        GROUP BY r.sale_id, b.line_no
    ) AS back ON back.sale_id = l.order_id AND back.line_no = l.line_no
    )"""


def _line(expand: frozenset[str]) -> str:
    item = _item_id("l.product_no", "o.shop_no")
    item = f"CASE WHEN l.product_no <> 0 THEN {{'id': {item}}} END"
    parts = f"""
        'id': l.id,
        'item': {item},
        'name': l.title,
        'itemCode': CASE WHEN l.product_no <> 0 THEN l.sku END,
        'price': l.unit_price_minor,
        'printed': false,
        'createdTime': {_ms("o.created_at")},
        'orderClientCreatedTime': {_ms("o.created_at")},
        'exchanged': false,
        'refunded': l.is_refunded,
        'isRevenue': NOT l.is_gift_card"""
    if "discounts" in expand:
        parts += f""",
        'discounts': CASE WHEN NOT o.is_discounted_whole AND l.unit_discount_minor > 0 THEN {{
            'elements': [{{
                'id': {clover_id("discount", "l.id")}, 'name': coalesce(o.coupon_code, 'Discount'),
                'amount': -l.unit_discount_minor
            }}]
        }} END"""
    if "modifications" in expand:
        parts += ", 'modifications': CASE WHEN false THEN {'elements': [{'amount': 0}]} END"
    if "taxRates" in expand:
        net = "l.unit_price_minor * l.quantity - l.discount_minor"
        parts += f""",
        'taxRates': CASE WHEN l.tax_minor > 0 THEN {{
            'elements': [{{
                'id': {clover_id("rate", "o.shop_no")}, 'name': 'Tax', 'isDefault': true,
                'rate': round(l.tax_minor * 10000000.0 / ({net}))::BIGINT
            }}]
        }} END"""
    return without_nulls(f"to_json({{{parts}}})")


def _within(expand: frozenset[str], name: str) -> frozenset[str]:
    return frozenset(each[len(name) + 1 :] for each in expand if each.startswith(f"{name}."))


def _orders_render(view: View, expand: tuple[str, ...], **_: Any) -> str:
    asked = frozenset(expand)
    lines = "NULL"
    if "lineItems" in {each.partition(".")[0] for each in asked}:
        line = _line(_within(asked, "lineItems"))
        lines = f"""{{'elements': coalesce((
            SELECT list_slice(list({line} ORDER BY l.line_no, l.n), 1, {MOST_NESTED})
            FROM units AS l WHERE l.order_id = o.order_id AND NOT o.is_return
        ), [])}}"""
    customers = discounts = "NULL"
    if "customers" in asked:
        customer = clover_id("customer", "o.square_customer_id")
        customers = f"""CASE WHEN o.square_customer_id IS NOT NULL
            THEN {{'elements': [{{'id': {customer}}}]}} END"""
    if "discounts" in asked:
        discounts = f"""CASE WHEN o.is_discounted_whole AND o.discount_minor > 0 THEN {{
            'elements': [{{
                'id': {clover_id("discount", "o.order_id")}, 'name': o.coupon_code,
                'amount': -o.discount_minor
            }}]
        }} END"""
    body = without_nulls(f"""to_json({{
        'href': 'https://api.clover.com/v3/merchants/' || {merchant_id("o.shop_no")}
            || '/orders/' || o.id,
        'id': o.id,
        'currency': o.currency_code,
        'employee': {_ref("staff", "o.staff_no")},
        'total': CASE WHEN o.is_return THEN 0
            ELSE o.total_minor - o.tip_minor - o.given_back_minor END,
        'paymentState': CASE
            WHEN o.is_return THEN 'CREDITED'
            WHEN o.due_minor > 0 OR o.deleted_at IS NOT NULL THEN 'OPEN'
            WHEN o.given_back_minor = 0 THEN 'PAID'
            WHEN o.given_back_minor < o.total_minor - o.tip_minor THEN 'PARTIALLY_REFUNDED'
            ELSE 'REFUNDED' END,
        'taxRemoved': false,
        'isVat': false,
        'state': CASE WHEN o.due_minor > 0 THEN 'open' ELSE 'locked' END,
        'manualTransaction': false,
        'groupLineItems': true,
        'testMode': false,
        'payType': 'FULL',
        'createdTime': {_ms("greatest(o.created_at, o.visible_at)")},
        'clientCreatedTime': {_ms("o.created_at")},
        'modifiedTime': {_ms("o.modified_at")},
        'deletedTimestamp': {_ms("o.deleted_at")},
        'device': {{'id': {_uuid("o.device_no")}}},
        'lineItems': {lines},
        'customers': {customers},
        'discounts': {discounts}
    }})""")
    return f"""
    WITH o AS (SELECT * FROM {_sales(view)} AS s WHERE s.id IN {KEYS}),
    units AS (SELECT * FROM {_units(view)} AS u WHERE u.order_id IN (SELECT order_id FROM o))
    SELECT o.id, {body}::VARCHAR FROM o"""


def _payments(view: View) -> str:
    return f"""(
    SELECT p.*, {clover_id("payment", "p.payment_id")} AS id, o.tax_minor, o.device_no, o.staff_no,
        p.updated_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("payments")} AS p JOIN {view.table("till_orders")} AS o USING (order_id)
    )"""


def _payments_render(view: View, expand: tuple[str, ...], **_: Any) -> str:
    tender = """{
            'id': upper(left(md5(p.source_type || coalesce(p.card_brand, '')), 13)),
            'labelKey': CASE
                WHEN p.card_brand = 'SQUARE_GIFT_CARD' THEN 'com.clover.tender.gift_card'
                WHEN p.source_type = 'CASH' THEN 'com.clover.tender.cash'
                ELSE 'com.clover.tender.credit_card' END,
            'label': CASE
                WHEN p.card_brand = 'SQUARE_GIFT_CARD' THEN 'Gift Card'
                WHEN p.source_type = 'CASH' THEN 'Cash' ELSE 'Credit Card' END
        }"""
    card = """CASE WHEN p.source_type = 'CARD' AND p.card_brand <> 'SQUARE_GIFT_CARD' THEN {
            'cardType': p.card_brand, 'last4': p.card_last4, 'type': 'AUTH', 'state': 'CLOSED'
        } END"""
    body = without_nulls(f"""to_json({{
        'id': p.id,
        'order': {{'id': {clover_id("order", "p.order_id")}}},
        'device': {{'id': {_uuid("p.device_no")}}},
        'tender': {tender if "tender" in expand else "NULL"},
        'cardTransaction': {card if "cardTransaction" in expand else "NULL"},
        'amount': p.amount_minor,
        'tipAmount': p.tip_minor,
        'taxAmount': p.tax_minor,
        'cashbackAmount': 0,
        'employee': {_ref("staff", "p.staff_no")},
        'createdTime': {_ms("greatest(p.created_at, p.visible_at)")},
        'clientCreatedTime': {_ms("p.created_at")},
        'modifiedTime': {_ms("p.modified_at")},
        'offline': p.visible_at > p.created_at + INTERVAL 1 HOUR,
        'result': 'SUCCESS'
    }})""")
    return f"SELECT p.id, {body}::VARCHAR FROM {_payments(view)} AS p WHERE p.id IN {KEYS}"


def _paid_back(view: View) -> str:
    return f"""(
    SELECT *, created_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {_refunds(view)} AS r WHERE r.sale_id IS NOT NULL)"""


def _refunds_render(view: View, expand: tuple[str, ...], **_: Any) -> str:
    lines = f"""{{'elements': list_slice((
            SELECT list({{'id': u.id}} ORDER BY u.line_no, u.n)
            FROM units AS u
            WHERE u.order_id = r.sale_id AND u.is_refunded AND u.line_no IN (
                SELECT b.line_no FROM {view.table("till_order_lines")} AS b
                WHERE b.order_id = r.return_id
            )
        ), 1, {MOST_NESTED})}}"""
    body = without_nulls(f"""to_json({{
        'id': r.id,
        'orderRef': {{'id': {clover_id("order", "r.sale_id")}}},
        'payment': {{'id': {clover_id("payment", "r.payment_id")}}},
        'amount': r.amount_minor,
        'taxAmount': r.tax_minor,
        'tipAmount': 0,
        'createdTime': {_ms("r.created_at")},
        'clientCreatedTime': {_ms("r.created_at")},
        'lineItems': {lines if "lineItems" in expand else "NULL"},
        'reason': r.reason,
        'voided': false,
        'status': 'SUCCESS'
    }})""")
    return f"""
    WITH units AS (SELECT * FROM {_units(view)})
    SELECT r.id, {body}::VARCHAR FROM {_paid_back(view)} AS r WHERE r.id IN {KEYS}"""


def _credits(view: View) -> str:
    return f"""(
    SELECT *, created_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {_refunds(view)} AS r WHERE r.sale_id IS NULL)"""


def _credits_render(view: View, expand: tuple[str, ...], **_: Any) -> str:
    tender = "{'labelKey': 'com.clover.tender.cash', 'label': 'Cash'}"
    body = without_nulls(f"""to_json({{
        'id': r.id,
        'orderRef': {{'id': {clover_id("order", "r.return_id")}}},
        'tender': {tender if "tender" in expand else "NULL"},
        'amount': r.amount_minor,
        'taxAmount': r.tax_minor,
        'createdTime': {_ms("r.created_at")},
        'clientCreatedTime': {_ms("r.created_at")},
        'customers': {_ref("customer", "r.square_customer_id")},
        'voided': false,
        'result': 'SUCCESS',
        'reason': r.reason
    }})""")
    return f"SELECT r.id, {body}::VARCHAR FROM {_credits(view)} AS r WHERE r.id IN {KEYS}"


def _customers(view: View) -> str:
    return f"""(
    SELECT c.*, {clover_id("customer", "c.square_customer_id")} AS id,
        coalesce(sold.shop_no, 1) AS shop_no,
        c.updated_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("till_customers")} AS c
    LEFT JOIN (
        SELECT square_customer_id, min(shop_no) AS shop_no
        FROM till_orders GROUP BY square_customer_id
    ) AS sold USING (square_customer_id)
    )"""


def allows_marketing(customer: str) -> str:
    return f"(ascii(md5({customer})) % 2 = 0)"


def _customers_render(view: View, expand: tuple[str, ...], **_: Any) -> str:
    def listed(name: str, value: str, element: str) -> str:
        if name not in expand:
            return "NULL"
        return f"{{'elements': CASE WHEN {value} IS NOT NULL THEN [{element}] ELSE [] END}}"

    def part(number: int) -> str:
        return f"try_cast(split_part(c.birth_date, '-', {number}) AS INTEGER)"

    born = f"""CASE WHEN c.birth_date IS NOT NULL THEN {{
        'dobYear': {part(1)}, 'dobMonth': {part(2)}, 'dobDay': {part(3)}
    }} END"""
    email = "{'id': left(c.id, 12) || 'E', 'emailAddress': c.email, 'primaryEmail': true}"
    phone = "{'id': left(c.id, 12) || 'P', 'phoneNumber': c.phone}"
    address = """{
        'id': left(c.id, 12) || 'A', 'address1': c.street, 'city': c.city, 'zip': c.postal_code,
        'country': c.country_code
    }"""
    body = without_nulls(f"""to_json({{
        'id': c.id,
        'firstName': c.given_name,
        'lastName': c.family_name,
        'marketingAllowed': {allows_marketing("c.square_customer_id")},
        'customerSince': {_ms("c.created_at")},
        'emailAddresses': {listed("emailAddresses", "c.email", email)},
        'phoneNumbers': {listed("phoneNumbers", "c.phone", phone)},
        'addresses': {listed("addresses", "c.street", address)},
        'metadata': {born if "metadata" in expand else "NULL"}
    }})""")
    return f"SELECT c.id, {body}::VARCHAR FROM {_customers(view)} AS c WHERE c.id IN {KEYS}"


def _item_id(product_no: str, shop_no: str) -> str:
    return clover_id("item", f"{product_no} || '-' || {shop_no}")


def _items(view: View) -> str:
    return f"""(
    SELECT p.*, s.shop_no, {_item_id("p.product_no", "s.shop_no")} AS id, c.till_price_minor,
        greatest(p.updated_at, c.updated_at) AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("products")} AS p CROSS JOIN {view.table("shops")} AS s
    JOIN {view.table("product_prices")} AS c
        ON c.product_no = p.product_no AND c.currency_code = s.currency_code
    )"""


def _items_render(view: View, expand: tuple[str, ...], **_: Any) -> str:
    category = """{'elements': [{
        'id': upper(left(md5('category' || i.category), 13)), 'name': i.category
    }]}"""
    body = without_nulls(f"""to_json({{
        'id': i.id,
        'hidden': i.retired_at IS NOT NULL,
        'available': i.retired_at IS NULL,
        'name': concat_ws(' ', i.title, i.variant_title),
        'code': i.barcode,
        'sku': i.sku,
        'price': i.till_price_minor,
        'priceType': 'FIXED',
        'defaultTaxRates': true,
        'isRevenue': true,
        'modifiedTime': {_ms("i.modified_at")},
        'categories': {category if "categories" in expand else "NULL"}
    }})""")
    return f"SELECT i.id, {body}::VARCHAR FROM {_items(view)} AS i WHERE i.id IN {KEYS}"


def _stocks(view: View) -> str:
    return f"""(
    SELECT t.*, {_item_id("t.product_no", "t.shop_no")} AS id,
        t.updated_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("stock")} AS t
    )"""


def _stocks_render(view: View, **_: Any) -> str:
    return f"""
    SELECT t.id, to_json({{
        'item': {{'id': t.id}}, 'stockCount': t.on_hand, 'quantity': t.on_hand::DOUBLE,
        'modifiedTime': {_ms("t.modified_at")}
    }})::VARCHAR
    FROM {_stocks(view)} AS t WHERE t.id IN {KEYS}"""


def _staff(view: View) -> str:
    return f"""(
    SELECT e.*, {clover_id("staff", "e.staff_no")} AS id,
        e.updated_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("staff")} AS e WHERE e.left_at IS NULL
    )"""


def _staff_render(view: View, **_: Any) -> str:
    return f"""
    SELECT e.id, to_json({{
        'id': e.id, 'name': e.given_name || ' ' || e.family_name, 'nickname': e.given_name,
        'email': e.email, 'inviteSent': true, 'claimedTime': {_ms("e.hired_at")},
        'pin': right(md5(e.email), 4),
        'role': CASE e.role WHEN 'manager' THEN 'MANAGER' ELSE 'EMPLOYEE' END,
        'isOwner': false
    }})::VARCHAR
    FROM {_staff(view)} AS e WHERE e.id IN {KEYS}"""


def _devices(view: View) -> str:
    return f"""(
    SELECT d.*, {_uuid("d.device_no")} AS id,
        d.added_at AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("till_devices")} AS d
    )"""


def _devices_render(view: View, **_: Any) -> str:
    model = """CASE d.kind WHEN 'handheld' THEN 'Clover_C406' WHEN 'kiosk' THEN 'Clover_K400'
        ELSE 'Clover_C506' END"""
    name = """CASE d.kind WHEN 'handheld' THEN 'FLEX' WHEN 'kiosk' THEN 'KIOSK'
        ELSE 'STATION_DUO' END"""
    return f"""
    SELECT d.id, to_json({{
        'id': d.id, 'name': d.name, 'model': {model}, 'serial': 'C0' || d.device_no,
        'deviceTypeName': {name}, 'productName': 'Clover ' || {name}
    }})::VARCHAR
    FROM {_devices(view)} AS d WHERE d.id IN {KEYS}"""


def _hours(view: View) -> str:
    return f"""(
    SELECT s.*, {clover_id("hours", "s.shop_no")} AS id,
        NULL::TIMESTAMP AS modified_at, NULL::TIMESTAMP AS deleted_at
    FROM {view.table("shops")} AS s
    )"""


def _hours_render(view: View, **_: Any) -> str:
    def clock(minute: str) -> str:
        return f"{minute} // 60 * 100 + {minute} % 60"

    hours = f"[{{'start': {clock('s.open_minute')}, 'end': {clock('s.close_minute')}}}]"
    days = ", ".join(
        f"'{day}': {{'elements': {hours}}}"
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    )
    return f"""
    SELECT s.id, to_json({{
        'id': s.id, 'name': 'Business Hours', {days},
        'sunday': {{'elements': CASE WHEN s.is_open_sunday THEN {hours} ELSE [] END}}
    }})::VARCHAR
    FROM {_hours(view)} AS s WHERE s.id IN {KEYS}"""


# Endpoints -------------------------------------------------------------------------------------

Relation = Callable[[View], str]
TIMES = {
    "modifiedTime": "modified_at",
    "createdTime": "created_at",
    "deletedTime": "deleted_at",
}


def _stream(name: str, relation: Relation, render: Callable[..., str]) -> Stream:
    def index(view: View, shop_no: int, filters: tuple[tuple[str, str, int], ...], **_: Any) -> str:
        deleted = any(field == "deletedTime" for field, _, _ in filters)
        conditions = [f"shop_no = {shop_no}", f"deleted_at IS {'NOT ' if deleted else ''}NULL"]
        conditions += [f"epoch_ms({TIMES[field]}) {sign} {at}" for field, sign, at in filters]
        # By id: neither the order of time nor one that a client may count on.
        return f"SELECT id FROM {relation(view)} AS t WHERE {' AND '.join(conditions)} ORDER BY id"

    return Stream(f"clover.{name}", index, render)


LISTS = {
    "orders": _stream("orders", _sales, _orders_render),
    "payments": _stream("payments", _payments, _payments_render),
    "refunds": _stream("refunds", _paid_back, _refunds_render),
    "credits": _stream("credits", _credits, _credits_render),
    "customers": _stream("customers", _customers, _customers_render),
    "items": _stream("items", _items, _items_render),
    "item_stocks": _stream("item_stocks", _stocks, _stocks_render),
    "employees": _stream("employees", _staff, _staff_render),
    "devices": _stream("devices", _devices, _devices_render),
    "opening_hours": _stream("opening_hours", _hours, _hours_render),
}


def _shop(sim: Simulation, call: Call) -> int:
    """The shop of the merchant asked for, whose token it is."""
    merchant = call.path_params["merchant"]
    if call.bearer != f"{TOKEN}{merchant}":
        raise Problem("unauthenticated", "401 Unauthorized")
    found = sim.query(
        f"SELECT shop_no FROM {sim.view.table('shops')} WHERE {merchant_id('shop_no')} = $merchant",
        {"merchant": merchant},
    )
    if not found:
        raise Problem("not_found", "Not Found")
    return int(found[0][0])


def _pairs(call: Call, name: str) -> list[str]:
    getlist = getattr(call.query, "getlist", None)
    return list(getlist(name)) if getlist else [call.query[name]] if name in call.query else []


def _filters(call: Call) -> tuple[tuple[str, str, int], ...]:
    found = []
    for text in _pairs(call, "filter"):
        for sign in (">=", "<=", "="):
            field, there, number = text.partition(sign)
            if there and field in TIMES and number.isdigit():
                found.append((field, sign, int(number)))
                break
        else:
            raise Problem("invalid_request", f"Invalid filter {text}")
    ends = {(field, sign): at for field, sign, at in found}
    longest = LONGEST_WINDOW // timedelta(milliseconds=1)
    now = int(datetime.now(UTC).timestamp() * 1000)
    return tuple(
        (field, sign, max(at, ends.get((field, "<="), now) - longest) if sign == ">=" else at)
        for field, sign, at in found
    )


def _expand(call: Call) -> tuple[str, ...]:
    found = tuple(each for text in _pairs(call, "expand") for each in text.split(","))
    if len(found) > 3:
        raise Problem("invalid_request", "Only 3 expansions are allowed")
    return found


def listing(sim: Simulation, call: Call) -> Reply:
    shop_no = _shop(sim, call)
    name = call.path_params["list"]
    if name not in LISTS:
        raise Problem("not_found", "Not Found")
    asked = {"shop_no": shop_no, "filters": _filters(call), "expand": _expand(call)}
    limit = min(parse_limit(call.query.get("limit"), "limit", 100, 100_000), 1_000)
    offset = int(call.query.get("offset") or 0)
    page = cut_page(sim.listing(LISTS[name], asked), offset, limit, call.whims)
    rows = with_new_field(page.rows, call.whims, "clover_preview")
    return Reply(f'{{"elements":{rows_json(rows)},"href":"{call.path}"}}')


def single(sim: Simulation, call: Call) -> Reply:
    _shop(sim, call)
    stream = LISTS.get(call.path_params["list"])
    key = call.path_params["id"]
    found = stream and dict(
        sim.query(stream.render(sim.view, expand=_expand(call)), {"keys": [key]})
    )
    if not found:
        raise Problem("not_found", "Not Found")
    return Reply(found[key])


def line_items(sim: Simulation, call: Call) -> Reply:
    """All lines of an order, also those behind the hundredth."""
    _shop(sim, call)
    line = _line(frozenset(_expand(call)))
    rows = sim.query(
        f"""
        SELECT {line}::VARCHAR
        FROM {_units(sim.view)} AS l JOIN {_sales(sim.view)} AS o USING (order_id)
        WHERE o.id = $id ORDER BY l.line_no, l.n LIMIT 1000 OFFSET $offset""",
        {"id": call.path_params["id"], "offset": int(call.query.get("offset") or 0)},
    )
    return Reply(f'{{"elements":{rows_json([row for (row,) in rows])}}}')


def merchant(sim: Simulation, call: Call) -> Reply:
    shop_no = _shop(sim, call)
    ((body,),) = sim.query(
        f"""
        SELECT to_json({{
            'id': {merchant_id("shop_no")},
            'name': CASE WHEN contains(name, store_code) THEN name
                ELSE name || ' ' || store_code END,
            'defaultCurrency': currency_code,
            'address': {{
                'address1': street, 'city': city, 'state': split_part(region_code, '-', 2),
                'zip': postal_code, 'country': country_code
            }},
            'createdTime': {_ms("TIMESTAMP '2024-01-15 09:00:00'")},
            'properties': {{
                'defaultCurrency': currency_code, 'timezone': time_zone, 'locale': 'en-US',
                'vat': false, 'tipsEnabled': true, 'trackStock': true,
                'abaAccountNumber': '000000000', 'ddaAccountNumber': '00000000'
            }}
        }})::VARCHAR
        FROM {sim.view.table("shops")} WHERE shop_no = $shop_no""",
        {"shop_no": shop_no},
    )
    return Reply(body)


PROBLEMS = {
    "unauthenticated": 401,
    "token_expired": 401,
    "bad_credentials": 401,
    "rate_limited": 429,
    "invalid_request": 400,
    "invalid_cursor": 400,
    "cursor_expired": 400,
    "not_found": 404,
    "forbidden": 403,
}


def refuse(problem: Problem) -> Reply:
    status = PROBLEMS.get(problem.kind, problem.status)
    headers = problem.headers()
    if problem.kind == "rate_limited":
        headers["X-RateLimit-tokenLimit"] = "16"
    return reply_json({"message": problem.message}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    merchants = [f"CLVR{shop_no:09d}" for shop_no in range(1, DEFAULT_SHOPS + 1)]
    return {"extra": {"merchants": {each: {"token": f"{TOKEN}{each}"} for each in merchants}}}


VENDOR = Vendor(
    NAME,
    (
        ("GET", "/v3/merchants/{merchant}", merchant),
        ("GET", "/v3/merchants/{merchant}/{list}", listing),
        ("GET", "/v3/merchants/{merchant}/{list}/{id}", single),
        ("GET", "/v3/merchants/{merchant}/orders/{id}/line_items", line_items),
    ),
    refuse,
    credentials,
    tokens_expire=False,
    records={
        "customer": Record("till_customer", clover_id("customer", "record_id")),
        "order": Record("till_order", clover_id("order", "record_id")),
    },
    is_asked_by_day=True,
)

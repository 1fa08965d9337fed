"""Shopify Admin GraphQL API 2026-10: orders, customers, locations, products, stock, gift cards,
discounts, staff as Relay connections.

Queries are really read: arguments and variables, the fields asked for (an unknown field is an
error, an unasked one is not sent), ``nodes`` and ``edges``. Errors and throttling come with HTTP
200; only a bad token is a 401.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from demo.vendors.core import graphql
from demo.vendors.core.faults import View
from demo.vendors.core.listing import Page, Stream, digest, write_cursor
from demo.vendors.core.sql import decimal_text, iso_s, literal
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_limit, parse_time, reply_json

if TYPE_CHECKING:
    from demo.vendors.core.state import Simulation

NAME = "shopify"
VERSION = "2026-10"
# Made up, and good for nothing but this simulator.
CLIENT_ID = "demo-shopify-client"
CLIENT_SECRET = "demo-shopify-secret"  # noqa: S105
TOKEN_SECONDS = 86_399
MOST_ROWS = 250
DEEPEST = 25_000
BUCKET, RESTORE = 20_000.0, 1_000.0
KEYS = "(SELECT unnest($keys))"
Relation = Callable[[View], str]

MONEY = {"amount": None, "currencyCode": None}
BAG: dict[str, Any] = {"shopMoney": MONEY, "presentmentMoney": MONEY}
PAGE_INFO = dict.fromkeys(("hasNextPage", "hasPreviousPage", "startCursor", "endCursor"))


def _connection(node: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": node, "edges": {"node": node, "cursor": None}, "pageInfo": PAGE_INFO}


# The part of the Admin schema that is served: field -> fields of its type (None: a scalar).
ORDER: dict[str, Any] = {
    **dict.fromkeys(
        (
            "id", "name", "createdAt", "updatedAt", "processedAt", "cancelledAt", "email", "phone",
            "currencyCode", "presentmentCurrencyCode", "displayFinancialStatus", "sourceName",
            "discountCodes", "taxesIncluded", "test",
        )
    ),
    "customer": {"id": None},
    "subtotalPriceSet": BAG,
    "totalDiscountsSet": BAG,
    "totalShippingPriceSet": BAG,
    "totalTaxSet": BAG,
    "totalPriceSet": BAG,
    "totalRefundedSet": BAG,
    "totalTipReceivedSet": BAG,
    "totalOutstandingSet": BAG,
    "originalTotalDutiesSet": BAG,
    "originalTotalAdditionalFeesSet": BAG,
    "currentTotalPriceSet": BAG,
    "currentTotalTaxSet": BAG,
    "shippingLines": _connection({"originalPriceSet": BAG, "discountedPriceSet": BAG}),
    "retailLocation": {"id": None},
    "billingAddress": dict.fromkeys(("firstName", "lastName")),
    "shippingAddress": dict.fromkeys(
        ("firstName", "lastName", "provinceCode", "countryCodeV2")
    ),
    "customerJourneySummary": {
        "lastVisit": {
            "utmParameters": dict.fromkeys(("source", "medium", "campaign", "content", "term"))
        }
    },
    "customAttributes": {"key": None, "value": None},
    "lineItems": _connection(
        {
            **dict.fromkeys(
                ("id", "sku", "title", "quantity", "currentQuantity", "isGiftCard")
            ),
            "originalUnitPriceSet": BAG,
            "totalDiscountSet": BAG,
            "discountAllocations": {"allocatedAmountSet": BAG},
            "taxLines": {"title": None, "priceSet": BAG},
        }
    ),
    "transactions": {
        **dict.fromkeys(
            ("id", "kind", "status", "gateway", "test", "createdAt", "processedAt")
        ),
        "amountSet": BAG,
        "parentTransaction": {"id": None},
        "location": {"id": None},
        "paymentDetails": {"__typename": None},
    },
    "refunds": {
        **dict.fromkeys(("id", "createdAt", "processedAt", "note")),
        "totalRefundedSet": BAG,
        "refundLineItems": _connection(
            {
                "subtotalSet": BAG,
                "totalTaxSet": BAG,
                "location": {"id": None},
                "lineItem": {"id": None, "isGiftCard": None},
            }
        ),
        "refundShippingLines": _connection({"subtotalAmountSet": BAG, "taxAmountSet": BAG}),
    },
    "fulfillmentOrders": _connection(
        {
            **dict.fromkeys(
                ("id", "status", "fulfillAt", "fulfillBy", "createdAt", "updatedAt")
            ),
            "deliveryMethod": dict.fromkeys(
                ("methodType", "minDeliveryDateTime", "maxDeliveryDateTime")
            ),
            "assignedLocation": {"name": None, "location": {"id": None}},
        }
    ),
    "fulfillments": {
        **dict.fromkeys(
            ("id", "status", "displayStatus", "createdAt", "deliveredAt", "updatedAt")
        ),
        "fulfillmentOrders": _connection({"id": None}),
        "events": _connection({"status": None, "happenedAt": None}),
    },
}  # fmt: skip
CUSTOMER: dict[str, Any] = {
    **dict.fromkeys(("id", "firstName", "lastName", "createdAt", "updatedAt")),
    "defaultEmailAddress": dict.fromkeys(
        ("emailAddress", "marketingState", "marketingOptInLevel", "marketingUpdatedAt")
    ),
    "defaultPhoneNumber": {
        "phoneNumber": None,
        "smsMarketingConsent": {"state": None, "optInLevel": None},
    },
    "defaultAddress": dict.fromkeys(("address1", "city", "zip", "countryCodeV2")),
}
LOCATION: dict[str, Any] = {
    **dict.fromkeys(("id", "name", "isActive", "createdAt", "updatedAt", "fulfillsOnlineOrders")),
    "address": dict.fromkeys(
        ("address1", "city", "zip", "provinceCode", "countryCode", "latitude", "longitude")
    ),
}
PRODUCT: dict[str, Any] = {
    **dict.fromkeys(("id", "title", "status", "isGiftCard", "productType")),
    **dict.fromkeys(("createdAt", "updatedAt")),
    "category": {"fullName": None},
    "priceRangeV2": {"minVariantPrice": MONEY},
    "variants": _connection(
        {
            **dict.fromkeys(("id", "title", "sku", "barcode", "price", "compareAtPrice")),
            **dict.fromkeys(("availableForSale", "createdAt", "updatedAt")),
            "inventoryItem": {"id": None, "tracked": None},
        }
    ),
}
LEVEL: dict[str, Any] = {
    **dict.fromkeys(("id", "isActive", "updatedAt")),
    "location": {"id": None},
    "item": dict.fromkeys(("id", "sku", "tracked")),
    "quantities": {"name": None, "quantity": None},
}
GIFT_CARD: dict[str, Any] = {
    **dict.fromkeys(("id", "lastCharacters", "enabled", "deactivatedAt", "expiresOn")),
    **dict.fromkeys(("createdAt", "updatedAt")),
    "initialValue": MONEY,
    "balance": MONEY,
    "order": {"id": None},
    "customer": {"id": None},
}
ANY_DISCOUNT: dict[str, Any] = {
    **dict.fromkeys(("title", "status", "startsAt", "endsAt", "createdAt", "updatedAt")),
    "asyncUsageCount": None,
    "context": {"__typename": None, "...DiscountCustomers": {"customers": {"id": None}}},
}
WITH_CODES: dict[str, Any] = {
    **ANY_DISCOUNT,
    "usageLimit": None,
    "codes": _connection(dict.fromkeys(("id", "code", "asyncUsageCount"))),
}
TAKEN_OFF: dict[str, Any] = {
    "customerGets": {
        "value": {
            "__typename": None,
            "...DiscountPercentage": {"percentage": None},
            "...DiscountAmount": {"amount": MONEY},
        }
    }
}
DISCOUNT: dict[str, Any] = {
    "id": None,
    "discount": {
        "__typename": None,
        "...DiscountCodeBasic": WITH_CODES | TAKEN_OFF,
        "...DiscountCodeBxgy": WITH_CODES | TAKEN_OFF,
        "...DiscountCodeFreeShipping": WITH_CODES,
        "...DiscountCodeApp": WITH_CODES,
        "...DiscountAutomaticBasic": ANY_DISCOUNT | TAKEN_OFF,
        "...DiscountAutomaticBxgy": ANY_DISCOUNT | TAKEN_OFF,
        "...DiscountAutomaticFreeShipping": ANY_DISCOUNT,
        "...DiscountAutomaticApp": ANY_DISCOUNT,
    },
}
STAFF: dict[str, Any] = dict.fromkeys(("id", "active", "exists", "accountType", "isShopOwner"))
SCHEMA = {
    "order": ORDER,
    "product": PRODUCT,
    "products": _connection(PRODUCT),
    "location": {"id": None, "inventoryLevels": _connection(LEVEL)},
    "giftCards": _connection(GIFT_CARD),
    "discountNode": DISCOUNT,
    "discountNodes": _connection(DISCOUNT),
    "staffMembers": _connection(STAFF),
    "orders": _connection(ORDER),
    "customers": _connection(CUSTOMER),
    "locations": _connection(LOCATION),
    "nodes": {"id": None},
    "currentAppInstallation": {"accessScopes": {"handle": None}},
}
SCOPES = (
    "read_orders", "read_all_orders", "read_customers", "read_locations", "read_fulfillments",
    "read_merchant_managed_fulfillment_orders", "read_assigned_fulfillment_orders",
    "read_third_party_fulfillment_orders", "read_products", "read_inventory", "read_gift_cards",
    "read_discounts", "read_users",
)  # fmt: skip
# What a root field needs; the others say so by their name.
RIGHTS = {
    "order": "read_orders", "product": "read_products", "location": "read_inventory",
    "giftCards": "read_gift_cards", "discountNode": "read_discounts",
    "discountNodes": "read_discounts", "staffMembers": "read_users",
}  # fmt: skip

BILLING_ADDRESS = "{'firstName': o.buyer_first_name, 'lastName': o.buyer_last_name}"
SHIPPING_ADDRESS = """{
    'firstName': o.recipient_first_name,
    'lastName': o.recipient_last_name,
    'provinceCode': split_part(o.region_code, '-', 2),
    'countryCodeV2': o.country_code
}"""

FULFILLMENT_STATUS = """CASE
    WHEN coalesce(o.fulfilled_at, o.picked_up_at) IS NOT NULL THEN 'CLOSED'
    WHEN o.cancelled_at IS NOT NULL THEN 'CANCELLED'
    WHEN o.ready_at IS NOT NULL THEN 'IN_PROGRESS'
    ELSE 'OPEN' END"""
FULFILLMENT_MOVED = (
    "coalesce(o.picked_up_at, o.fulfilled_at, o.cancelled_at, o.ready_at, o.created_at)"
)
# Made when an order is ready for pick-up, or leaves; what is cancelled after that was none.
FULFILLMENT_DISPLAY = """CASE
    WHEN o.picked_up_at IS NOT NULL THEN 'PICKED_UP'
    WHEN o.is_bopis THEN 'READY_FOR_PICKUP'
    WHEN o.delivered_at IS NOT NULL THEN 'DELIVERED'
    ELSE 'FULFILLED' END"""


def _bag(minor: str, shop_minor: str | None = None) -> str:
    """A MoneyBag: the presentment amount and the shop's (EUR) amount at the order's rate."""
    shop = shop_minor or f"round(({minor}) / pow(10, cur.exponent) * cur.eur_per_unit * 100)"
    return f"""{{
        'shopMoney': {{
            'amount': {decimal_text(f"({shop})::BIGINT", "2")},
            'currencyCode': o.shop_currency_code
        }},
        'presentmentMoney': {{
            'amount': {decimal_text(minor, "cur.exponent")}, 'currencyCode': o.currency_code
        }}
    }}"""


def _transaction(
    number: str, kind: str, at: str, minor: str, shop_minor: str, condition: str, parent: str = ""
) -> str:
    """A transaction of an order, if it has one of this kind: a list of one or none."""
    of = f"{{'id': 'gid://shopify/OrderTransaction/' || ({parent})}}" if parent else "NULL"
    details = "CASE WHEN till.shop_no IS NULL THEN {'__typename': 'CardPaymentDetails'} END"
    return f"""list_filter([{{
        'id': 'gid://shopify/OrderTransaction/' || ({number}),
        'kind': '{kind}',
        'status': 'SUCCESS',
        'gateway': CASE WHEN till.shop_no IS NULL THEN 'shopify_payments' ELSE 'cash' END,
        'test': false,
        'createdAt': {iso_s(at)},
        'processedAt': {iso_s(at)},
        'amountSet': {_bag(minor, shop_minor)},
        'parentTransaction': {of}::STRUCT(id VARCHAR),
        'location': {_when("till.shop_no IS NOT NULL", _location("till"))},
        'paymentDetails': {details}
    }}], lambda part: {condition})"""


def _transactions() -> str:
    """What was paid; of the card payments on the web one in ten was authorised first; refunds."""
    is_held = (
        "(o.financial_status IN ('AUTHORIZED', 'VOIDED')"
        " OR o.order_no % 10 = 0 AND o.edited_at IS NULL AND o.sold_shop_no IS NULL)"
    )
    is_paid = "o.financial_status NOT IN ('AUTHORIZED', 'VOIDED', 'PENDING') AND o.total_minor > 0"
    number, total = "o.order_no * 1000", ("o.total_minor", "o.shop_total_minor")
    left = ("o.total_minor - o.removed_minor", "o.shop_total_minor - o.shop_removed_minor")
    paid_at = "coalesce(o.edited_at, o.created_at)"
    sold = _transaction(number, "SALE", paid_at, *left, f"{is_paid} AND NOT {is_held}")
    held = _transaction(
        number,
        "AUTHORIZATION",
        "o.created_at",
        *total,
        f"{is_held} AND o.financial_status <> 'PENDING' AND o.total_minor > 0",
    )
    paid = _transaction(
        f"{number} + 1", "CAPTURE", paid_at, *left, f"{is_paid} AND {is_held}", number
    )
    void = _transaction(
        f"{number} + 2",
        "VOID",
        "o.updated_at",
        *total,
        "o.financial_status = 'VOIDED'",
        number,
    )
    return f"list_concat({sold}, {held}, {paid}, {void}, coalesce(refunds.transactions, []))"


def _when(condition: str, struct: str) -> str:
    return f"CASE WHEN {condition} THEN {struct} END"


def _location(shop: str) -> str:
    return f"{{'id': 'gid://shopify/Location/' || {shop}.shopify_location_no}}"


def _fulfillment(number: str, status: str, method: str, moved_at: str, shop: str) -> str:
    return f"""{{
        'id': 'gid://shopify/FulfillmentOrder/' || {number},
        'status': {status},
        'fulfillAt': {iso_s("o.created_at")},
        'createdAt': {iso_s("o.created_at")},
        'updatedAt': {iso_s(moved_at)},
        'fulfillBy': NULL::VARCHAR,
        'deliveryMethod': {{
            'methodType': {method},
            'minDeliveryDateTime': NULL::VARCHAR,
            'maxDeliveryDateTime': {iso_s("o.promised_at")}
        }},
        'assignedLocation': {{
            'name': coalesce({shop}.name, 'Online warehouse'),
            'location': {_when(f"{shop}.shop_no IS NOT NULL", _location(shop))}
        }}
    }}"""


def _parcels() -> str:
    """What was made ready or left: one for the whole order, or none."""
    made_at = "coalesce(o.ready_at, o.fulfilled_at)"
    return f"""list_filter([{{
        'id': 'gid://shopify/Fulfillment/' || o.order_no,
        'status': 'SUCCESS',
        'displayStatus': {FULFILLMENT_DISPLAY},
        'createdAt': {iso_s(made_at)},
        'deliveredAt': {iso_s("coalesce(o.picked_up_at, o.delivered_at)")},
        'updatedAt': {iso_s(FULFILLMENT_MOVED)},
        'fulfillmentOrders': {{'nodes': [
            {{'id': 'gid://shopify/FulfillmentOrder/' || o.order_no}}
        ]}},
        'events': {{'nodes': list_filter([
            {{'status': 'READY_FOR_PICKUP', 'happenedAt': {iso_s("o.ready_at")}}},
            {{'status': 'DELIVERED', 'happenedAt': {iso_s("o.delivered_at")}}}
        ], lambda event: event.happenedAt IS NOT NULL)}}
    }}], lambda part: {made_at} IS NOT NULL)"""


def _window(since: Any, until: Any) -> str:
    # Compared as it is shown: in whole seconds, both ends as the client wrote them.
    return " AND ".join(
        ["true"]
        + [
            f"date_trunc('second', t.updated_at) {operator} {literal(moment)}"
            for operator, moment in (*since, *until)
        ]
    )


def _index(relation: Relation, key: str) -> Any:
    def index(view: View, since: Any, until: Any, order: str, from_id: int) -> str:
        column, _, direction = order.partition(" ")
        by = f"t.{key}" if column == "id" else f"date_trunc('second', t.{column})"
        return f"""
        SELECT t.{key} FROM {relation(view)} AS t
        WHERE {_window(since, until)} AND t.{key} >= {from_id}
        ORDER BY {by} {direction}, t.{key} {direction}"""

    return index


def _by_number(relation: Relation, key: str) -> Any:
    def index(view: View, number: int, **_: Any) -> str:
        return f"SELECT t.{key} FROM {relation(view)} AS t WHERE t.{key} = {number}"

    return index


def _orders_render(view: View, **_: Any) -> str:
    # A pick-up that was cancelled for another way has no id where there was none.
    first = _fulfillment(
        "CASE WHEN first.shop_no > 0 THEN '1' END || o.order_no",
        "'CANCELLED'",
        "'PICK_UP'",
        "o.created_at",
        "first",
    )
    present = _fulfillment("o.order_no", FULFILLMENT_STATUS, "o.method", FULFILLMENT_MOVED, "s")
    return f"""
    WITH o AS (
        SELECT *, CASE
            WHEN is_bopis THEN 'PICK_UP'
            WHEN sold_shop_no IS NOT NULL THEN 'RETAIL'
            WHEN recipient_first_name IS NULL THEN 'NONE'
            ELSE 'SHIPPING' END AS method
        FROM {view.table("web_orders")} AS t WHERE t.order_no IN {KEYS}
    ),
    -- A line that was taken off is a refund of no money, numbered as its order.
    moves AS (
        SELECT * FROM {view.table("web_refunds")} SEMI JOIN o USING (order_no)
        UNION ALL BY NAME
        SELECT order_no AS refund_no, order_no, edited_at AS created_at, 0::BIGINT AS amount_minor,
            0::BIGINT AS shop_amount_minor
        FROM o WHERE edited_at IS NOT NULL
    ),
    -- What comes back: the whole order, or its first line; of an edit the last.
    back AS (
        SELECT r.refund_no, r.shop_no, l.order_no, l.line_no
        FROM moves AS r JOIN o USING (order_no)
        JOIN (
            SELECT *, max(line_no) OVER (PARTITION BY order_no) AS last_line_no
            FROM web_order_lines SEMI JOIN o USING (order_no)
        ) AS l USING (order_no)
        WHERE r.amount_minor = o.total_minor
            OR l.line_no = CASE WHEN r.amount_minor = 0 THEN l.last_line_no ELSE 1 END
    ),
    lines AS (
        SELECT l.order_no, list({{
            'id': 'gid://shopify/LineItem/' || (l.order_no * 1000 + l.line_no),
            'sku': l.sku,
            'title': l.title,
            'quantity': l.quantity,
            'currentQuantity': CASE WHEN back.line_no IS NULL THEN l.quantity ELSE 0 END,
            'isGiftCard': l.is_gift_card,
            'originalUnitPriceSet': {_bag("l.unit_price_minor")},
            'totalDiscountSet': {_bag("0")},
            'discountAllocations': list_filter(
                [{{'allocatedAmountSet': {_bag("l.discount_minor")}}}],
                lambda part: l.discount_minor > 0
            ),
            'taxLines': list_filter(
                [{{'title': 'VAT', 'priceSet': {_bag("l.tax_minor")}}}],
                lambda part: NOT l.is_gift_card
            )
        }} ORDER BY l.line_no) AS nodes
        FROM web_order_lines AS l JOIN o USING (order_no)
        JOIN currencies AS cur ON cur.currency_code = o.currency_code
        LEFT JOIN back ON back.order_no = l.order_no AND back.line_no = l.line_no
        GROUP BY l.order_no
    ),
    refund_lines AS (
        SELECT back.refund_no, sum(l.tax_minor)::BIGINT AS tax_minor, list({{
            'subtotalSet': {_bag("l.unit_price_minor * l.quantity - l.discount_minor")},
            'totalTaxSet': {_bag("l.tax_minor")},
            'location': {_when("s.shop_no IS NOT NULL", _location("s"))},
            'lineItem': {{
                'id': 'gid://shopify/LineItem/' || (l.order_no * 1000 + l.line_no),
                'isGiftCard': l.is_gift_card
            }}
        }} ORDER BY l.line_no) AS nodes
        FROM back JOIN web_order_lines AS l
            ON back.order_no = l.order_no AND back.line_no = l.line_no
        JOIN o ON o.order_no = l.order_no
        JOIN currencies AS cur ON cur.currency_code = o.currency_code
        LEFT JOIN shops AS s ON s.shop_no = back.shop_no
        GROUP BY back.refund_no
    ),
    refunds AS (
        SELECT
            r.order_no,
            sum(r.amount_minor)::BIGINT AS amount_minor,
            sum(r.shop_amount_minor)::BIGINT AS shop_amount_minor,
            sum(refund_lines.tax_minor)::BIGINT AS tax_minor,
            list({{
                'id': 'gid://shopify/Refund/' || r.refund_no,
                'createdAt': {iso_s("r.created_at")},
                'processedAt': {iso_s("r.created_at")},
                'note': r.note,
                'totalRefundedSet': {_bag("r.amount_minor", "r.shop_amount_minor")},
                'refundLineItems': {{'nodes': refund_lines.nodes}},
                'refundShippingLines': {{'nodes': list_filter(
                    [{{
                        'subtotalAmountSet': {_bag("o.shipping_minor")},
                        'taxAmountSet': {_bag("0")}
                    }}],
                    lambda part: o.shipping_minor > 0 AND r.amount_minor = o.total_minor
                )}}
            }} ORDER BY r.created_at, r.refund_no) AS items,
            list({{
                'id': 'gid://shopify/OrderTransaction/' || (r.refund_no * 10 + 5),
                'kind': 'REFUND',
                'status': 'SUCCESS',
                'gateway': CASE WHEN o.sold_shop_no IS NULL THEN 'shopify_payments' ELSE 'cash' END,
                'test': false,
                'createdAt': {iso_s("r.created_at")},
                'processedAt': {iso_s("r.created_at")},
                'amountSet': {_bag("r.amount_minor", "r.shop_amount_minor")},
                'parentTransaction': {{
                    'id': 'gid://shopify/OrderTransaction/' || o.order_no * 1000
                }},
                'location': NULL::STRUCT(id VARCHAR),
                'paymentDetails': NULL::STRUCT(__typename VARCHAR)
            }} ORDER BY r.refund_no) FILTER (r.amount_minor > 0) AS transactions
        FROM moves AS r JOIN o USING (order_no)
        JOIN refund_lines USING (refund_no)
        JOIN currencies AS cur ON cur.currency_code = o.currency_code
        GROUP BY r.order_no
    )
    SELECT o.order_no, to_json({{
        'id': 'gid://shopify/Order/' || o.order_no,
        'name': o.order_name,
        'createdAt': {iso_s("o.created_at")},
        'updatedAt': {iso_s("o.updated_at")},
        'processedAt': {iso_s("o.created_at")},
        'cancelledAt': {iso_s("o.cancelled_at")},
        'email': o.email,
        'phone': o.phone,
        'currencyCode': o.shop_currency_code,
        'presentmentCurrencyCode': o.currency_code,
        'displayFinancialStatus': o.financial_status,
        'sourceName': CASE WHEN o.sold_shop_no IS NULL THEN 'web' ELSE 'pos' END,
        'discountCodes': list_filter([o.discount_code], lambda code: code IS NOT NULL),
        'taxesIncluded': false,
        'test': false,
        'customer': {
        _when("o.customer_no IS NOT NULL", "{'id': 'gid://shopify/Customer/' || o.customer_no}")
    },
        'subtotalPriceSet': {_bag("o.subtotal_minor - o.discount_minor")},
        'totalDiscountsSet': {_bag("o.discount_minor")},
        'totalShippingPriceSet': {_bag("o.shipping_minor")},
        'totalTaxSet': {_bag("o.tax_minor")},
        'totalPriceSet': {_bag("o.total_minor", "o.shop_total_minor")},
        'totalRefundedSet': {_bag("o.refunded_minor")},
        'totalTipReceivedSet': {_bag("0")},
        'totalOutstandingSet': {
        _bag(
            "CASE WHEN o.financial_status IN ('VOIDED', 'AUTHORIZED', 'PENDING')"
            " THEN o.total_minor ELSE 0 END"
        )
    },
        'originalTotalDutiesSet': NULL,
        'originalTotalAdditionalFeesSet': NULL,
        'currentTotalPriceSet': {
        _bag(
            "o.total_minor - o.removed_minor - coalesce(refunds.amount_minor, 0)",
            "o.shop_total_minor - o.shop_removed_minor - coalesce(refunds.shop_amount_minor, 0)",
        )
    },
        'currentTotalTaxSet': {_bag("o.tax_minor - coalesce(refunds.tax_minor, 0)")},
        'shippingLines': {{'nodes': list_filter(
            [{{
                'originalPriceSet': {_bag("o.shipping_minor")},
                'discountedPriceSet': {_bag("o.shipping_minor")}
            }}],
            lambda part: o.method = 'SHIPPING'
        )}},
        'retailLocation': {_when("till.shop_no IS NOT NULL", _location("till"))},
        'billingAddress': {_when("o.buyer_last_name IS NOT NULL", BILLING_ADDRESS)},
        'shippingAddress': {_when("o.method = 'SHIPPING'", SHIPPING_ADDRESS)},
        'customerJourneySummary': {{'lastVisit': {
        _when(
            "o.utm_source IS NOT NULL",
            "{'utmParameters': {'source': o.utm_source, 'medium': o.utm_medium,"
            " 'campaign': o.utm_campaign, 'content': NULL::VARCHAR, 'term': NULL::VARCHAR}}",
        )
    }}},
        'customAttributes': list_filter(
            [{{'key': 'ga_client_id', 'value': o.ga_client_id}}],
            lambda attribute: attribute.value IS NOT NULL
        ),
        'lineItems': {{'nodes': coalesce(lines.nodes, [])}},
        'transactions': {_transactions()},
        'refunds': coalesce(refunds.items, []),
        'fulfillmentOrders': {{'nodes': list_filter(
            [{first}, {present}], lambda part: part.id IS NOT NULL
        )}},
        'fulfillments': {_parcels()}
    }})::VARCHAR
    FROM o
    JOIN currencies AS cur ON cur.currency_code = o.currency_code
    LEFT JOIN shops AS s ON s.shop_no = coalesce(o.pickup_shop_no, o.sold_shop_no)
    LEFT JOIN shops AS first ON first.shop_no = o.first_pickup_shop_no
    LEFT JOIN shops AS till ON till.shop_no = o.sold_shop_no
    LEFT JOIN lines ON lines.order_no = o.order_no
    LEFT JOIN refunds ON refunds.order_no = o.order_no"""


def _customers_render(view: View, **_: Any) -> str:
    chosen_at = """(
        SELECT CASE WHEN t.email_marketing_state = 'UNSUBSCRIBED' THEN c.unsubscribed_at
            ELSE c.created_at END
        FROM web_customers AS c WHERE c.customer_no = t.customer_no
    )"""
    email = f"""{{
        'emailAddress': t.email,
        'marketingState': t.email_marketing_state,
        'marketingOptInLevel': CASE
            WHEN t.email_marketing_state = 'SUBSCRIBED' THEN 'SINGLE_OPT_IN' END,
        'marketingUpdatedAt': CASE WHEN t.email_marketing_state <> 'NOT_SUBSCRIBED'
            THEN {iso_s(chosen_at)} END
    }}"""
    phone = """{'phoneNumber': t.phone, 'smsMarketingConsent': {
        'state': 'NEVER_SUBSCRIBED', 'optInLevel': NULL::VARCHAR
    }}"""
    return f"""
    SELECT t.customer_no, to_json({{
        'id': 'gid://shopify/Customer/' || t.customer_no,
        'firstName': t.first_name,
        'lastName': t.last_name,
        'defaultEmailAddress': {_when("t.email IS NOT NULL", email)},
        'defaultPhoneNumber': {_when("t.phone IS NOT NULL", phone)},
        'defaultAddress': {{
            'address1': t.street, 'city': t.city, 'zip': t.postal_code,
            'countryCodeV2': t.country_code
        }},
        'createdAt': {iso_s("t.created_at")},
        'updatedAt': {iso_s("t.updated_at")}
    }})::VARCHAR
    FROM {view.table("web_customers")} AS t WHERE t.customer_no IN {KEYS}"""


def _locations_index(view: View, **_: Any) -> str:
    return "SELECT shopify_location_no FROM shops ORDER BY 1"


def _locations_render(view: View, **_: Any) -> str:
    return f"""
    SELECT shopify_location_no, to_json({{
        'id': 'gid://shopify/Location/' || shopify_location_no,
        'name': CASE WHEN contains(name, store_code) THEN name ELSE name || ' ' || store_code END,
        'isActive': true,
        'fulfillsOnlineOrders': true,
        'address': {{
            'address1': street, 'city': city, 'zip': postal_code,
            'provinceCode': split_part(region_code, '-', 2), 'countryCode': country_code,
            'latitude': latitude, 'longitude': longitude
        }},
        'createdAt': '2024-01-15T09:00:00Z',
        'updatedAt': '2025-11-03T08:30:00Z'
    }})::VARCHAR
    FROM {view.table("shops")} WHERE shopify_location_no IN {KEYS}"""


def _products(view: View) -> str:
    """One row per product: things of one title are its variants."""
    return f"""(
        SELECT
            parents.product_no,
            any_value(v.title) AS title,
            any_value(v.category) AS category,
            min(v.created_at) AS created_at,
            max(greatest(v.updated_at, price.updated_at)) AS updated_at,
            bool_and(v.retired_at IS NOT NULL) AS is_retired,
            min(price.price_minor) AS least_minor,
            list({{
                'id': 'gid://shopify/ProductVariant/' || v.product_no,
                'title': coalesce(v.variant_title, 'Default Title'),
                'sku': v.sku,
                'barcode': v.barcode,
                'price': {decimal_text("price.price_minor", "2")},
                'compareAtPrice': NULL::VARCHAR,
                'availableForSale': v.retired_at IS NULL,
                'createdAt': {iso_s("v.created_at")},
                'updatedAt': {iso_s("greatest(v.updated_at, price.updated_at)")},
                'inventoryItem': {{
                    'id': 'gid://shopify/InventoryItem/' || v.product_no, 'tracked': true
                }}
            }} ORDER BY v.product_no) AS nodes
        FROM {view.table("products")} AS v
        JOIN (SELECT title, min(product_no) AS product_no FROM products GROUP BY title) AS parents
            USING (title)
        JOIN {view.table("product_prices")} AS price
            ON price.product_no = v.product_no AND price.currency_code = 'EUR'
        GROUP BY parents.product_no
    )"""


def _products_render(view: View, **_: Any) -> str:
    least = f"{{'amount': {decimal_text('t.least_minor', '2')}, 'currencyCode': 'EUR'}}"
    return f"""
    SELECT t.product_no, to_json({{
        'id': 'gid://shopify/Product/' || t.product_no,
        'title': t.title,
        'status': CASE WHEN t.is_retired THEN 'ARCHIVED' ELSE 'ACTIVE' END,
        'isGiftCard': false,
        'productType': t.category,
        'category': NULL::STRUCT(fullName VARCHAR),
        'priceRangeV2': {{'minVariantPrice': {least}}},
        'createdAt': {iso_s("t.created_at")},
        'updatedAt': {iso_s("t.updated_at")},
        'variants': {{'nodes': t.nodes}}
    }})::VARCHAR
    FROM {_products(view)} AS t WHERE t.product_no IN {KEYS}"""


def _location_index(view: View, number: int, **_: Any) -> str:
    return f"SELECT shopify_location_no FROM shops WHERE shopify_location_no = {number}"


def _location_render(view: View, since: Any, until: Any, **_: Any) -> str:
    level = f"""{{
        'id': 'gid://shopify/InventoryLevel/' || s.shopify_location_no || '?inventory_item_id='
            || t.product_no,
        'isActive': true,
        'updatedAt': {iso_s("t.updated_at")},
        'location': {_location("s")},
        'item': {{
            'id': 'gid://shopify/InventoryItem/' || t.product_no, 'sku': p.sku, 'tracked': true
        }},
        'quantities': [
            {{'name': 'available', 'quantity': t.on_hand}},
            {{'name': 'on_hand', 'quantity': t.on_hand}},
            {{'name': 'incoming', 'quantity': 0}},
            {{'name': 'committed', 'quantity': 0}}
        ]
    }}"""
    return f"""
    SELECT s.shopify_location_no, to_json({{
        'id': {_location("s")}.id,
        'inventoryLevels': {{'nodes': coalesce(
            (
                SELECT list({level} ORDER BY t.product_no)
                FROM {view.table("stock")} AS t JOIN products AS p USING (product_no)
                WHERE t.shop_no = s.shop_no AND {_window(since, until)}
            ),
            []
        )}}
    }})::VARCHAR
    FROM {view.table("shops")} AS s WHERE s.shopify_location_no IN {KEYS}"""


def _web_gift_cards(view: View) -> str:
    """Cards that a shop sold are the tills'."""
    return f"""(
        SELECT *, issued_at AS created_at FROM {view.table("gift_cards")} WHERE shop_no IS NULL
    )"""


def _gift_cards_render(view: View, **_: Any) -> str:
    def money(minor: str) -> str:
        amount = decimal_text(minor, "cur.exponent")
        return f"{{'amount': {amount}, 'currencyCode': t.currency_code}}"

    return f"""
    SELECT t.gift_card_no, to_json({{
        'id': 'gid://shopify/GiftCard/' || t.gift_card_no,
        'lastCharacters': t.code_last4,
        'enabled': true,
        'deactivatedAt': NULL::VARCHAR,
        'expiresOn': t.expires_on::VARCHAR,
        'initialValue': {money("t.initial_minor")},
        'balance': {money("t.balance_minor")},
        'order': {_when("t.web_order_no > 0", "{'id': 'gid://shopify/Order/' || t.web_order_no}")},
        'customer': NULL::STRUCT(id VARCHAR),
        'createdAt': {iso_s("t.created_at")},
        'updatedAt': {iso_s("t.updated_at")}
    }})::VARCHAR
    FROM {_web_gift_cards(view)} AS t JOIN currencies AS cur USING (currency_code)
    WHERE t.gift_card_no IN {KEYS}"""


def _discounts(view: View) -> str:
    """A coupon changes with each of its codes that is issued, too."""
    return f"""(
        SELECT
            c.* REPLACE (greatest(c.updated_at, k.issued_at) AS updated_at),
            c.starts_at AS created_at,
            list_concat(
                list_filter(
                    [{{'code': c.code, 'number': c.coupon_no::BIGINT}}],
                    lambda each: each.code IS NOT NULL
                ),
                coalesce(k.issued, [])
            ) AS issued
        FROM {view.table("coupons")} AS c
        LEFT JOIN (
            SELECT coupon_no, max(issued_at) AS issued_at, list({{
                'code': code, 'number': coupon_no * 1000000 + place
            }} ORDER BY place) AS issued
            FROM (
                SELECT
                    *,
                    row_number() OVER (PARTITION BY coupon_no ORDER BY issued_at, code) AS place
                FROM {view.table("coupon_codes")}
            )
            GROUP BY coupon_no
        ) AS k USING (coupon_no)
    )"""


def _discounts_render(view: View, **_: Any) -> str:
    now = literal(view.now)
    # What a code of one customer was used for is not counted by code.
    codes = """list_transform(t.issued, lambda each: {
        'id': 'gid://shopify/DiscountRedeemCode/' || each.number,
        'code': each.code,
        'asyncUsageCount': CASE WHEN each.code = t.code THEN t.used_count ELSE 0 END
    })"""
    return f"""
    SELECT t.coupon_no, to_json({{
        'id': 'gid://shopify/DiscountNode/' || t.coupon_no,
        'discount': {{
            '__typename': 'DiscountCodeBasic',
            'title': t.title,
            'status': CASE WHEN t.ends_at <= {now} THEN 'EXPIRED' ELSE 'ACTIVE' END,
            'startsAt': {iso_s("t.starts_at")},
            'endsAt': {iso_s("t.ends_at")},
            'createdAt': {iso_s("t.created_at")},
            'updatedAt': {iso_s("t.updated_at")},
            'asyncUsageCount': t.used_count,
            'usageLimit': t.usage_limit,
            'context': {{'__typename': 'DiscountBuyerSelectionAll'}},
            'customerGets': {{'value': {{
                '__typename': 'DiscountPercentage', 'percentage': t.percent / 100
            }}}},
            'codes': {{'nodes': {codes}}}
        }}
    }})::VARCHAR
    FROM {_discounts(view)} AS t WHERE t.coupon_no IN {KEYS}"""


def _staff(view: View) -> str:
    """Who runs a shop has access to the web shop, too."""
    return f"""(
        SELECT *, hired_at AS created_at FROM {view.table("staff")} WHERE role = 'manager'
    )"""


def _staff_render(view: View, **_: Any) -> str:
    return f"""
    SELECT t.staff_no, to_json({{
        'id': 'gid://shopify/StaffMember/' || t.staff_no,
        'active': t.left_at IS NULL,
        'exists': t.left_at IS NULL,
        'accountType': 'REGULAR',
        'isShopOwner': false
    }})::VARCHAR
    FROM {_staff(view)} AS t WHERE t.staff_no IN {KEYS}"""


def _table(name: str) -> Relation:
    return lambda view: view.table(name)


ORDERS, CUSTOMERS = _table("web_orders"), _table("web_customers")
STREAMS = {
    "orders": Stream("shopify.orders", _index(ORDERS, "order_no"), _orders_render),
    "customers": Stream("shopify.customers", _index(CUSTOMERS, "customer_no"), _customers_render),
    "locations": Stream("shopify.locations", _locations_index, _locations_render),
    "products": Stream("shopify.products", _index(_products, "product_no"), _products_render),
    "giftCards": Stream(
        "shopify.gift_cards", _index(_web_gift_cards, "gift_card_no"), _gift_cards_render
    ),
    "discountNodes": Stream(
        "shopify.discounts", _index(_discounts, "coupon_no"), _discounts_render
    ),
    "staffMembers": Stream("shopify.staff", _index(_staff, "staff_no"), _staff_render),
}
BY_ID = {
    "order": ("Order", Stream("shopify.order", _by_number(ORDERS, "order_no"), _orders_render)),
    "product": (
        "Product",
        Stream("shopify.product", _by_number(_products, "product_no"), _products_render),
    ),
    "location": ("Location", Stream("shopify.location", _location_index, _location_render)),
    "discountNode": (
        "DiscountNode",
        Stream("shopify.discount", _by_number(_discounts, "coupon_no"), _discounts_render),
    ),
}
EXISTING: dict[str, tuple[Relation, str]] = {
    "Order": (ORDERS, "order_no"),
    "Customer": (CUSTOMERS, "customer_no"),
    "Product": (_products, "product_no"),
    "DiscountNode": (_discounts, "coupon_no"),
}

# Endpoints -------------------------------------------------------------------------------------


def token(sim: Simulation, call: Call) -> Reply:
    form = call.form
    if (
        form.get("client_id") != CLIENT_ID
        or form.get("client_secret") != CLIENT_SECRET
        or form.get("grant_type") != "client_credentials"
    ):
        return reply_json(
            {
                "error": "invalid_client",
                "error_description": "Client authentication failed: check client id and secret.",
            },
            400,
        )
    return reply_json(
        {
            "access_token": sim.tokens.issue(NAME, TOKEN_SECONDS, "shpat_"),
            "scope": ",".join(sim.granted(SCOPES)),
            "expires_in": TOKEN_SECONDS,
        }
    )


def _cost(rows: int) -> dict[str, Any]:
    spent = 2 + rows // 4
    return {
        "requestedQueryCost": 2 + MOST_ROWS // 4,
        "actualQueryCost": spent,
        "throttleStatus": {
            "maximumAvailable": BUCKET,
            "currentlyAvailable": int(BUCKET - spent),
            "restoreRate": RESTORE,
        },
    }


SEARCH_TERM = re.compile(r"updated_at:\s*(>=|<=|>|<|=)?\s*['\"]?([0-9T:.+Z-]+)['\"]?")


ID_TERM = re.compile(r"\bid:>=(\d{1,18})")


def _search(text: str | None) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Shopify's search syntax, of which ``updated_at`` comparisons and ``id:>=`` are understood."""
    rest = ID_TERM.sub("", SEARCH_TERM.sub("", text or ""))
    if re.sub(r"\bAND\b", "", rest).strip():
        raise Problem("invalid_request", f"This server cannot search for {rest.strip()!r}.")
    terms = [
        (operator or "=", parse_time(moment, "updated_at"))
        for operator, moment in SEARCH_TERM.findall(text or "")
    ]
    return (
        tuple(term for term in terms if ">" in term[0] or term[0] == "="),
        tuple(term for term in terms if "<" in term[0]),
    )


ORDERINGS = {"UPDATED_AT": "updated_at", "CREATED_AT": "created_at", "ID": "id"}


def graphql_endpoint(sim: Simulation, call: Call) -> Reply:
    reply = _answered(sim, call)
    reply.headers["X-Shopify-API-Version"] = VERSION
    return reply


def _answered(sim: Simulation, call: Call) -> Reply:
    sim.tokens.check(NAME, call.headers.get("x-shopify-access-token", ""))
    body = call.json
    root = graphql.read(str(body.get("query", "")), body.get("variables") or {}, SCHEMA)
    if root.name == "currentAppInstallation":
        scopes = [{"handle": scope} for scope in sim.granted(SCOPES)]
        return reply_json({"data": {root.name: {"accessScopes": scopes}}})
    if root.name == "nodes":
        return _nodes(sim, root)
    sim.need(RIGHTS.get(root.name) or f"read_{root.name}")
    if root.name in BY_ID:
        return _one(sim, call, root)
    if not root.arguments.get("first"):
        raise Problem(
            "invalid_request",
            f"you must provide one of first or last for {root.name}",
            code="BAD_REQUEST",
        )
    limit = parse_limit(root.arguments["first"], "first", 50, MOST_ROWS)
    sort_key = str(root.arguments.get("sortKey") or "ID")
    if sort_key not in ORDERINGS:
        raise Problem("invalid_request", f"This server cannot sort by {sort_key}.")
    since, until = _search(root.arguments.get("query"))
    direction = "DESC" if root.arguments.get("reverse") else "ASC"
    from_id = max(map(int, ID_TERM.findall(str(root.arguments.get("query")))), default=0)
    order = f"{ORDERINGS[sort_key]} {direction}"
    filters = {"since": since, "until": until, "order": order, "from_id": from_id}
    stream = STREAMS[root.name]
    page, following = sim.page(call, stream, filters, limit, root.arguments.get("after"))
    start = (page.next_offset or page.total) - len(page.rows)
    if start >= DEEPEST:
        raise Problem(
            "invalid_request",
            f"Paging beyond {DEEPEST:,} rows is refused: narrow the query or use a bulk operation.",
            code="BAD_REQUEST",
        )
    if following is None and page.rows:
        moment = sim.view.now
        following = write_cursor(page.total, moment, digest(stream.name, sorted(filters.items())))
    return Reply(_answer(root, page, following, call))


def _one(sim: Simulation, call: Call, root: graphql.Field) -> Reply:
    """One record by its id, null where there is none."""
    kind, stream = BY_ID[root.name]
    found = re.fullmatch(rf"gid://shopify/{kind}/(\d{{1,18}})", str(root.arguments.get("id")))
    if not found:
        raise Problem("invalid_request", "Invalid global id", code="argumentLiteralsIncompatible")
    nested = root.selected.get("inventoryLevels", root)
    since, until = _search(nested.arguments.get("query"))
    filters = {"number": int(found[1]), "since": since, "until": until}
    page, _ = sim.page(call, stream, filters, 1, None)
    row = graphql.project(page.rows, root)[0] if page.rows else "null"
    return Reply(
        f'{{"data":{{"{root.name}":{row}}},"extensions":{json.dumps({"cost": _cost(1)})}}}'
    )


def _nodes(sim: Simulation, root: graphql.Field) -> Reply:
    """Things of any kind by their ids, null for each that does not exist."""
    ids = root.arguments.get("ids") or []
    kinds = "|".join(EXISTING)
    asked = [re.fullmatch(rf"gid://shopify/({kinds})/(\d{{1,18}})", str(gid)) for gid in ids]
    if not all(asked) or len(ids) > MOST_ROWS:
        raise Problem("invalid_request", "Invalid global id", code="argumentLiteralsIncompatible")
    found = set()
    for kind, (relation, key) in EXISTING.items():
        numbers = [int(each[2]) for each in asked if each and each[1] == kind]
        rows = sim.query(
            f"SELECT t.{key} FROM {relation(sim.view)} AS t WHERE t.{key} IN {KEYS}",
            {"keys": numbers},
        )
        found |= {f"gid://shopify/{kind}/{number}" for (number,) in rows}
    nodes = [{"id": gid} if gid in found else None for gid in ids]
    return reply_json({"data": {"nodes": nodes}, "extensions": {"cost": _cost(len(ids))}})


def _answer(root: graphql.Field, page: Page, following: str | None, call: Call) -> str:
    parts: dict[str, str] = {}
    for field in root.selected.values():
        if field.name == "pageInfo":
            info = {
                "hasNextPage": page.next_offset is not None,
                "hasPreviousPage": bool(root.arguments.get("after")),
                "startCursor": following,
                "endCursor": following,
            }
            parts["pageInfo"] = json.dumps({name: info[name] for name in field.selected})
        elif field.name == "nodes":
            parts["nodes"] = "[" + ",".join(graphql.project(page.rows, field)) + "]"
        else:
            node = field.selected.get("node")
            rows = graphql.project(page.rows, node) if node else ["null"] * len(page.rows)
            cursor = f',"cursor":{json.dumps(following)}' if "cursor" in field.selected else ""
            parts["edges"] = "[" + ",".join(f'{{"node":{row}{cursor}}}' for row in rows) + "]"
    extensions: dict[str, Any] = {"cost": _cost(len(page.rows))}
    if call.whims.new_field:
        extensions["queryInsightsPreview"] = {"preview": True}
    data = ",".join(f'"{name}":{value}' for name, value in parts.items())
    return f'{{"data":{{"{root.name}":{{{data}}}}},"extensions":{json.dumps(extensions)}}}'


def refuse(problem: Problem) -> Reply:
    if problem.kind in {"unauthenticated", "token_expired", "bad_credentials"}:
        message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return reply_json({"errors": message}, 401)
    if problem.kind == "server_error":
        return reply_json({"errors": "Internal Server Error"}, problem.status)
    if problem.kind == "not_found":
        return reply_json({"errors": "Not Found"}, 404)
    if problem.kind == "rate_limited":
        cost = _cost(0) | {"actualQueryCost": None}
        cost["throttleStatus"]["currentlyAvailable"] = 0
        error = {
            "message": "Throttled",
            "extensions": {
                "code": "THROTTLED",
                "documentation": "https://shopify.dev/api/usage/rate-limits",
            },
        }
        return reply_json({"errors": [error], "extensions": {"cost": cost}})
    if problem.kind == "forbidden":
        problem.code = "ACCESS_DENIED"
    code = problem.code or (
        "INVALID_CURSOR" if "cursor" in problem.kind else "argumentLiteralsIncompatible"
    )
    return reply_json({"errors": [{"message": problem.message, "extensions": {"code": code}}]})


def credentials(host: str) -> dict[str, Any]:
    return {"login": CLIENT_ID, "password": CLIENT_SECRET}


VENDOR = Vendor(
    NAME,
    (
        ("POST", "/admin/oauth/access_token", token),
        ("POST", f"/admin/api/{VERSION}/graphql.json", graphql_endpoint),
    ),
    refuse,
    credentials,
    token_of=lambda call: call.headers.get("x-shopify-access-token", ""),
    has_web_shop_tills=True,
    records={
        "customer": Record("web_customer"),
        "order": Record("web_order"),
    },
)

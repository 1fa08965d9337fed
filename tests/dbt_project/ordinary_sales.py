"""What shops really sell, as payloads: tips, gift cards, edits, refunds, tax within prices or not.

Two shops in Berlin, one in Tokyo; amounts are chosen so that each wrong reading gives another sum.
"""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

from tests.dbt_project.warehouse import Row, Warehouse

LOAD = "20260501T000000.000000Z"
PLACED = "2026-03-10T10:00:00Z"
APRIL = "2026-04-02T10:00:00Z"


def number_of(name: str) -> int:
    """Shopify's ids are numbers: one for each name, the same in every process."""
    return 1_000 + crc32(name.encode()) % 100_000_000


def numbered(text: str) -> str:
    """A text with the numbers of the web orders that it names: shopify:EDITED."""
    return re.sub(r"shopify:([A-Z][A-Z_0-9]+)", lambda name: f"shopify:{number_of(name[1])}", text)


def bag(amount: str, currency: str = "EUR", shop: str | None = None) -> dict[str, Any]:
    return {
        "shopMoney": {"amount": shop or amount, "currencyCode": "EUR"},
        "presentmentMoney": {"amount": amount, "currencyCode": currency},
    }


def line(
    title: str, price: str, tax: str | None = None, *, off: str = "0.00", left: int = 1,
    gift_card: bool = False,
) -> dict[str, Any]:  # fmt: skip
    told = {} if tax is None else {"taxLines": [{"priceSet": bag(tax)}]}
    return {
        "title": title, "sku": title.upper(), "quantity": 1, "currentQuantity": left,
        "isGiftCard": gift_card, "originalUnitPriceSet": bag(price), "totalDiscountSet": bag("0"),
        "discountAllocations": [{"allocatedAmountSet": bag(off)}], **told,
    }  # fmt: skip


def refund(
    amount: str, at: str, lines: list[tuple[str, str]] = [],  # noqa: B006
    shipping: tuple[str, str] | None = None, location: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    place = {"id": f"gid://shopify/Location/{location}"} if location else None
    return {
        "createdAt": at, "processedAt": at,
        "totalRefundedSet": bag(amount),
        "refundLineItems": {
            "nodes": [
                {"subtotalSet": bag(price), "totalTaxSet": bag(tax), "location": place,
                 "lineItem": {"isGiftCard": False}}
                for price, tax in lines
            ],
            "pageInfo": {"hasNextPage": False},
        },
        "refundShippingLines": {"nodes": [
            {"subtotalAmountSet": bag(shipping[0]), "taxAmountSet": bag(shipping[1])}
        ] if shipping else []},
    }  # fmt: skip


def parcel(method: str, location: int = 1, status: str = "OPEN") -> dict[str, Any]:
    return {
        "id": "f", "status": status, "deliveryMethod": {"methodType": method},
        "assignedLocation": {"location": {"id": f"gid://shopify/Location/{location}"}},
    }  # fmt: skip


def web_order(name: str, total: str, **other: Any) -> Row:
    """An order; ``tax``, ``discount``, ``shipping`` (listed, charged), ``currency`` and ``shop``
    amount are read here, whatever else is named goes into the payload as it is."""
    number = number_of(name)
    currency, shop = other.pop("currency", "EUR"), other.pop("shop", None)
    tax, discount = other.pop("tax", "0.00"), other.pop("discount", "0.00")
    listed, charged = other.pop("shipping", ("0.00", "0.00"))
    subtotal = other.pop("subtotal", total)
    lines = [
        {**each, "id": f"gid://shopify/LineItem/{100 * number + place}"}
        for place, each in enumerate(other.pop("lines", [line("Shirt", total, tax)]))
    ]
    refunds = [
        {**each, "id": f"gid://shopify/Refund/{100 * number + place}"}
        for place, each in enumerate(other.pop("refunds", []))
    ]
    sent = other.pop("fulfillmentOrders", {"nodes": [parcel("SHIPPING")]})["nodes"]
    parcels = [
        {**each, "id": f"gid://shopify/FulfillmentOrder/{100 * number + place}"}
        for place, each in enumerate(sent)
    ]
    gid = f"gid://shopify/Order/{number}"
    return gid, APRIL, {
        "id": gid, "name": f"#{name}", "createdAt": PLACED, "updatedAt": APRIL,
        "processedAt": PLACED, "currencyCode": "EUR", "presentmentCurrencyCode": currency,
        "displayFinancialStatus": "PAID", "taxesIncluded": False, "sourceName": "web",
        "subtotalPriceSet": bag(subtotal, currency, shop),
        "totalDiscountsSet": bag(discount), "totalShippingPriceSet": bag(listed),
        "totalTaxSet": bag(tax), "totalPriceSet": bag(total, currency, shop),
        "shippingLines": {"nodes": [
            {"originalPriceSet": bag(listed), "discountedPriceSet": bag(charged)}
        ]},
        "lineItems": {"nodes": lines}, "refunds": refunds,
        "fulfillmentOrders": {"nodes": parcels},
        **other,
    }  # fmt: skip


def web_orders() -> list[Row]:
    shirt = line("Shirt", "60.00", "9.58")
    hat = line("Hat", "40.00", "6.39", left=0)
    at_s001 = {"sourceName": "pos", "retailLocation": {"id": "gid://shopify/Location/1"}}
    return [
        web_order("VOIDED", "60.00", displayFinancialStatus="VOIDED"),
        web_order("DELETED", "62.00", deleted="true"),
        web_order("EXPIRED", "61.00", displayFinancialStatus="EXPIRED"),
        web_order("CARD_SOLD", "50.00", lines=[line("Card", "50.00", gift_card=True)]),
        web_order("CARD_SPENT", "80.00"),
        web_order(
            "EDITED", "100.00", tax="15.97", taxesIncluded=True, lines=[shirt, hat],
            currentTotalPriceSet=bag("60.00"), currentTotalTaxSet=bag("9.58"),
            refunds=[refund("0.00", APRIL, [("40.00", "6.39")])],
        ),
        web_order(
            "EDITED_OFF", "90.00", discount="10.00", currentTotalPriceSet=bag("54.00"),
            lines=[line("Shirt", "60.00", off="6.00"), line("Hat", "40.00", off="4.00", left=0)],
            refunds=[refund("0.00", APRIL, [("36.00", "0.00")])],
        ),
        web_order("ADDED", "100.00", currentTotalPriceSet=bag("130.00")),
        web_order(
            "CAPTURED", "1341615.95", currentTotalPriceSet=bag("604214.45"),
            refunds=[refund("736515.55", APRIL)],
        ),
        web_order(
            "GOODWILL", "100.00", currentTotalPriceSet=bag("100.00"),
            refunds=[refund("10.00", APRIL)],
        ),
        web_order("INCLUDED", "119.00", tax="19.00", taxesIncluded=True),
        web_order(
            "INCLUDED_10", "113.05", subtotal="107.10", tax="18.05", discount="11.90",
            shipping=("5.95", "5.95"), taxesIncluded=True,
            lines=[line("Coat", "119.00", "17.10", off="11.90", left=0)],
            currentTotalPriceSet=bag("0.00"), currentTotalTaxSet=bag("0.00"),
            refunds=[refund("113.05", APRIL, [("107.10", "17.10")], ("5.95", "0.95"))],
        ),
        web_order(
            "UNTOLD_TAX", "124.95", subtotal="119.00", tax="19.95", taxesIncluded=True,
            shipping=("5.95", "5.95"), lines=[line("Coat", "119.00")],
        ),
        web_order(
            "FREE_SHIPPING", "100.00", discount="5.00", shipping=("5.00", "0.00"),
            lines=[line("Shirt", "100.00")],
        ),
        web_order(
            "FREE_OLD", "100.00", discount="5.00", shipping=("5.00", "0.00"), shippingLines=None,
            lines=[line("Shirt", "100.00")],
        ),
        web_order(
            "MARCH", "200.00", displayFinancialStatus="REFUNDED",
            currentTotalPriceSet=bag("0.00"), refunds=[refund("200.00", APRIL)],
        ),
        web_order(
            "CANCELLED", "50.00", cancelledAt=APRIL, currentTotalPriceSet=bag("0.00"),
            displayFinancialStatus="PARTIALLY_REFUNDED",
            refunds=[refund("30.00", "2026-03-28T10:00:00Z")],
        ),
        web_order(
            "IMPORTED", "30.00", createdAt="2026-03-12T08:00:00Z",
            processedAt="2025-12-24T12:00:00Z",
        ),
        web_order("KRONOR", "110.00", currency="SEK", shop="10.00"),
        web_order(
            "KRONOR_BACK", "110.00", currency="SEK", shop="10.00",
            currentTotalPriceSet=bag("55.00", "SEK", "5.00"),
            refunds=[{**refund("0.00", APRIL), "totalRefundedSet": bag("55.00", "SEK", "5.00")}],
        ),
        web_order(
            "EDITED_DISCOUNT", "76.80", subtotal="76.80", discount="19.20",
            lines=[{**line("Mug", "48.00", "0.00", off="19.20"), "quantity": 2}],
            currentTotalPriceSet=bag("38.40"), currentTotalTaxSet=bag("0.00"),
            refunds=[refund("0.00", APRIL, [("38.40", "0.00")])],
        ),
        web_order(
            "CANCELLED_BACK", "50.00", cancelledAt=APRIL, currentTotalPriceSet=bag("0.00"),
            displayFinancialStatus="REFUNDED", refunds=[refund("50.00", APRIL)],
        ),
        web_order(
            "FREE", "0.00", subtotal="0.00", discount="50.00",
            lines=[line("Shirt", "50.00", "0.00", off="50.00")],
        ),
        web_order("POS", "25.00", **at_s001, fulfillmentOrders={"nodes": []}),
        web_order(
            "POS_PICKUP", "26.00", **at_s001,
            fulfillmentOrders={"nodes": [parcel("PICK_UP", location=2)]},
        ),
        web_order(
            "SHIPPED_AFTER_ALL", "27.00", fulfillmentOrders={"nodes": [
                parcel("PICK_UP", status="CANCELLED"), parcel("SHIPPING", status="CLOSED"),
            ]},
        ),
        web_order(
            "MOVED", "28.00", fulfillmentOrders={"nodes": [
                parcel("PICK_UP", location=1, status="CANCELLED"), parcel("PICK_UP", location=2),
            ]},
        ),
        web_order(
            "BACK_IN_SHOP", "40.00", currentTotalPriceSet=bag("0.00"),
            refunds=[refund("40.00", APRIL, [("40.00", "0.00")], location=2)],
        ),
    ]  # fmt: skip


def till_order(name: str, total: int, *, location: str = "L1", **other: Any) -> Row:
    """A ticket; amounts by the name of their field without _money, the rest as it is."""
    currency = other.pop("currency", "EUR")

    def money(amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": currency}

    amounts = {
        f"{field}_money": money(other.pop(field))
        for field in ("total_tax", "total_discount", "total_tip", "net_amount_due")
        if field in other
    }
    lines = [
        {"uid": str(number), "name": title, "quantity": "1", "item_type": kind,
         "total_money": money(price), "total_tax_money": money(tax),
         "total_discount_money": money(off)}
        for number, (title, kind, price, tax, off) in enumerate(other.pop("lines", []))
    ]  # fmt: skip
    return name, PLACED, {
        "id": name, "location_id": location, "state": "COMPLETED", "created_at": PLACED,
        "updated_at": PLACED, "closed_at": PLACED, "total_money": money(total), **amounts,
        "line_items": lines or [{"uid": "1", "quantity": "1", "total_money": money(total)}],
        **other,
    }  # fmt: skip


def payment(order: str, amount: int, tip: int = 0, location: str = "L1") -> Row:
    return f"P_{order}", PLACED, {
        "id": f"P_{order}", "order_id": order, "location_id": location, "status": "COMPLETED",
        "amount_money": {"amount": amount, "currency": "EUR"},
        "tip_money": {"amount": tip, "currency": "EUR"}, "source_type": "CARD",
        "created_at": PLACED, "updated_at": PLACED,
    }  # fmt: skip


def given_back(name: str, amount: int, return_order: str, paid: str | None = None) -> Row:
    return name, APRIL, {
        "id": name, "order_id": return_order, "payment_id": paid, "location_id": "L1",
        "status": "COMPLETED", "amount_money": {"amount": amount, "currency": "EUR"},
        "created_at": APRIL, "updated_at": APRIL,
    }  # fmt: skip


def till_orders() -> list[Row]:
    def amounts(total: int, tax: int = 0, tip: int = 0) -> dict[str, Any]:
        told = {"total_money": total, "tax_money": tax, "tip_money": tip}
        return {name: {"amount": amount, "currency": "EUR"} for name, amount in told.items()}

    def returned(name: str, **other: Any) -> Row:
        return till_order(name, 0, line_items=None, created_at=APRIL, updated_at=APRIL, **other)

    return [
        till_order("TIP", 12_000, total_tip=2_000),
        till_order("DRAFT", 9_900, state="DRAFT"),
        till_order("SAVED", 4_600, state="OPEN", net_amount_due=4_600),
        till_order("PAID_OPEN", 4_600, state="OPEN", net_amount_due=0),
        till_order("DEPOSIT", 4_600, state="OPEN", net_amount_due=2_000),
        till_order("GIVEN_UP", 3_000, state="CANCELED", net_amount_due=3_000),
        till_order("CARD_AND_GOODS", 3_500, lines=[
            ("Card", "GIFT_CARD", 2_500, 0, 0), ("Socks", "ITEM", 1_000, 0, 0),
        ]),
        till_order(
            "ADDITIVE", 11_900, total_tax=1_900, taxes=[{"type": "ADDITIVE"}],
            lines=[("Coat", "ITEM", 11_900, 1_900, 0)],
        ),
        till_order(
            "INCLUSIVE", 10_710, total_tax=1_710, total_discount=1_190,
            taxes=[{"type": "INCLUSIVE"}], lines=[("Coat", "ITEM", 10_710, 1_710, 1_190)],
        ),
        till_order("TIP_BACK", 13_900, total_tax=1_900, total_tip=2_000),
        returned(
            "TIP_BACK_R", returns=[{"source_order_id": "TIP_BACK"}],
            return_amounts=amounts(13_900, 1_900, 2_000),
        ),
        returned("NO_RECEIPT_O", returns=[{}], return_amounts=amounts(2_500)),
        till_order(
            "TOKYO", 1_000, location="L5", currency="JPY", created_at="2026-03-12T16:00:00Z"
        ),
        till_order("UNRATED", 500, currency="SEK"),
        till_order(
            "ONLINE", 7_000, source={"name": "Square Online"},
            fulfillments=[{"type": "SHIPMENT", "state": "PROPOSED"}],
        ),
        till_order(
            "ONLINE_PICKUP", 7_100, source={"name": "Square Online"},
            fulfillments=[{"type": "PICKUP", "state": "PROPOSED"}],
        ),
    ]  # fmt: skip


def rate(currency: str, day: str, value: str) -> Row:
    key = f"exchange_rates|{currency}|{day}"
    return key, None, {
        "table_name": "exchange_rates", "currency_code": currency, "valid_from": day,
        "rate_to_reporting": value,
    }  # fmt: skip


def land(warehouse: Warehouse) -> None:
    warehouse.land_nothing()
    warehouse.land("shopify", "orders", LOAD, web_orders())
    warehouse.land("shopify", "locations", LOAD, [
        (gid, None, {"id": gid, "name": f"Berlin S00{number}", "isActive": True})
        for number in (1, 2)
        for gid in [f"gid://shopify/Location/{number}"]
    ])  # fmt: skip
    warehouse.land("square", "locations", LOAD, [
        (name, None, {
            "id": name, "name": f"{city} S00{name[1]}", "timezone": zone, "currency": currency,
            "status": "INACTIVE" if name == "K1" else "ACTIVE",
        })
        for name, city, zone, currency in (
            ("L1", "Berlin", "Europe/Berlin", "EUR"), ("L2", "Berlin", "Europe/Berlin", "EUR"),
            ("L5", "Tokyo", "Asia/Tokyo", "JPY"),
            # S001 was in Los Angeles before, under a smaller id.
            ("K1", "Los Angeles", "America/Los_Angeles", "USD"),
        )
    ])  # fmt: skip
    warehouse.land("square", "orders", LOAD, till_orders())
    warehouse.land("square", "payments", LOAD, [
        payment("TIP", 10_000, 2_000), payment("TIP_BACK", 11_900, 2_000),
    ])  # fmt: skip
    warehouse.land("square", "refunds", LOAD, [
        given_back("R1", 13_900, "TIP_BACK_R", "P_TIP_BACK"),
        given_back("NO_RECEIPT", 2_500, "NO_RECEIPT_O"),
    ])  # fmt: skip
    warehouse.land("o2o", "company_rows", LOAD, [
        rate("EUR", "2026-01-01", "1"), rate("JPY", "2026-01-01", "0.0061"),
        rate("JPY", "2026-03-13", "0.0070"),
    ])  # fmt: skip


def rows(shops: Warehouse, query: str) -> list[tuple[Any, ...]]:
    """What a query answers in which web orders are called by their names: shopify:EDITED."""
    return shops.rows(numbered(query))

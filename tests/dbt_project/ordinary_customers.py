"""Customers whose figures are easily wrong, beside the sales of ``ordinary_sales``.

ANNA buys twice on one day, comes back, and gives the last purchase back; she asked for e-mail on
the web and for none at the till. BEN came once. CARA took her first order back. DAN bought on New
Year's Eve by UTC and in the new year by the shop's clock. CARA's last order is the newest of all.
"""

from __future__ import annotations

from typing import Any

from tests.dbt_project.ordinary_sales import LOAD, bag, line, refund, web_order
from tests.dbt_project.warehouse import Row, Warehouse

NAMES = ("ANNA", "BEN", "CARA", "DAN")
NEWEST = "2026-04-03"
SHOP = {"sourceName": "pos", "retailLocation": {"id": "gid://shopify/Location/1"},
        "fulfillmentOrders": {"nodes": []}}  # fmt: skip


def customer_gid(name: str) -> str:
    return f"gid://shopify/Customer/{900 + NAMES.index(name)}"


def bought(name: str, number: int, at: str, amount: str, what: str, **other: Any) -> Row:
    """The order ANNA_1 is ANNA's first one."""
    return web_order(
        f"{name}_{number}", amount, createdAt=at, processedAt=at, updatedAt="2026-04-05T00:00:00Z",
        customer={"id": customer_gid(name)}, lines=[line(what, amount, "0.00")], **other,
    )  # fmt: skip


def orders() -> list[Row]:
    gone = {"currentTotalPriceSet": bag("0.00"), "currentTotalTaxSet": bag("0.00")}
    return [
        bought("ANNA", 1, "2025-11-10T10:00:00Z", "100.00", "Coat"),
        bought("ANNA", 2, "2025-11-10T16:00:00Z", "50.00", "Mug"),
        bought("ANNA", 3, "2025-12-05T10:00:00Z", "60.00", "Scarf", **SHOP),
        bought(
            "ANNA", 4, "2026-02-01T10:00:00Z", "40.00", "Scarf", displayFinancialStatus="REFUNDED",
            refunds=[refund("40.00", "2026-03-02T10:00:00Z", [("40.00", "0.00")])], **gone,
        ),
        bought("BEN", 1, "2025-11-20T10:00:00Z", "30.00", "Coat", **SHOP),
        bought(
            "CARA", 1, "2025-10-01T10:00:00Z", "70.00", "Mug", cancelledAt="2025-10-02T10:00:00Z",
            displayFinancialStatus="REFUNDED",
            refunds=[refund("70.00", "2025-10-02T10:00:00Z")], **gone,
        ),
        bought("CARA", 2, "2026-01-15T10:00:00Z", "80.00", "Mug"),
        bought("CARA", 3, f"{NEWEST}T10:00:00Z", "20.00", "Mug", **SHOP),
        bought("DAN", 1, "2025-12-31T23:30:00Z", "10.00", "Coat"),
    ]  # fmt: skip


def customer(name: str, email: str, sms: str | None = None) -> Row:
    gid, at = customer_gid(name), "2025-10-01T09:00:00Z"
    phone = f"+4930555{1000 + NAMES.index(name)}"
    return gid, at, {
        "id": gid, "firstName": name.title(), "lastName": f"Of{name.title()}", "createdAt": at,
        "updatedAt": at,
        "defaultEmailAddress": {
            "emailAddress": f"{name.lower()}@example.com", "marketingState": email,
            "marketingOptInLevel": "SINGLE_OPT_IN", "marketingUpdatedAt": "2026-01-01T00:00:00Z",
        },
        "defaultPhoneNumber": {
            "phoneNumber": phone, "smsMarketingConsent": {"state": sms, "optInLevel": None},
        } if sms else None,
    }  # fmt: skip


def product(number: int, sku: str, category: str) -> Row:
    gid, at = f"gid://shopify/Product/{number}", "2025-01-01T00:00:00Z"
    return gid, at, {
        "id": gid, "title": sku.title(), "status": "ACTIVE", "productType": category,
        "createdAt": at, "updatedAt": at,
        "priceRangeV2": {"minVariantPrice": {"currencyCode": "EUR"}},
        "variants": {"nodes": [{
            "id": f"gid://shopify/ProductVariant/{10 * number}", "title": "Default Title",
            "sku": sku, "price": "10.00", "createdAt": at, "updatedAt": at,
        }]},
    }  # fmt: skip


def prediction(repeats: int, recency: int, age: int, expected: str, own: str) -> Row:
    key = f"{repeats}|{recency}|{age}"
    return key, None, {
        "repeat_count": repeats, "recency_days": recency, "age_days": age,
        "probability_alive": "0.500000" if repeats else None, "expected_purchases": expected,
        "own_share": own, "mean_minor": 10_000,
    }  # fmt: skip


def land(warehouse: Warehouse) -> None:
    """Into the landing zone that ``ordinary_sales`` has filled."""
    load = LOAD.replace("000000Z", "000001Z")
    warehouse.land("shopify", "orders", load, orders())
    warehouse.land("shopify", "customers", load, [
        customer("ANNA", "SUBSCRIBED"), customer("BEN", "SUBSCRIBED", "SUBSCRIBED"),
        customer("CARA", "UNSUBSCRIBED", "SUBSCRIBED"), customer("DAN", "PENDING"),
    ])  # fmt: skip
    warehouse.land("square", "customers", load, [("TILL_ANNA", None, {
        "id": "TILL_ANNA", "email_address": "anna@example.com", "given_name": "Anna",
        "family_name": "Ofanna", "preferences": {"email_unsubscribed": True},
        "created_at": "2025-12-05T09:00:00Z", "updated_at": "2025-12-05T09:00:00Z",
    })])  # fmt: skip
    warehouse.land("shopify", "products", load, [
        product(91, "COAT", "Coats"), product(92, "MUG", "Kitchen"), product(93, "SCARF", "Wool"),
    ])  # fmt: skip
    warehouse.land("o2o", "customer_predictions", load, [
        # ANNA on 3 April: two more days, the last on 1 February.
        prediction(2, 83, 144, "2.500000", "0.600000"),
        prediction(0, 0, 134, "0.300000", "0.000000"),
        ("model", None, {
            "until_date": NEWEST, "horizon_days": 365, "customer_count": 4, "mean_minor": 10_000,
            "repeat_customer_count": 2,
        }),
    ])  # fmt: skip

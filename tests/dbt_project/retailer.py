"""A retailer small enough to reckon by hand, as payloads of the six vendors.

Nine customers walk the nine paths whose credit is known (A, A>B, A>B>C, B, …), each ending in a web
order of 1,000.00 EUR; the ninth picks hers up in the store. Tokyo's till sells for yen and takes
something back. Two ad days, one with spend and one without.
"""

from __future__ import annotations

from typing import Any

from tests.dbt_project.warehouse import Row, Warehouse

PATHS = ["A", "AB", "ABC", "B", "BA", "BCA", "C", "CA", "CBA"]
TRAFFIC = {"A": ("newsletter", "email"), "B": ("google", "organic"), "C": ("blog", "referral")}
FIRST, SECOND = "20260320T000000.000000Z", "20260321T000000.000000Z"
PICK_UP = len(PATHS) - 1
MANY_LINES = 2
DAYS = [f"2026-03-{day:02d}" for day in range(10, 14)]


def money(amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {
        side: {"amount": amount, "currencyCode": currency}
        for side in ("shopMoney", "presentmentMoney")
    }


def web_order(number: int, *, updated: str = "2026-03-12T10:00:00Z", refund: str = "") -> Row:
    method = "PICK_UP" if number == PICK_UP else "SHIPPING"
    gid = f"gid://shopify/Order/{100 + number}"
    payload = {
        "id": gid,
        "name": f"#{100 + number}",
        "createdAt": "2026-03-12T10:00:00Z",
        "updatedAt": updated,
        "email": f"Customer.{number}@example.com",
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "subtotalPriceSet": money("900.00"),
        "totalDiscountsSet": money("100.00"),
        "totalShippingPriceSet": money("0.0"),
        "totalTaxSet": money("100.00"),
        "totalPriceSet": money("1000.00"),
        "discountCodes": ["SPRING"],
        "customAttributes": [{"key": "ga_client_id", "value": f"client-{number}"}],
        "lineItems": {"nodes": [{"id": f"gid://shopify/LineItem/{number}", "quantity": 2}]},
        "refunds": [
            {"id": f"gid://shopify/Refund/{number}", "createdAt": updated,
             "totalRefundedSet": money(refund)}
        ] if refund else [],
        "fulfillmentOrders": {"nodes": [
            {"id": "f", "deliveryMethod": {"methodType": method},
             "assignedLocation": {"location": {"id": "gid://shopify/Location/5"}}}
        ]},
        "a_field_nobody_knows": {"yet": True},
    }  # fmt: skip
    if number == MANY_LINES:  # more than the order itself could carry
        payload["moreLineItems"] = [
            {"id": f"gid://shopify/LineItem/{number}{more}", "quantity": 1,
             "originalUnitPriceSet": money("7.5")}
            for more in (1, 2)
        ]  # fmt: skip
        payload["moreFulfillmentOrders"] = payload["fulfillmentOrders"]["nodes"]
    return gid, updated, payload


def sessions(number: int, path: str) -> list[Row]:
    """One event per touch, the last of them at the hour of the order, a day between touches."""
    events: list[Row] = []
    for place, channel in enumerate(path):
        day = 12 - (len(path) - 1 - place)
        source, medium = TRAFFIC[channel]
        events.append((f"{number}|{place}", f"2026-03-{day:02d}", {
            "event_timestamp": str(1_773_273_600_000_000 + (day - 12) * 86_400_000_000),
            "event_name": "session_start",
            "user_pseudo_id": f"client-{number}",
            "event_params": [{"key": "ga_session_id", "value": {"int_value": str(place + 1)}}],
            "privacy_info": {"analytics_storage": "Yes", "ads_storage": "Yes"},
            "collected_traffic_source": {"manual_source": source, "manual_medium": medium},
        }))  # fmt: skip
    return events


def till_order(name: str, total: int, returns: str | None = None) -> Row:
    at = "2026-03-12T16:00:00Z"  # the 13th in Tokyo
    payload: dict[str, Any] = {
        "id": name, "location_id": "L5", "customer_id": "CUST", "state": "COMPLETED",
        "created_at": at, "updated_at": at, "closed_at": at,
        "total_money": {"amount": 0 if returns else total, "currency": "JPY"},
    }  # fmt: skip
    if returns:
        payload["returns"] = [{"source_order_id": returns}]
    else:
        payload["line_items"] = [{"uid": "1", "quantity": "1"}]
    return name, at, payload


def spend(day: str, micros: int) -> Row:
    return f"7|{day}", day, {
        "campaign": {"id": "7", "resourceName": "customers/1/campaigns/7"},
        "metrics": {"impressions": "10", "clicks": "1", "costMicros": str(micros)},
    }  # fmt: skip


def land_first(warehouse: Warehouse) -> None:
    land = warehouse.land
    land("shopify", "orders", FIRST, [web_order(n) for n in range(len(PATHS))])
    land("shopify", "locations", FIRST, [
        ("gid://shopify/Location/5", None, {"id": "gid://shopify/Location/5", "name": "Tokyo S005"})
    ])  # fmt: skip
    events = [event for n, path in enumerate(PATHS) for event in sessions(n, path)]
    warehouse.land_report("ga4", "events", FIRST, DAYS, events)
    land("square", "locations", FIRST, [
        ("L5", None, {
            "id": "L5", "name": "Tokyo S005", "timezone": "Asia/Tokyo", "currency": "JPY"})
    ])  # fmt: skip
    land("square", "customers", FIRST, [
        ("CUST", "2026-03-01T00:00:00Z", {
            "id": "CUST", "email_address": "customer.0@EXAMPLE.com",
            "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z"})
    ])  # fmt: skip
    land("square", "orders", FIRST, [till_order("SALE", 12_000)])
    land("square", "payments", FIRST, [("PAY", "2026-03-12T16:00:00Z", {
        "id": "PAY", "order_id": "SALE", "amount_money": {"amount": 12_000, "currency": "JPY"},
        "created_at": "2026-03-12T16:00:00Z", "updated_at": "2026-03-12T16:00:00Z"})
    ])  # fmt: skip
    land("google_ads", "customers", FIRST, [("1", None, {
        "customer": {"id": "1", "currencyCode": "EUR", "timeZone": "Europe/Berlin"}})
    ])  # fmt: skip
    warehouse.land_report(
        "google_ads", "campaign_performance", FIRST, DAYS, [spend(day, 5_004_000) for day in DAYS]
    )


def land_second(warehouse: Warehouse) -> None:
    """A day later: a refund, a return, a restated ad day and one that the platform emptied."""
    land = warehouse.land
    refunded = web_order(0, updated="2026-03-20T10:00:00Z", refund="250.00")
    # Read before the refund, landed after it: an old version must not win.
    land("shopify", "orders", SECOND, [refunded, web_order(0), web_order(1)])
    land("square", "orders", SECOND, [till_order("RETURN", 2_000, returns="SALE")])
    land("square", "refunds", SECOND, [("REF", "2026-03-20T10:00:00Z", {
        "id": "REF", "payment_id": "PAY", "order_id": "RETURN", "status": "COMPLETED",
        "amount_money": {"amount": 2_000, "currency": "JPY"},
        "created_at": "2026-03-20T10:00:00Z", "updated_at": "2026-03-20T10:00:00Z"})
    ])  # fmt: skip
    warehouse.land_report(
        "google_ads", "campaign_performance", SECOND, DAYS[2:], [spend(DAYS[2], 6_000_000)]
    )

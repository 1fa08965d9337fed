"""Records of which something cannot be read, beside others that can, as vendors send them.

A record's key tells what is odd about it. All are of a load of their own.
"""

from __future__ import annotations

import json
from typing import Any

from tests.dbt_project.hostile import (
    NOON,
    contact,
    of_salesforce,
    spend,
    till_order,
    web_order,
)
from tests.dbt_project.warehouse import Row, Warehouse

ODD = "20260402T000000.000000Z"
DAY = "2026-04-01"


def text(key: str, payload: str) -> Row:
    """A row with a payload that is no JSON, or no object."""
    return key, NOON, payload


def said(row: Row, **more: Any) -> Row:
    key, cursor, payload = row
    assert isinstance(payload, dict)
    return key, cursor, {**payload, **more}


def total(amount: Any, currency: str = "EUR") -> dict[str, Any]:
    return {"total_money": {"amount": amount, "currency": currency}}


def till(name: str, **more: Any) -> Row:
    return said(till_order(name, "S001", 100), location_id="L9", **more)


TILL_ORDERS = [
    till("comma", **total("12,50")),
    till("euros", **total("12.50")),
    till("forty digits", **total("9" * 40)),
    till("no total", total_money=None),
    till("no number of pieces", line_items=[{"uid": "1", "quantity": "NaN"}]),
    till("a line without an id", line_items=[{"uid": "1", "quantity": "1"}, {"quantity": "1"}]),
    till("a line that is null", line_items=[None, {"uid": "1", "quantity": "1"}]),
    till("no such day", created_at="2026-13-45"),
    till("no such zone", created_at="2026-03-12T12:00:00+99:00"),
    till("for ever", created_at="infinity"),
    text("half a character", '{"id": "half a character", "note": "\\ud83d"}'),
    text("cut off", '{"id": "cut off", "total_money": {"amount"'),
    text("a list", "[1]"),
    text("null", "null"),
    # These can be read.
    till("without seconds", created_at="2026-03-12T12:00Z", updated_at="2026-03-12T12:00"),
    text("twice", json.dumps(till("twice", **total(200))[2]).replace("{", '{"state": "OPEN", ', 1)),
    till("zero byte", source={"name": "a\x00b"}),
    till("ends in zeros", **total("300.0")),
    till("a number without end", version=10**600, closed_at=""),
]  # fmt: skip

FAULTS = {
    # square orders: key, field, wanted, form
    ("comma", "total_money.amount", "minor", "99,99"),
    ("euros", "total_money.amount", "minor", "99.99"),
    ("forty digits", "total_money.amount", "minor", "9" * 40),
    ("no total", "total_money.amount", "minor", ""),
    ("no total", "total_money.currency", "text", ""),
    ("no number of pieces", "line_items[].quantity", "amount", "aaa"),
    ("a line without an id", "line_items[].uid", "text", ""),
    ("a line that is null", "line_items[].uid", "text", ""),
    ("no such day", "created_at", "time", "9999-99-99"),
    ("no such zone", "created_at", "time", "9999-99-99T99:99:99+99:99"),
    ("for ever", "created_at", "time", "aaaaaaaa"),
    ("half a character", "payload", "a JSON object", ""),
    ("cut off", "payload", "a JSON object", ""),
    ("a list", "payload", "a JSON object", ""),
    ("null", "payload", "a JSON object", ""),
    # the other streams
    ("gid://shopify/Order/901", "subtotalPriceSet.presentmentMoney.amount", "amount", "99,99"),
    ("gid://shopify/Order/901", "totalPriceSet.presentmentMoney.amount", "amount", "99,99"),
    ("no day", "createdAt", "time", "aaa aaaa"),
    ("902", "createdAt", "time", "9"),
    ("2026-04-01|XXX", "rate", "rate", "a/a"),
    ("90|2026-04-01", "metrics.costMicros", "whole", "aaa"),
    ("door", "in", "count", "aaaa"),
    ("event", "event_timestamp", "microseconds", "9999-99-99"),
    ("006 comma", "Amount", "amount", "99,99"),
    ("00Q maybe", "IsConverted", "flag", "aaaaa"),
    ("no hour", "start_time", "time", "aa aaaa"),
    ("no moment", "createdAt", "time", "aaaa"),
    ("gate", "in", "count", "aaaa"),
}
# Left out of a record that is there all the same.
NOTED = {
    ("milliseconds", "properties.closedate", "time", "9999999999999"),
    ("nobody's date", "properties.closedate", "time", "aaaa"),
    ("time of day", "properties.closedate", "time", "99:99:99"),
    ("901", "properties.hs_lifecyclestage_lead_date", "time", "aaaa"),
    ("L9", "timezone", "zone", "aaaa/aaaaaa"),
    ("L9", "business_hours.periods[].start_local_time", "wall_clock", "9 aa"),
    ("no accuracy", "locationAccuracy", "amount", "aaa"),
    ("006 day", "CloseDate", "day", "9999-99-99"),
    ("006 day", "LastStageChangeDate", "time", "aaaa"),
    ("003 born", "Birthdate", "day", "9999-99-99"),
    ("paid oddly", "payment.amount", "amount", "99,99"),
    ("heard oddly", "actualCreatedAt", "time", "aaaa"),
    ("X9", "time_zone", "zone", "aaaa/aaaaaa"),
}


def land(warehouse: Warehouse) -> None:
    warehouse.land("square", "orders", ODD, TILL_ORDERS)
    warehouse.land("shopify", "orders", ODD, [web_order(901, "12,50", shop="12.50")])
    warehouse.land("hubspot", "contacts", ODD, [
        contact("900", "empty@example.com", hs_lifecyclestage_lead_date="", date_of_birth=""),
        contact("901", "soon@example.com", hs_lifecyclestage_lead_date="soon"),
        said(contact("902", "never@example.com"), createdAt=0),
    ])  # fmt: skip
    closed = {
        "milliseconds": "1743465600000", "nobody's date": "None", "time of day": "11:15:00",
        "open": "",
    }  # fmt: skip
    warehouse.land("hubspot", "deals", ODD, [
        (name, NOON, {"id": name, "createdAt": NOON, "updatedAt": NOON,
            "properties": {"closedate": date, "amount": "", "deal_currency_code": "EUR"}})
        for name, date in closed.items()
    ])  # fmt: skip
    warehouse.land("square", "locations", ODD, [("L9", None, {
        "id": "L9", "name": "Shop S009", "timezone": "Mars/Phobos", "currency": "EUR",
        "business_hours": {"periods": [
            {"day_of_week": "MON", "start_local_time": "9 am", "end_local_time": "18:00:00"}]},
    })])  # fmt: skip
    warehouse.land_report("ecb", "rates", ODD, [DAY], [
        (f"{DAY}|XXX", DAY, {"currency": "XXX", "rate": "N/A"}),
    ])  # fmt: skip
    warehouse.land_report("google_ads", "campaign_performance", ODD, [DAY], [
        spend("1", "90", DAY, "NaN"),
    ])  # fmt: skip
    warehouse.land_report("store_sensors", "door_counts", ODD, [DAY], [
        ("door", DAY, {"serial": "CS001", "start": f"{DAY}T10:00:00Z", "end": f"{DAY}T11:00:00Z",
            "in": "many", "out": 1}),
    ])  # fmt: skip
    warehouse.land_report("ga4", "events", ODD, [DAY], [
        ("event", DAY, {"event_timestamp": DAY, "event_name": "page_view"}),
    ])  # fmt: skip
    seen = {"type": "ping", "user": {"deviceId": "odd"}}
    warehouse.land("store_sensors", "pings", ODD, [
        ("no day", NOON, {"_id": "no day", "createdAt": "the time", **seen}),
        ("no accuracy", NOON, {
            "_id": "no accuracy", "createdAt": NOON, "locationAccuracy": "NaN", **seen}),
    ])  # fmt: skip
    warehouse.land("salesforce", "opportunities", ODD, [
        of_salesforce("006 comma", Amount="12,50", CurrencyIsoCode="EUR"),
        of_salesforce("006 day", CloseDate="2026-13-45", LastStageChangeDate="soon"),
    ])  # fmt: skip
    warehouse.land("salesforce", "leads", ODD, [of_salesforce("00Q maybe", IsConverted="maybe")])
    warehouse.land("salesforce", "contacts", ODD, [
        of_salesforce("003 born", Birthdate="0000-03-25", IsDeleted=None),
    ])  # fmt: skip
    # The booking's appointment is set aside, and has no time.
    warehouse.land("calendly", "scheduled_events", ODD, [
        ("no hour", NOON, {"uri": "calendly/e1", "start_time": "at noon", "created_at": NOON}),
    ])  # fmt: skip
    warehouse.land("calendly", "invitees", ODD, [
        ("paid oddly", NOON, {
            "uri": "calendly/i1", "event": "calendly/e1", "email": "odd@example.com",
            "created_at": NOON, "payment": {
                "amount": "12,50", "currency": "EUR", "successful": True}}),
    ])  # fmt: skip
    warehouse.land("radar", "events", ODD, [
        ("no moment", NOON, {"_id": "no moment", "createdAt": "noon", **seen}),
        ("heard oddly", NOON, {
            "_id": "heard oddly", "createdAt": NOON, "actualCreatedAt": "soon", **seen}),
    ])  # fmt: skip
    hour = {"started_at": f"{DAY}T10:00:00+02:00", "ended_at": f"{DAY}T11:00:00+02:00"}
    warehouse.land_report("axis", "door_counts", ODD, [DAY], [
        ("gate", DAY, {"serial": "X9", **hour, "in": "many", "out": 1}),
    ])  # fmt: skip
    warehouse.land("axis", "counters", ODD, [
        ("X9", NOON, {"serial": "X9", "name": "Gate", "time_zone": "Mars/Phobos"}),
    ])  # fmt: skip

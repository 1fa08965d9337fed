"""Awkward but lawful cases, as payloads of the vendors: odd currencies, day edges, exchanges,
voids, lost phones, shops at the other end of the world. What each must come to stands in the test.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.dbt_project.warehouse import Row, Warehouse

LOAD = "20260401T000000.000000Z"
NEXT_LOAD = "20260402T000000.000000Z"
NOON = "2026-03-12T12:00:00Z"
TOUCHES = 3_000

# Code: Square location, time zone, currency of the tills.
SHOPS = {
    "S001": ("L1", "Europe/Berlin", "EUR"),
    "S002": ("L2", "America/New_York", "USD"),
    "S003": ("L3", "Pacific/Auckland", "EUR"),
    "S005": ("L5", "Asia/Tokyo", "JPY"),
    "S006": ("L6", "Asia/Kuwait", "KWD"),
}


utc = datetime.fromisoformat


def money(shop: str, shop_currency: str, paid: str, currency: str) -> dict[str, Any]:
    return {
        "shopMoney": {"amount": shop, "currencyCode": shop_currency},
        "presentmentMoney": {"amount": paid, "currencyCode": currency},
    }


def web_order(
    number: int,
    paid: str,
    currency: str = "EUR",
    shop: str | None = None,
    shop_currency: str = "EUR",
    refunds: list[tuple[str, str]] | None = None,
    at: str = NOON,
    **more: Any,
) -> Row:
    """An order of ``paid`` that the shop books as ``shop``; refunds as (shop, paid)."""
    gid = f"gid://shopify/Order/{number}"
    nothing = money("0", shop_currency, "0", currency)
    whole = money(shop or paid, shop_currency, paid, currency)
    payload = {
        "id": gid,
        "name": f"#{number}",
        "createdAt": at,
        "updatedAt": at,
        "currencyCode": shop_currency,
        "presentmentCurrencyCode": currency,
        "subtotalPriceSet": whole,
        "totalDiscountsSet": nothing,
        "totalShippingPriceSet": nothing,
        "totalTaxSet": nothing,
        "totalPriceSet": whole,
        "lineItems": {"nodes": [{"id": f"gid://shopify/LineItem/{number}", "quantity": 1}]},
        "refunds": [
            {
                "id": f"gid://shopify/Refund/{number}{i}",
                "createdAt": at,
                "totalRefundedSet": money(a, shop_currency, b, currency),
            }
            for i, (a, b) in enumerate(refunds or [])
        ],
        **more,
    }
    return gid, at, payload


def client(name: str) -> list[dict[str, str]]:
    return [{"key": "ga_client_id", "value": name}]


def pick_up(location: str) -> dict[str, Any]:
    place = {"location": {"id": f"gid://shopify/Location/{location}"}}
    method = {"methodType": "PICK_UP"}
    return {"nodes": [{"id": "f", "deliveryMethod": method, "assignedLocation": place}]}


def till_order(name: str, shop: str, total: int, at: str = NOON, **more: Any) -> Row:
    location, _, currency = SHOPS[shop]
    payload = {
        "id": name, "location_id": location, "state": "COMPLETED",
        "created_at": at, "updated_at": at, "closed_at": at,
        "total_money": {"amount": total, "currency": currency},
        "line_items": [{"uid": "1", "quantity": "1"}],
        **more,
    }  # fmt: skip
    return name, at, payload


def payment(order: str, shop: str, amount: int, at: str = NOON, status: str = "COMPLETED") -> Row:
    location, _, currency = SHOPS[shop]
    payload = {
        "id": f"P-{order}", "order_id": order, "location_id": location, "status": status,
        "amount_money": {"amount": amount, "currency": currency},
        "created_at": at, "updated_at": at,
    }  # fmt: skip
    return f"P-{order}", at, payload


def refund(name: str, shop: str, amount: int, payment_id: str | None, returned: str) -> Row:
    location, _, currency = SHOPS[shop]
    payload = {
        "id": name, "payment_id": payment_id, "order_id": returned, "location_id": location,
        "status": "COMPLETED", "amount_money": {"amount": amount, "currency": currency},
        "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    return name, NOON, payload


def event(
    client: str | None, session: int, at: datetime, consent: str | None = "Yes", **traffic: str
) -> Row:
    payload: dict[str, Any] = {
        "event_timestamp": f"{at.replace(tzinfo=UTC).timestamp():.0f}000000",
        "event_name": "page_view",
        "user_pseudo_id": client,
        "event_params": [{"key": "ga_session_id", "value": {"int_value": str(session)}}],
        "collected_traffic_source": {f"manual_{key}": value for key, value in traffic.items()},
    }
    if consent:
        payload["privacy_info"] = {"analytics_storage": consent, "ads_storage": consent}
    return f"{client}|{session}|{at.isoformat()}", at.date().isoformat(), payload


def ping(device: str, shop: str, at: datetime) -> Row:
    key = f"{device}|{at.isoformat()}"
    text = f"{at.isoformat()}Z"
    payload = {
        "_id": key, "type": "ping", "createdAt": text, "actualCreatedAt": text,
        "user": {"deviceId": device}, "metadata": {"rssi": -60},
        "beacon": {"externalId": f"b-{shop}", "description": f"Beacon {shop}"},
    }  # fmt: skip
    return key, text, payload


def stay(device: str, shop: str, begin: datetime, minutes: int) -> list[Row]:
    return [ping(device, shop, begin + timedelta(minutes=m)) for m in range(0, minutes + 1, 10)]


def spend(account: str, campaign: str, day: str, micros: str | None, **metrics: str) -> Row:
    counts = {"impressions": "10", "clicks": "1", **metrics}
    return f"{campaign}|{day}", day, {
        "campaign": {
            "id": campaign, "resourceName": f"customers/{account}/campaigns/{campaign}"},
        "segments": {"date": day},
        # A metric that is zero is left out.
        "metrics": counts if micros is None else {**counts, "costMicros": micros},
    }  # fmt: skip


def contact(number: str, email: str, at: str = NOON, **properties: str) -> Row:
    payload = {
        "id": number, "createdAt": "2026-03-01T00:00:00Z", "updatedAt": at,
        "properties": {"email": email, **properties},
    }  # fmt: skip
    return number, at, payload


def land(warehouse: Warehouse) -> None:
    warehouse.land_nothing()
    _places(warehouse)
    _web_shop(warehouse)
    _tills(warehouse)
    _web(warehouse)
    _phones(warehouse)
    _ads(warehouse)
    _crm(warehouse)
    _salesforce(warehouse)


def _places(warehouse: Warehouse) -> None:
    warehouse.land("square", "locations", LOAD, [
        (location, None, {
            "id": location, "name": f"Shop {code}", "timezone": zone, "currency": currency})
        for code, (location, zone, currency) in SHOPS.items()
    ])  # fmt: skip
    # S001 is listed twice by the web shop: its old and its new pick-up desk.
    places = [*((code[-1], code) for code in SHOPS), ("91", "S001")]
    warehouse.land("shopify", "locations", LOAD, [
        (number, None, {"id": f"gid://shopify/Location/{number}", "name": f"Shop {code}"})
        for number, code in places
    ])  # fmt: skip
    # S001 has two doors.
    doors = [*((f"C{code}", code) for code in SHOPS), ("C-back", "S001")]
    warehouse.land("store_sensors", "counters", LOAD, [
        (serial, None, {"serial": serial, "name": f"Door {code}"}) for serial, code in doors
    ])  # fmt: skip


def _web_shop(warehouse: Warehouse) -> None:
    warehouse.land("shopify", "orders", LOAD, [
        web_order(1, "10000", "JPY", "61.23", refunds=[("61.23", "10000")]),
        web_order(2, "12.345", "KWD", "37.04", refunds=[("3.00", "1.000"), ("1.51", "0.505")]),
        web_order(3, "1000", "JPY", "6.63", "USD"),  # the shop's books are no help here
        web_order(4, "10.00", refunds=[("12.00", "12.00")]),  # more than was paid, as goodwill
        web_order(5, "0.00", customAttributes=client("many")),
        web_order(6, "99.99", customAttributes=client("many")),
        web_order(7, "50.00", cancelledAt=NOON),
        web_order(8, "20.00", fulfillmentOrders=pick_up("91"), refunds=[("20.00", "20.00")]),
        web_order(9, "8.00", at="2026-03-29T00:59:59Z", customAttributes=client("edge")),
        web_order(10, "9.00", customAttributes=client("unasked")),
        web_order(11, "7777.77", test=True),
    ])  # fmt: skip


def _tills(warehouse: Warehouse) -> None:
    warehouse.land("square", "orders", LOAD, [
        till_order("DINAR", "S006", 1_234),
        # Half past midnight in New York, on both sides of the hour that is missing there.
        till_order("BEFORE", "S002", 100, "2026-03-08T04:59:59Z"),
        till_order("AFTER", "S002", 100, "2026-03-09T04:00:00Z"),
        till_order("VOIDED", "S001", 700, state="CANCELED"),
        till_order("SOLD", "S001", 1_000),
        # Takes something back and sells something else, in one order.
        till_order("SWAPPED", "S001", 1_500, returns=[{"source_order_id": "SOLD"}]),
        till_order("RETURNED", "S001", 0, returns=[{"source_order_id": "SOLD"}], line_items=[]),
        till_order("LAST", "S001", 1, "2026-03-20T12:00:00Z"),
    ])  # fmt: skip
    warehouse.land("square", "payments", LOAD, [
        payment("DINAR", "S006", 1_234),
        payment("BEFORE", "S002", 100, "2026-03-08T04:59:59Z"),
        payment("AFTER", "S002", 100, "2026-03-09T04:00:00Z"),
        payment("VOIDED", "S001", 700, status="CANCELED"),
        payment("SOLD", "S001", 1_000),
        payment("SWAPPED", "S001", 1_500),
        payment("LAST", "S001", 1, "2026-03-20T12:00:00Z"),
    ])  # fmt: skip
    warehouse.land("square", "refunds", LOAD, [
        refund("R1", "S001", 300, "P-SOLD", "RETURNED"),
        refund("R2", "S001", 200, "P-SOLD", "SWAPPED"),
        refund("R3", "S001", 444, None, "UNHEARD-OF"),  # of a sale before our time
    ])  # fmt: skip


def _web(warehouse: Warehouse) -> None:
    noon = utc("2026-03-12T12:00")
    email = {"source": "newsletter", "medium": "email"}
    events = [
        event("many", i + 1, noon - timedelta(minutes=4 * i), **email) for i in range(TOUCHES)
    ]
    # From one day into the next, and consent in the middle of it.
    midnight = utc("2026-03-10T23:59")
    events += [
        event("night", 1, midnight, "No", source="google", medium="organic"),
        event("night", 1, midnight + timedelta(minutes=2)),
    ]
    # A touch at the very edge of e-mail's 14 days, one a second older, one right on time.
    order = utc("2026-03-29T00:59:59")
    events += [
        event("edge", 1, order - timedelta(days=14), **email),
        event("edge", 2, order - timedelta(days=14, seconds=1), **email),
        event("edge", 3, order, source="blog", medium="referral"),
        event("edge", 4, order + timedelta(seconds=1), source="blog", medium="referral"),
    ]
    events += [event("unasked", 1, noon, None, **email)]  # analytics says nothing about consent
    referrers = ["xbox.com", "m.facebook.com", "x.com", "t.co", "metacritic.com", "x", "fb"]
    events += [
        event(f"from {source}", 1, noon, source=source, medium="referral") for source in referrers
    ]
    days = [f"2026-03-{day:02d}" for day in range(1, 31)]
    warehouse.land_report("ga4", "events", LOAD, days, events)


def _phones(warehouse: Warehouse) -> None:
    pings = []
    for day in (1, 3, 5):
        # Six hours in Auckland, half of them before midnight in Greenwich.
        pings += stay("clerk", "S003", utc(f"2026-03-{day:02d}T21:00"), 360)
    pings += stay("forgotten", "S001", utc("2026-03-07T12:00"), 30 * 60)
    pings += stay("guest", "S001", utc("2026-03-07T12:00"), 10)
    pings += stay("guest", "S005", utc("2026-03-07T15:00"), 10)
    warehouse.land("store_sensors", "pings", LOAD, pings)


def _ads(warehouse: Warehouse) -> None:
    days = [f"2026-03-{day:02d}" for day in range(10, 13)]
    warehouse.land("google_ads", "customers", LOAD, [
        (account, None, {
            "customer": {"id": account, "currencyCode": currency, "timeZone": "Asia/Tokyo"}})
        for account, currency in (("1", "EUR"), ("2", "JPY"), ("3", "KWD"))
    ])  # fmt: skip
    campaigns = [("7", "1"), ("8", "2"), ("9", "3")]  # and 10, which the platform forgot
    warehouse.land("google_ads", "campaigns", LOAD, [
        (campaign, None, {"campaign": {
            "id": campaign, "resourceName": f"customers/{account}/campaigns/{campaign}",
            "name": campaign, "status": "ENABLED", "advertisingChannelType": "SEARCH"}})
        for campaign, account in campaigns
    ])  # fmt: skip
    warehouse.land_report("google_ads", "campaign_performance", LOAD, days, [
        spend("1", "7", days[0], None),
        spend("2", "8", days[0], "100400000"),
        spend("2", "8", days[1], "100400000", conversionsValue="1000.4"),
        spend("3", "9", days[0], "1234500", conversionsValue="1.2345"),
        spend("1", "10", days[2], "7000000"),
    ])  # fmt: skip


def _crm(warehouse: Warehouse) -> None:
    warehouse.land("hubspot", "contacts", LOAD, [
        contact("1", "gone@example.com"),
        contact("2", "back@example.com", at="2026-03-20T00:00:00Z"),
        contact("3", "kept@example.com", hs_email_optout="true", hs_merged_object_ids="4;5"),
        contact("4", "merged@example.com"),
    ])  # fmt: skip
    warehouse.land("hubspot", "archived_contacts", LOAD, [
        (number, None, {
            "id": number, "createdAt": "2026-03-01T00:00:00Z",
            "archivedAt": "2026-03-15T00:00:00Z", "properties": {"email": email}})
        for number, email in (
            ("1", "gone@example.com"), ("2", "back@example.com"), ("4", "merged@example.com"))
    ])  # fmt: skip

    def deal(number: str, contact: str, at: str = NOON, **more: bool) -> Row:
        linked = {"contacts": [{"toObjectId": contact}]}
        properties = {"order_name": f"#deal{number}"}
        payload = {"id": number, "createdAt": NOON, "updatedAt": at, "properties": properties}
        return number, at, {**payload, "associations": linked, **more}

    def links(number: str, *contacts: str) -> Row:
        linked = {"contacts": [{"toObjectId": contact} for contact in contacts]}
        return number, "2026-04-02T00:00:00Z", {"id": number, "associations": linked}

    # 51 was archived; 52 was linked to another contact later, 53 to none; 54 changed after that.
    warehouse.land("hubspot", "deals", LOAD, [deal(str(n), "3") for n in range(51, 55)])
    warehouse.land("hubspot", "deal_contacts", NEXT_LOAD, [
        links("52", "2"), links("53"), links("54", "2")])  # fmt: skip
    warehouse.land("hubspot", "deals", "20260403T000000.000000Z", [
        deal("51", "3", "2026-04-03T00:00:00Z", deleted=True),
        deal("54", "3", "2026-04-03T00:00:00Z"),
    ])  # fmt: skip


def of_salesforce(number: str, at: str = NOON, deleted: bool = False, **more: Any) -> Row:
    payload = {
        "Id": number, "CreatedDate": "2026-03-01T00:00:00.000+0000",
        "SystemModstamp": at.replace("Z", ".000+0000"), "IsDeleted": deleted, **more,
    }  # fmt: skip
    return number, at, payload


def _salesforce(warehouse: Warehouse) -> None:
    """003A was merged into 003B, as whom 00QA was converted; 00QC was merged into 00QB."""
    warehouse.land("salesforce", "contacts", LOAD, [
        of_salesforce("003A", deleted=True, MasterRecordId="003B", Email="clara@old.example"),
        of_salesforce("003B", Email="clara@new.example", HasOptedOutOfEmail=True),
        # A person account, whom the opportunities name by the account.
        of_salesforce("003P", Email="pia@mail.example", AccountId="001P", IsPersonAccount=True),
    ])  # fmt: skip
    warehouse.land("salesforce", "leads", LOAD, [
        of_salesforce("00QA", Email="clara@work.example", IsConverted=True, Status="Kunde",
            ConvertedDate="2026-03-05", ConvertedContactId="003B", ConvertedOpportunityId="006A"),
        of_salesforce("00QB", Email="lena@home.example", Status="Open - Not Contacted"),
        of_salesforce("00QC", deleted=True, MasterRecordId="00QB", Email="lena@work.example"),
        of_salesforce("00QD", Email="lost@mail.example", Status="Closed - Not Converted"),
    ])  # fmt: skip
    closed = {"IsClosed": True, "LastStageChangeDate": "2026-03-10T10:00:00.000+0000"}
    warehouse.land("salesforce", "opportunities", LOAD, [
        of_salesforce("006A", Amount=1e7, CurrencyIsoCode="JPY", IsWon=True, **closed),
        of_salesforce("006B", Amount=1.234, CurrencyIsoCode="KWD", AccountId="001P", **closed),
        of_salesforce("006C", CurrencyIsoCode="EUR", CloseDate="2026-09-30"),
        of_salesforce("006D", Amount=5, CurrencyIsoCode="EUR", deleted=True, **closed),
    ])  # fmt: skip
    warehouse.land("salesforce", "opportunity_contact_roles", LOAD, [
        of_salesforce("00KA", OpportunityId="006A", ContactId="003B", IsPrimary=True),
        of_salesforce("00KB", OpportunityId="006C", ContactId="003B", deleted=True),
    ])  # fmt: skip

"""Small retailers whose past keeps changing, as payloads of the vendors.

Each history is one retailer with its own customers, browsers, phones, orders and campaign: touches
land late or are taken back, persons merge and split, refunds and voids come weeks after the sale,
ad days are restated. All share one landing zone and a few shops, so that one build tells of all.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.dbt_project.warehouse import Row, Warehouse

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR, DAY = 60, 24 * 60  # minutes
REGIONS = ["BE", "BY", "HE", "HH"]
SHOPS = 4
TRAFFIC: list[dict[str, str]] = [
    {},
    {"source": "newsletter", "medium": "email"},
    {"source": "google", "medium": "organic"},
    {"source": "blog", "medium": "referral"},
    {"source": "facebook", "medium": "paid_social"},
]
Stream = tuple[str, str]
EVENTS, DOORS = ("ga4", "events"), ("store_sensors", "door_counts")
SPEND, CLICKS = ("google_ads", "campaign_performance"), ("google_ads", "click_views")
WEB_ORDERS, TILL_ORDERS = ("shopify", "orders"), ("square", "orders")
PAYMENTS, REFUNDS = ("square", "payments"), ("square", "refunds")
BOOKINGS = ("square", "bookings")


def text(minute: int) -> str:
    return (START + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_of(minute: int) -> str:
    return text(minute)[:10]


class Vendors:
    """What the vendors report at the moment, and what of it has landed."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.loads = 0
        # Said since the last load, entity by entity.
        self.news: dict[Stream, list[tuple[str, str | None, Mapping[str, Any]]]] = defaultdict(list)
        # As it stands, day by day.
        self.days: dict[Stream, dict[str, dict[str, Mapping[str, Any]]]] = {
            stream: defaultdict(dict) for stream in (EVENTS, DOORS, SPEND, CLICKS)
        }
        self.newest: dict[Stream, dict[str, tuple[str, int, str]]] = defaultdict(dict)
        self.covered: dict[Stream, dict[str, dict[str, Mapping[str, Any]]]] = defaultdict(dict)

    def load(self, stream: Stream, days: Iterable[str] = ()) -> None:
        """One load: an entity stream's news, or these days of a report stream."""
        self.loads += 1
        load_id = f"20260601T000000.{self.loads:06d}Z"
        if stream in self.days:
            found = {day: dict(self.days[stream][day]) for day in sorted({*days})}
            rows: list[Row] = [
                (key, day, payload) for day, its in found.items() for key, payload in its.items()
            ]
            self.warehouse.land_report(*stream, load_id, [*found], rows)
            self.covered[stream] |= found
            return
        said = self.news.pop(stream)
        self.warehouse.land(*stream, load_id, said)
        for key, cursor, payload in said:
            version = (cursor or "", self.loads, json.dumps(payload))
            self.newest[stream][key] = max(version, self.newest[stream].get(key, version))

    def landed(self, stream: Stream) -> dict[str, Any]:
        """The newest version of each entity, as far as it has landed."""
        return {key: json.loads(payload) for key, (_, _, payload) in self.newest[stream].items()}

    # What must have become of it.

    def ledger(self) -> dict[str, int]:
        """Every sale and what is left of it after refunds, in minor units of its currency."""
        left = {}
        for order in self.landed(WEB_ORDERS).values():
            if order["cancelledAt"] is None and not order["test"]:
                name = "shopify:" + order["id"].rpartition("/")[2]
                refunds = [refund["totalRefundedSet"] for refund in order["refunds"]]
                cents = [minor(side["presentmentMoney"]) for side in refunds]
                left[name] = minor(order["totalPriceSet"]["presentmentMoney"]) - sum(cents)
        orders, payments = self.landed(TILL_ORDERS), self.landed(PAYMENTS)
        for order in orders.values():
            if order["state"] != "CANCELED" and order["line_items"]:
                left["square:" + order["id"]] = order["total_money"]["amount"]
        for refund in self.landed(REFUNDS).values():
            if refund["payment_id"] in payments:
                sale = payments[refund["payment_id"]]["order_id"]
            else:
                returned = orders.get(refund["order_id"])
                sale = returned["returns"][0]["source_order_id"] if returned else ""
            if refund["status"] != "FAILED" and f"square:{sale}" in left:
                left[f"square:{sale}"] -= refund["amount_money"]["amount"]
        return left

    def appointments(self) -> dict[str, int]:
        """Every booking that stands, and its value."""
        return {
            "booking:square:" + booking["id"]: 0
            for booking in self.landed(BOOKINGS).values()
            if not booking["status"].startswith(("CANCELLED", "DECLINED"))
        }

    def ads(self) -> dict[str, tuple[int, Decimal]]:
        """Of each campaign, what it cost in micros and how many conversions it claims."""
        cost: dict[str, int] = defaultdict(int)
        claims: dict[str, Decimal] = defaultdict(Decimal)
        for its in self.covered[SPEND].values():
            for row in its.values():
                _, account, _, number = row["campaign"]["resourceName"].split("/")
                campaign = f"google_ads:{account}:{number}"
                cost[campaign] += int(row["metrics"].get("costMicros", 0))
                claims[campaign] += Decimal(row["metrics"].get("conversions", "0"))
        return {campaign: (cost[campaign], claims[campaign]) for campaign in cost}


def minor(money: Mapping[str, str]) -> int:
    digits = 0 if money["currencyCode"] == "JPY" else 2
    return int(Decimal(money["amount"]).scaleb(digits).to_integral_value(ROUND_HALF_UP))


class History:
    """One retailer."""

    def __init__(self, vendors: Vendors, seed: int, number: int) -> None:
        self.vendors = vendors
        self.number = number
        self.rng = random.Random(f"{seed}|{number}")
        self.currency, self.till_currency = self.rng.choice([("EUR", "EUR")] * 3 + [("USD", "JPY")])
        self.shops = [number % SHOPS, (number + 1 + number // SHOPS % (SHOPS - 1)) % SHOPS]
        self.since = self.now = 0
        self.moments: list[int] = []
        self.said: list[tuple[Stream, str, str | None, Mapping[str, Any]]] = []
        self.sessions = 0
        self.events: list[tuple[str, int, int, str]] = []  # client, session, minute, key
        self.pings: list[tuple[str, int, int]] = []  # phone, shop, minute
        self.web_orders: list[dict[str, Any]] = []
        self.till_orders: list[dict[str, Any]] = []
        self.refunds: list[dict[str, Any]] = []
        self.bookings: list[dict[str, Any]] = []
        self.later: list[tuple[Stream, str, str | None, Mapping[str, Any]]] = []
        self.clock = 0
        self.relist()
        account = {
            "id": f"{number}", "currencyCode": self.currency, "timeZone": "Europe/Berlin"
        }  # fmt: skip
        self.say(("google_ads", "customers"), f"{number}", None, {"customer": account})

    def live(self, since: int, until: int) -> None:
        """From one load to the next: mostly what is new, and much of what is old."""
        self.since, self.now = since, until
        # What had been held back arrives, one way or another.
        for row in [row for row in self.later if self.rng.random() < 0.7]:
            self.later.remove(row)
            self.say(*row)
        for act in self.rng.choices([*ACTS], [*ACTS.values()], k=self.rng.randrange(6, 12)):
            act(self)

    # --- dice

    def moment(self) -> int:
        """When something happened that is heard of now: at the edge of a window, or anywhen."""
        dice = self.rng.random()
        if self.moments and dice < 0.25:
            off = self.rng.choice([0, 0, 1, 12 * HOUR, 7 * DAY, 14 * DAY, 14 * DAY + 1, 30 * DAY])
            at = self.rng.choice(self.moments) + off * self.rng.choice([1, -1])
        else:
            at = self.rng.randrange(self.since if dice < 0.6 else 0, self.now)
        at = min(max(at, 0), self.now - 1)
        self.moments.append(at)
        return at

    def one(self, kind: str, of: int, or_none: float = 0.0) -> str | None:
        """One of few, so that they meet."""
        if self.rng.random() < or_none:
            return None
        return f"{kind}{self.number}x{self.rng.randrange(of)}"

    def email(self, or_none: float = 0.2) -> str | None:
        name = self.one("mail", 3, or_none)
        return name and f"{name}@example.com"

    def phone(self) -> str | None:
        return self.rng.choice([None, *(f"+4930{100_000 + self.number}{last}" for last in "12")])

    def web_id(self, or_none: float = 0.0) -> str | None:
        name = self.one("", 3, or_none)
        return name and name.replace("x", "00")

    def next_update(self) -> str:
        """Later than anything said before."""
        self.clock = max(self.clock + 1, self.since)
        return text(self.clock)

    def say(self, stream: Stream, key: str, cursor: str | None, payload: Mapping[str, Any]) -> None:
        self.said.append((stream, key, cursor, payload))
        self.vendors.news[stream].append((key, cursor, payload))

    # --- web

    def browse(self) -> None:
        self.sessions += 1
        traffic = dict(self.rng.choice(TRAFFIC))
        if self.rng.random() < 0.3:
            traffic = {"source": "google", "medium": "cpc", "campaign_id": f"{self.number}1"}
        if self.rng.random() < 0.15:
            click = f"click{self.number}x{self.sessions}"
            traffic = {"gclid": click}
            self.vendors.days[CLICKS][day_of(self.moment())][click] = {
                "campaign": {"id": f"{self.number}1", "resourceName": self.campaign()},
                "clickView": {"gclid": click}}  # fmt: skip
        client = self.one("browser", 3) or ""
        self.event(client, self.sessions, self.moment(), traffic)

    def event(
        self, client: str, session: int, at: int, traffic: Mapping[str, str], consent: str = "Yes"
    ) -> None:
        key = f"{client}|{session}|{at}"
        login = self.web_id(or_none=0.8)
        payload = {
            "event_timestamp": f"{(START + timedelta(minutes=at)).timestamp():.0f}000000",
            "event_name": "page_view",
            "user_pseudo_id": client,
            "platform": "ANDROID" if client.endswith("x2") else "WEB",
            "user_id": login,
            "event_params": [{"key": "ga_session_id", "value": {"int_value": str(session)}}],
            "privacy_info": {"analytics_storage": consent, "ads_storage": consent},
            "collected_traffic_source": {
                name if name == "gclid" else f"manual_{name}": value
                for name, value in traffic.items()
            },
        }
        self.vendors.days[EVENTS][day_of(at)][key] = payload
        self.events.append((client, session, at, key))

    def remember(self) -> None:
        """A session has begun earlier, gone on longer or come from elsewhere than was known."""
        if self.events:
            client, session, at, _ = self.rng.choice(self.events)
            at = min(max(at + self.rng.randrange(-HOUR, HOUR), 0), self.now - 1)
            self.event(client, session, at, self.rng.choice(TRAFFIC))

    def forget(self) -> None:
        if self.events:
            _, _, at, key = self.events.pop(self.rng.randrange(len(self.events)))
            self.vendors.days[EVENTS][day_of(at)].pop(key, None)

    def refuse(self) -> None:
        """Consent is withdrawn, or was for a while."""
        if self.events:
            client, _, _, _ = self.rng.choice(self.events)
            at = self.rng.choice([self.now - 1, self.moment()])
            self.sessions += 1
            self.event(client, self.sessions, at, {}, consent="No")

    # --- web shop

    def buy(self) -> None:
        self.web_orders.append({
            "number": self.number * 1000 + len(self.web_orders), "at": self.moment(),
            "cents": self.rng.choice([0, 1, 3, 100, 9_999, self.rng.randrange(10_000_000)]),
            "refunds": [], "cancelled": None, "client": self.one("browser", 3, 0.25),
            "email": self.email(), "customer": self.web_id(0.4), "phone": self.phone(),
            "picked_up": self.rng.random() < 0.2, "test": self.rng.random() < 0.03,
            "region": self.rng.choice([*REGIONS, None]),
        })  # fmt: skip
        self.tell_order(self.web_orders[-1])

    def change_order(self) -> None:
        if not self.web_orders:
            return
        order = self.rng.choice(self.web_orders)
        what = self.rng.choice(["refunds", "refunds", "cancelled", "client", "email", "customer"])
        if what == "refunds":
            order["refunds"].append(self.rng.randrange(order["cents"] + 1))
        elif what == "cancelled":
            order["cancelled"] = None if order["cancelled"] else text(self.now - 1)
        elif what == "client":
            order["client"] = self.one("browser", 3, 0.4)
        else:
            order[what] = self.email(0.1) if what == "email" else self.web_id(0.2)
        self.tell_order(order)

    def tell_order(self, order: Mapping[str, Any]) -> None:
        gid, updated = f"gid://shopify/Order/{order['number']}", self.next_update()
        customer = order["customer"] and {"id": f"gid://shopify/Customer/{order['customer']}"}
        pick_up = {
            "id": "f", "deliveryMethod": {"methodType": "PICK_UP"},
            "assignedLocation": {"location": {"id": f"gid://shopify/Location/{self.shops[0]}"}},
        }  # fmt: skip
        nothing = self.money(0)
        self.say(WEB_ORDERS, gid, updated, {
            "id": gid, "name": f"#{order['number']}", "createdAt": text(order["at"]),
            "updatedAt": updated, "cancelledAt": order["cancelled"], "test": order["test"],
            "email": order["email"], "phone": order["phone"], "customer": customer,
            "shippingAddress": order["region"]
            and {"countryCodeV2": "DE", "provinceCode": order["region"]},
            "currencyCode": "EUR", "presentmentCurrencyCode": self.currency,
            "subtotalPriceSet": self.money(order["cents"]), "totalDiscountsSet": nothing,
            "totalShippingPriceSet": nothing, "totalTaxSet": nothing,
            "totalPriceSet": self.money(order["cents"]),
            "lineItems": {"nodes": [{"id": f"gid://shopify/LineItem/{order['number']}",
                                     "quantity": 1}]},
            "refunds": [
                {"id": f"gid://shopify/Refund/{order['number']}{i}", "createdAt": updated,
                 "totalRefundedSet": self.money(cents)}
                for i, cents in enumerate(order["refunds"])
            ],
            "customAttributes": [{"key": "ga_client_id", "value": order["client"]}]
            if order["client"] else [],
            "fulfillmentOrders": {"nodes": [pick_up] if order["picked_up"] else []},
        })  # fmt: skip

    def money(self, cents: int) -> dict[str, Any]:
        rate = 100 if self.currency == "EUR" else 92
        shop = {"amount": f"{Decimal(cents * rate).scaleb(-4):.2f}", "currencyCode": "EUR"}
        amount = f"{Decimal(cents).scaleb(-2):.2f}"
        return {
            "shopMoney": shop,
            "presentmentMoney": {"amount": amount, "currencyCode": self.currency},
        }

    # --- who is who

    def register(self) -> None:
        """A new customer of one of the systems, or one who changes address, name or card."""
        updated, name = self.next_update(), self.rng.choice(["Ann", "Bob", None])
        kind = self.rng.randrange(3)
        if kind == 0:
            gid = f"gid://shopify/Customer/{self.web_id()}"
            self.say(("shopify", "customers"), gid, updated, {
                "id": gid, "firstName": name, "createdAt": text(0), "updatedAt": updated,
                "defaultEmailAddress": {"emailAddress": self.email()},
                "defaultPhoneNumber": {"phoneNumber": self.phone()}})  # fmt: skip
        elif kind == 1:
            number = self.web_id() or ""
            properties = {
                "email": self.email(), "phone": self.phone(), "firstname": name,
                "loyalty_card_no": self.one("card", 2, 0.5),
                "hs_merged_object_ids": self.web_id(0.8),
            }  # fmt: skip
            self.say(("hubspot", "contacts"), number, updated, {
                "id": number, "createdAt": text(0), "updatedAt": updated,
                "properties": properties})  # fmt: skip
        else:
            name_of_till = self.one("till", 3) or ""
            self.say(("square", "customers"), name_of_till, updated, {
                "id": name_of_till, "email_address": self.email(), "phone_number": self.phone(),
                "given_name": name, "reference_id": self.one("card", 2, 0.5),
                "created_at": text(0), "updated_at": updated})  # fmt: skip

    def close_deal(self) -> None:
        """The CRM knows whose order it was."""
        if self.web_orders:
            number, updated = self.rng.choice(self.web_orders)["number"], self.next_update()
            self.say(("hubspot", "deals"), f"deal{number}", updated, {
                "id": f"deal{number}", "createdAt": updated, "updatedAt": updated,
                "properties": {"order_name": f"#{number}", "dealstage": "closedwon"},
                "associations": {"contacts": [{"toObjectId": self.web_id()}]}})  # fmt: skip

    def change_deal(self) -> None:
        """All links are read anew, or a deal was found to be gone. Neither changes the deal."""
        if deals := [each for each in self.said if each[0] == ("hubspot", "deals")]:
            _, key, _, payload = self.rng.choice(deals)
            updated = self.next_update()
            if self.rng.random() < 0.7:
                contacts = [{"toObjectId": self.web_id()}] if self.rng.random() < 0.8 else []
                self.say(("hubspot", "deal_contacts"), key, updated, {
                    "id": key, "associations": {"contacts": contacts}})  # fmt: skip
            else:
                self.say(("hubspot", "deals"), key, updated, {**payload, "deleted": True})

    # --- tills

    def sell(self) -> None:
        order = {
            "id": f"SALE{self.number}x{len(self.till_orders)}", "at": self.moment(),
            "minor": self.rng.choice([0, 1, 7, self.rng.randrange(1_000_000)]),
            "state": "COMPLETED",
            "customer": self.one("till", 3, 0.4), "shop": self.rng.choice(self.shops),
        }  # fmt: skip
        self.till_orders.append(order)
        self.tell_sale(order)
        fingerprint = self.one("fingerprint", 2, 0.3)
        paid = (PAYMENTS, f"PAY{order['id']}", text(order["at"]), {
            "id": f"PAY{order['id']}", "order_id": order["id"], "status": "COMPLETED",
            "customer_id": order["customer"] if self.rng.random() < 0.5 else None,
            "amount_money": {"amount": order["minor"], "currency": self.till_currency},
            "card_details": {"card": {"fingerprint": fingerprint}},
            "created_at": text(order["at"]), "updated_at": text(order["at"])})  # fmt: skip
        if self.rng.random() < 0.3:
            self.later.append(paid)
        else:
            self.say(*paid)

    def tell_sale(self, order: Mapping[str, Any], **more: Any) -> None:
        updated = self.next_update()
        self.say(TILL_ORDERS, order["id"], updated, {
            "id": order["id"], "location_id": f"L{order['shop']}", "state": order["state"],
            "customer_id": order["customer"], "created_at": text(order["at"]),
            "updated_at": updated,
            "total_money": {"amount": order["minor"], "currency": self.till_currency},
            "line_items": [{"uid": "1", "quantity": "1"}], **more})  # fmt: skip

    def change_sale(self) -> None:
        """Voided, or somebody's after all."""
        if self.till_orders:
            order = self.rng.choice(self.till_orders)
            if self.rng.random() < 0.4:
                order["state"] = "CANCELED" if order["state"] == "COMPLETED" else "COMPLETED"
            else:
                order["customer"] = self.one("till", 3, 0.2)
            self.tell_sale(order)

    def take_back(self) -> None:
        """A refund, by the payment's id or the return's; one in a while fails afterwards."""
        if self.refunds and self.rng.random() < 0.3:
            refund = self.rng.choice(self.refunds)
            refund = {**refund, "status": self.rng.choice(["FAILED", "COMPLETED"])}
        elif self.till_orders:
            sale = self.rng.choice(self.till_orders)
            name = f"REF{self.number}x{len(self.refunds)}"
            refund = {
                "id": name, "order_id": f"RET{name}", "status": "COMPLETED",
                "payment_id": self.rng.choice([None, f"PAY{sale['id']}"]),
                "amount_money": {"amount": self.rng.randrange(sale["minor"] + 1),
                                 "currency": self.till_currency},
            }  # fmt: skip
            self.refunds.append(refund)
            back = {**sale, "id": f"RET{name}", "minor": 0, "state": "COMPLETED"}
            self.tell_sale(back, returns=[{"source_order_id": sale["id"]}], line_items=[])
        else:
            return
        updated = self.next_update()
        stated = {**refund, "created_at": updated, "updated_at": updated}
        self.say(REFUNDS, refund["id"], updated, stated)

    # --- shops

    def visit(self) -> None:
        begin, shop = self.moment(), self.rng.choice(self.shops)
        phone = self.one("phone", 2) or ""
        for minute in range(0, self.rng.choice([1, 15, 40]), 10):
            self.ping(phone, shop, begin + minute)

    def ping(self, phone: str, shop: int, at: int) -> None:
        key = f"{phone}|{shop}|{at}"
        self.pings.append((phone, shop, at))
        row = (("store_sensors", "pings"), key, text(at), {
            "_id": key, "type": "ping", "createdAt": text(at), "actualCreatedAt": text(at),
            "user": {"deviceId": phone, "userId": self.web_id(0.7)},
            "metadata": {"rssi": self.rng.choice([-60, -60, -60, -85])},
            "beacon": {"externalId": f"b{shop}", "description": f"Beacon S00{shop}"},
        })  # fmt: skip
        # It waits in the phone while there is no network.
        if self.rng.random() < 0.25:
            self.later.append(row)
        else:
            self.say(*row)

    def notice(self) -> None:
        """A ping near others, that ties two stays or makes a visit longer."""
        if self.pings:
            phone, shop, at = self.rng.choice(self.pings)
            self.ping(phone, shop, max(0, at + self.rng.randrange(-35, 36)))

    def book(self) -> None:
        """An appointment, or what becomes of one: moved, cancelled, somebody else's, stood up."""
        if self.bookings and self.rng.random() < 0.5:
            booking = self.rng.choice(self.bookings)
        else:
            booking = {"id": f"BOOK{self.number}x{len(self.bookings)}", "created_at": self.moment()}
            self.bookings.append(booking)
        status = ["PENDING", "ACCEPTED", "ACCEPTED", "CANCELLED_BY_CUSTOMER", "DECLINED", "NO_SHOW"]
        updated = self.next_update()
        self.say(BOOKINGS, booking["id"], updated, {
            "id": booking["id"], "status": self.rng.choice(status),
            "customer_id": self.one("till", 3, 0.2),
            "location_id": f"L{self.rng.choice(self.shops)}",
            "start_at": text(booking["created_at"] + self.rng.randrange(HOUR, 20 * DAY)),
            "created_at": text(booking["created_at"]), "updated_at": updated})  # fmt: skip

    # --- ads

    def campaign(self) -> str:
        """Its account's only one, as the vendor names it."""
        return f"customers/{self.number}/campaigns/{self.number}1"

    def spend(self) -> None:
        for _ in range(self.rng.randrange(1, 4)):
            campaign, day = f"{self.number}1", day_of(self.moment())
            metrics = {"impressions": "10", "clicks": "1",
                       "costMicros": str(self.rng.choice([0, 4_999, 5_000, 1_234_567, 98_765_432])),
                       "conversions": self.rng.choice(["0", "1.5", "0.333333"]),
                       "conversionsValue": self.rng.choice(["0", "19.999", "100.4"])}  # fmt: skip
            self.vendors.days[SPEND][day][campaign] = {
                "campaign": {"id": campaign, "resourceName": self.campaign()},
                "metrics": metrics}  # fmt: skip

    def relist(self) -> None:
        if self.rng.random() < 0.9:
            campaign = f"{self.number}1"
            kind = self.rng.choice(["SEARCH", "VIDEO", "SHOPPING"])
            self.say(("google_ads", "campaigns"), campaign, None, {"campaign": {
                "id": campaign, "name": campaign, "status": "ENABLED",
                "resourceName": self.campaign(),
                "advertisingChannelType": kind}})  # fmt: skip

    def repeat(self) -> None:
        """An old version lands once more: it must not win where the vendor's clock tells."""
        if self.said:
            self.vendors.news[(row := self.rng.choice(self.said))[0]].append(row[1:])


ACTS = {
    History.browse: 10, History.remember: 3, History.forget: 2, History.refuse: 1,
    History.buy: 4, History.change_order: 4, History.register: 5, History.close_deal: 1,
    History.change_deal: 1,
    History.sell: 4, History.change_sale: 2, History.take_back: 2, History.visit: 4,
    History.notice: 2, History.book: 3, History.spend: 3, History.relist: 1, History.repeat: 2,
}  # fmt: skip


class Retailers:
    """All histories of a landing zone, in step."""

    def __init__(self, warehouse: Warehouse, seed: int, histories: int) -> None:
        self.rng = random.Random(seed)
        self.vendors = Vendors(warehouse)
        self.now = 0
        self._open_shops()
        self.histories = [History(self.vendors, seed, 1 + n) for n in range(histories)]

    def live(self, days: int) -> None:
        """So many days more, in two loads of each stream."""
        for part in (days // 2, days - days // 2):
            since, self.now = self.now, self.now + part * DAY
            for history in self.histories:
                history.live(since, self.now)
            self._count_at_the_doors(since)
            for stream in [*self.vendors.news]:
                self.vendors.load(stream)
            every_day = [day_of(day) for day in range(0, self.now, DAY)]
            for stream, its in self.vendors.days.items():
                # An old day may be read again, and then be empty.
                if since and self.rng.random() < 0.4:
                    its[self.rng.choice(every_day)].clear()
                window = self.rng.randrange(1, len(every_day) + 1)
                days_read = {*every_day[-max(part, window) :]}
                days_read |= {day for day in every_day if self.rng.random() < 0.2}
                self.vendors.load(stream, days_read)

    def _open_shops(self) -> None:
        for shop, region in enumerate(REGIONS):
            name = f"Shop S00{shop}"
            self.vendors.news["square", "locations"].append((f"L{shop}", None, {
                "id": f"L{shop}", "name": name, "currency": "EUR", "country": "DE",
                "timezone": "Pacific/Auckland" if shop == 1 else "Europe/Berlin",
                "address": {"administrative_district_level_1": region}}))  # fmt: skip
            gid = f"gid://shopify/Location/{shop}"
            self.vendors.news["shopify", "locations"].append((gid, None, {"id": gid, "name": name}))
            self.vendors.news["store_sensors", "counters"].append(
                (f"C{shop}", None, {"serial": f"C{shop}", "name": f"Door S00{shop}"})
            )

    def _count_at_the_doors(self, since: int) -> None:
        """New days, and old ones counted anew. In Auckland a day has rows of two dates."""
        most = 30 + len(self.histories)
        for shop in range(SHOPS):
            for day in range(0, self.now, DAY):
                if (day < since and self.rng.random() < 0.8) or self.rng.random() < 0.1:
                    continue
                for begin in (day, day + DAY // 2):
                    self.vendors.days[DOORS][day_of(day)][f"C{shop}|{begin}"] = {
                        "serial": f"C{shop}", "start": text(begin), "end": text(begin + DAY // 2),
                        "in": str(self.rng.randrange(most))}  # fmt: skip

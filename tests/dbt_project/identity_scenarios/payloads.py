"""Scenarios' lines as what the vendors send: shop is Shopify, till Square, crm HubSpot, web GA4,
app the store sensors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.dbt_project.identity_scenarios.language import Line, Scenario, ScenarioError
from tests.dbt_project.warehouse import Row, Warehouse

# Country of a till, and the money that it takes.
TILLS = {
    "DE": "EUR", "AT": "EUR", "CH": "CHF", "US": "USD", "GB": "GBP", "FR": "EUR", "IT": "EUR",
    "PL": "PLN",
}  # fmt: skip
PERSON = {"name", "given", "family"}
HOME = {"street", "city", "zip", "country"}
KINDS = {
    kind: frozenset(fields)
    for kind, fields in {
        "shop customer": {"email", "phone", *PERSON, *HOME, "note"},
        # `name` is the buyer's, on the billing address; `to` whoever gets the parcel.
        "shop order": {
            "email", "phone", *PERSON, *HOME, "customer", "browser", "to", "to_phone", "source",
            "note",
        },
        "till customer": {"email", "phone", *PERSON, *HOME, "born", "loyalty", "source", "note"},
        "till order": {"customer", "card", "brand", "till", "buyer_email", "note"},
        "till account": {"customer", "phone"},
        "crm contact": {
            "email", "more_emails", "phone", "mobile", *PERSON, *HOME, "born", "loyalty", "merged",
            "archived", "company",
        },
        "crm deal": {"contact", "order"},
        "web browser": {"user", "order", "consent"},
        "app device": {"user"},
    }.items()
}  # fmt: skip
RECORDS = {
    "shop customer": "shopify:customer", "shop order": "shopify:order",
    "till customer": "square:customer", "till order": "square:order",
    "till account": "square:loyalty_account", "crm contact": "hubspot:contact",
    "web browser": "ga4:browser", "app device": "store_sensors:app_device",
    "card": "square:card_fingerprint",
}  # fmt: skip
REFERENCES = ("customer", "user", "contact", "order", "browser", "card")
Owner = tuple[int, str]  # number of the scenario, label


@dataclass
class World:
    """All scenarios as one landing zone, and which of its rows and records are whose."""

    records: dict[str, Owner] = field(default_factory=dict)
    rows: dict[tuple[str, str], Owner] = field(default_factory=dict)  # stream, key
    loads: dict[tuple[str, str, int], list[Row]] = field(
        default_factory=lambda: defaultdict(list)
    )  # source, stream, version

    def add(self, scenario: Scenario) -> None:
        versions: dict[str, list[Line]] = {}
        for line in scenario.lines:
            versions.setdefault(line.label, []).append(line)
        names = _Names(scenario)
        for label in scenario.labels():
            if key := names.record_key(label):
                self.records[key] = (scenario.number, label)
        for label, lines in versions.items():
            told: dict[str, str] = {}
            quoted: frozenset[str] = frozenset()
            for version, line in enumerate(lines):
                events = line.kind in ("web browser", "app device")
                told = line.fields if events else {**told, **line.fields}
                quoted = line.quoted if events else quoted | line.quoted
                merged = replace(line, fields=told, quoted=quoted)
                first = line.at if events else lines[0].at
                for stream, row in _WRITE[line.kind](merged, names, first, version):
                    source, _, table = stream.partition("/")
                    self.loads[source, table, 0 if events else version].append(row)
                    self.rows[stream, str(row[0])] = (scenario.number, label)
        for number, (decision, one, other) in enumerate(scenario.decisions):
            self.loads["o2o", "company_rows", 0].append((f"{scenario.number}-{number}", None, {
                "table_name": f"{'must' if decision == 'join' else 'cannot'}_links",
                "record_key_a": names.record_key(one), "record_key_b": names.record_key(other),
                "reason": "known", "decided_by": "owner", "decided_on": "2026-03-01",
            }))  # fmt: skip

    def land(self, warehouse: Warehouse) -> None:
        warehouse.land_nothing()
        warehouse.land("square", "locations", _load(0), [
            (f"L{country}", None, {
                "id": f"L{country}", "name": f"Till S{number:03d}", "timezone": "Europe/Berlin",
                "currency": currency, "country": country, "address": {"country": country}})
            for number, (country, currency) in enumerate(TILLS.items(), start=1)
        ])  # fmt: skip

    def land_rows(self, warehouse: Warehouse, since: int = 0, before: int = 99) -> None:
        """Only what the scenarios say, in some of its versions: no stores, no empty streams."""
        for (source, stream, version), rows in sorted(self.loads.items()):
            if not since <= version < before:
                continue
            if stream == "events":
                days = sorted({str(cursor) for _, cursor, _ in rows})
                warehouse.land_report(source, stream, _load(version), days, rows)
            else:
                warehouse.land(source, stream, _load(version), rows)


def _load(version: int) -> str:
    return f"20260601T{version:02d}0000.000000Z"


class _Names:
    """The vendors' ids of a scenario's records: no two scenarios share one."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.kinds = {line.label: line.kind for line in scenario.lines}
        cards = [line.fields["card"] for line in scenario.lines if line.fields.get("card")]
        self.kinds |= {card: "card" for card in cards if card not in self.kinds}
        self.numbers = {label: place for place, label in enumerate(self.kinds, start=1)}

    def id(self, label: str) -> str:
        kind, number = self.kinds[label], self.scenario.number * 1000 + self.numbers[label]
        match kind.split()[0]:
            case "shop" | "crm":
                return str(7_000_000_000 + number)
            case "web":
                return f"{1_000_000_000 + number}.1772445600"
            case "app":
                return f"device{number:014d}"
            case "card":
                return f"sq-1-card{number:020d}"
        return f"SQ{number:012d}{label.upper()}"

    def record_key(self, label: str) -> str | None:
        kind = RECORDS.get(self.kinds[label])
        return kind and f"{kind}:{self.id(label)}"

    def named(self, line: Line, name: str) -> str | None:
        """The id that a field says, by label or in quotes."""
        told = line.fields.get(name)
        if not told or name in line.quoted:
            return told
        if told not in self.kinds:
            raise ScenarioError(f"{line.place}: there is no record {told}")
        return self.id(told)

    def order_name(self, line: Line) -> str | None:
        told = self.named(line, "order")
        return told if not told or "order" in line.quoted else f"#{told}"


def _names(line: Line) -> tuple[str | None, str | None]:
    """Given and family name: the last word of a name is the family's."""
    given, _, family = (line.fields.get("name") or "").rpartition(" ")
    if family and not given:
        given, family = family, ""
    return line.fields.get("given", given) or None, line.fields.get("family", family) or None


def _text(at: datetime) -> str:
    return f"{at.isoformat()}Z"


def _some(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


Written = list[tuple[str, Row]]


def _shop_customer(line: Line, names: _Names, first: datetime, version: int) -> Written:
    told, gid = line.fields, f"gid://shopify/Customer/{names.id(line.label)}"
    given, family = _names(line)
    email, phone = told.get("email"), told.get("phone")
    home = _some(
        address1=told.get("street"), city=told.get("city"), zip=told.get("zip"),
        countryCodeV2=told.get("country"),
    )  # fmt: skip
    return [("shopify/customers", (gid, _text(line.at), {
        "id": gid, "firstName": given, "lastName": family,
        "createdAt": _text(first), "updatedAt": _text(line.at),
        "defaultEmailAddress": {"emailAddress": email, "marketingState": "SUBSCRIBED"}
        if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
        "defaultAddress": home or None,
        **_some(note=told.get("note")),
    }))]  # fmt: skip


def _bag(amount: str) -> dict[str, Any]:
    sides = ("shopMoney", "presentmentMoney")
    return {side: {"amount": amount, "currencyCode": "EUR"} for side in sides}


def _shop_order(line: Line, names: _Names, first: datetime, version: int) -> Written:
    told, number = line.fields, names.id(line.label)
    gid = f"gid://shopify/Order/{number}"
    given, family = _names(line)
    home = _some(
        address1=told.get("street"), city=told.get("city"), zip=told.get("zip"),
        countryCodeV2=told.get("country"),
    )  # fmt: skip
    billing = _some(firstName=given, lastName=family, phone=told.get("phone"), **home)
    shipping = dict(billing)
    if to := told.get("to"):
        to_given, _, to_family = to.rpartition(" ")
        shipping = _some(
            firstName=to_given or to_family, lastName=to_family if to_given else "",
            phone=told.get("to_phone"), countryCodeV2=told.get("country"),
        )  # fmt: skip
    customer, browser = names.named(line, "customer"), names.named(line, "browser")
    nothing, whole = _bag("0.00"), _bag("50.00")
    return [("shopify/orders", (gid, _text(line.at), {
        "id": gid, "name": f"#{number}", "createdAt": _text(first), "updatedAt": _text(line.at),
        "processedAt": _text(first), "email": told.get("email") or None,
        "phone": told.get("phone") or None,
        "customer": {"id": f"gid://shopify/Customer/{customer}"} if customer else None,
        "billingAddress": billing or None, "shippingAddress": shipping or None,
        "currencyCode": "EUR", "presentmentCurrencyCode": "EUR",
        "displayFinancialStatus": "PAID", "sourceName": told.get("source") or "web",
        "subtotalPriceSet": whole, "totalDiscountsSet": nothing, "totalShippingPriceSet": nothing,
        "totalTaxSet": nothing, "totalPriceSet": whole, "currentTotalPriceSet": whole,
        "customAttributes": [{"key": "ga_client_id", "value": browser}] if browser else [],
        "lineItems": {"nodes": [
            {"id": f"gid://shopify/LineItem/{number}", "quantity": 1, "currentQuantity": 1,
             "originalUnitPriceSet": whole}
        ]},
        "refunds": [], **_some(note=told.get("note")),
    }))]  # fmt: skip


def _till_customer(line: Line, names: _Names, first: datetime, version: int) -> Written:
    told, name = line.fields, names.id(line.label)
    given, family = _names(line)
    home = _some(
        address_line_1=told.get("street"), locality=told.get("city"), postal_code=told.get("zip"),
        country=told.get("country"),
    )  # fmt: skip
    return [("square/customers", (name, _text(line.at), {
        "id": name, "created_at": _text(first), "updated_at": _text(line.at),
        **_some(
            email_address=told.get("email"), phone_number=told.get("phone"), given_name=given,
            family_name=family, birthday=told.get("born"), reference_id=told.get("loyalty"),
            address=home, note=told.get("note"),
        ),
        "creation_source": told.get("source") or "THIRD_PARTY",
    }))]  # fmt: skip


def _till_order(line: Line, names: _Names, first: datetime, version: int) -> Written:
    told, name, country = line.fields, names.id(line.label), line.fields.get("till", "DE")
    if country not in TILLS:
        raise ScenarioError(f"{line.place}: there is no till in {country}")
    money = {"amount": 5_000, "currency": TILLS[country]}
    at, customer, card = _text(line.at), names.named(line, "customer"), names.named(line, "card")
    place = {"location_id": f"L{country}", "created_at": _text(first), "updated_at": at}
    order = {
        "id": name, "state": "COMPLETED", "closed_at": at, **place, **_some(customer_id=customer),
        "total_money": money,
        "line_items": [{"uid": "1", "quantity": "1", "total_money": money}],
        **_some(note=told.get("note")),
    }  # fmt: skip
    payment = {
        "id": f"P{name}", "order_id": name, "status": "COMPLETED", "amount_money": money, **place,
        **_some(customer_id=customer, buyer_email_address=told.get("buyer_email")),
        "source_type": "CARD" if card else "CASH",
        **_some(card_details=card and {
            "card": {"card_brand": told.get("brand", "VISA"), "fingerprint": card}}),
    }  # fmt: skip
    return [
        ("square/orders", (name, at, order)),
        ("square/payments", (f"P{name}", at, payment)),
    ]


def _till_account(line: Line, names: _Names, first: datetime, version: int) -> Written:
    name, at = names.id(line.label), _text(line.at)
    return [("square/loyalty_accounts", (name, at, {
        "id": name, **_some(customer_id=names.named(line, "customer")),
        "mapping": _some(phone_number=line.fields.get("phone")), "balance": 5,
        "lifetime_points": 5, "enrolled_at": _text(first), "created_at": _text(first),
        "updated_at": at,
    }))]  # fmt: skip


def _crm_contact(line: Line, names: _Names, first: datetime, version: int) -> Written:
    told, number = line.fields, names.id(line.label)
    given, family = _names(line)
    merged = ";".join(names.id(label) for label in told.get("merged", "").split(",") if label)
    payload = {
        "id": number, "createdAt": _text(first), "updatedAt": _text(line.at),
        "properties": _some(
            email=told.get("email"), hs_additional_emails=told.get("more_emails"),
            phone=told.get("phone"), mobilephone=told.get("mobile"), firstname=given,
            lastname=family, date_of_birth=told.get("born"), address=told.get("street"),
            city=told.get("city"), zip=told.get("zip"), country=told.get("country"),
            loyalty_card_no=told.get("loyalty"), hs_merged_object_ids=merged,
            company=told.get("company"),
        ),
    }  # fmt: skip
    rows: Written = [("hubspot/contacts", (number, _text(line.at), payload))]
    if archived := told.get("archived"):
        gone = {**payload, "archivedAt": _text(datetime.fromisoformat(archived))}
        rows.append(("hubspot/archived_contacts", (number, None, gone)))
    return rows


def _crm_deal(line: Line, names: _Names, first: datetime, version: int) -> Written:
    number, at, contact = names.id(line.label), _text(line.at), names.named(line, "contact")
    return [("hubspot/deals", (number, at, {
        "id": number, "createdAt": _text(first), "updatedAt": at,
        "properties": _some(
            dealname="Sale", amount="50.00", deal_currency_code="EUR", dealstage="closedwon",
            closedate=at, order_name=names.order_name(line),
        ),
        "associations": {"contacts": [{"toObjectId": contact}] if contact else []},
    }))]  # fmt: skip


def _web_browser(line: Line, names: _Names, first: datetime, version: int) -> Written:
    name, order = names.id(line.label), names.order_name(line)
    consent = "No" if line.fields.get("consent") == "no" else "Yes"
    key = f"{name}|{version}|{line.at.isoformat()}"
    return [("ga4/events", (key, line.at.date().isoformat(), {
        "event_timestamp": f"{(line.at - datetime(1970, 1, 1)).total_seconds():.0f}000000",  # noqa: DTZ001
        "event_name": "purchase" if order else "page_view",
        "user_pseudo_id": name, **_some(user_id=names.named(line, "user")),
        "event_params": [{"key": "ga_session_id", "value": {"int_value": str(version + 1)}}],
        "privacy_info": {"analytics_storage": consent, "ads_storage": consent},
        **_some(ecommerce=order and {"transaction_id": order}),
    }))]  # fmt: skip


def _app_device(line: Line, names: _Names, first: datetime, version: int) -> Written:
    name, at = names.id(line.label), _text(line.at)
    key = f"{name}|{version}|{at}"
    return [("store_sensors/pings", (key, at, {
        "_id": key, "type": "ping", "createdAt": at, "actualCreatedAt": at,
        "user": {"deviceId": name, **_some(userId=names.named(line, "user"))},
        "metadata": {"rssi": -60},
        "beacon": {"externalId": "b-S001", "description": "Beacon S001"},
    }))]  # fmt: skip


_WRITE: dict[str, Callable[[Line, _Names, datetime, int], Written]] = {
    "shop customer": _shop_customer, "shop order": _shop_order, "till customer": _till_customer,
    "till order": _till_order, "till account": _till_account, "crm contact": _crm_contact,
    "crm deal": _crm_deal, "web browser": _web_browser, "app device": _app_device,
}  # fmt: skip

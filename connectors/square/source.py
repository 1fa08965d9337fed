"""Square: till sales, payments, customers, catalogue, stock, gift cards, loyalty, appointments.
How it is read stands in README.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from connectors.core import times
from connectors.core.auth import Token, refresh_grant
from connectors.core.budget import Budget
from connectors.core.errors import CursorExpired, VendorError
from connectors.core.http import Client, token_request
from connectors.core.paging import Run, follow
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page
from warehouse.landing.personal import Personal

HOST = "https://connect.squareup.com"
VERSION = "2026-09-16"
LOCATIONS_PER_SEARCH = 10
# Payments and refunds are also bound by creation time, by default to the last year: an old payment
# that is refunded today would be left out.
BEGINNING = "2009-01-01T00:00:00.000Z"
MOST_BOOKING_DAYS = timedelta(days=31)
BOOKED_AHEAD = 12 * MOST_BOOKING_DAYS
# So long after an appointment somebody may still note that nobody came.
BOOKING_LOOK_BACK = MOST_BOOKING_DAYS
CATALOG_TYPES = ["ITEM", "ITEM_VARIATION", "CATEGORY", "DISCOUNT"]
# Whoever knows the number of a gift card pays with it: all but its last four characters stay there.
CARD_NUMBER = re.compile(
    r'("(?:gift_card_)?gan"\s*:\s*")(?:[^"\\]|\\.)*?((?:[^"\\]|\\.){0,4}")', re.DOTALL
)


@dataclass
class Square(Api):
    """One seller account."""

    @cached_property
    def locations(self) -> list[str]:
        page = self.client.get("/v2/locations", rows=("locations",))
        # What is no location has nothing to ask for; its own stream sets it aside.
        found = [item.get("id") for item in page.pick("id") if isinstance(item, dict)]
        if locations := [location for location in found if isinstance(location, str)]:
            return locations
        raise VendorError("the seller has no location, and every seller has one: run it again")

    def search(self, path: str, root: str, body: dict[str, Any]) -> Iterator[Page]:
        def ask(cursor: str | None) -> Page:
            sent = {**body, "cursor": cursor} if cursor else body
            return _with_total(self.client.post(path, sent, rows=(root,), omits_empty=True))

        return follow(ask, _cursor)

    def list(self, path: str, root: str, params: dict[str, Any]) -> Iterator[Page]:
        def ask(cursor: str | None) -> Page:
            sent = {**params, "cursor": cursor} if cursor else params
            return self.client.get(path, sent, rows=(root,), omits_empty=True)

        return follow(ask, _cursor)

    def gone(self, ids: Sequence[str]) -> set[str]:
        """Those of the customers that Square says, one by one, it does not have."""
        found = self.client.post("/v2/customers/bulk-retrieve", {"customer_ids": ids}).envelope
        errors = {name: answer.get("errors") or [] for name, answer in found["responses"].items()}
        codes = {name: {each.get("code") for each in errors[name]} for name in ids}
        return {name for name in ids if "NOT_FOUND" in codes[name]}


def _cursor(page: Page) -> Any:
    return page.envelope.get("cursor")


def _with_total(page: Page) -> Page:
    page.total = page.envelope.get("count")
    return page


def _check(status: int, answer: Any) -> None:
    if status == 400 and isinstance(answer, dict):
        codes = {error.get("code") for error in answer.get("errors") or []}
        if codes & {"INVALID_CURSOR", "CURSOR_EXPIRED"}:
            raise CursorExpired


def _connect(connection: Connection) -> Square:
    host = connection.host or HOST
    tokens = Client(host, connection=connection, headers={"Square-Version": VERSION})
    grant = refresh_grant(
        connection.login, connection.password, str(connection.extra["refresh_token"])
    )
    auth = Token(lambda: token_request(tokens, "/oauth2/token", json=grant))
    client = Client(
        host,
        auth,
        connection=connection,
        headers={"Square-Version": VERSION},
        budget=Budget(100, 50),
        check=_check,
    )
    return Square(client, connection)


def _locations(api: Square, window: Window) -> Iterator[Run]:
    yield Run(lambda start: api.list("/v2/locations", "locations", {}))


def _orders(api: Square, window: Window) -> Iterator[Run]:
    for at in range(0, len(window.parts), LOCATIONS_PER_SEARCH):
        some = window.parts[at : at + LOCATIONS_PER_SEARCH]

        def pages(start: str, some: tuple[str, ...] = some) -> Iterator[Page]:
            updated = {"start_at": start, "end_at": times.text(window.until)}
            body = {
                "location_ids": list(some),
                "query": {
                    "filter": {"date_time_filter": {"updated_at": updated}},
                    "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
                },
                "limit": 1000,
            }
            return api.search("/v2/orders/search", "orders", body)

        yield Run(pages, times.text(window.since), times.text, label=f"locations {', '.join(some)}")


def _listed(path: str, root: str) -> Callable[[Square, Window], Iterator[Run]]:
    """Payments or refunds of each location, by update time."""

    def read(api: Square, window: Window) -> Iterator[Run]:
        for location in window.parts:

            def pages(start: str, location: str = location) -> Iterator[Page]:
                params = {
                    "location_id": location,
                    "begin_time": BEGINNING,
                    "updated_at_begin_time": start,
                    "updated_at_end_time": times.text(window.until),
                    "sort_field": "UPDATED_AT",
                    "sort_order": "ASC",
                    "limit": 100,
                }
                return api.list(path, root, params)

            yield Run(pages, times.text(window.since), times.text, label=f"location {location}")

    return read


def _customers(api: Square, window: Window) -> Iterator[Run]:
    updated = {"start_at": times.text(window.since), "end_at": times.text(window.until)}
    body = {
        "query": {
            "filter": {"updated_at": updated},
            "sort": {"field": "CREATED_AT", "order": "ASC"},
        },
        "limit": 100,
        "count": True,
    }
    yield Run(lambda start: api.search("/v2/customers/search", "customers", body))


def _all_customers(api: Square, window: Window) -> Iterator[Run]:
    body = {"limit": 100, "count": True}
    yield Run(lambda start: api.search("/v2/customers/search", "customers", body), label="all")


def _loyalty_accounts(api: Square, window: Window) -> Iterator[Run]:
    path, root = "/v2/loyalty/accounts/search", "loyalty_accounts"
    yield Run(lambda start: api.search(path, root, {"limit": 200}))


def _catalog(api: Square, window: Window) -> Iterator[Run]:
    body = {
        "object_types": CATALOG_TYPES,
        "include_deleted_objects": True,
        "begin_time": times.text(window.since),
        "limit": 1000,
    }
    yield Run(lambda start: api.search("/v2/catalog/search", "objects", body))


def _inventory(api: Square, window: Window) -> Iterator[Run]:
    path, body = "/v2/inventory/counts/batch-retrieve", {"updated_after": times.text(window.since)}
    yield Run(lambda start: api.search(path, "counts", {**body, "limit": 1000}))


def _gift_cards(api: Square, window: Window) -> Iterator[Run]:
    run = Run(lambda start: api.list("/v2/gift-cards", "gift_cards", {"limit": 200}))
    yield run.each(_without_numbers)


def _gift_card_activities(api: Square, window: Window) -> Iterator[Run]:
    params = {
        "begin_time": times.text(window.since),
        "end_time": times.text(window.until),
        "sort_order": "ASC",
        "limit": 100,
    }
    path, root = "/v2/gift-cards/activities", "gift_card_activities"
    yield Run(lambda start: api.list(path, root, params)).each(_without_numbers)


def _without_numbers(page: Page) -> Page:
    page.raw = [CARD_NUMBER.sub(r"\1\2", raw) for raw in page.raw]
    return page


def _loyalty_events(api: Square, window: Window) -> Iterator[Run]:
    created = {"start_at": times.text(window.since), "end_at": times.text(window.until)}
    body = {"query": {"filter": {"date_time_filter": {"created_at": created}}}, "limit": 30}
    yield Run(lambda start: api.search("/v2/loyalty/events/search", "events", body))


def _team_members(api: Square, window: Window) -> Iterator[Run]:
    path, root = "/v2/team-members/search", "team_members"
    yield Run(lambda start: api.search(path, root, {"limit": 200}))


def _devices(api: Square, window: Window) -> Iterator[Run]:
    yield Run(lambda start: api.list("/v2/devices", "devices", {"limit": 100}))


def _bookings(api: Square, window: Window) -> Iterator[Run]:
    start = window.since - BOOKING_LOOK_BACK
    while start < window.until + BOOKED_AHEAD:
        end = start + MOST_BOOKING_DAYS

        def pages(_: str, start: datetime = start, end: datetime = end) -> Iterator[Page]:
            params = {
                "start_at_min": times.text(start),
                "start_at_max": times.text(end),
                "limit": 100,
            }
            return api.list("/v2/bookings", "bookings", params)

        yield Run(pages, label=f"appointments from {start.date()} to {end.date()}")
        start = end


def _granted(api: Square) -> set[str]:
    return set(api.client.post("/oauth2/token/status", {}).envelope["scopes"])


SOURCE = Source(
    name="square",
    title="Square",
    owner="store-operations",
    schedule="40 * * * *",
    provides=("till_orders", "payments", "refunds", "bookings"),
    settings=(
        Setting("login", "application id"),
        Setting("password", "application secret"),
        Setting("extra.refresh_token", "OAuth refresh token of the seller"),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "locations",
            "Shops",
            _locations,
            "id",
            required=("id", "name"),
        ),
        Stream(
            "orders",
            "Till sales and returns",
            _orders,
            "id",
            "updated_at",
            personal=Personal(
                "blank",
                who={
                    "customer_id": "customer_id",
                    "tenders.customer_id": "customer_id",
                },
                carries={"tenders.card_details.card.fingerprint": "card_fingerprint"},
                record="order_id",
                also=("tenders.card_details.card.last_4",),
            ),
            required=("id", "location_id", "created_at", "updated_at", "state"),
            parts=lambda api: api.locations,
            feed=Feed("Square orders", "created_at"),
        ),
        Stream(
            "payments",
            "Payments",
            _listed("/v2/payments", "payments"),
            "id",
            "updated_at",
            personal=Personal(
                "blank",
                who={"customer_id": "customer_id"},
                carries={
                    "card_details.card.fingerprint": "card_fingerprint",
                    "buyer_email_address": "email",
                },
                via={"order_id": "order_id"},
                also=("card_details.card.last_4",),
            ),
            required=("id", "order_id", "location_id", "amount_money.amount"),
            parts=lambda api: api.locations,
            feed=Feed("Square payments", "created_at"),
        ),
        Stream(
            "refunds",
            "Refunds",
            _listed("/v2/refunds", "refunds"),
            "id",
            "updated_at",
            required=("id", "amount_money.amount"),
            parts=lambda api: api.locations,
        ),
        Stream(
            "customers",
            "Customer directory",
            _customers,
            "id",
            "updated_at",
            personal=Personal(
                "drop",
                carries={
                    "email_address": "email",
                    "phone_number": "phone",
                    "reference_id": "loyalty_card",
                },
                record="customer_id",
                also=(
                    "given_name",
                    "family_name",
                    "birthday",
                    "address.address_line_1",
                    "address.locality",
                    "address.postal_code",
                ),
            ),
            required=("id", "updated_at"),
            sweep=Sweep(timedelta(days=1), _all_customers, Square.gone),
        ),
        Stream(
            "loyalty_accounts",
            "Loyalty accounts",
            _loyalty_accounts,
            key="id",
            cursor="updated_at",
            is_filtered_by_vendor=False,
            personal=Personal(
                "drop",
                who={"customer_id": "customer_id"},
                carries={"mapping.phone_number": "phone"},
                record="loyalty_account_id",
            ),
            required=("id", "customer_id"),
        ),
        Stream(
            "bookings",
            "Appointments",
            _bookings,
            key="id",
            cursor="updated_at",
            is_filtered_by_vendor=False,
            personal=Personal(
                "blank",
                who={
                    "customer_id": "customer_id",
                    "creator_details.customer_id": "customer_id",
                },
                also=(
                    "customer_note",
                    "seller_note",
                    "address.address_line_1",
                    "address.locality",
                    "address.postal_code",
                ),
            ),
            required=("id", "status", "start_at", "created_at"),
            is_expected=False,
        ),
        Stream(
            "catalog",
            "Items, their variations with prices, categories, discounts",
            _catalog,
            "id",
            "updated_at",
            is_standing=True,
            required=("id", "type", "updated_at"),
        ),
        Stream(
            "inventory",
            "Stock of each variation at each location",
            _inventory,
            "catalog_object_id|location_id|state",
            "calculated_at",
            is_standing=True,
            required=("catalog_object_id", "location_id", "state", "quantity", "calculated_at"),
            is_expected=False,
        ),
        Stream(
            "gift_cards",
            "Gift cards with their balance",
            _gift_cards,
            "id",
            every=timedelta(days=1),
            personal=Personal("blank", who={"customer_ids": "customer_id"}),
            required=("id", "state", "created_at"),
            is_expected=False,
        ),
        Stream(
            "gift_card_activities",
            "What was put on gift cards and taken off",
            _gift_card_activities,
            "id",
            "created_at",
            is_standing=True,
            required=("id", "type", "gift_card_id", "created_at"),
            is_expected=False,
        ),
        Stream(
            "loyalty_events",
            "Points earned, spent, adjusted",
            _loyalty_events,
            "id",
            "created_at",
            personal=Personal("blank", who={"loyalty_account_id": "loyalty_account_id"}),
            required=("id", "type", "created_at"),
            usual=("loyalty_account_id",),
            is_expected=False,
        ),
        Stream(
            "team_members",
            "Staff at the tills",
            _team_members,
            "id",
            every=timedelta(days=1),
            personal=Personal(
                "blank",
                carries={"email_address": "email", "phone_number": "phone"},
                also=("given_name", "family_name"),
            ),
            required=("id", "status"),
        ),
        Stream(
            "devices",
            "Square Terminals",
            _devices,
            "id",
            every=timedelta(days=1),
            required=("id", "attributes.type"),
            is_expected=False,
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "MERCHANT_PROFILE_READ",
            ("locations", "orders", "payments", "refunds"),
            "none of them: sales are asked for by location",
        ),
        Right("ORDERS_READ", ("orders",), "no sales"),
        Right("PAYMENTS_READ", ("payments", "refunds"), "no payments and refunds"),
        Right("CUSTOMERS_READ", ("customers",), "no customers"),
        Right(
            "LOYALTY_READ",
            ("loyalty_accounts", "loyalty_events"),
            "no loyalty accounts, and no movements on them",
        ),
        Right("ITEMS_READ", ("catalog",), "no products and prices"),
        Right("INVENTORY_READ", ("inventory",), "no stock"),
        Right("GIFTCARDS_READ", ("gift_cards", "gift_card_activities"), "no gift cards"),
        Right("EMPLOYEES_READ", ("team_members",), "no staff"),
        Right("DEVICES_READ", ("devices",), "devices are known by their payments alone"),
        Right("APPOINTMENTS_READ", ("bookings",), "no appointments"),
        Right(
            "APPOINTMENTS_ALL_READ",
            ("bookings",),
            "only appointments that this application made itself, in silence",
            "the seller needs a paid plan of Square Appointments",
        ),
    ),
    granted=_granted,
    versions=(Version(VERSION, header="Square-Version"),),
)

"""Clover: till sales, payments, customers, stock of each merchant. How it is read: README.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from connectors.core import times
from connectors.core.auth import Auth, FixedHeader, RotatingGrant, Token
from connectors.core.budget import Budget
from connectors.core.errors import AuthError, CursorExpired, VendorError
from connectors.core.http import Client, token_request
from connectors.core.paging import Run, member
from connectors.core.reading import derived
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, extend
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal
from warehouse.landing.picking import whole

HOST = "https://api.clover.com"
VERSION = "v3"
MERCHANTS = "extra.merchants"
PAGE_SIZE = "extra.page_size"
LARGEST_PAGE = 1000
# A list that is as long as this may have been cut, whatever length was asked for.
CUT = 100
SHORTEST_ELEMENT = len('{"id":"ABCDEFGHIJKLM"}')
# A window that is longer is answered for its last ninety days, in silence.
LONGEST_WINDOW = timedelta(days=89)
NEVER = "1970-01-01T00:00:00Z"
INSTANT = timedelta(milliseconds=1)  # what Clover's times are exact to
# So long after a refund it may still be voided, and then has no other time.
VOIDED_WITHIN = timedelta(days=3)
# Who may not be told: how a till is unlocked, and the merchant's bank account.
PINS = ("pin", "unhashedPin")
BANK_ACCOUNT = ("abaAccountNumber", "ddaAccountNumber")
ROWS = ("elements",)

Filter = tuple[str, str]


class NotThere(VendorError):
    """Clover does not know a merchant, a record or a list."""


@dataclass
class Clover(Api):
    """The merchants of one company, each with a token and a client of its own."""

    clients: Mapping[str, Client] = field(default_factory=dict)
    page_size: int = LARGEST_PAGE

    @property
    def merchants(self) -> list[str]:
        return list(self.clients)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def of(self, merchant: str) -> Client:
        """Raises SettingError for a merchant that has been read and has no token any more."""
        if merchant not in self.clients:
            raise SettingError(
                f"{MERCHANTS} has no token for the merchant {merchant}, who has been read before."
                f" Add it, or accept that it is gone (accepted_gaps)"
            )
        return self.clients[merchant]

    def page(
        self,
        merchant: str,
        path: str,
        expand: Sequence[str],
        filters: Sequence[Filter],
        offset: int,
    ) -> Page:
        """One page of a list, each row with its merchant, and whether it may be cut."""
        page = self.asked(merchant, path, expand[:1], filters, offset)
        for more in expand[1:] if page.raw else ():
            self.add(page, merchant, path, more, filters, offset)
        page.add(f'"merchant_id":{json.dumps(merchant)}', "merchant_id")
        return page

    def asked(
        self,
        merchant: str,
        path: str,
        expand: Sequence[str],
        filters: Sequence[Filter],
        offset: int,
    ) -> Page:
        sent = [("limit", str(self.page_size)), ("offset", str(offset))]
        sent += [("expand", each) for each in expand if each]
        sent += [("filter", f"{name}{value}") for name, value in filters]
        try:
            return self.of(merchant).get(path, sent, rows=ROWS)
        except AuthError as error:  # each has a token and rights of its own
            raise AuthError(f"merchant {merchant}: {error.message}") from None

    def add(
        self,
        page: Page,
        merchant: str,
        path: str,
        expand: str,
        filters: Sequence[Filter],
        offset: int,
    ) -> None:
        """Ask for the same rows once more, with other members expanded, and add those.

        A row that has left the list since was changed meanwhile; it is asked for by its id.
        """
        names = [name.partition(".")[0] for name in expand.split(",")]
        more = self.asked(merchant, path, [expand], filters, offset)
        members = zip(*more.members(*names), strict=True)
        found = dict(zip(_row_ids(more), (_told(names, each) for each in members), strict=True))
        ids = _row_ids(page)
        for name in ids:
            if name and name not in found:
                one = self.one(merchant, f"{path}/{name}", expand)
                texts = [json.dumps(one[each]) if each in one else None for each in names]
                found[name] = _told(names, texts)
        page.add([found[name] if name else "" for name in ids], *names)

    def one(self, merchant: str, path: str, expand: str = "") -> dict[str, Any]:
        """One record; nothing if it is gone."""
        sent = {"expand": expand} if expand else {}
        try:
            found = self.of(merchant).get(path, sent).envelope
        except NotThere:
            return {}
        return found if isinstance(found, dict) else {}

    def rest(self, merchant: str, path: str, expand: str) -> list[str]:
        """All rows of a list within a record, as text, from where an expansion is cut."""
        rows: list[str] = []
        while True:
            page = self.asked(merchant, path, [expand], (), CUT + len(rows))
            rows += page.raw
            if not _may_be_cut(page, self.page_size):
                return rows

    def gone(self, path: str, ids: Sequence[str]) -> set[str]:
        """Those of the records that no merchant has any more."""
        return {
            name
            for name in ids
            if all(_is_gone(self.one(merchant, f"{path}/{name}")) for merchant in self.merchants)
        }


def _id(item: Any) -> Any:
    return item.get("id") if isinstance(item, dict) else None


def _row_ids(page: Page) -> list[Any]:
    """The id of each row, None of one that cannot be read."""
    found = page.columns(("id",))
    return found[0] if found else list(map(_id, page.pick("id")))


def _told(names: Sequence[str], texts: Sequence[str | None]) -> str:
    """Those of the members that are there, as they stand in an object."""
    there = (pair for pair in zip(names, texts, strict=True) if pair[1] is not None)
    return ",".join(f'"{name}":{text}' for name, text in there)


def _is_gone(record: Mapping[str, Any]) -> bool:
    return not record or bool(record.get("deleted") or record.get("deletedTime"))


def _may_be_cut(page: Page, asked: int) -> bool:
    """Clover does not tell whether a list goes on. One that is shorter than was asked for ends
    there, unless it is as long as a list is cut to."""
    return len(page.raw) >= asked or bool(page.raw and len(page.raw) % CUT == 0)


def _check(status: int, answer: Any) -> None:
    if status == 404:
        raise NotThere(
            "Clover does not know what was asked for (HTTP 404): check the merchant's id"
        )


def _connect(connection: Connection) -> Clover:
    host = connection.host or HOST
    clients = {
        merchant: Client(
            f"{host.rstrip('/')}/{VERSION}/merchants/{merchant}",
            _auth(connection, host, merchant, said),
            connection=connection,
            check=_check,
            budget=Budget(12, 14),  # Clover: 16 a second for a token, 50 for an application
        )
        for merchant, said in _merchants(connection).items()
    }
    page_size = above_zero(connection, PAGE_SIZE, LARGEST_PAGE, LARGEST_PAGE)
    return Clover(next(iter(clients.values())), connection, clients, page_size)


def _merchants(connection: Connection) -> dict[str, dict[str, str]]:
    said = connection.get(MERCHANTS)
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except ValueError:
            said = None
    if isinstance(said, dict) and said:
        tokens = [
            isinstance(each, dict) and {"token", "refresh_token"} & {*each}
            for each in said.values()
        ]
        if all(tokens):
            return said
    raise SettingError(
        f'{MERCHANTS} must have a token for each merchant id: {{"ABCDEFGHIJK12": {{"refresh_token":'
        f' "…"}}}}, or "token" for one that does not end'
    )


def _auth(connection: Connection, host: str, merchant: str, said: Mapping[str, str]) -> Auth:
    if token := said.get("token"):
        return FixedHeader("Authorization", f"Bearer {token}")
    if not connection.login:
        raise SettingError("login (the application's id) is needed to use refresh tokens")
    tokens = Client(host, connection=connection)

    def trade(refresh_token: str) -> dict[str, Any]:
        sent = {"client_id": connection.login, "refresh_token": refresh_token}
        answer = token_request(tokens, "/oauth/v2/refresh", json=sent)
        # As a number of seconds since 1970.
        ends = answer.get("access_token_expiration")
        kept = {name: answer[name] for name in ("access_token", "refresh_token") if name in answer}
        if ends is not None:
            kept["expires_at"] = datetime.fromtimestamp(int(ends), UTC).isoformat()
        return kept

    return Token(
        RotatingGrant(trade, said["refresh_token"], connection.kept, f"merchant {merchant}")
    )


# Lists ------------------------------------------------------------------------------------------


def _changed(
    path: str,
    name: str = "modifiedTime",
    expand: Sequence[str] = (),
    nested: Mapping[str, str] | None = None,
) -> Callable[[Clover, Window], Iterator[Run]]:
    """What changed within a window, merchant by merchant.

    No list says in which order it comes, nor how long it is. So a window whose list is longer than
    a page is cut until it fits: nothing that changes meanwhile can move a row over a page break, as
    it only leaves the window for the next load's. ``nested``: lists within a record that are
    read to their end, with what is expanded in them.
    """

    def read(api: Clover, window: Window) -> Iterator[Run]:
        for merchant in window.parts:
            since = window.since_of(merchant)
            ask = partial(api.page, merchant, path, expand)
            pages = partial(_within, ask, api.page_size, name, since, window.until)
            run = Run(lambda _, pages=pages: pages(), label=f"merchant {merchant}")  # type: ignore[misc]
            yield run.each(partial(_with_rest, api, merchant, path, nested or {}))

    return read


def _within(
    ask: Callable[[Sequence[Filter], int], Page],
    page_size: int,
    name: str,
    since: datetime,
    until: datetime,
) -> Iterator[Page]:
    first, last = times.milliseconds(since), times.milliseconds(until)
    longest = LONGEST_WINDOW // INSTANT
    at, length = first, longest
    while at <= last:
        end = min(at + length, last)
        filters = [(name, f">={at}"), (name, f"<={end}")]
        page = ask(filters, 0)
        yield page
        if _may_be_cut(page, page_size) and end > at:
            length = _shorter(page, name, at, end)
            continue
        if _may_be_cut(page, page_size):
            yield from _by_offset(ask, page_size, filters, page)
            length = longest
        elif not page.raw:
            length = longest
        elif 2 * len(page.raw) <= page_size:
            # So long a window as brings a page that is half full.
            length = min(2 * (end - at) + 1, longest)
        else:
            length = end - at
        at = end + 1


def _shorter(page: Page, name: str, at: int, end: int) -> int:
    """How long a window should be that is to have half of the rows of this page."""
    paths = (name, f"{name}stamp")  # deletedTime is called deletedTimestamp in orders
    found = [
        number
        for item in page.pick(*paths)
        if isinstance(item, dict)
        for number in (item.get(paths[0]) or item.get(paths[1]),)
        if isinstance(number, int) and at <= number <= end
    ]
    middle = sorted(found)[(len(found) - 1) // 2] if found else (at + end) // 2
    return (middle if middle < end else end - 1) - at


def _by_offset(
    ask: Callable[[Sequence[Filter], int], Page],
    page_size: int,
    filters: Sequence[Filter],
    page: Page,
) -> Iterator[Page]:
    """The pages behind this one, each read from the last row of the one before: where that is not
    in its place, something has moved, and the list is read from its beginning."""
    offset = 0
    while _may_be_cut(page, page_size):
        last = _ids(page)[-1]
        offset += len(page.raw) - 1
        following = ask(filters, offset)
        if _ids(following)[:1] != [last]:
            raise CursorExpired
        if len(following.raw) < 2:
            return
        page = following
        yield page
        if page_size == 1:
            raise VendorError(f"{PAGE_SIZE} 1 is too small for a list that goes on")


def _ids(page: Page) -> list[Any]:
    """What tells rows apart, as far as they can be read."""
    return [
        (item.get("id") or member("item.id")(item)) if isinstance(item, dict) else None
        for item in page.pick("id", "item.id")
    ]


def _with_rest(
    api: Clover, merchant: str, path: str, nested: Mapping[str, str], page: Page
) -> Page:
    """The records with what was cut off their lists, in a list beside each: ``moreLineItems``."""
    for number, raw in enumerate(page.raw if nested else ()):
        if number in page.unread or len(raw) < CUT * SHORTEST_ELEMENT:
            continue
        try:
            item = whole(raw)
        except (ValueError, RecursionError):
            continue  # whoever reads its key sets it aside
        for name, expand in nested.items():
            listed = member(f"{name}.elements")(item) if isinstance(item, dict) else None
            if isinstance(listed, list) and len(listed) >= CUT:
                sub = f"{path}/{item['id']}/{NESTED_PATHS[name]}"
                rows = ",".join(api.rest(merchant, sub, expand))
                more = f'"more{name[0].upper()}{name[1:]}":{{"elements":[{rows}]}}'
                page.raw[number] = extend(page.raw[number], more)
    return page


NESTED_PATHS = {"lineItems": "line_items"}


def _all(
    path: str, expand: Sequence[str] = (), without: Sequence[str] = ()
) -> Callable[[Clover, Window], Iterator[Run]]:
    """All of a list, merchant by merchant; ``without`` members that do not land."""

    def read(api: Clover, window: Window) -> Iterator[Run]:
        for merchant in window.parts:
            ask = partial(api.page, merchant, path, expand)

            def pages(_: str, ask: Callable[..., Page] = ask) -> Iterator[Page]:
                page = ask((), 0)
                yield page
                yield from _by_offset(ask, api.page_size, (), page)

            run = Run(pages, label=f"merchant {merchant}")
            yield run.each(partial(_dropped, without)) if without else run

    return read


def _catalogue(
    path: str, changed: Callable[[Clover, Window], Iterator[Run]], expand: Sequence[str] = ()
) -> Callable[[Clover, Window], Iterator[Run]]:
    """What changed, of what is there whether or not it ever changes: a first load has all of it,
    however long ago that was, and so has the first of a merchant."""

    def read(api: Clover, window: Window) -> Iterator[Run]:
        first = [
            merchant
            for merchant in window.parts
            if window.since_of(merchant).date() <= window.oldest
        ]
        later = [merchant for merchant in window.parts if merchant not in first]
        yield from _all(path, expand)(api, replace(window, parts=tuple(first)))
        yield from changed(api, replace(window, parts=tuple(later)))

    return read


def _stock_changed(api: Clover, window: Window) -> Iterator[Run]:
    """The stock cannot be asked for by time: all is read, and what changed lands."""
    for run in _all("/item_stocks")(api, window):
        yield run.each(partial(_since, times.milliseconds(window.since)))


def _since(at: int, page: Page) -> Page:
    wanted = [
        not isinstance(item, dict)
        or not isinstance(moment := item.get("modifiedTime"), int)
        or moment >= at
        for item in page.pick("modifiedTime")
    ]
    kept = [number for number, is_wanted in enumerate(wanted) if is_wanted]
    page.unread = {new: page.unread[old] for new, old in enumerate(kept) if old in page.unread}
    page.raw = [page.raw[number] for number in kept]
    return page


def _dropped(names: Sequence[str], page: Page) -> Page:
    """The rows without these members: written anew, because they may not land."""
    for number, item in enumerate(page.items):
        if isinstance(item, dict) and {*names} & item.keys():
            kept = {name: value for name, value in item.items() if name not in names}
            page.raw[number] = json.dumps(kept)
    return page


def _merchant_records(api: Clover, window: Window) -> Iterator[Run]:
    """One page with the merchants, who have no list."""

    def pages(_: str) -> Iterator[Page]:
        page = Page()
        for merchant in window.parts:
            found = api.of(merchant).get("", {"expand": "address,properties"}).envelope
            if not isinstance(found, dict) or not found.get("id"):
                raise VendorError(f"the merchant {merchant} is answered without an id")
            properties = found.get("properties")
            if isinstance(properties, dict):
                for name in BANK_ACCOUNT:
                    properties.pop(name, None)
            page.raw.append(json.dumps(found))
        yield page

    yield Run(pages)


@derived("modifiedTime")
def stock_changed(modified: Any) -> str:
    """When a stock was changed; one that nobody ever counted has no time."""
    return str(modified or NEVER)


def _listed(api: Clover) -> list[str]:
    return api.merchants


def _until(api: Clover, window: Window) -> Iterator[Run]:
    """Orders: those that changed, and those that were deleted, which no other list has."""
    yield from _ORDERS(api, window)
    yield from _DELETED(api, window)


_EXPANDED = (
    "lineItems.discounts,lineItems.modifications,lineItems.taxRates",
    "customers,discounts,serviceCharge",
)
_LINES = {"lineItems": "discounts,modifications,taxRates"}
_ORDERS = _changed("/orders", expand=_EXPANDED, nested=_LINES)
_DELETED = _changed("/orders", name="deletedTime", expand=_EXPANDED, nested=_LINES)
_ITEMS = ("categories,taxRates",)


SOURCE = Source(
    name="clover",
    title="Clover",
    owner="store-operations",
    schedule="50 * * * *",
    provides=("till_orders", "payments", "refunds"),
    settings=(
        Setting("login", "application id, where merchants have refresh tokens", False),
        Setting(
            MERCHANTS,
            'token of each merchant: {"<merchant id>": {"refresh_token": "…"}}, or {"token": "…"}',
        ),
        Setting(PAGE_SIZE, "records on one page; default 1000", False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "merchants",
            "Shops",
            _merchant_records,
            "id",
            required=("id", "name"),
            parts=_listed,
        ),
        Stream(
            "opening_hours",
            "Opening hours",
            _all("/opening_hours"),
            "id",
            required=("id", "merchant_id"),
            is_expected=False,
            parts=_listed,
        ),
        Stream(
            "orders",
            "Till sales",
            _until,
            "id",
            "modifiedTime",
            personal=Personal(
                "blank",
                who={"customers.elements.id": "customer_id"},
                record="order_id",
                also=(
                    "customers.elements.firstName",
                    "customers.elements.lastName",
                    "title",
                    "note",
                ),
            ),
            required=("id", "merchant_id", "createdTime", "modifiedTime"),
            parts=_listed,
            feed=Feed("Clover orders", "created_at"),
        ),
        Stream(
            "payments",
            "Payments",
            _changed("/payments", expand=("tender,cardTransaction",)),
            "id",
            "modifiedTime",
            personal=Personal(
                "blank",
                via={"order.id": "order_id"},
                also=(
                    "cardTransaction.cardholderName",
                    "cardTransaction.first6",
                    "cardTransaction.last4",
                ),
            ),
            required=("id", "merchant_id", "amount", "createdTime", "result"),
            parts=_listed,
            feed=Feed("Clover payments", "created_at"),
        ),
        Stream(
            "refunds",
            "Refunds of payments",
            _changed("/refunds", name="createdTime", expand=("payment,lineItems",)),
            "id",
            "createdTime",
            overlap=VOIDED_WITHIN,
            required=("id", "merchant_id", "amount", "createdTime"),
            parts=_listed,
        ),
        Stream(
            "credits",
            "Refunds without a payment",
            _changed("/credits", name="createdTime", expand=("tender",)),
            "id",
            "createdTime",
            overlap=VOIDED_WITHIN,
            personal=Personal(
                "blank",
                who={"customers.id": "customer_id"},
                also=(
                    "customers.firstName",
                    "customers.lastName",
                    "cardTransaction.cardholderName",
                ),
            ),
            required=("id", "merchant_id", "amount", "createdTime"),
            is_expected=False,
            parts=_listed,
        ),
        Stream(
            "customers",
            "Customers",
            _all("/customers", expand=("emailAddresses,phoneNumbers,addresses", "metadata")),
            "id",
            every=timedelta(days=1),
            personal=Personal(
                "drop",
                carries={
                    "emailAddresses.elements.emailAddress": "email",
                    "phoneNumbers.elements.phoneNumber": "phone",
                },
                record="customer_id",
                also=(
                    "firstName",
                    "lastName",
                    "addresses.elements.address1",
                    "addresses.elements.address2",
                    "addresses.elements.address3",
                    "addresses.elements.city",
                    "addresses.elements.zip",
                    "metadata.note",
                ),
            ),
            required=("id", "merchant_id"),
            parts=_listed,
        ),
        Stream(
            "items",
            "Products",
            _catalogue("/items", _changed("/items", expand=_ITEMS), _ITEMS),
            "id",
            "modifiedTime",
            required=("id", "merchant_id", "name", "price"),
            sweep=Sweep(
                timedelta(days=1), _all("/items"), lambda api, ids: api.gone("/items", ids)
            ),
            parts=_listed,
        ),
        Stream(
            "item_stocks",
            "Stock of products",
            _catalogue("/item_stocks", _stock_changed),
            "item.id",
            stock_changed,
            required=("item.id", "merchant_id"),
            is_expected=False,
            parts=_listed,
        ),
        Stream(
            "employees",
            "Staff",
            _all("/employees", without=PINS),
            "id",
            every=timedelta(days=1),
            personal=Personal("blank", carries={"email": "email"}, also=("name", "nickname")),
            required=("id", "merchant_id"),
            parts=_listed,
        ),
        Stream(
            "devices",
            "Tills",
            _all("/devices"),
            "id",
            every=timedelta(days=1),
            required=("id", "merchant_id"),
            parts=_listed,
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "read access to the merchant",
            ("merchants", "opening_hours", "devices"),
            "no shops and tills",
            is_told=False,
        ),
        Right("read access to orders", ("orders",), "no sales", is_told=False),
        Right(
            "read access to payments",
            ("payments", "refunds", "credits"),
            "no payments and refunds, and no tax and tips of sales",
            is_told=False,
        ),
        Right("read access to customers", ("customers",), "no customers", is_told=False),
        Right(
            "read access to the inventory",
            ("items", "item_stocks"),
            "no products, prices and stock",
            is_told=False,
        ),
        Right("read access to employees", ("employees",), "no staff", is_told=False),
    ),
    versions=(Version(VERSION),),
)

"""Adobe Commerce (Magento): web orders with their payments and refunds, customers, products, stock,
coupons. How it is read stands in README.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.core.auth import Auth, FixedHeader, Signed, Token, client_credentials_grant
from connectors.core.budget import Budget
from connectors.core.errors import AuthError, QueryTooCostly, Refused, VendorError
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Instant, Run
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting, above_zero
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, Path, split
from warehouse.landing.errors import SettingError
from warehouse.landing.personal import Personal

VERSION = "V1"
# The store code that stands for all of them.
SHOP = f"/rest/all/{VERSION}"
CLOUD = f"/{VERSION}"
SIGN_IN = "https://ims-na1.adobelogin.com"
SCOPES = (
    "openid,AdobeID,email,profile,additional_info.roles,additional_info.projectedProductContext,"
    "commerce.accs"
)
PAGE = 100
RATE = 5  # requests per second: the server is the company's own
MOST_UNSHOWN = 3  # records in a row, at a page's beginning: then it is not one record's fault
ADDRESS = ("firstname", "middlename", "lastname", "company", "street", "city", "postcode", "vat_id")
SHIPPED_TO = "extension_attributes.shipping_assignments.shipping.address"

Filter = tuple[str, str, str]  # field, condition, value


class NotGranted(AuthError):
    """The integration may not read a resource."""


class Unshown(VendorError):
    """The shop cannot show a page, because of what one of its records refers to."""


@dataclass
class Commerce(Api):
    """One shop with all its websites. Remembers the page size that the shop allows."""

    root: str
    page_size: int

    def search(
        self, path: str, filters: Iterable[Filter], sort: Iterable[str], fields: str = ""
    ) -> Iterator[Page]:
        """The pages of a list, in the order of these fields. A page that is not full is the last,
        unless the total says otherwise; beyond it a list has its last page again."""
        number, before = 1, [""]
        while True:
            size = self.page_size
            try:
                page = self._page(path, filters, sort, fields, number, size)
            except Unshown as refusal:
                page = self._singly(path, filters, sort, fields, number, size, refusal)
            except QueryTooCostly as refusal:
                if number > 1 or size == 1:
                    raise Refused(f"the shop refuses pages of {size} rows: {refusal}") from None
                self.page_size = min(_number(str(refusal)) or size // 2, size - 1)
                continue
            if page.raw == before:
                return
            so_far = (number - 1) * size + min(len(page.raw), size)
            page.is_last = so_far < number * size and so_far >= (page.total or 0)
            yield page
            if page.is_last:
                return
            number, before = number + 1, page.raw

    def _singly(
        self,
        path: str,
        filters: Iterable[Filter],
        sort: Iterable[str],
        fields: str,
        number: int,
        size: int,
        refusal: Unshown,
    ) -> Page:
        """A page, record by record: one that the shop cannot show even so is set aside. Raises the
        refusal where that is all of them."""
        found = Page()
        for place in range((number - 1) * size + 1, number * size + 1):
            try:
                one = self._page(path, filters, sort, fields, place, 1)
            except Unshown as error:
                if len(found.unread) == len(found.raw) == MOST_UNSHOWN:
                    break
                found.unread[len(found.raw)] = f"the shop cannot show it: {error.message}"
                found.raw.append(json.dumps({"place": place, "of": [*filters], "by": [*sort]}))
                continue
            found.total = one.total
            if place > (one.total or 0):
                break
            found.raw += one.raw
        if len(found.unread) == len(found.raw):
            raise refusal
        return found

    def _page(
        self,
        path: str,
        filters: Iterable[Filter],
        sort: Iterable[str],
        fields: str,
        number: int,
        size: int,
    ) -> Page:
        sent: dict[str, Any] = {}
        for at, (name, condition, value) in enumerate(filters):
            place = f"searchCriteria[filterGroups][{at}][filters][0]"
            sent |= {
                f"{place}[field]": name,
                f"{place}[value]": value,
                f"{place}[conditionType]": condition,
            }
        for at, name in enumerate(sort):
            place = f"searchCriteria[sortOrders][{at}]"
            sent |= {f"{place}[field]": name, f"{place}[direction]": "ASC"}
        sent |= {
            "searchCriteria[pageSize]": size,
            "searchCriteria[currentPage]": number,
        }
        if fields:
            sent["fields"] = f"items[{fields}],total_count"
        page = self.client.get(f"{self.root}{path}", sent, rows=("items",))
        page.total = page.envelope.get("total_count")
        if not isinstance(page.total, int):
            raise VendorError(f"the shop does not tell how many rows {path} has (total_count)")
        return page


def _second(moment: datetime) -> str:
    """The form in which a shop compares its times, which are UTC and of whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _next_second(start: str) -> str:
    return _second(datetime.fromisoformat(f"{start}+00:00") + timedelta(seconds=1))


def _number(text: str) -> int:
    return int("".join(filter(str.isdigit, text)) or 0)


def changed(path: str) -> Callable[[Commerce, Window], Iterator[Run]]:
    """Records by update time, ties by their id. A page is asked for from the newest time of the one
    before: a record that is edited meanwhile moves to the end of the list."""

    def read(api: Commerce, window: Window) -> Iterator[Run]:
        def between(start: str, end: str) -> list[Filter]:
            return [("updated_at", "gteq", start), ("updated_at", "lteq", end)]

        def pages(start: str) -> Iterator[Page]:
            filters = between(start, _second(window.until))
            return api.search(path, filters, ("updated_at", "entity_id"))

        def of_one_second(start: str, key: str) -> Iterator[Page]:
            behind = [("entity_id", "gt", key)] if key else []
            return api.search(path, [*between(start, start), *behind], ("entity_id",))

        yield Run(
            pages,
            _second(window.since),
            _second,
            shifts=True,
            instant=Instant(of_one_second, _next_second),
        )

    return read


def everything(
    path: str, column: str, key: str = "", fields: str = ""
) -> Callable[[Commerce, Window], Iterator[Run]]:
    """All records in the order of a numeric ``column``, which they show as ``key``; each page from
    the last one's on, because a record that is deleted meanwhile moves all later ones."""

    def read(api: Commerce, window: Window) -> Iterator[Run]:
        def pages(start: str) -> Iterator[Page]:
            behind: list[Filter] = []
            while True:
                page = next(api.search(path, behind, (column,), fields))
                yield page
                if page.is_last:
                    return
                behind = [(column, "gt", str(_last(page, key or column)))]

        yield Run(pages, label="all")

    return read


def _last(page: Page, key: str) -> int:
    """The greatest id of a page. Raises VendorError for a page without any."""
    ids = [item.get(key) for item in page.pick(key) if isinstance(item, dict)]
    found = [int(each) for each in ids if isinstance(each, int | str) and str(each).isdigit()]
    if not found:
        raise VendorError(
            f"the shop says that there are more rows, and the page has none with {key}."
            " Nothing was committed; run it again"
        )
    return max(found)


def by_number(path: str, sort: str) -> Callable[[Commerce, Window], Iterator[Run]]:
    """All records of a short list, or of one whose order nothing but a deletion changes: then
    fewer come than were told, and the list is read again."""

    def read(api: Commerce, window: Window) -> Iterator[Run]:
        yield Run(lambda start: api.search(path, (), (sort,)), label="all")

    return read


def gone(path: str, key: str) -> Callable[[Commerce, list[str]], set[str]]:
    """Those of the ids that the shop, asked for them, does not have."""

    def ask(api: Commerce, ids: list[str]) -> set[str]:
        asked = [("entity_id", "in", ",".join(ids))]
        pages = api.search(path, asked, ("entity_id",), fields=key)
        return set(ids) - {str(item[key]) for page in pages for item in page.pick(key)}

    return ask


def _store_configs(api: Commerce, window: Window) -> Iterator[Run]:
    def pages(start: str) -> Iterator[Page]:
        page = api.client.get(f"{api.root}/store/storeConfigs", rows=())
        page.is_last = True
        yield page

    yield Run(pages)


def _read(body: bytes, path: Path | None) -> Page:
    """An answer's page. Older shops write null for a list of nothing."""
    page = split(body, path)
    if page.gap and isinstance(page.envelope, dict):
        said = page.envelope.get("items", ""), page.envelope.get("total_count")
        page.gap = "" if said == (None, 0) else page.gap
    return page


def _check(status: int, answer: Any) -> None:
    if status not in (200, 400, 401, 404) or not isinstance(answer, dict):
        return
    message = str(answer.get("message") or "")
    told = answer.get("parameters")
    if status == 400 and message.startswith("Maximum SearchCriteria pageSize"):
        most = told.get("max", "") if isinstance(told, dict) else ""
        raise QueryTooCostly(message.replace("%max", str(most)))
    if status == 401 and "authorized to access" in message:
        resource = told.get("resources", "") if isinstance(told, dict) else ""
        raise NotGranted(
            f"the shop refused our credentials, or does not let them read {resource or 'this'}:"
            " give the integration that resource (System > Integrations > API). Since 2.4.4 a shop"
            " also says so to an access token alone, unless it takes it as a bearer token: then set"
            " login, extra.consumer_secret and extra.access_token_secret too"
        )
    if status != 401 and message and "items" not in answer:
        raise Unshown(f"HTTP {status}{describe(answer)}")


def _connect(connection: Connection) -> Commerce:
    root, headers, auth = SHOP, {}, _signed(connection)
    if organization := connection.get("extra.organization"):
        root = CLOUD
        headers = {"x-api-key": connection.login, "x-gw-ims-org-id": str(organization)}
    rate = above_zero(connection, "extra.requests_per_second", RATE)
    client = Client(
        connection.host,
        auth,
        connection=connection,
        headers=headers,
        budget=Budget(2 * rate, rate),
        check=_check,
        read=_read,
    )
    size = above_zero(connection, "extra.page_size", PAGE)
    return Commerce(client, connection, root, size)


def _signed(connection: Connection) -> Auth:
    secrets = [
        str(connection.get(name))
        for name in ("login", "extra.consumer_secret", "extra.access_token_secret")
    ]
    if connection.get("extra.organization"):
        tokens = Client(str(connection.get("extra.token_host", SIGN_IN)), connection=connection)
        grant = client_credentials_grant(connection.login, connection.password)
        asked = {**grant, "scope": SCOPES}
        return Token(lambda: token_request(tokens, "/ims/token/v3", data=asked))
    if all(secrets):
        return Signed(secrets[0], secrets[1], connection.password, secrets[2])
    if any(secrets[1:]):
        raise SettingError(
            "a signed request needs all four of an integration's credentials: login (consumer key),"
            " extra.consumer_secret, password (access token) and extra.access_token_secret"
        )
    return FixedHeader("Authorization", f"Bearer {connection.password}")


# What an integration may read, and a list that tells whether it may.
RESOURCES = {
    "Magento_Backend::store": "/store/storeConfigs",
    "Magento_Sales::actions_view": "/orders",
    "Magento_Sales::sales_invoice": "/invoices",
    "Magento_Sales::sales_creditmemo": "/creditmemos",
    "Magento_Customer::customer": "/customers/search",
    "Magento_Catalog::products": "/products",
    "Magento_Catalog::categories": "/categories/list",
    "Magento_InventoryApi::source": "/inventory/sources",
    "Magento_SalesRule::quote": "/coupons/search",
}


def _granted(api: Commerce) -> set[str]:
    """The resources that the shop lets us read: it keeps no list, so each is tried with one row.
    One that it does not have (a module that is off) is none that it grants."""
    found, refusal = set(), None
    sent = {
        "searchCriteria[pageSize]": 1,
        "searchCriteria[currentPage]": 1,
        "fields": "total_count",
    }
    for name, path in RESOURCES.items():
        try:
            api.client.get(f"{api.root}{path}", sent)
            found.add(name)
        except (NotGranted, Unshown, Refused) as error:
            refusal = error
    if refusal and not found:
        raise refusal
    return found


DAILY, WEEKLY = timedelta(days=1), timedelta(days=7)

SOURCE = Source(
    name="adobe_commerce",
    title="Adobe Commerce",
    owner="web-shop",
    schedule="10 * * * *",
    provides=("web_orders", "payments", "refunds"),
    settings=(
        Setting("host", "https://<shop>, without /rest"),
        Setting("password", "access token of the integration; client secret of the SaaS edition"),
        Setting("login", "consumer key; client id of the SaaS edition", required=False),
        Setting("extra.consumer_secret", "consumer secret of the integration", required=False),
        Setting("extra.access_token_secret", "secret of the access token", required=False),
        Setting("extra.organization", "IMS organisation id of the SaaS edition", required=False),
        Setting("extra.token_host", f"where its tokens come from ({SIGN_IN})", required=False),
        Setting("extra.page_size", f"rows of a page ({PAGE})", required=False),
        Setting("extra.requests_per_second", f"at most ({RATE})", required=False),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "store_configs",
            "Store views with zone and currencies",
            _store_configs,
            "id",
            required=("id", "website_id", "base_currency_code", "timezone"),
        ),
        Stream(
            "orders",
            "Web orders with their lines",
            changed("/orders"),
            "entity_id",
            "updated_at",
            personal=Personal(
                "blank",
                who={
                    "customer_id": "customer_id",
                    "billing_address.customer_id": "customer_id",
                    f"{SHIPPED_TO}.customer_id": "customer_id",
                },
                carries={
                    "customer_email": "email",
                    "billing_address.email": "email",
                    "billing_address.telephone": "phone",
                    f"{SHIPPED_TO}.email": "email",
                    f"{SHIPPED_TO}.telephone": "phone",
                    "extension_attributes.ga_client_id": "browser_id",
                },
                record="order_id",
                also=(
                    "customer_firstname",
                    "customer_middlename",
                    "customer_lastname",
                    "customer_dob",
                    "customer_taxvat",
                    "customer_note",
                    "remote_ip",
                    "x_forwarded_for",
                    "payment.cc_last4",
                    "payment.cc_owner",
                    "payment.echeck_account_name",
                    "payment.additional_information",
                    "extension_attributes.payment_additional_info.value",
                    "status_histories.comment",
                    *(f"billing_address.{name}" for name in ADDRESS),
                    *(f"{SHIPPED_TO}.{name}" for name in ADDRESS),
                ),
            ),
            required=("entity_id", "created_at", "updated_at", "grand_total"),
            usual=("increment_id", "state", "subtotal", "order_currency_code", "items"),
            feed=Feed("Adobe Commerce orders", "created_at"),
            sweep=Sweep(
                WEEKLY,
                everything("/orders", "entity_id", fields="entity_id"),
                gone("/orders", "entity_id"),
            ),
        ),
        Stream(
            "invoices",
            "Invoices: what was paid",
            changed("/invoices"),
            "entity_id",
            "updated_at",
            personal=Personal("blank", via={"order_id": "order_id"}, also=("comments.comment",)),
            required=("entity_id", "order_id", "grand_total", "order_currency_code"),
        ),
        Stream(
            "creditmemos",
            "Credit memos: what was given back",
            changed("/creditmemos"),
            "entity_id",
            "updated_at",
            personal=Personal("blank", via={"order_id": "order_id"}, also=("comments.comment",)),
            required=("entity_id", "order_id", "grand_total", "order_currency_code"),
        ),
        Stream(
            "customers",
            "Customers of the web shop",
            changed("/customers/search"),
            "id",
            "updated_at",
            personal=Personal(
                "drop",
                carries={"email": "email", "addresses.telephone": "phone"},
                record="customer_id",
                also=(
                    "firstname",
                    "middlename",
                    "lastname",
                    "dob",
                    "taxvat",
                    *(f"addresses.{name}" for name in ADDRESS),
                ),
            ),
            required=("id", "email", "created_at", "updated_at"),
            sweep=Sweep(
                DAILY,
                everything("/customers/search", "entity_id", "id"),
                gone("/customers/search", "id"),
                is_whole=True,
            ),
        ),
        Stream(
            "products",
            "Products with their prices",
            changed("/products"),
            "id",
            "updated_at",
            required=("id", "sku", "type_id", "updated_at"),
            sweep=Sweep(
                DAILY,
                everything("/products", "entity_id", "id"),
                gone("/products", "id"),
                is_whole=True,
            ),
            is_standing=True,
        ),
        Stream(
            "categories",
            "Categories",
            everything("/categories/list", "entity_id", "id"),
            "id",
            required=("id",),
            every=DAILY,
        ),
        Stream(
            "sources",
            "Places where stock lies and orders are picked up",
            by_number("/inventory/sources", "source_code"),
            "source_code",
            required=("source_code", "name"),
        ),
        Stream(
            "source_items",
            "Stock of each product at each place",
            by_number("/inventory/source-items", "source_item_id"),
            "source_code|sku",
            required=("source_code", "sku", "quantity"),
            every=timedelta(hours=6),
        ),
        Stream(
            "sales_rules",
            "Cart price rules",
            everything("/salesRules/search", "rule_id"),
            "rule_id",
            required=("rule_id",),
            is_expected=False,
        ),
        Stream(
            "coupons",
            "Coupon codes",
            everything("/coupons/search", "coupon_id"),
            "coupon_id",
            required=("coupon_id", "rule_id"),
            is_expected=False,
            every=DAILY,
        ),
    ),
    connect=_connect,
    rights=(
        Right(
            "Magento_Backend::store",
            ("store_configs",),
            "no zones and currencies of the stores: products have no prices",
        ),
        Right("Magento_Sales::actions_view", ("orders",), "no orders"),
        Right("Magento_Sales::sales_invoice", ("invoices",), "no payments"),
        Right("Magento_Sales::sales_creditmemo", ("creditmemos",), "no refunds"),
        Right("Magento_Customer::customer", ("customers",), "no customers and consents"),
        Right("Magento_Catalog::products", ("products",), "no products and prices"),
        Right("Magento_Catalog::categories", ("categories",), "products have no category"),
        Right(
            "Magento_InventoryApi::source",
            ("sources", "source_items"),
            "no stock, and no shops in which orders are picked up",
        ),
        Right("Magento_SalesRule::quote", ("sales_rules", "coupons"), "no coupons"),
    ),
    granted=_granted,
    versions=(Version(VERSION),),
)

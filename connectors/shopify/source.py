"""Shopify: web orders, customers, products, stock, gift cards, discounts. How it is read stands in
README.md.

An order brings the beginning of its nested lists along; where there are more lines or fulfilment
orders, a query of its own reads the rest, and they are landed at the order's end as
`"moreLineItems": […]` and `"moreFulfillmentOrders": […]`. So do a product's variants and a
discount's codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from connectors.core import times
from connectors.core.auth import Token, client_credentials_grant
from connectors.core.budget import Budget
from connectors.core.errors import (
    ODD,
    AuthError,
    CursorExpired,
    QueryTooCostly,
    Refused,
    Retry,
    TokenRefused,
    VendorError,
)
from connectors.core.http import Client, describe, token_request
from connectors.core.paging import Instant, Run, follow, member, promised
from connectors.core.rights import Right, Version
from connectors.core.settings import Connection, Setting
from connectors.core.source import COMMON_SETTINGS, Api, Feed, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import Page, extend
from warehouse.landing.personal import Personal

VERSION = "2026-10"
GRAPHQL = f"/admin/api/{VERSION}/graphql.json"
DEEPEST = 25_000  # nodes that one query can be paged through
LARGEST_PAGE = 250
MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
PAGE_INFO = "pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True)
class Nested:
    """A list within each record. Its ``first`` nodes come with the record; the others are asked for
    one record at a time, by the root field ``owner``, and land ``beside`` it. ``within``: the
    member that has the list, if not the record itself, and the ``kinds`` of it that do."""

    name: str
    node: str
    first: int
    beside: str
    owner: str = "order"
    within: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def path(self) -> tuple[str, ...]:
        return (self.within, self.name) if self.within else (self.name,)

    @property
    def selection(self) -> str:
        return f"{self.name}(first: {self.first}) {{ nodes {self.node} {PAGE_INFO} }}"

    @property
    def query(self) -> str:
        asked = f"{self.name}(first: $first, after: $after) {{ nodes {self.node} {PAGE_INFO} }}"
        if self.within:
            each = " ".join(f"... on {kind} {{ {asked} }}" for kind in self.kinds)
            asked = f"{self.within} {{ __typename {each} }}"
        return f"""
query Rest($id: ID!, $first: Int!, $after: String) {{
  {self.owner}(id: $id) {{ {asked} }}
}}"""


LINES = Nested(
    "lineItems",
    f"{{ id sku title quantity currentQuantity isGiftCard originalUnitPriceSet {MONEY}"
    f" totalDiscountSet {MONEY} discountAllocations {{ allocatedAmountSet {MONEY} }}"
    f" taxLines {{ priceSet {MONEY} }} }}",
    100,
    "moreLineItems",
)
FULFILLMENTS = Nested(
    "fulfillmentOrders",
    "{ id status fulfillAt fulfillBy updatedAt deliveryMethod { methodType maxDeliveryDateTime }"
    " assignedLocation { location { id } } }",
    10,
    "moreFulfillmentOrders",
)
# The shop's currency stands with the product alone: a variant's price is a bare number.
VARIANTS = Nested(
    "variants",
    "{ id title sku barcode price compareAtPrice availableForSale createdAt updatedAt"
    " inventoryItem { id tracked } }",
    25,
    "moreVariants",
    owner="product",
)
CODES = Nested(
    "codes",
    "{ id code asyncUsageCount }",
    10,
    "moreCodes",
    owner="discountNode",
    within="discount",
    kinds=("DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping", "DiscountCodeApp"),
)


def orders_query(*nested: Nested) -> str:
    """Orders, each with the beginning of its nested lists."""
    return f"""
query Orders($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{
      id name createdAt updatedAt processedAt cancelledAt email phone
      taxesIncluded test
      currencyCode presentmentCurrencyCode displayFinancialStatus sourceName
      customer {{ id }}
      billingAddress {{ firstName lastName }}
      shippingAddress {{ firstName lastName provinceCode countryCodeV2 }}
      subtotalPriceSet {MONEY}
      totalDiscountsSet {MONEY}
      totalShippingPriceSet {MONEY}
      totalTaxSet {MONEY}
      totalPriceSet {MONEY}
      totalTipReceivedSet {MONEY}
      totalOutstandingSet {MONEY}
      originalTotalDutiesSet {MONEY}
      originalTotalAdditionalFeesSet {MONEY}
      currentTotalPriceSet {MONEY}
      currentTotalTaxSet {MONEY}
      shippingLines(first: 10) {{ nodes {{ originalPriceSet {MONEY} discountedPriceSet {MONEY} }} }}
      discountCodes
      retailLocation {{ id }}
      customerJourneySummary {{
        lastVisit {{ utmParameters {{ source medium campaign content term }} }}
      }}
      customAttributes {{ key value }}
      transactions {{
        id kind status gateway test createdAt processedAt amountSet {MONEY}
        parentTransaction {{ id }} location {{ id }} paymentDetails {{ __typename }}
      }}
      refunds {{
        id createdAt processedAt note totalRefundedSet {MONEY}
        refundLineItems(first: 50) {{
          nodes {{
            subtotalSet {MONEY} totalTaxSet {MONEY} location {{ id }} lineItem {{ isGiftCard }}
          }}
          pageInfo {{ hasNextPage }}
        }}
        refundShippingLines(first: 10) {{
          nodes {{ subtotalAmountSet {MONEY} taxAmountSet {MONEY} }}
        }}
      }}
      fulfillments {{
        id status displayStatus createdAt deliveredAt
        fulfillmentOrders(first: 1) {{ nodes {{ id }} }}
        events(first: 5) {{ nodes {{ status happenedAt }} }}
      }}
      {" ".join(each.selection for each in nested)}
    }}
    {PAGE_INFO}
  }}
}}"""


CUSTOMERS = """
query Customers($first: Int!, $after: String, $query: String) {
  customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes {
      id firstName lastName createdAt updatedAt
      defaultEmailAddress {
        emailAddress marketingState marketingOptInLevel marketingUpdatedAt
      }
      defaultPhoneNumber { phoneNumber smsMarketingConsent { state optInLevel } }
      defaultAddress { address1 city zip countryCodeV2 }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""
LOCATIONS = """
query Locations($first: Int!, $after: String) {
  locations(first: $first, after: $after, includeInactive: true) {
    nodes {
      id name isActive createdAt updatedAt
      address { address1 city zip provinceCode countryCode latitude longitude }
    }
    pageInfo { hasNextPage endCursor }
  }
}"""

PRODUCTS = f"""
query Products($first: Int!, $after: String, $query: String) {{
  products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{
      id title status isGiftCard productType category {{ fullName }} createdAt updatedAt
      priceRangeV2 {{ minVariantPrice {{ currencyCode }} }}
      {VARIANTS.selection}
    }}
    {PAGE_INFO}
  }}
}}"""
STOCK = f"""
query Stock($first: Int!, $after: String, $query: String, $id: ID!) {{
  location(id: $id) {{
    inventoryLevels(first: $first, after: $after, query: $query, includeInactive: true) {{
      nodes {{
        id isActive updatedAt location {{ id }} item {{ id sku tracked }}
        quantities(names: ["available", "on_hand", "incoming"]) {{ name quantity }}
      }}
      {PAGE_INFO}
    }}
  }}
}}"""
GIFT_CARD = """{
      id lastCharacters enabled deactivatedAt expiresOn createdAt updatedAt
      initialValue { amount currencyCode } balance { amount currencyCode }
      order { id } customer { id }
    }"""
NEWEST_GIFT_CARDS = f"""
query GiftCards($first: Int!, $after: String) {{
  giftCards(first: $first, after: $after, sortKey: UPDATED_AT, reverse: true) {{
    nodes {GIFT_CARD} {PAGE_INFO}
  }}
}}"""
ALL_GIFT_CARDS = f"""
query AllGiftCards($first: Int!, $after: String, $query: String) {{
  giftCards(first: $first, after: $after, query: $query, sortKey: ID) {{
    nodes {GIFT_CARD} {PAGE_INFO}
  }}
}}"""
STAFF = f"""
query Staff($first: Int!, $after: String) {{
  staffMembers(first: $first, after: $after) {{
    nodes {{ id active exists accountType isShopOwner }} {PAGE_INFO}
  }}
}}"""
ANY_DISCOUNT = "title status startsAt endsAt createdAt updatedAt asyncUsageCount"
CUSTOMERS_OF = "context { __typename ... on DiscountCustomers { customers { id } } }"
TAKEN_OFF = """customerGets { value {
          __typename
          ... on DiscountPercentage { percentage }
          ... on DiscountAmount { amount { amount currencyCode } }
        } }"""


def _discount(kind: str) -> str:
    told = [ANY_DISCOUNT]
    told += ["usageLimit", CODES.selection] if kind in CODES.kinds else []
    told += [CUSTOMERS_OF]
    told += [TAKEN_OFF] if kind.endswith(("Basic", "Bxgy")) else []
    return f"... on {kind} {{ {' '.join(told)} }}"


DISCOUNTS = f"""
query Discounts($first: Int!, $after: String, $query: String) {{
  discountNodes(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{
      id
      discount {{
        __typename
        {
    " ".join(
        _discount(f"Discount{how}{kind}")
        for how in ("Code", "Automatic")
        for kind in ("Basic", "Bxgy", "FreeShipping", "App")
    )
}
      }}
    }}
    {PAGE_INFO}
  }}
}}"""


EXISTING = "query Existing($ids: [ID!]!) { nodes(ids: $ids) { id } }"


def keys_query(root: str) -> str:
    """The ids of all orders, customers, …, the oldest first."""
    return f"""
query Keys($first: Int!, $after: String, $query: String) {{
  {root}(first: $first, after: $after, query: $query, sortKey: ID) {{ nodes {{ id }} {PAGE_INFO} }}
}}"""


@dataclass
class Shopify(Api):
    """One shop. Remembers the page size that the shop's cost limit allows."""

    budget: Budget
    page_sizes: dict[str, int] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)

    def nodes(
        self, path: tuple[str, ...], query: str, variables: dict[str, Any], after: str | None = None
    ) -> Iterator[Page]:
        """The pages of the connection (``orders``, …) at ``path``, from a cursor on."""
        name = ".".join(path)

        def ask(after: str | None) -> Page:
            first = self.page_sizes.get(name, LARGEST_PAGE)
            operation = query.split("(")[0].split()[1]
            sent = {**variables, "first": first, "after": after}
            try:
                page = self.client.post(
                    GRAPHQL,
                    {"query": query, "operationName": operation, "variables": sent},
                    rows=("data", *path, "nodes"),
                    cost=self.costs.get(name, 10.0),
                )
            except QueryTooCostly as refusal:
                if first == 1:
                    raise Refused(f"even one {name} node costs too much: {refusal}") from None
                self.page_sizes[name] = first // 2
                return ask(after)
            self.learn(name, page.envelope)
            return page

        def following(page: Page) -> str | None:
            found = page.envelope["data"]
            for step in path:
                found = found[step]
            info = found["pageInfo"]
            return promised(info["hasNextPage"], info.get("endCursor"))

        return follow(ask, following, after)

    @cached_property
    def locations(self) -> list[str]:
        pages = self.nodes(("locations",), LOCATIONS, {})
        found = [item for page in pages for item in page.pick("id") if isinstance(item, dict)]
        return [item["id"] for item in found if isinstance(item.get("id"), str)]

    def with_rest(self, records: Page, nested: tuple[Nested, ...]) -> Page:
        """The records with what did not fit into their nested lists."""
        paths = [".".join((*each.path, "pageInfo")) for each in nested]
        for number, record in enumerate(records.pick("id", *paths) if nested else ()):
            for each in nested:
                if after := _unread(record, each):
                    rest = ",".join(self.rest(record["id"], each, after))
                    records.raw[number] = extend(records.raw[number], f'"{each.beside}":[{rest}]')
        return records

    def rest(self, record: str, nested: Nested, after: str) -> Iterator[str]:
        """The nodes of a record's nested list behind a cursor, as text."""
        path = (nested.owner, *nested.path)
        try:
            for page in self.nodes(path, nested.query, {"id": record}, after):
                yield from page.raw
        except Vanished:
            kind = nested.owner.removesuffix("Node")
            raise VendorError(
                f"the {kind} {record} vanished while it was read; nothing was committed, run it"
                " again"
            ) from None

    def gone(self, ids: list[str]) -> list[str]:
        """Those of the ids that stand for nothing any more: each is answered with null."""
        sent = {"query": EXISTING, "operationName": "Existing", "variables": {"ids": ids}}
        nodes = self.client.post(GRAPHQL, sent, cost=10.0).envelope["data"]["nodes"]
        return [name for name, node in zip(ids, nodes, strict=True) if node is None]

    def learn(self, name: str, answer: Any) -> None:
        """Take over the shop's own account of the cost bucket."""
        cost = (answer.get("extensions") or {}).get("cost") or {}
        status = cost.get("throttleStatus")
        if status:
            self.costs[name] = float(cost.get("requestedQueryCost") or 10.0)
            self.budget.correct(
                float(status["currentlyAvailable"]),
                float(status["maximumAvailable"]),
                float(status["restoreRate"]),
            )


class Vanished(Exception):
    """Signal: the record that was asked for is no more."""


def _check(status: int, answer: Any) -> None:
    """GraphQL reports its errors with HTTP 200."""
    if not isinstance(answer, dict) or not answer.get("errors"):
        if status == 200 and not (isinstance(answer, dict) and answer.get("data")):
            raise Retry("an answer without data")
        data = answer.get("data") if isinstance(answer, dict) else None
        if status == 200 and isinstance(data, dict) and [*data.values()] == [None]:
            raise Vanished
        return
    said = describe(answer)
    codes = {
        (error.get("extensions") or {}).get("code", "")
        for error in answer["errors"]
        if isinstance(error, dict)
    }
    if "THROTTLED" in codes:
        raise Retry("THROTTLED", _restored_in(answer))
    if "MAX_COST_EXCEEDED" in codes:
        raise QueryTooCostly(said)
    if "UNAUTHORIZED" in codes:
        raise TokenRefused(said)
    if "ACCESS_DENIED" in codes:
        raise AuthError(f"the app lacks an access scope{said}")
    if "INVALID_CURSOR" in codes or "cursor" in said.lower():
        raise CursorExpired
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        raise Retry(said)
    if status == 200:
        raise Refused(f"the GraphQL query was refused{said}")


def _restored_in(answer: dict[str, Any]) -> float | None:
    """Seconds until the bucket covers the query again."""
    cost = (answer.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    if not status.get("restoreRate"):
        return None
    short = float(cost.get("requestedQueryCost") or 0) - float(status["currentlyAvailable"])
    return min(60.0, max(0.1, short / float(status["restoreRate"])))


def _connect(connection: Connection) -> Shopify:
    host = connection.host.rstrip("/")
    tokens = Client(host, connection=connection)
    grant = client_credentials_grant(connection.login, connection.password)
    auth = Token(
        lambda: token_request(tokens, "/admin/oauth/access_token", data=grant),
        header="X-Shopify-Access-Token",
        form="{}",
    )
    budget = Budget(2_000, 100)
    client = Client(host, auth, connection=connection, budget=budget, check=_check)
    return Shopify(client, connection, budget)


def _unread(record: Any, nested: Nested) -> str | None:
    """The cursor behind which more of a nested list waits; None when all of it is here."""
    path = ".".join((*nested.path, "pageInfo"))
    info = member(path)(record) if isinstance(record, dict) else None
    if not isinstance(info, dict) or "id" not in record:
        return None  # of the record's shape, which the quarantine or the checks judge
    return promised(info.get("hasNextPage"), info.get("endCursor"))


def updated(
    root: str, query: str, nested: tuple[Nested, ...] = ()
) -> Callable[[Shopify, Window], Iterator[Run]]:
    """Nodes by update time, with all of their nested lists."""

    def read(api: Shopify, window: Window) -> Iterator[Run]:
        until = times.text(window.until)

        def pages(start: str) -> Iterator[Page]:
            search = f"updated_at:>='{start}' AND updated_at:<='{until}'"
            return api.nodes((root,), query, {"query": search})

        def of_one_second(start: str, key: str) -> Iterator[Page]:
            behind = f" AND id:>{key.rpartition('/')[2]}" if key else ""
            search = f"updated_at:>='{start}' AND updated_at:<'{_next_second(start)}'{behind}"
            by_id = query.replace("sortKey: UPDATED_AT", "sortKey: ID")
            return api.nodes((root,), by_id, {"query": search})

        run = Run(
            pages,
            times.text(window.since),
            times.text,
            DEEPEST,
            instant=Instant(of_one_second, _next_second),
        )
        yield run.each(lambda page: api.with_rest(page, nested))

    return read


def orders(*nested: Nested) -> Callable[[Shopify, Window], Iterator[Run]]:
    return updated("orders", orders_query(*nested), nested)


def _next_second(start: str) -> str:
    return times.text(times.parse(start).replace(microsecond=0) + timedelta(seconds=1))


def by_id(api: Shopify, root: str, query: str, since: int = 0) -> Iterator[Page]:
    """All nodes, the oldest first, beyond what one query can be paged through."""
    while True:
        seen = 0
        for page in api.nodes((root,), query, {"query": f"id:>={since}"}):
            yield page
            if page.is_last:
                return
            seen += len(page.raw)
            since = number(page.pick("id")[-1]["id"])
            if seen + len(page.raw) > DEEPEST:
                break  # the next query goes on from the last id


def all_keys(root: str) -> Callable[[Shopify, Window], Iterator[Run]]:
    """All nodes with nothing but their id, the oldest first."""

    def read(api: Shopify, window: Window) -> Iterator[Run]:
        query = keys_query(root)
        yield Run(lambda start: by_id(api, root, query, int(start)), "0", label=root)

    return read


def _gift_cards(api: Shopify, window: Window) -> Iterator[Run]:
    """They can be sorted by update time but not be searched by it: read back to the window's start.
    Where that is farther than one query can be paged, all are read by id."""

    def pages(_: str) -> Iterator[Page]:
        seen = 0
        for page in api.nodes(("giftCards",), NEWEST_GIFT_CARDS, {}):
            yield page
            if page.is_last or _oldest(page) < window.since:
                return
            seen += len(page.raw)
            if seen + len(page.raw) > DEEPEST:
                break
        else:
            return
        yield from by_id(api, "giftCards", ALL_GIFT_CARDS)

    yield Run(pages)


def _oldest(page: Page) -> datetime:
    """The oldest update time of a page; without one, what lies before is read, too."""
    moments = []
    for item in page.pick("updatedAt"):
        try:
            moments.append(times.parse(item["updatedAt"]))
        except (*ODD, ValueError):
            continue  # the quarantine has it
    return min(moments, default=datetime.max.replace(tzinfo=UTC))


def _stock(api: Shopify, window: Window) -> Iterator[Run]:
    edges = (
        f"updated_at:>='{times.text(window.since)}' AND updated_at:<='{times.text(window.until)}'"
    )
    for location in window.parts:

        def pages(_: str, location: str = location) -> Iterator[Page]:
            try:
                yield from api.nodes(
                    ("location", "inventoryLevels"), STOCK, {"query": edges, "id": location}
                )
            except Vanished:
                yield Page(is_last=True)  # the location is no more, and its stock with it

        yield Run(pages, label=f"location {location}")


def _staff(api: Shopify, window: Window) -> Iterator[Run]:
    yield Run(lambda start: api.nodes(("staffMembers",), STAFF, {}))


def number(gid: str) -> int:
    """Of ``gid://shopify/Order/17``, 17: what was made later has a greater one."""
    return int(gid.rpartition("/")[2])


def sweep(root: str) -> Sweep:
    # Without read_all_orders, orders of the last 60 days are all that is listed, or found by id.
    return Sweep(timedelta(days=1), all_keys(root), Shopify.gone, order=number)


def _locations(api: Shopify, window: Window) -> Iterator[Run]:
    yield Run(lambda start: api.nodes(("locations",), LOCATIONS, {}))


def _granted(api: Shopify) -> set[str]:
    """The app's scopes; a right to write includes the one to read."""
    query = "{ currentAppInstallation { accessScopes { handle } } }"
    answer = api.client.post(GRAPHQL, {"query": query}).envelope
    scopes = {each["handle"] for each in answer["data"]["currentAppInstallation"]["accessScopes"]}
    return scopes | {re.sub("^write_", "read_", scope) for scope in scopes}


SOURCE = Source(
    name="shopify",
    title="Shopify",
    owner="web-shop",
    schedule="0 * * * *",
    provides=("web_orders", "refunds", "payments"),
    settings=(
        Setting("host", "https://<shop>.myshopify.com"),
        Setting("login", "client id of the app"),
        Setting("password", "client secret of the app"),
        *COMMON_SETTINGS,
    ),
    streams=(
        Stream(
            "orders",
            "Web orders with lines and refunds",
            orders(LINES, FULFILLMENTS),
            "id",
            "updatedAt",
            personal=Personal(
                "blank",
                who={"customer.id": "customer_id"},
                carries={
                    "email": "email",
                    "phone": "phone",
                    "customAttributes.value": "browser_id",
                },
                record="order_id",
                also=(
                    "billingAddress.firstName",
                    "billingAddress.lastName",
                    "shippingAddress.firstName",
                    "shippingAddress.lastName",
                ),
            ),
            required=(
                "id",
                "name",
                "createdAt",
                "updatedAt",
                "totalPriceSet.presentmentMoney.amount",
                "totalPriceSet.presentmentMoney.currencyCode",
            ),
            feed=Feed("Shopify orders", "created_at"),
            sweep=sweep("orders"),
        ),
        Stream(
            "customers",
            "Customers of the web shop",
            updated("customers", CUSTOMERS),
            "id",
            "updatedAt",
            personal=Personal(
                "drop",
                carries={
                    "defaultEmailAddress.emailAddress": "email",
                    "defaultPhoneNumber.phoneNumber": "phone",
                },
                record="customer_id",
                also=(
                    "firstName",
                    "lastName",
                    "defaultAddress.address1",
                    "defaultAddress.city",
                    "defaultAddress.zip",
                ),
            ),
            required=("id", "updatedAt"),
            sweep=sweep("customers"),
        ),
        Stream(
            "locations",
            "Shops and warehouses",
            _locations,
            "id",
            required=("id", "name"),
        ),
        Stream(
            "products",
            "Products with their variants and prices",
            updated("products", PRODUCTS, (VARIANTS,)),
            "id",
            "updatedAt",
            is_standing=True,
            required=("id", "title", "status", "createdAt", "updatedAt"),
            sweep=sweep("products"),
        ),
        Stream(
            "inventory_levels",
            "Stock of each variant at each location",
            _stock,
            "id",
            "updatedAt",
            is_standing=True,
            required=("id", "updatedAt", "item.id", "location.id"),
            parts=lambda api: api.locations,
        ),
        Stream(
            "gift_cards",
            "Gift cards with their balance",
            _gift_cards,
            "id",
            "updatedAt",
            is_filtered_by_vendor=False,
            personal=Personal("blank", who={"customer.id": "customer_id"}),
            is_standing=True,
            required=("id", "createdAt", "updatedAt", "balance.amount", "balance.currencyCode"),
            is_expected=False,
        ),
        Stream(
            "discounts",
            "Discounts, those with codes and those without",
            updated("discountNodes", DISCOUNTS, (CODES,)),
            "id",
            "discount.updatedAt",
            personal=Personal("blank", who={"discount.context.customers.id": "customer_id"}),
            is_standing=True,
            required=("id", "discount.title", "discount.status", "discount.updatedAt"),
            sweep=sweep("discountNodes"),
            is_expected=False,
        ),
        Stream(
            "staff_members",
            "Staff with access to the shop, without their names",
            _staff,
            "id",
            required=("id", "active"),
            every=timedelta(days=1),
            is_expected=False,
        ),
    ),
    connect=_connect,
    rights=(
        Right("read_orders", ("orders",), "no orders"),
        Right(
            "read_all_orders",
            ("orders",),
            "orders older than 60 days are missing, in silence",
            "Shopify grants it on request",
        ),
        *(
            Right(
                f"read_{kind}_fulfillment_orders",
                ("orders",),
                "fulfilment orders of that kind are missing, in silence: pick-ups will be counted"
                " as shipments",
            )
            for kind in ("merchant_managed", "assigned", "third_party")
        ),
        Right(
            "read_customers",
            ("customers", "orders", "gift_cards", "discounts"),
            "no customers; orders, gift cards and discounts know no customer",
        ),
        Right(
            "read_locations",
            ("locations", "orders", "inventory_levels"),
            "no locations; orders do not tell in which shop they were made or picked up; no stock,"
            " which is asked for by location",
        ),
        Right("read_products", ("products",), "no products and prices"),
        Right("read_inventory", ("inventory_levels",), "no stock"),
        Right("read_gift_cards", ("gift_cards",), "no gift cards"),
        Right("read_discounts", ("discounts",), "no discounts and codes"),
        Right(
            "read_users",
            ("staff_members",),
            "no staff",
            "Shopify grants it to shops of the plans Advanced and Plus; others skip the stream",
        ),
        Right(
            "protected customer data, with name, address, e-mail and phone",
            ("customers", "orders"),
            "these fields are empty, or the query is refused",
            is_told=False,
        ),
    ),
    granted=_granted,
    versions=(Version(VERSION, date(2027, 10, 1), header="X-Shopify-API-Version"),),
)

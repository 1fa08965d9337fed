"""What systems hold beside plain sales: gift cards alone, what is bought along at a pick-up,
tickets that are no sales, money given back without a receipt, and the few sales at a till of the
web shop's own system."""

from __future__ import annotations

from typing import Any

import numpy as np

from demo.world import gift_cards as gift_card_records
from demo.world import ordinary, tills
from demo.world.accounts import Accounts
from demo.world.baskets import Baskets, make_baskets
from demo.world.chunk import Chunk
from demo.world.constants import SHOP_CURRENCY
from demo.world.horizon import MINUTE, SECOND
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.orders import WebSales
from demo.world.ordinary import gift_card_line, gift_cards
from demo.world.places import COUNTRY_CODES, COUNTRY_CURRENCY, CURRENCIES, TAX_PER_MILLE, to_eur
from demo.world.tables import NEVER, pick

_CURRENCY_CODES = [code for code, _, _ in CURRENCIES]
_STATES = ["DRAFT", "OPEN", "CANCELED"]
_NO_RECEIPT, _WEB_SHOP_TILL = 3, 4
# Keys of what is not in the order of sales; each range is larger than a chunk's sales.
_GIFT_CARDS, _WEB_TILL = 1 << 27, 1 << 26
_ALONG, _TICKET, _RETURN = 1 << 49, 1 << 51, 1 << 52
_BUYS_ALONG = 0.25  # of those who fetch an order and have a record at the tills
_UNTOLD = [
    "customer_no", "email", "phone", "buyer_first_name", "buyer_last_name",
    "recipient_first_name", "recipient_last_name", "cancelled_at", "voided_at", "edited_at",
    "discount_code", "pickup_shop_no", "first_pickup_shop_no", "sold_shop_no", "ready_at",
    "picked_up_at", "promised_at", "delivered_at", "ga_client_id", "utm_source", "utm_medium",
    "utm_campaign",
]  # fmt: skip
_FREE = ["removed_minor", "shop_removed_minor", "discount_minor", "shipping_minor", "tax_minor"]


def write_gift_cards(chunk: Chunk, accounts: Accounts, sales: WebSales) -> None:
    """Some customers come back, straight to the gift cards. Nothing is sent."""
    rng = chunk.rng("gift cards alone")
    some = np.flatnonzero(rng.random(sales.at.size) < ordinary.RATES.gift_card_alone)
    person, currency = sales.person[some], sales.currency[some]
    value = gift_cards(rng, currency)
    at = sales.at[some] + rng.integers(3600, 48 * 3600, some.size) * SECOND
    keys = _GIFT_CARDS + chunk.keys(some.size)
    name = _write_web_orders(
        chunk,
        keys,
        at,
        currency,
        person_id=chunk.people.id[person],
        customer_no=sales.customer_no[some],
        email=sales.email[some],
        country_code=pick([*COUNTRY_CODES], chunk.people.country[person]),
        region_code=chunk.region[person],
        fulfilled_at=at + MINUTE,
        subtotal_minor=value,
        total_minor=value,
        shop_total_minor=to_eur(value, currency),
    )
    chunk.tables.add(
        "web_order_lines",
        order_no=_order_no(chunk, keys),
        **gift_card_line(np.ones(some.size, np.int64), value),
    )
    gift_card_records.write_sold(chunk, value, currency, at, web_order_no=_order_no(chunk, keys))
    chunk.tables.add(
        "crm_deals",
        deal_no=200_000_000_000 + scramble(keys, "deal", chunk.seed),
        contact_no=accounts.contact_at(person, sales.slot[some], at),
        order_name=name,
        amount_minor=value,
        currency_code=pick([*_CURRENCY_CODES], currency),
        closed_at=at,
        created_at=at + rng.integers(150, 1500, some.size) * SECOND,
        amended_at=None,
        amended_minor=None,
        lost_at=None,
    )


def write_bought_along(
    chunk: Chunk, accounts: Accounts, web: WebSales
) -> tuple[Texts, Ints, Ints, Ints]:
    """Some who fetch an order buy something at the till a few minutes later, and say who they are.
    Answers the tickets, who bought, when, and for how many EUR cents."""
    rng = chunk.rng("bought along")
    at, home = web.picked_up, chunk.people.home[web.person]
    is_known = accounts.till[web.person, 0] & (accounts.till_created[web.person, 0] <= at)
    is_known &= (at != NEVER) & (at < chunk.horizon.end_us) & (at < accounts.card_left[web.person])
    some = np.flatnonzero(is_known & (rng.random(at.size) < _BUYS_ALONG))
    person, shop = web.person[some], home[some]
    at = at[some] + rng.integers(60, 300, some.size) * SECOND
    baskets, currency = _baskets(chunk, rng, shop, at)
    keys = _ALONG + chunk.keys(some.size)
    order_id = texts("T{:015X}", scramble(keys, "till_order", chunk.seed, 60))
    customer = accounts.till_ids(person, np.zeros(some.size, np.int64))
    tills.write_tickets(
        chunk,
        rng,
        shop,
        order_id,
        customer,
        at - 40 * SECOND,
        at,
        at,
        baskets,
        currency,
        kiosks=False,
    )
    chunk.tables.add(
        "payments",
        payment_id=texts("P{:015X}", scramble(keys, "payment", chunk.seed, 60)),
        order_id=order_id,
        shop_no=shop + 1,
        square_customer_id=customer,
        amount_minor=baskets.total,
        tip_minor=0,
        currency_code=pick([*_CURRENCY_CODES], currency),
        source_type="CASH",
        card_brand=None,
        card_last4=None,
        card_fingerprint=None,
        status="COMPLETED",
        created_at=at,
        visible_at=at,
    )
    chunk.tables.add(
        "identifiers",
        system="till_order",
        record_id=order_id,
        person_id=chunk.people.id[person],
    )
    return order_id, person, at, to_eur(baskets.total, currency)


def write_tickets(chunk: Chunk, sales: tills.TillSales) -> None:
    """Nobody's name is on them. Each is made shortly before a sale of the same shop."""
    rng = chunk.rng("tickets")
    rates = ordinary.RATES
    shares = [
        rates.draft, rates.saved_cart, rates.given_up, rates.no_receipt,
        rates.web_shop_till * chunk.has_web_shop_tills,
    ]  # fmt: skip
    kind = np.searchsorted(np.cumsum(shares), rng.random(sales.at.size), side="right")
    at = sales.at - rng.integers(5, 200, sales.at.size) * SECOND
    _write_no_sales(chunk, rng, sales.shop, at, kind)
    _write_without_receipt(chunk, rng, sales.shop, at, kind == _NO_RECEIPT)
    _write_at_web_shop_till(chunk, rng, sales.shop, at, kind == _WEB_SHOP_TILL)


def _write_no_sales(
    chunk: Chunk, rng: np.random.Generator, shop: Ints, at: Ints, kind: Ints
) -> None:
    """Drafts, carts that were saved, tickets that were given up: all of it is due still."""
    picked = np.flatnonzero(kind < len(_STATES))
    shop, at = shop[picked], at[picked]
    baskets, currency = _baskets(chunk, rng, shop, at)
    keys = _TICKET + chunk.keys(picked.size)
    order_id = texts("T{:015X}", scramble(keys, "till_order", chunk.seed, 60))
    state = np.array(_STATES, dtype=object)[kind[picked]]
    tills.write_tickets(
        chunk,
        rng,
        shop,
        order_id,
        None,
        at - 40 * SECOND,
        at,
        at,
        baskets,
        currency,
        state=state,
        due=baskets.total,
    )
    _nobodys(chunk, "till_order", order_id)


def _write_without_receipt(
    chunk: Chunk, rng: np.random.Generator, shop: Ints, at: Ints, picked: Bools
) -> None:
    shop, at = shop[picked], at[picked]
    baskets, currency = _baskets(chunk, rng, shop, at)
    keys = chunk.keys(shop.size)
    order_id = texts("T{:015X}", scramble(_RETURN + keys, "till_order", chunk.seed, 60))
    tills.write_tickets(
        chunk,
        rng,
        shop,
        order_id,
        None,
        at - 40 * SECOND,
        at,
        at,
        baskets,
        currency,
        is_return=True,
    )
    chunk.tables.add(
        "till_refunds",
        refund_id=texts("R{:015X}", scramble(_RETURN + keys, "till_refund", chunk.seed, 60)),
        payment_id=None,
        order_id=order_id,
        shop_no=shop + 1,
        amount_minor=baskets.total,
        currency_code=pick([*_CURRENCY_CODES], currency),
        reason="No receipt",
        created_at=at + SECOND,
    )
    _nobodys(chunk, "till_order", order_id)


def _write_at_web_shop_till(
    chunk: Chunk, rng: np.random.Generator, shop: Ints, at: Ints, picked: Bools
) -> None:
    shop, at = shop[picked], at[picked]
    baskets, currency = _baskets(chunk, rng, shop, at, is_till=False)
    keys = _WEB_TILL + chunk.keys(shop.size)
    _write_web_orders(
        chunk,
        keys,
        at,
        currency,
        person_id=None,
        country_code=pick([*COUNTRY_CODES], chunk.shops.country[shop]),
        region_code=np.array(chunk.shops.regions, dtype=object)[shop],
        fulfilled_at=at,
        subtotal_minor=baskets.subtotal,
        discount_minor=baskets.order_discount,
        tax_minor=baskets.order_tax,
        total_minor=baskets.total,
        shop_total_minor=to_eur(baskets.total, currency),
        sold_shop_no=shop + 1,
    )
    chunk.tables.add(
        "web_order_lines",
        order_no=_order_no(chunk, keys)[baskets.order],
        **baskets.columns(chunk.products),
    )


def _baskets(
    chunk: Chunk, rng: np.random.Generator, shop: Ints, at: Ints, *, is_till: bool = True
) -> tuple[Baskets, Ints]:
    country = chunk.shops.country[shop]
    currency, taxes = COUNTRY_CURRENCY[country], TAX_PER_MILLE[country]
    baskets = make_baskets(rng, chunk.products, at, currency, taxes, 0.0, is_till=is_till)
    return baskets, currency


def _nobodys(chunk: Chunk, system: str, record_id: Texts) -> None:
    chunk.tables.add("identifiers", system=system, record_id=record_id, person_id=None)


def _order_no(chunk: Chunk, keys: Ints) -> Ints:
    return 5_000_000_000_000 + scramble(keys, "web_order", chunk.seed)


def _write_web_orders(
    chunk: Chunk, keys: Ints, at: Ints, currency: Ints, *, person_id: Ints | None, **given: Any
) -> Texts:
    """Orders of what is given and nothing else; answers their names."""
    order_no, seed = _order_no(chunk, keys), chunk.seed
    name = texts("#W{:d}", scramble(keys, "web_order_name", seed) + 10**12)
    plain: dict[str, Any] = dict.fromkeys(_UNTOLD) | dict.fromkeys(_FREE, 0)
    chunk.tables.add(
        "web_orders",
        **plain
        | given
        | {
            "order_no": order_no,
            "order_name": name,
            "created_at": at,
            "currency_code": pick([*_CURRENCY_CODES], currency),
            "shop_currency_code": SHOP_CURRENCY,
            "is_bopis": False,
        },
    )
    chunk.tables.add(
        "identifiers", system="web_order", record_id=texts("{}", order_no), person_id=person_id
    )
    return name

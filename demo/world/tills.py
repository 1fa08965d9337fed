"""Sales at the tills, their payments, and goods that come back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world import gift_cards, loyalty
from demo.world.accounts import Accounts
from demo.world.baskets import COUPONS, Baskets, make_baskets, returned
from demo.world.behaviour import ORGANIC, Visits, visits_on
from demo.world.chunk import Chunk
from demo.world.horizon import HOUR, SECOND
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.ordinary import AtTill, at_till, gift_card_line, paying_cards, told_cards
from demo.world.people import CARD_BRANDS, card_fingerprints
from demo.world.places import (
    COUNTRY_CURRENCY,
    CURRENCIES,
    TAX_PER_MILLE,
    to_eur,
)
from demo.world.registers import TILLS, device_no, served_by
from demo.world.staff import book_on_walk_ins
from demo.world.tables import NEVER, pick

_CURRENCY_CODES = [code for code, _, _ in CURRENCIES]
_GIFT_CARDS = 1 << 50  # keys beyond those of people's cards
_REASONS = ["Wrong size", "Changed mind", "Faulty"]


@dataclass(frozen=True)
class TillSales:
    """Sales of one chunk, one entry per buying visit."""

    person: Ints
    shop: Ints
    at: Ints  # closed
    cause: Ints
    order_id: Texts
    total_eur: Ints
    baskets: Baskets
    currency: Ints
    customer: Texts  # whose profile the till attached, None: nobody's
    is_named: Bools  # and it is the buyer's own
    is_kiosk: Bools


def offline_hours(rng: np.random.Generator, shops: int, days: int) -> Ints:
    """``[shop, day]``: hours until the tills of that day reach the server; 0: at once."""
    outage = rng.random((shops, days)) < 0.03
    return np.where(outage, rng.integers(3, 72, (shops, days)), 0)


def write_sales(
    chunk: Chunk, accounts: Accounts, visits: Visits, offline: Ints
) -> tuple[TillSales, Visits]:
    """One sale per buying visit. Also answers the further visits on which goods came back."""
    people, shops, products, horizon = chunk.people, chunk.shops, chunk.products, chunk.horizon
    tables, seed, rng = chunk.tables, chunk.seed, chunk.rng("tills")
    buying = visits.take(visits.buys)
    person, shop = buying.person, buying.shop
    currency = COUNTRY_CURRENCY[shops.country[shop]]
    closed = buying.left - rng.integers(20, 90, person.size) * SECOND
    created = closed - rng.integers(15, 100, person.size) * SECOND
    taxes = TAX_PER_MILLE[shops.country[shop]]
    baskets = make_baskets(rng, products, created, currency, taxes, 0.08, is_till=True)
    keys = chunk.keys(person.size)
    order_id = texts("T{:015X}", scramble(keys, "till_order", seed, 60))
    slot = accounts.shown_at_till(rng, person, created)
    holder, slot = _booked_on(chunk, accounts, person, slot, created)
    customer = accounts.till_ids(holder, slot)
    book_on_walk_ins(chunk, shop, customer)
    day = np.clip(horizon.day(chunk.shop_zone[shop], closed), 0, horizon.total - 1)
    visible = closed + offline[shop, day] * HOUR
    beside = at_till(chunk, baskets.total, currency)
    is_kiosk = write_tickets(
        chunk,
        rng,
        shop,
        order_id,
        customer,
        created,
        closed,
        visible,
        baskets,
        currency,
        state=beside.state,
        beside=beside,
    )
    sells = beside.gift_card > 0
    _write_gift_cards(chunk, order_id, baskets, beside)
    gift_cards.write_sold(
        chunk,
        beside.gift_card[sells],
        currency[sells],
        visible[sells],
        till_order_id=order_id[sells],
        shop=shop[sells],
    )

    payment_id = texts("P{:015X}", scramble(keys, "payment", seed, 60))
    by_card = (rng.random(person.size) < 0.8) & ~beside.by_gift_card
    second = (people.card[person, 1] >= 0) & (rng.random(person.size) < 0.3)
    card = people.card[person, second.astype(int)]
    fingerprint = card_fingerprints(card, seed)
    last4 = texts("{:04d}", scramble(card, "last4", seed, 56) % 10_000)
    paying = paying_cards(chunk, shop, closed, beside.by_gift_card)
    gift_card = told_cards(chunk, paying)
    numbered = gift_card >= 0
    last4[numbered] = gift_cards.last4(gift_card[numbered], seed)
    fingerprint[numbered] = card_fingerprints(_GIFT_CARDS + gift_card[numbered], seed)
    for column in (fingerprint, last4):
        column[~(by_card | numbered)] = None
    # From hand to hand: nobody's.
    known = np.unique(fingerprint[numbered].astype(str)).astype(object)
    tables.add("identifiers", system="card_fingerprint", record_id=known, person_id=None)
    tables.add(
        "payments",
        payment_id=payment_id,
        order_id=order_id,
        shop_no=shop + 1,
        square_customer_id=customer,
        amount_minor=baskets.total + beside.gift_card,
        tip_minor=beside.tip,
        currency_code=pick([*_CURRENCY_CODES], currency),
        source_type=np.where(by_card | beside.by_gift_card, "CARD", "CASH").astype(object),
        card_brand=pick(
            [*CARD_BRANDS, "SQUARE_GIFT_CARD"],
            np.select(
                [beside.by_gift_card, by_card], [len(CARD_BRANDS), card % 97 % len(CARD_BRANDS)], -1
            ),
        ),
        card_last4=last4,
        card_fingerprint=fingerprint,
        status="COMPLETED",
        created_at=closed,
        visible_at=visible,
    )
    pays = paying >= 0
    gift_cards.write_used(
        chunk,
        paying[pays],
        order_id[pays],
        visible[pays],
        (baskets.total + beside.tip)[pays],
        currency[pays],
    )
    tables.add("identifiers", system="till_order", record_id=order_id, person_id=people.id[person])
    earns = (slot == 0) & people.is_member[holder]
    total_eur = to_eur(baskets.total, currency)
    loyalty.write_ledger(
        chunk, accounts, holder[earns], order_id[earns], visible[earns], total_eur[earns] // 100
    )
    sales = TillSales(
        person, shop, closed, buying.cause, order_id, total_eur, baskets, currency, customer,
        (slot >= 0) & (holder == person), is_kiosk,
    )  # fmt: skip
    errands = _write_returns(chunk, rng, sales, payment_id, customer)
    return sales, errands


def _booked_on(
    chunk: Chunk, accounts: Accounts, person: Ints, slot: Ints, at: Ints
) -> tuple[Ints, Ints]:
    """Whose record the till attaches: now and then that of another customer of the same shop."""
    people, rng = chunk.people, chunk.rng("wrong profiles")
    wrong = np.flatnonzero((slot >= 0) & (rng.random(person.size) < chunk.noise.wrong_profile))
    known = np.flatnonzero(accounts.till[:, 0])
    known = known[np.argsort(people.home[known], kind="stable")]
    home = people.home[person[wrong]]
    first = np.searchsorted(people.home[known], home)
    count = np.searchsorted(people.home[known], home, side="right") - first
    other = known[first + (rng.random(wrong.size) * count).astype(np.int64)]
    exists = (accounts.till_created[other, 0] <= at[wrong]) & (
        at[wrong] < accounts.card_left[other]
    )
    holder, slot = person.copy(), slot.copy()
    holder[wrong[exists]], slot[wrong[exists]] = other[exists], 0
    return holder, slot


def _write_gift_cards(chunk: Chunk, order_id: Texts, baskets: Baskets, beside: AtTill) -> None:
    sells = beside.gift_card > 0
    lines = np.bincount(baskets.order, minlength=sells.size)
    chunk.tables.add(
        "till_order_lines",
        order_id=order_id[sells],
        **gift_card_line(lines[sells] + 1, beside.gift_card[sells]),
    )


def write_tickets(
    chunk: Chunk,
    rng: np.random.Generator,
    shop: Ints,
    order_id: Texts,
    customer: Texts | None,
    created: Ints,
    closed: Ints,
    visible: Ints,
    baskets: Baskets,
    currency: Ints,
    *,
    state: Texts | str = "COMPLETED",
    beside: AtTill | None = None,
    due: Ints | int = 0,
    is_return: bool = False,
    return_of: Texts | None = None,
    kiosks: bool = True,
) -> Bools:
    """Tickets with the lines of their baskets. Answers which of them a kiosk took."""
    shops = chunk.shops
    tip, gift_card = (beside.tip, beside.gift_card) if beside else (np.zeros_like(shop),) * 2
    kiosk: Bools = (rng.random(shop.size) < 0.08) & (kiosks and not is_return)
    till = rng.integers(1, TILLS + 1, shop.size)
    day = chunk.horizon.day(chunk.shop_zone[shop], closed)
    names = [f"{code} Till {n}" for code in shops.codes for n in range(1, TILLS + 1)]
    names += [f"{code} Kiosk" for code in shops.codes]
    chunk.tables.add(
        "till_orders",
        order_id=order_id,
        shop_no=shop + 1,
        square_customer_id=customer,
        created_at=created,
        closed_at=closed,
        visible_at=visible,
        currency_code=pick([*_CURRENCY_CODES], currency),
        subtotal_minor=baskets.subtotal + gift_card,
        discount_minor=baskets.order_discount,
        tax_minor=baskets.order_tax,
        tip_minor=tip,
        total_minor=baskets.total + gift_card + tip,
        due_minor=due,
        coupon_code=pick([*COUPONS], baskets.coupon),
        source_name=np.where(kiosk, "Square Kiosk", "Square Point of Sale").astype(object),
        device_name=pick(
            [*names], np.where(kiosk, TILLS * shops.count + shop, TILLS * shop + till - 1)
        ),
        device_no=device_no(shop, np.where(kiosk, TILLS, till - 1)),
        staff_no=np.where(kiosk, NEVER, served_by(shop, day, np.arange(shop.size), chunk.horizon)),
        state=state,
        is_return=is_return,
        return_of_order_id=return_of,
    )
    chunk.tables.add(
        "till_order_lines", order_id=order_id[baskets.order], **baskets.columns(chunk.products)
    )
    return kiosk


def _write_returns(
    chunk: Chunk, rng: np.random.Generator, sales: TillSales, payment_id: Texts, customer: Texts
) -> Visits:
    """Some sales come back, to the same shop, on a later day within three weeks."""
    tables, horizon, seed = chunk.tables, chunk.horizon, chunk.seed
    picked = np.flatnonzero(rng.random(sales.at.size) < 0.04)
    zone = chunk.shop_zone[sales.shop[picked]]
    # Four days on at the earliest: an offline sale has reached the server by then.
    day = horizon.day(zone, sales.at[picked]) + rng.integers(5, 21, picked.size)
    picked, day = picked[day < horizon.total], day[day < horizon.total]
    nothing = np.zeros(picked.size, dtype=bool)
    errands = visits_on(
        chunk,
        rng,
        np.arange(picked.size),
        day,
        nothing,
        np.full(picked.size, ORGANIC),
        nothing,
        shop=sales.shop[picked],
    )
    picked = picked[errands.person]  # in the order of the visits
    baskets = returned(rng, sales.baskets, picked)
    at = errands.arrived + (errands.left - errands.arrived) // 2
    keys = chunk.keys(picked.size)
    order_id = texts("T{:015X}", scramble((1 << 50) + keys, "till_order", seed, 60))
    shop, currency = sales.shop[picked], sales.currency[picked]
    write_tickets(
        chunk,
        rng,
        shop,
        order_id,
        customer[picked],
        at - 40 * SECOND,
        at,
        at,
        baskets,
        currency,
        is_return=True,
        return_of=sales.order_id[picked],
    )
    tables.add(
        "till_refunds",
        refund_id=texts("R{:015X}", scramble(keys, "till_refund", seed, 60)),
        payment_id=payment_id[picked],
        order_id=order_id,
        shop_no=shop + 1,
        amount_minor=baskets.total,
        currency_code=pick([*_CURRENCY_CODES], currency),
        reason=pick([*_REASONS], rng.integers(0, len(_REASONS), picked.size)),
        created_at=at + SECOND,
    )
    tables.add(
        "identifiers",
        system="till_order",
        record_id=order_id,
        person_id=chunk.people.id[sales.person[picked]],
    )
    return Visits(
        sales.person[picked], errands.shop, errands.arrived, errands.left, errands.buys,
        errands.cause, errands.is_pass_by,
    )  # fmt: skip

"""What shops do beside plain sales: tips, gift cards, edits, late refunds, pick-ups moved.

Each draws from a stream of its own, so that the sales themselves stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND
from demo.world.ids import Bools, Ints, Texts
from demo.world.tables import NEVER


@dataclass(frozen=True)
class Rates:
    """Each a probability, of what its heading says."""

    # Of a till's sales.
    tip: float = 0.03
    gift_card_beside: float = 0.005  # sold with the goods
    paid_by_gift_card: float = 0.01
    left_open: float = 0.005  # paid, but the ticket was never closed
    # Tickets that nobody's name is on, for each sale of a till.
    draft: float = 0.003
    saved_cart: float = 0.003
    given_up: float = 0.002
    no_receipt: float = 0.001  # money given back for a sale that nobody can name
    web_shop_till: float = 0.005  # sold at the till that the web shop's system runs
    # Of web orders.
    voided: float = 0.005  # of those that are shipped: the money was never taken
    edited: float = 0.01  # of those with several lines: the last one taken off before it was paid
    gift_card_alone: float = 0.005
    pick_up_cancelled: float = 0.005  # of those that are shipped
    pick_up_moved: float = 0.02  # of pick-ups
    # Of refunds of web orders that were not cancelled.
    late_refund: float = 0.05  # months later
    back_in_shop: float = 0.2


RATES = Rates()
# Per currency: what tips are rounded to, and the smaller of the two gift cards on sale.
_TIP_STEP = np.array([50, 50, 50, 100])
_GIFT_CARD = np.array([2500, 2500, 2500, 3000])
_PAYMENTS = 3  # with one gift card


def gift_cards(rng: np.random.Generator, currency: Ints) -> Ints:
    """What each gift card is worth: the small one, or twice that."""
    return _GIFT_CARD[currency] * rng.integers(1, 3, currency.size)


def gift_card_line(line_no: Ints, value: Ints) -> dict[str, object]:
    """The columns that web and till lines share, of one gift card each."""
    return {
        "line_no": line_no,
        "product_no": 0,
        "sku": "GIFT-CARD",
        "title": "Gift card",
        "quantity": 1,
        "unit_price_minor": value,
        "discount_minor": 0,
        "tax_minor": 0,
        "is_gift_card": True,
    }


@dataclass(frozen=True)
class AtTill:
    """Beside the goods, per sale of a till."""

    tip: Ints
    gift_card: Ints  # what a gift card that was sold too is worth, 0: none
    by_gift_card: Bools
    state: Texts


def at_till(chunk: Chunk, goods: Ints, currency: Ints) -> AtTill:
    """About ten per cent of the goods for a tip, a gift card now and then."""
    rng = chunk.rng("ordinary till sales")
    n = goods.size
    step = _TIP_STEP[currency]
    tip = np.maximum(goods // 10 // step, 1) * step
    tips, sells = rng.random(n) < RATES.tip, rng.random(n) < RATES.gift_card_beside
    return AtTill(
        tip=np.where(tips, tip, 0),
        gift_card=np.where(sells, gift_cards(rng, currency), 0),
        by_gift_card=~sells & (rng.random(n) < RATES.paid_by_gift_card),
        state=np.where(rng.random(n) < RATES.left_open, "OPEN", "COMPLETED").astype(object),
    )


def paying_cards(chunk: Chunk, shop: Ints, at: Ints, by_gift_card: Bools) -> Ints:
    """Which gift card pays, -1 where none does.

    A card is used up in a few payments at the shop, by whoever has it then.
    """
    paid = np.flatnonzero(by_gift_card)
    paid = paid[np.lexsort((at[paid], shop[paid]))]
    number = np.full(at.size, -1)
    rank = np.arange(paid.size) - np.searchsorted(shop[paid], shop[paid])
    number[paid] = (chunk.number << 28) + (shop[paid] << 19) + rank // _PAYMENTS
    return number


def told_cards(chunk: Chunk, card: Ints) -> Ints:
    """Those of the paying cards that the payment tells, -1 elsewhere."""
    told = chunk.rng("gift card numbers").random(card.size) < chunk.noise.gift_card_number
    return np.where(told, card, -1)


@dataclass(frozen=True)
class OnWeb:
    """What becomes of each web order; times are NEVER for most."""

    voided: Ints
    edited: Ints
    first_pickup: Ints  # shop index of a pick-up that was cancelled, NEVER: none


def on_web(
    chunk: Chunk, person: Ints, at: Ints, lines: Ints, picks_up: Bools, keeps: Bools
) -> OnWeb:
    """``keeps``: the order is neither cancelled nor refunded. ``picks_up``: in the home shop."""
    rng = chunk.rng("ordinary web orders")
    n = at.size
    voids = keeps & ~picks_up & (rng.random(n) < RATES.voided)
    edits = keeps & ~voids & (lines > 1) & (rng.random(n) < RATES.edited)
    # Before anything leaves, and with the CRM's word for it before the CRM is compared.
    edited = np.where(edits, at + rng.integers(30, 100, n) * MINUTE, NEVER)
    voided = np.where(voids, at + rng.integers(60, 150, n) * MINUTE, NEVER)
    rate = np.where(picks_up, RATES.pick_up_moved, RATES.pick_up_cancelled)
    changes = keeps & ~voids & (rng.random(n) < rate)
    home = chunk.people.home[person]
    other = _shop_nearby(chunk, rng, home)
    changes &= ~picks_up | (other != home)
    return OnWeb(voided, edited, np.where(changes, np.where(picks_up, other, home), NEVER))


def _shop_nearby(chunk: Chunk, rng: np.random.Generator, home: Ints) -> Ints:
    """Another shop of the same country, or the same where there is no other."""
    nearby = home.copy()
    for country in np.unique(chunk.shops.country):
        there = np.flatnonzero(chunk.shops.country == country)
        of_country = np.flatnonzero(np.isin(home, there))
        step = rng.integers(1, max(there.size, 2), of_country.size)
        nearby[of_country] = there[(np.searchsorted(there, home[of_country]) + step) % there.size]
    return nearby


def refunds(chunk: Chunk, person: Ints, ordered: Ints, at: Ints) -> tuple[Ints, Ints]:
    """When, and in which shop (index, NEVER: by post), goods really come back that would be sent
    back ``at`` that time."""
    horizon, rng = chunk.horizon, chunk.rng("ordinary refunds")
    n = at.size
    late = ordered + rng.integers(60, 120, n) * DAY
    is_late = (rng.random(n) < RATES.late_refund) & (late < horizon.end_us)
    at = np.where(is_late, late, at)
    home = chunk.people.home[person]
    # Who has no till of the web shop's cannot take its goods back at one.
    in_shop = rng.random(n) < RATES.back_in_shop * chunk.has_web_shop_tills
    zone, shops = chunk.shop_zone[home], chunk.shops
    day = horizon.day(zone, at)
    day += (horizon.weekday(day) == 6) & (shops.open_sunday[home] == 0)
    opens = shops.open_minute[home] * MINUTE + rng.integers(0, 5 * HOUR // SECOND, n) * SECOND
    return (
        np.where(in_shop, horizon.utc(zone, day, opens), at),
        np.where(in_shop, home, NEVER),
    )

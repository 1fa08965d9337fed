"""The gift cards themselves: which order sold each, what it was worth, what it has paid."""

from __future__ import annotations

import numpy as np

from demo.world.chunk import Chunk
from demo.world.horizon import DAY, SECOND
from demo.world.ids import Ints, Texts, scramble, texts
from demo.world.places import CURRENCIES
from demo.world.tables import NEVER, pick

# Keys of cards that the tills sold, and the web shop; before them come those sold long ago.
_AT_TILL, _ON_WEB = 1 << 38, 1 << 39
_SOLD_AGO = 50  # days before the world's start, at most: what the cards in people's hands are
_VALID_DAYS = np.array([0, 730, 0, 180])  # per currency: the law's, 0: for good
_ROUND = 500  # minor units, of what was paid in


def last4(key: Ints, seed: int) -> Texts:
    """The end of a card's code."""
    return texts("{:04d}", scramble(key, "gift_card_code", seed, 40) % 10_000)


def write_sold(
    chunk: Chunk,
    value: Ints,
    currency: Ints,
    at: Ints,
    *,
    web_order_no: Ints | None = None,
    till_order_id: Texts | None = None,
    shop: Ints | None = None,
) -> None:
    """One card per order that sold one."""
    key = (_AT_TILL if web_order_no is None else _ON_WEB) + chunk.keys(value.size)
    shop_no = None if shop is None else shop + 1
    _write(chunk, key, value, currency, at, at, web_order_no, till_order_id, shop_no)


def write_used(
    chunk: Chunk, card: Ints, order_id: Texts, at: Ints, amount: Ints, currency: Ints
) -> None:
    """Cards from before the world's start, one per key in ``card``, and each payment with one.

    Some are used up to the last cent, on others something is left.
    """
    rng = chunk.rng("gift cards")
    key, first, card_of = np.unique(card, return_index=True, return_inverse=True)
    paid = np.bincount(card_of, weights=amount, minlength=key.size).astype(np.int64)
    last = np.full(key.size, NEVER)
    np.maximum.at(last, card_of, at)
    used_up = rng.random(key.size) < 0.3
    rounded = -(-paid // _ROUND) * _ROUND
    issued = chunk.horizon.start_us - rng.integers(86_400, _SOLD_AGO * 86_400, key.size) * SECOND
    _write(
        chunk,
        key,
        np.where(used_up, paid, rounded),
        currency[first],
        issued,
        last,
        None,
        None,
        None,
    )
    chunk.tables.add(
        "gift_card_uses",
        gift_card_no=_number(card, chunk.seed),
        till_order_id=order_id,
        used_at=at,
        amount_minor=amount,
    )


def _number(key: Ints, seed: int) -> Ints:
    return 700_000_000_000 + scramble(key, "gift_card", seed)


def _write(
    chunk: Chunk,
    key: Ints,
    value: Ints,
    currency: Ints,
    issued: Ints,
    last_used: Ints,
    web_order_no: Ints | None,
    till_order_id: Texts | None,
    shop_no: Ints | None,
) -> None:
    valid = _VALID_DAYS[currency]
    # Nobody pays with a card that has run out.
    expires = np.maximum(issued // DAY + valid, last_used // DAY + 1)
    chunk.tables.add(
        "gift_cards",
        gift_card_no=_number(key, chunk.seed),
        code_last4=last4(key, chunk.seed),
        currency_code=pick([code for code, _, _ in CURRENCIES], currency),
        initial_minor=value,
        issued_at=issued,
        web_order_no=web_order_no,
        till_order_id=till_order_id,
        shop_no=shop_no,
        expires_on=np.where(valid > 0, expires, NEVER),
    )

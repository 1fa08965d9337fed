"""Discounts: codes for everybody, and codes that one customer may use once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.baskets import COUPONS, PERCENT
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, SECOND, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.records import later
from demo.world.tables import NEVER, Tables


@dataclass(frozen=True)
class Coupon:
    """``code``: None where each customer has one of their own. Days: after the world's start."""

    code: str | None
    title: str
    percent: int
    starts: int
    ends: int | None = None
    usage_limit: int | None = None


_PUBLIC = [
    Coupon(code, title, int(percent), starts)
    for code, percent, (title, starts) in zip(
        COUPONS,
        PERCENT,
        [("Welcome", -300), ("Spring", -10), ("First order in the app", -150)],
        strict=True,
    )
]
_ALL = [
    *_PUBLIC,
    Coupon("WINTER20", "Winter sale", 20, -60, ends=-7, usage_limit=500),  # over
    Coupon("FRIENDS25", "Friends and family", 25, -30, usage_limit=50),  # nobody has used it yet
    Coupon(None, "Thank you", 10, -300, usage_limit=1),
]
_OWN = len(_ALL)  # the coupon_no of the last
_STANDS_FOR = 0  # the public code of the same percentage
_SHARE_OF_USES, _SHARE_UNUSED = 0.3, 0.06  # of orders with that code; of customers
_UNUSED = 1 << 39  # keys of codes beyond those of orders


def write_coupons(tables: Tables, horizon: Horizon) -> None:
    for number, coupon in enumerate(_ALL, start=1):
        ends = None if coupon.ends is None else np.array([horizon.start_us + coupon.ends * DAY])
        tables.add(
            "coupons",
            coupon_no=number,
            code=coupon.code,
            title=coupon.title,
            percent=coupon.percent,
            starts_at=np.array([horizon.start_us + coupon.starts * DAY]),
            ends_at=ends,
            usage_limit=coupon.usage_limit,
        )


def codes_used(
    chunk: Chunk, coupon: Ints, customer: Ints, since: Ints, at: Ints, may: Bools
) -> Texts:
    """The code on each web order, None without a coupon.

    Where an order ``may``, its customer, known ``since``, has sometimes used a code of their own.
    """
    rng = chunk.rng("coupon codes")
    codes = np.array([*COUPONS, None], dtype=object)[coupon]
    own = np.flatnonzero(may & (coupon == _STANDS_FOR) & (rng.random(at.size) < _SHARE_OF_USES))
    codes[own] = _codes(chunk.keys(at.size)[own], chunk.seed)
    earliest = np.maximum(since[own], at[own] - 30 * DAY)
    issued = earliest + (rng.random(own.size) * (at[own] - earliest)).astype(np.int64)
    _write(chunk, codes[own], customer[own], issued // SECOND * SECOND)
    return codes


def write_unused(chunk: Chunk, customer: Ints, since: Ints) -> None:
    """Codes that customers, known ``since``, have and have not used."""
    rng = chunk.rng("unused coupon codes")
    issued = later(rng, chunk.horizon, since, _SHARE_UNUSED)
    has = np.flatnonzero(issued != NEVER)
    codes = _codes(_UNUSED + chunk.keys(has.size), chunk.seed)
    _write(chunk, codes, customer[has], issued[has])


def _write(chunk: Chunk, code: Texts, customer: Ints, issued: Ints) -> None:
    chunk.tables.add(
        "coupon_codes", coupon_no=_OWN, code=code, customer_no=customer, issued_at=issued
    )


def _codes(keys: Ints, seed: int) -> Texts:
    return texts("THANKS-{:010X}", scramble(keys, "coupon_code", seed))

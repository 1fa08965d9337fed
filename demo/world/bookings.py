"""Appointments in the shops: an hour with a stylist, booked on the web or by telephone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import ORGANIC, Visits, join_visits, visits_on
from demo.world.chunk import Chunk
from demo.world.horizon import DAY, HOUR, MINUTE
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.tables import NEVER, pick

_KEPT = 0.2  # of the visits of customers whom the tills know
_BROKEN = 0.2  # so many more, in proportion to the kept ones, nobody comes to
_QUARTER = 15 * MINUTE
_KEPT_IT, _BY_CUSTOMER, _BY_SELLER, _NO_SHOW = range(4)
_CANCELLED = {_BY_CUSTOMER: "CANCELLED_BY_CUSTOMER", _BY_SELLER: "CANCELLED_BY_SELLER"}


@dataclass(frozen=True)
class Bookings:
    """Bookings of one chunk."""

    person: Ints
    booking_id: Texts
    at: Ints  # when they were made
    shop: Ints
    arrived: Ints  # of those who came; else when they would have
    by_phone: Bools
    is_kept: Bools


def write_bookings(chunk: Chunk, accounts: Accounts, visits: Visits) -> Bookings:
    """Some visits had been booked, and some bookings come to nothing: all by one's own will.

    No advertisement is the cause of a booking, and none is the reason of a purchase: who books
    would have come anyway. Numbers of other parts of the world stay as they are.
    """
    horizon, rng = chunk.horizon, chunk.rng("bookings")
    known = accounts.till[:, 0]
    came = known[visits.person] & ~visits.is_pass_by & (visits.cause == ORGANIC)
    kept = visits.take(came & (rng.random(visits.person.size) < _KEPT))
    customers = np.flatnonzero(known)
    count = rng.poisson(_BROKEN * kept.person.size) if customers.size else 0
    broken = visits_on(
        chunk,
        rng,
        rng.choice(customers, count) if count else np.zeros(0, np.int64),
        rng.integers(0, horizon.total, count),
        np.zeros(count, bool),
        np.full(count, ORGANIC),
        np.zeros(count, bool),
    )
    both = join_visits([kept, broken])
    end = np.r_[
        np.full(kept.person.size, _KEPT_IT),
        rng.choice([_BY_CUSTOMER, _BY_SELLER, _NO_SHOW], broken.person.size, p=[0.55, 0.1, 0.35]),
    ]
    start = -(-both.arrived // _QUARTER) * _QUARTER
    # Hours to weeks ahead, but not before the tills know the customer.
    created = start - 2 * HOUR - rng.exponential(5 * DAY, start.size).astype(np.int64)
    in_time = created >= accounts.till_created[both.person, 0]
    both, end, start, created = both.take(in_time), end[in_time], start[in_time], created[in_time]
    return _write(chunk, accounts, rng, both, end, start, created)


def _write(
    chunk: Chunk,
    accounts: Accounts,
    rng: np.random.Generator,
    visits: Visits,
    end: Ints,
    start: Ints,
    created: Ints,
) -> Bookings:
    n = start.size
    booking_id = texts("b{:015x}", scramble(chunk.keys(n), "booking", chunk.seed, 60))
    by_web: Bools = rng.random(n) < 0.7
    # Who calls is accepted at once; a booking on the web waits for somebody to look.
    accepted = created + np.where(by_web, rng.integers(1, 55, n), 0) * MINUTE
    cancelled = accepted + (rng.random(n) * (start - accepted)).astype(np.int64)
    is_cancelled = (end == _BY_CUSTOMER) | (end == _BY_SELLER)
    chunk.tables.add(
        "bookings",
        booking_id=booking_id,
        shop_no=visits.shop + 1,
        square_customer_id=accounts.till_id[visits.person, 0],
        created_at=created,
        accepted_at=accepted,
        start_at=start,
        duration_minutes=rng.choice(np.array([30, 45, 60]), n),
        source=pick(["FIRST_PARTY_MERCHANT", "FIRST_PARTY_BUYER"], by_web.astype(np.int64)),
        cancelled_at=np.where(is_cancelled, cancelled, NEVER),
        cancelled_status=pick([None, *_CANCELLED.values()], np.where(is_cancelled, end, 0)),
        no_show_at=np.where(end == _NO_SHOW, start + 30 * MINUTE, NEVER),
    )
    chunk.tables.add(
        "identifiers",
        system="booking",
        record_id=booking_id,
        person_id=chunk.people.id[visits.person],
    )
    return Bookings(
        visits.person, booking_id, created, visits.shop, visits.arrived, ~by_web, end == _KEPT_IT
    )

"""What devices in the shops note beside sales, pings and counts; and who calls a shop.

None of it causes anything: who taps, logs in to the Wi-Fi or calls would have bought anyway.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Sessions, Visits
from demo.world.bookings import Bookings
from demo.world.campaigns import CAMPAIGNS
from demo.world.chunk import Chunk
from demo.world.horizon import MINUTE, SECOND
from demo.world.ids import Ints, Texts, scramble
from demo.world.orders import MEDIUM_NAMES, SOURCE_NAMES, WebSales, traffic
from demo.world.records import numbers, write_identity
from demo.world.sensors import Phones
from demo.world.tables import NEVER, pick
from demo.world.tills import TillSales

EVENTS = [
    "nfc_tap", "wifi_session", "kiosk_session", "check_in", "pick_up", "offer_shown", "offer_used",
]  # fmt: skip
_TAP, _WIFI, _KIOSK, _CHECK_IN, _PICK_UP, _SHOWN, _USED = range(len(EVENTS))
OFFERS = ["OFFER-COFFEE", "OFFER-KNITWEAR-10", "OFFER-SHOES-2FOR1"]
# Of visits: who taps on a tag, and who logs in to the Wi-Fi, with or without the app's phone.
_TAPS, _WIFI_PHONE, _WIFI_LOG_IN = 0.08, 0.12, 0.03
_KIOSK_ONLY = 0.01  # of visits: somebody looks something up at a kiosk and buys nothing there
_OFFERED, _USES = 0.5, 0.2  # of sales at a kiosk; of those who got an offer
_CALLS, _MISSED, _WITHHELD = 0.004, 0.15, 0.12  # of web sessions; of calls


@dataclass(frozen=True)
class _Noted:
    """Events of one kind."""

    kind: int
    shop: Ints
    start: Ints
    end: Ints | None = None
    device: Texts | None = None
    customer_no: Ints | None = None
    till_customer: Texts | None = None
    subject: Texts | None = None
    till_order: Texts | None = None
    web_order: Ints | None = None


def write_store_events(
    chunk: Chunk, accounts: Accounts, visits: Visits, phones: Phones, sales: TillSales,
    bookings: Bookings, web: WebSales,
) -> None:  # fmt: skip
    """Taps, Wi-Fi sessions, kiosks, check-ins, pick-ups, and offers that a kiosk shows."""
    rng = chunk.rng("store events")
    noted = [
        *_by_visitors(chunk, rng, accounts, visits, phones),
        *_at_kiosks(rng, sales),
        _check_ins(rng, accounts, bookings),
        _pick_ups(chunk, web),
    ]
    _write(chunk, rng, noted)


def _by_visitors(
    chunk: Chunk, rng: np.random.Generator, accounts: Accounts, visits: Visits, phones: Phones
) -> list[_Noted]:
    n = visits.person.size
    inside = ~visits.is_pass_by
    length = visits.left - visits.arrived
    has_phone = phones.device.astype(bool)
    skus = np.array(chunk.products.skus, dtype=object)

    taps = np.flatnonzero(inside & has_phone & (rng.random(n) < _TAPS))
    tapped = visits.arrived + (rng.uniform(0.2, 0.8, n) * length).astype(np.int64)
    drawn = rng.random(n)
    account = np.where(
        (accounts.web[visits.person, 0] >= 0)
        & (accounts.web_created[visits.person, 0] <= visits.arrived),
        accounts.web[visits.person, 0],
        NEVER,
    )
    by_phone = inside & has_phone & (drawn < _WIFI_PHONE)
    wifi = np.flatnonzero(by_phone | (inside & (account != NEVER) & (drawn > 1 - _WIFI_LOG_IN)))
    logs_in = (account != NEVER) & (~by_phone | (rng.random(n) < 0.4))
    portal = phones.device.copy()
    portal[~by_phone] = None
    looks = np.flatnonzero(inside & ~visits.buys & (rng.random(n) < _KIOSK_ONLY))
    return [
        _Noted(
            _TAP, visits.shop[taps], tapped[taps], device=phones.device[taps],
            customer_no=phones.customer_no[taps],
            subject=skus[rng.integers(0, skus.size, taps.size)],
        ),
        _Noted(
            _WIFI, visits.shop[wifi], visits.arrived[wifi] + length[wifi] // 10,
            visits.left[wifi] - length[wifi] // 20,
            device=portal[wifi],
            customer_no=np.where(logs_in, account, NEVER)[wifi],
        ),
        _Noted(
            _KIOSK, visits.shop[looks], visits.arrived[looks] + length[looks] // 4,
            visits.arrived[looks] + length[looks] // 2,
            subject=skus[rng.integers(0, skus.size, looks.size)],
        ),
    ]  # fmt: skip


def _at_kiosks(rng: np.random.Generator, sales: TillSales) -> list[_Noted]:
    rows = np.flatnonzero(sales.is_kiosk)
    shop, at = sales.shop[rows], sales.at[rows]
    order, customer = sales.order_id[rows], sales.customer[rows]
    begun = at - rng.integers(100, 240, rows.size) * SECOND
    offered = rng.random(rows.size) < _OFFERED
    used = offered & (rng.random(rows.size) < _USES)
    offer = np.array(OFFERS, dtype=object)[rng.integers(0, len(OFFERS), rows.size)]
    return [
        _Noted(_KIOSK, shop, begun, at, till_customer=customer, till_order=order),
        _Noted(
            _SHOWN, shop[offered], begun[offered] + 30 * SECOND, subject=offer[offered],
            till_customer=customer[offered],
        ),
        _Noted(
            _USED, shop[used], at[used] - 5 * SECOND, subject=offer[used],
            till_customer=customer[used], till_order=order[used],
        ),
    ]  # fmt: skip


def _check_ins(rng: np.random.Generator, accounts: Accounts, bookings: Bookings) -> _Noted:
    """Some who come to what they booked say so on the tablet at the door."""
    rows = np.flatnonzero(bookings.is_kept & (rng.random(bookings.at.size) < 0.5))
    return _Noted(
        _CHECK_IN,
        bookings.shop[rows],
        bookings.arrived[rows] + MINUTE,
        till_customer=accounts.till_id[bookings.person[rows], 0],
    )


def _pick_ups(chunk: Chunk, web: WebSales) -> _Noted:
    """Whoever fetches an order shows its code at the counter."""
    rows = np.flatnonzero((web.picked_up != NEVER) & (web.picked_up < chunk.horizon.end_us))
    return _Noted(
        _PICK_UP,
        chunk.people.home[web.person[rows]],
        web.picked_up[rows],
        customer_no=web.customer_no[rows],
        web_order=web.order_no[rows],
    )


def _write(chunk: Chunk, rng: np.random.Generator, parts: list[_Noted]) -> None:
    sizes = [part.start.size for part in parts]
    total = sum(sizes)

    def column(name: str, missing: object, dtype: type) -> np.ndarray:
        filled = [
            np.full(size, missing, dtype=dtype) if getattr(part, name) is None
            else getattr(part, name)
            for part, size in zip(parts, sizes, strict=True)
        ]  # fmt: skip
        return np.concatenate(filled)

    start, end = column("start", 0, np.int64), column("end", NEVER, np.int64)
    told = np.maximum(start, end) + rng.integers(1, 30, total) * SECOND
    order = np.argsort(start, kind="stable")
    chunk.tables.add(
        "store_events",
        event_no=10**12 + scramble(chunk.keys(total), "store_event", chunk.seed),
        shop_no=column("shop", 0, np.int64)[order] + 1,
        event_kind=pick([*EVENTS], np.repeat([part.kind for part in parts], sizes)[order]),
        device_id=column("device", None, object)[order],
        customer_no=column("customer_no", NEVER, np.int64)[order],
        square_customer_id=column("till_customer", None, object)[order],
        subject=column("subject", None, object)[order],
        order_id=column("till_order", None, object)[order],
        web_order_no=column("web_order", NEVER, np.int64)[order],
        started_at=start[order],
        ended_at=end[order],
        visible_at=told[order],
    )


def write_calls(chunk: Chunk, sessions: Sessions, bookings: Bookings) -> None:
    """Who books by telephone calls; so do some who looked at the web shop, where each visitor is
    shown a number of their own: the call names what had brought the visitor."""
    people, rng = chunk.people, chunk.rng("calls")
    booked = np.flatnonzero(bookings.by_phone)
    looked = np.flatnonzero(rng.random(sessions.at.size) < _CALLS)
    person = np.r_[bookings.person[booked], sessions.person[looked]]
    n = person.size
    at = np.r_[
        bookings.at[booked] - 2 * MINUTE,
        sessions.at[looked] + rng.integers(60, 600, looked.size) * SECOND,
    ]
    unasked = np.full(booked.size, -1)
    source, medium, _ = (np.r_[unasked, part[looked]] for part in traffic(sessions))
    campaign = np.r_[unasked, sessions.campaign[looked]]
    # Without consent nobody is shown a number of their own.
    told = people.consents(person, at)
    answered = (np.arange(n) < booked.size) | (rng.random(n) >= _MISSED)
    seconds = np.where(answered, rng.integers(35, 600, n), 0)
    phone = people.phone_at(person, at)
    phone[rng.random(n) < _WITHHELD] = None
    inside = np.flatnonzero((at < chunk.horizon.end_us) & (at >= chunk.horizon.start_us))
    inside = inside[np.argsort(at[inside], kind="stable")]
    shop = np.r_[bookings.shop[booked], people.home[sessions.person[looked]]]
    number = 400_000_000 + scramble(chunk.keys(n), "call", chunk.seed)
    chunk.tables.add(
        "calls",
        call_no=number[inside],
        shop_no=shop[inside] + 1,
        phone=phone[inside],
        started_at=at[inside],
        duration_seconds=seconds[inside],
        is_answered=answered[inside],
        source=pick([*SOURCE_NAMES], np.where(told, source, -1)[inside]),
        medium=pick([*MEDIUM_NAMES], np.where(told, medium, -1)[inside]),
        campaign_name=pick([c.name for c in CAMPAIGNS], np.where(told, campaign, -1)[inside]),
        visible_at=(at + (seconds + 20) * SECOND)[inside],
    )
    write_identity(chunk.tables, "call", numbers(number[inside]), people.id[person[inside]])

"""A chain of hotels: rooms booked on the web, by telephone or at the desk; stays, their key cards
and invoices; guests who come again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import ORGANIC, Sessions, Visits
from demo.world.campaigns import campaign_nos
from demo.world.chunk import Chunk
from demo.world.horizon import HOUR, MINUTE, SECOND
from demo.world.ids import Bools, Ints, scramble, texts
from demo.world.places import COUNTRY_CURRENCY, TAX_PER_MILLE, to_eur
from demo.world.tables import NEVER, pick
from demo.world.verticals.trade import (
    CURRENCY_CODES,
    DESK,
    GUEST,
    PHONE,
    SOURCES,
    STORE,
    WEB,
    Lines,
    Outcome,
    Traded,
    as_sales,
    join_lines,
    some_lines,
    write_clients,
    write_invoices,
)

_AT_THE_DESK = 0.12  # of who would come to a shop by their own will: they need a bed
_NIGHT = np.array([11_000, 10_000, 13_500, 15_000])  # per currency, net
_BREAKFAST = np.array([1_900, 1_600, 2_200, 2_600])
_DRINK = np.array([900, 800, 1_100, 1_200])
_CANCELLED, _NO_SHOW = 0.12, 0.04
_KEPT_IT, _CANCELS, _STAYS_AWAY = range(3)


@dataclass(frozen=True)
class _Rooms:
    """Reservations, one entry each; ``shop`` is the hotel."""

    person: Ints
    cause: Ints
    slot: Ints
    source: Ints
    shop: Ints
    created: Ints
    arrives: Ints
    departs: Ints
    nights: Ints

    @property
    def size(self) -> int:
        return int(self.person.size)


def write(
    chunk: Chunk, accounts: Accounts, sessions: Sessions, order_at: Ints, visits: Visits
) -> Traded:
    """What buys a shop's goods elsewhere books a room here: one reservation per buying session,
    and those of some who come to the door."""
    rng, seed = chunk.rng("hotel"), chunk.seed
    rooms = _rooms(chunk, rng, accounts, sessions, order_at, visits)
    n, keys = rooms.size, chunk.keys(rooms.size)
    drawn = rng.random(n)
    end = np.select(
        [rooms.arrives == rooms.created, drawn < _CANCELLED, drawn < _CANCELLED + _NO_SHOW],
        [_KEPT_IT, _CANCELS, _STAYS_AWAY],
        _KEPT_IT,
    )
    client = write_clients(chunk, accounts, rooms.person, rooms.slot, rooms.created)
    number = 30_000_000_000 + scramble(keys, "reservation", seed, 34)
    confirmation = texts("HX{:010d}", scramble(keys, "confirmation", seed, 33))
    country = chunk.shops.country[rooms.shop]
    currency = COUNTRY_CURRENCY[country]
    night = _NIGHT[currency] * rng.integers(80, 160, n) // 100
    net = rooms.nights * night
    amount = net + (net * TAX_PER_MILLE[country] + 500) // 1000
    party = rng.choice([1, 2, 3, 4], n, p=[0.42, 0.42, 0.09, 0.07])
    room_no = rng.integers(1, 7, n) * 100 + rng.integers(1, 31, n)
    cancelled = rooms.created + (rng.random(n) * (rooms.arrives - rooms.created)).astype(np.int64)
    chunk.tables.add(
        "reservations",
        reservation_no=number,
        confirmation=confirmation,
        client_no=client,
        shop_no=rooms.shop + 1,
        source=pick([*SOURCES], rooms.source),
        created_at=rooms.created,
        arrives_at=rooms.arrives,
        departs_at=rooms.departs,
        party_size=party,
        currency_code=pick([*CURRENCY_CODES], currency),
        amount_minor=amount,
        cancelled_at=np.where(end == _CANCELS, cancelled, NEVER),
        no_show_at=np.where(end == _STAYS_AWAY, rooms.arrives + 11 * HOUR, NEVER),
        room_no=room_no,
    )
    stays = (end == _KEPT_IT) & (rooms.arrives < chunk.horizon.end_us)
    _write_keys(chunk, rng, rooms, np.flatnonzero(stays), number, client, room_no)
    left = np.flatnonzero(stays & (rooms.departs < chunk.horizon.end_us))
    lines = _lines(rng, rooms, left, night, party, currency)
    invoice_no, _, value = write_invoices(
        chunk, rooms.person[left], rooms.shop[left], client[left], confirmation[left],
        rooms.departs[left], lines,
    )  # fmt: skip
    again = _comes_again(rooms, stays)
    outcomes = [
        Outcome.free("booking", number, rooms.person, rooms.cause, rooms.created).take(
            end != _CANCELS
        ),
        *(
            Outcome.free(kind, number[some], rooms.person[some], rooms.cause[some],
                         rooms.arrives[some])
            for kind, some in (("stay", stays & ~again), ("repeat_stay", again))
        ),
        Outcome("invoice", texts("{}", invoice_no), rooms.person[left], rooms.cause[left],
                rooms.departs[left], value),
    ]  # fmt: skip
    online = np.flatnonzero(rooms.source == WEB)
    claimed = Outcome(
        "booking", texts("{}", number[online]), rooms.person[online], rooms.cause[online],
        rooms.created[online], to_eur(amount, currency)[online],
    )  # fmt: skip
    sales = as_sales(rng, accounts, claimed, confirmation[online], amount[online], currency[online])
    return Traded(outcomes, claimed, sales, is_shop=True)


def _rooms(
    chunk: Chunk,
    rng: np.random.Generator,
    accounts: Accounts,
    sessions: Sessions,
    order_at: Ints,
    visits: Visits,
) -> _Rooms:
    """Those of the web first, in the order of their sessions."""
    shops, horizon = chunk.shops, chunk.horizon
    buys = sessions.buys
    web, desk = int(buys.sum()), visits.buys & ~visits.is_pass_by
    # Whom an ad sent to the door takes a room at once; who comes by themselves may have called.
    desk &= (visits.cause != ORGANIC) | (rng.random(visits.person.size) < _AT_THE_DESK)
    came = visits.take(desk)
    calls = (came.cause == ORGANIC) & (rng.random(came.person.size) < 0.5)
    ahead = np.where(calls, rng.integers(2, 12 * 24, calls.size) * HOUR, 0)
    person = np.r_[sessions.person[buys], came.person]
    shop = np.r_[
        rng.choice(shops.count, web, p=shops.weight / shops.weight.sum()), came.shop
    ]  # guests travel
    created = np.r_[order_at, np.maximum(came.arrived - ahead, horizon.start_us)]
    nights = np.minimum(1 + rng.poisson(1.1, person.size), 14)
    zone = chunk.shop_zone[shop]
    day = horizon.day(zone, created) + 1 + rng.exponential(9, person.size).astype(np.int64)
    evening = 15 * HOUR + np.minimum(rng.exponential(2, person.size), 8.4) * HOUR
    arrives = horizon.utc(zone, day, evening.astype(np.int64) // SECOND * SECOND)
    arrives[web:] = np.maximum(came.arrived, created[web:])
    departs = horizon.utc(
        zone,
        horizon.day(zone, arrives) + nights,
        rng.integers(7 * 60, 11 * 60, person.size) * MINUTE,
    )
    known = (accounts.web[came.person, 0] >= 0) & (
        accounts.web_created[came.person, 0] <= created[web:]
    )
    found = known & (rng.random(came.person.size) < 0.6)
    return _Rooms(
        person=person,
        cause=np.r_[sessions.cause[buys], came.cause],
        slot=np.r_[
            np.where(accounts.order_slot < 0, GUEST, accounts.order_slot), np.where(found, 0, DESK)
        ],
        source=np.r_[np.full(web, WEB), np.where(ahead > 0, PHONE, STORE)],
        shop=shop,
        created=created,
        arrives=arrives,
        departs=departs,
        nights=nights,
    )


def _write_keys(
    chunk: Chunk,
    rng: np.random.Generator,
    rooms: _Rooms,
    stays: Ints,
    number: Ints,
    client: Ints,
    room_no: Ints,
) -> None:
    """A stay begins with the first use of its key, and ends at check-out. The truth calls the key
    the device that noticed it."""
    uses = 1 + rng.poisson(2.2 * rooms.nights[stays])
    stay = np.repeat(stays, uses)
    rank = np.arange(stay.size) - (np.cumsum(uses) - uses).repeat(uses)
    share = np.where(rank == 0, 0.0, rng.random(stay.size) * 0.98)
    used = rooms.arrives + 6 * MINUTE
    at = used[stay] + (share * (rooms.departs - used)[stay]).astype(np.int64) // SECOND * SECOND
    order = np.argsort(at, kind="stable")
    stay, at = stay[order], at[order]
    chunk.tables.add(
        "key_uses",
        key_use_no=50_000_000_000 + scramble(chunk.keys(at.size), "key use", chunk.seed),
        reservation_no=number[stay],
        client_no=client[stay],
        shop_no=rooms.shop[stay] + 1,
        room_no=room_no[stay],
        used_at=at,
    )
    last = rooms.arrives[stays].copy()
    where = np.searchsorted(stays, stay)
    np.maximum.at(last, where, at)
    cause = rooms.cause[stays]
    chunk.tables.add(
        "visits",
        visit_id=scramble(chunk.keys(stays.size), "visit", chunk.seed, 52),
        person_id=chunk.people.id[rooms.person[stays]],
        shop_no=rooms.shop[stays] + 1,
        device_id=texts("{}", number[stays]),
        arrived_at=used[stays],
        left_at=last,
        is_staff=False,
        is_pass_by=False,
        cause_campaign_no=np.where(cause >= 0, campaign_nos(chunk.seed)[cause], NEVER),
    )


def _lines(
    rng: np.random.Generator, rooms: _Rooms, left: Ints, night: Ints, party: Ints, currency: Ints
) -> Lines:
    index = np.arange(left.size)
    eats, drinks = rng.random(left.size) < 0.6, rng.random(left.size) < 0.35
    return join_lines(
        some_lines(index, "ROOM", "Night", rooms.nights[left], night[left]),
        some_lines(
            index[eats], "BREAKFAST", "Breakfast", (rooms.nights * party)[left][eats],
            _BREAKFAST[currency[left]][eats],
        ),
        some_lines(
            index[drinks], "BAR", "Drink", rng.integers(1, 7, int(drinks.sum())),
            _DRINK[currency[left]][drinks],
        ),
    )  # fmt: skip


def _comes_again(rooms: _Rooms, stays: Bools) -> Bools:
    """Whether it is not the first stay of who stays."""
    order = np.lexsort((rooms.arrives, rooms.person))
    order = order[stays[order]]
    person = rooms.person[order]
    again = np.zeros(rooms.size, dtype=bool)
    again[order[np.r_[False, person[1:] == person[:-1]]]] = True
    return again

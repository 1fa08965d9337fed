"""A chain of car dealers: people ask, drive a car, come again and buy it, or do not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from demo.world import enquiries, sensors
from demo.world.accounts import Accounts
from demo.world.behaviour import ORGANIC, Sessions, Visits, join_visits, visits_on
from demo.world.chunk import Chunk
from demo.world.contacts import write_contact_rows
from demo.world.emails import vary_email
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND
from demo.world.ids import Ints, Texts, scramble, texts
from demo.world.places import COUNTRY_CURRENCY
from demo.world.tables import NEVER, pick
from demo.world.verticals.trade import (
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
    rounded,
    some_lines,
    write_clients,
    write_invoices,
)

_MODELS = [
    ("Aster", 2_390_000), ("Aster Estate", 2_690_000), ("Borealis", 3_450_000),
    ("Borealis e", 4_190_000), ("Cirrus Van", 3_890_000),
]  # fmt: skip
_PER_EURO_CENT = np.array([1.0, 0.86, 1.09, 1.64])  # prices abroad, in minor units
_TYRES = 89_000
_ASKS_IN_PERSON = 0.15  # of who would come to a shop by their own will
_CALLS = 0.03  # of people
_LOOKS_ROUND = 0.2  # of visits by one's own will that lead to nothing
_DRIVES = 0.5  # of who asked
_CANCELLED, _NO_SHOW = 0.13, 0.12
_BUYS_AFTER, _BUYS_WITHOUT = 0.34, 0.05  # a drive
_KEPT_IT, _CANCELS, _STAYS_AWAY = range(3)


@dataclass(frozen=True)
class _Inquiries:
    """Who asked, one entry each; ``shop`` is the branch that looks after them."""

    person: Ints
    cause: Ints
    slot: Ints  # whose number in the house's books they get: the web account's, if they used one
    source: Ints
    shop: Ints
    created: Ints

    @property
    def size(self) -> int:
        return int(self.person.size)


def write(
    chunk: Chunk, accounts: Accounts, sessions: Sessions, order_at: Ints, visits: Visits
) -> Traded:
    """What buys a shop's goods elsewhere asks for an offer here: one inquiry per buying session,
    and those of some who come to the door or call. All that follows has the inquiry's cause."""
    rng = chunk.rng("dealer")
    asks = visits.buys & ~visits.is_pass_by
    asks &= (visits.cause != ORGANIC) | (rng.random(asks.size) < _ASKS_IN_PERSON)
    asked = _inquiries(chunk, rng, accounts, sessions, order_at, visits.take(asks))
    n, end_us = asked.size, chunk.horizon.end_us
    qualified = asked.created + rng.integers(1, 48, n) * HOUR
    model = rng.integers(0, len(_MODELS), n)

    drives = np.flatnonzero(rng.random(n) < _DRIVES)
    booked = qualified[drives] + rng.integers(1, 72, drives.size) * HOUR
    drive, slots = _at_the_branch(chunk, rng, asked, drives, booked, (1, 9))
    drives, booked = drives[slots], booked[slots]  # in the order of their days
    drawn = rng.random(drives.size)
    end = np.select(
        [drawn < _CANCELLED, drawn < _CANCELLED + _NO_SHOW], [_CANCELS, _STAYS_AWAY], _KEPT_IT
    )
    kept = end == _KEPT_IT
    drove = np.full(n, NEVER)
    drove[drives[kept]] = drive.arrived[kept]

    wants = rng.random(n) < np.where(drove == NEVER, _BUYS_WITHOUT, _BUYS_AFTER)
    buyers = np.flatnonzero(wants)
    sign, slots = _at_the_branch(
        chunk, rng, asked, buyers, np.maximum(qualified, drove)[buyers], (2, 20)
    )
    buyers = buyers[slots]
    sold_at = sign.arrived + 40 * MINUTE
    signed = sold_at < end_us
    buyers, sold_at, sign = buyers[signed], sold_at[signed], sign.take(signed)

    dealt = np.r_[drives, buyers]
    client = write_clients(
        chunk, accounts, asked.person[dealt], asked.slot[dealt], np.r_[booked, sold_at]
    )
    drive_no = _write_drives(
        chunk, rng, asked, drives, client[: drives.size], booked, drive, end, model
    )
    converted = np.full(n, NEVER)
    converted[drives] = booked
    converted[buyers] = np.where(
        converted[buyers] == NEVER,
        np.maximum(sold_at - 2 * HOUR, qualified[buyers]),
        converted[buyers],
    )
    invoice_no, contract, total, value = _sell(
        chunk, rng, asked, buyers, client[drives.size :], sold_at, model
    )
    leads = _write_leads(chunk, rng, accounts, asked, qualified, converted)
    sale_no = _write_opportunities(
        chunk, rng, asked, leads, model, buyers, sold_at, contract, total
    )

    looks = ~asks & ((visits.cause != ORGANIC) | (rng.random(asks.size) < _LOOKS_ROUND))
    shown = join_visits(
        [visits.take(asks), visits.take(looks | visits.is_pass_by), drive.take(kept), sign]
    )
    shown = shown.take(shown.arrived < end_us)
    visit_id, _ = sensors.write_visits(chunk, accounts, shown)
    entered = ~shown.is_pass_by
    drove_off = kept & (drive.arrived < end_us)
    outcomes = [
        Outcome.free("crm_lead", leads.number, asked.person, asked.cause, asked.created),
        Outcome.free("booking", drive_no[end != _CANCELS], drive.person[end != _CANCELS],
                     drive.cause[end != _CANCELS], booked[end != _CANCELS]),
        Outcome.free("test_drive", drive_no[drove_off], drive.person[drove_off],
                     drive.cause[drove_off], drive.arrived[drove_off]),
        Outcome.free("crm_opportunity", sale_no, asked.person[buyers], asked.cause[buyers],
                     sold_at),
        Outcome("invoice", texts("{}", invoice_no), asked.person[buyers], asked.cause[buyers],
                sold_at, value),
        Outcome.free("store_visit", visit_id[entered], shown.person[entered], shown.cause[entered],
                     shown.arrived[entered]),
    ]  # fmt: skip
    forms = outcomes[0].take(asked.source == WEB)
    nothing = np.zeros(forms.at.size, np.int64)
    untold = np.full(forms.at.size, None, dtype=object)
    sales = as_sales(rng, accounts, forms, untold, nothing, nothing)
    return Traded(outcomes, forms, sales, is_shop=False, visits=shown)


def _inquiries(
    chunk: Chunk,
    rng: np.random.Generator,
    accounts: Accounts,
    sessions: Sessions,
    order_at: Ints,
    came: Visits,
) -> _Inquiries:
    """Those of the web first, in the order of their sessions."""
    people, horizon, buys = chunk.people, chunk.horizon, sessions.buys
    calls = np.flatnonzero(rng.random(people.count) < _CALLS)
    person = np.r_[sessions.person[buys], came.person, calls]
    called = horizon.start_us + rng.integers(0, horizon.total * 86_400, calls.size) * SECOND
    parts = (order_at.size, came.person.size, calls.size)
    return _Inquiries(
        person=person,
        cause=np.r_[sessions.cause[buys], came.cause, np.full(calls.size, ORGANIC)],
        slot=np.r_[
            np.where(accounts.order_slot < 0, GUEST, accounts.order_slot),
            np.full(person.size - order_at.size, DESK),
        ],
        source=np.repeat([WEB, STORE, PHONE], parts),
        shop=np.r_[people.home[sessions.person[buys]], came.shop, people.home[calls]],
        created=np.r_[order_at, came.arrived + 10 * MINUTE, called],
    )


def _at_the_branch(
    chunk: Chunk,
    rng: np.random.Generator,
    asked: _Inquiries,
    who: Ints,
    after: Ints,
    days: tuple[int, int],
) -> tuple[Visits, Ints]:
    """A visit of each of these so many days after, while the branch is open; and in the order of
    the visits, whose of ``who`` each one is."""
    shop = asked.shop[who]
    day = chunk.horizon.day(chunk.shop_zone[shop], after) + rng.integers(*days, who.size)
    nothing = np.zeros(who.size, dtype=bool)
    # With a cause, a day on which it is closed is put off: nobody comes before the appointment.
    caused = np.zeros(who.size, np.int64)
    made = visits_on(chunk, rng, np.arange(who.size), day, nothing, caused, nothing, shop=shop)
    at = who[made.person]
    left = made.arrived + rng.integers(60, 110, who.size) * MINUTE
    visits = replace(made, person=asked.person[at], cause=asked.cause[at], left=left)
    return visits, made.person


def _write_drives(
    chunk: Chunk,
    rng: np.random.Generator,
    asked: _Inquiries,
    drives: Ints,
    client: Ints,
    booked: Ints,
    drive: Visits,
    end: Ints,
    model: Ints,
) -> Ints:
    n = drives.size
    number = 60_000_000_000 + scramble(chunk.keys(n), "test drive", chunk.seed)
    cancelled = booked + (rng.random(n) * (drive.arrived - booked)).astype(np.int64)
    chunk.tables.add(
        "test_drives",
        drive_no=number,
        client_no=client,
        shop_no=drive.shop + 1,
        model=pick([name for name, _ in _MODELS], model[drives]),
        source=pick([*SOURCES], asked.source[drives]),
        created_at=booked,
        starts_at=drive.arrived,
        ends_at=drive.arrived + 45 * MINUTE,
        cancelled_at=np.where(end == _CANCELS, cancelled, NEVER),
        no_show_at=np.where(end == _STAYS_AWAY, drive.arrived + HOUR, NEVER),
    )
    return number


def _list_price(asked: _Inquiries, chunk: Chunk, model: Ints) -> Ints:
    currency = COUNTRY_CURRENCY[chunk.shops.country[asked.shop]]
    cents = np.array([price for _, price in _MODELS])[model]
    return rounded(cents * _PER_EURO_CENT[currency], 10_000)


def _sell(
    chunk: Chunk,
    rng: np.random.Generator,
    asked: _Inquiries,
    buyers: Ints,
    client: Ints,
    sold_at: Ints,
    model: Ints,
) -> tuple[Ints, Texts, Ints, Ints]:
    """Invoices: their numbers, the contracts' names, totals, and totals in EUR cents."""
    n, index = buyers.size, np.arange(buyers.size)
    contract = texts("KV-{:010d}", scramble(chunk.keys(n), "contract", chunk.seed, 33))
    price = _list_price(asked, chunk, model)[buyers]
    named = np.array([name for name, _ in _MODELS], dtype=object)[model[buyers]]
    cars = Lines(
        index, np.array([f"CAR-{name[:3].upper()}" for name in named], dtype=object), named,
        np.ones(n, np.int64), price, price * rng.integers(0, 6, n) // 100,
    )  # fmt: skip
    fitted = np.flatnonzero(rng.random(n) < 0.4)
    currency = COUNTRY_CURRENCY[chunk.shops.country[asked.shop[buyers]]]
    tyres = some_lines(
        fitted, "TYRES-W", "Winter tyres, a set", np.ones(fitted.size, np.int64),
        rounded(_TYRES * _PER_EURO_CENT[currency], 100)[fitted],
    )  # fmt: skip
    number, total, value = write_invoices(
        chunk, asked.person[buyers], asked.shop[buyers], client, contract, sold_at,
        join_lines(cars, tyres),
    )  # fmt: skip
    return number, contract, total, value


def _write_leads(
    chunk: Chunk,
    rng: np.random.Generator,
    accounts: Accounts,
    asked: _Inquiries,
    qualified: Ints,
    converted: Ints,
) -> enquiries.Leads:
    """A lead each; of those that get on, whom the CRM does not know becomes a contact."""
    known = accounts.contact_at(asked.person, np.zeros(asked.size, np.int64), converted)
    own = 100_000_000_000 + scramble(
        (3 << 38) + chunk.people.id[asked.person], "contact", chunk.seed
    )
    contact = np.where(known == NEVER, own, known)
    fresh = np.flatnonzero((converted != NEVER) & (known == NEVER))
    fresh = fresh[np.argsort(converted[fresh], kind="stable")]
    fresh = fresh[np.unique(asked.person[fresh], return_index=True)[1]]
    person, at, nothing = asked.person[fresh], converted[fresh], np.full(fresh.size, NEVER)
    write_contact_rows(
        chunk, rng, person, contact[fresh],
        vary_email(
            rng, chunk.people.email_at(person, at), chunk.noise.email_error_form,
            chunk.noise.email_alias_elsewhere,
        ),
        at, "customer", None, nothing, nothing, nothing,
    )  # fmt: skip
    gives_up = (converted == NEVER) & (rng.random(asked.size) < 0.6)
    leads = enquiries.Leads(
        person=asked.person,
        source=np.array([enquiries.SOURCES.index(name) for name in SOURCES])[asked.source],
        created=asked.created,
        qualified=qualified,
        converted=converted,
        lost=np.where(gives_up, qualified + 10 * DAY, NEVER),
        contact=np.where(converted == NEVER, NEVER, contact),
        number=300_000_000_000 + scramble(chunk.keys(asked.size), "lead", chunk.seed),
    )
    enquiries.write_leads(chunk, rng, leads)
    return leads


def _write_opportunities(
    chunk: Chunk,
    rng: np.random.Generator,
    asked: _Inquiries,
    leads: enquiries.Leads,
    model: Ints,
    buyers: Ints,
    sold_at: Ints,
    contract: Texts,
    total: Ints,
) -> Ints:
    """One of each lead that gets on, about the car. Answers the numbers of those of the buyers."""
    others = leads.converted != NEVER
    others[buyers] = False
    open_ones = np.flatnonzero(others)
    given_up = leads.converted[open_ones] + rng.integers(15, 40, open_ones.size) * DAY
    named = np.array([name for name, _ in _MODELS], dtype=object)[model]
    price = _list_price(asked, chunk, model)
    ends = (
        (buyers, total, sold_at, np.ones(buyers.size, dtype=bool), contract),
        (
            open_ones, price[open_ones],
            np.where(rng.random(open_ones.size) < 0.7, given_up, NEVER),
            np.zeros(open_ones.size, dtype=bool), np.full(open_ones.size, None, dtype=object),
        ),
    )  # fmt: skip
    won, _ = enquiries.write_opportunities(
        chunk,
        rng,
        *(
            enquiries.Opportunities(
                lead_no=leads.number[some],
                contact_no=leads.contact[some],
                amount=amount,
                currency=COUNTRY_CURRENCY[chunk.shops.country[asked.shop[some]]],
                created=leads.converted[some],
                closed=closed,
                won=is_won,
                order_name=order_name,
                name=named[some],
            )
            for some, amount, closed, is_won, order_name in ends
        ),
    )
    return won

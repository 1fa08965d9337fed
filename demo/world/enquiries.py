"""What sales people work on in the CRM: leads, the opportunities that they become, and whom they
invite."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.accounts import Accounts
from demo.world.behaviour import Sessions
from demo.world.chunk import Chunk
from demo.world.contacts import lead_contact_no
from demo.world.emails import vary_email
from demo.world.horizon import DAY, HOUR, MINUTE, SECOND, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.names import written
from demo.world.orders import WebSales
from demo.world.places import COUNTRY_CURRENCY, CURRENCIES
from demo.world.records import write_identity
from demo.world.tables import NEVER, Tables, pick

SOURCES = ["web", "store", "phone", "event"]
_SUBJECTS = ["Wedding party", "Office outfits", "Personal styling", "Club blazers"]
_ENDED_IN_ORDER = 0.05  # of web orders that stand: a sales person brought them about
_ASKED = (
    0.02  # of people: asked something at a shop, by telephone, at an event; no order came of it
)
_KNOWN = 0.4  # of opportunities that became an order: of a contact, without a lead before
_OPPORTUNITY = 0.35  # of leads without an order: they got as far as that
_OUTFIT = np.array([9000, 8000, 10000, 15000])  # per currency: what an opportunity is about

# name, kind, first and last day by share of the horizon, of contacts, of leads, who responds
_CAMPAIGNS = [
    ("Spring letter", "email", 0.05, 0.15, 0.20, 0.1, 0.25),
    ("Styling evening", "event", 0.30, 0.32, 0.05, 0.3, 0.40),
    ("Call back", "phone", 0.45, 0.60, 0.02, 0.6, 0.55),
    ("Summer preview", "email", 0.75, 0.85, 0.25, 0.2, 0.20),
]


@dataclass(frozen=True)
class Leads:
    """One entry each; ``done`` is when the CRM closes it, one way or the other, NEVER: not yet."""

    person: Ints
    source: Ints
    created: Ints
    qualified: Ints
    converted: Ints
    lost: Ints
    contact: Ints  # what it becomes, NEVER: nothing
    number: Ints


def write_campaigns(tables: Tables, horizon: Horizon) -> None:
    for index, (name, kind, begins, ends, *_) in enumerate(_CAMPAIGNS):
        days = (np.array([begins, ends]) * horizon.total).astype(np.int64) + horizon.epoch_day
        tables.add(
            "crm_campaigns",
            campaign_no=_campaign_no(index),
            name=name,
            kind=kind,
            start_date=days[:1],
            end_date=days[1:],
        )


def _campaign_no(index: int) -> int:
    return 800_000_001 + index


def write_enquiries(chunk: Chunk, accounts: Accounts, sessions: Sessions, sales: WebSales) -> None:
    """Leads of three kinds, in this order: those that ended in an order, lead forms, and others."""
    rng = chunk.rng("enquiries")
    contact = accounts.contact_at(sales.person, sales.slot, sales.at)
    sold = np.flatnonzero(
        sales.stands & (contact != NEVER) & (rng.random(sales.at.size) < _ENDED_IN_ORDER)
    )
    started = np.maximum(
        sales.at[sold] - rng.integers(3 * 24, 25 * 24, sold.size) * HOUR, chunk.horizon.start_us
    )
    slot = np.maximum(sales.slot[sold], 0)
    known_since = accounts.contact_created[sales.person[sold], slot]
    # A contact is there when the lead becomes one, and the order comes after that.
    converted = np.maximum(
        started + (rng.random(sold.size) * (sales.at[sold] - started) / 2).astype(np.int64),
        known_since + 10 * SECOND,
    )
    by_lead = (rng.random(sold.size) > _KNOWN) & (converted < sales.at[sold])
    led = np.flatnonzero(by_lead)

    forms = accounts.leads
    asked = np.flatnonzero(rng.random(chunk.people.count) < _ASKED)
    person = np.concatenate([sales.person[sold[led]], sessions.person[forms], asked])
    n = person.size
    at_any_time = (
        chunk.horizon.start_us + rng.integers(0, chunk.horizon.total * 86_400, asked.size) * SECOND
    )
    created = np.concatenate([started[led], sessions.at[forms] + 5 * MINUTE, at_any_time])
    kind = np.repeat([0, 1, 2], [led.size, forms.size, asked.size])
    source = np.where(kind == 1, 0, rng.integers(1, len(SOURCES), n))
    qualified = created + rng.integers(1, 72, n) * HOUR
    becomes = np.full(n, NEVER)
    becomes[: led.size] = contact[sold[led]]
    becomes[kind == 1] = lead_contact_no(chunk.people.id[sessions.person[forms]], chunk.seed)
    # Who has an account may have a contact, too: what the lead becomes then.
    known = accounts.contact_at(asked, np.zeros(asked.size, np.int64), at_any_time)
    becomes[kind == 2] = known
    goes_on = (kind > 0) & (becomes != NEVER) & (rng.random(n) < _OPPORTUNITY)
    lost = (kind > 0) & ~goes_on & (rng.random(n) < 0.6)
    turn = qualified + rng.integers(1, 96, n) * HOUR
    when = np.where(goes_on, turn, NEVER)
    when[: led.size] = converted[led]
    leads = Leads(
        person=person,
        source=source,
        created=created,
        qualified=np.where(
            kind == 0,
            np.minimum(qualified, when),
            np.where(goes_on | (rng.random(n) < 0.3), qualified, NEVER),
        ),
        converted=when,
        lost=np.where(lost, turn + 5 * DAY, NEVER),
        contact=np.where(when == NEVER, NEVER, becomes),
        number=300_000_000_000 + scramble(chunk.keys(n), "lead", chunk.seed),
    )
    write_leads(chunk, rng, leads)
    lead_no = np.full(sold.size, NEVER)
    lead_no[led] = leads.number[: led.size]
    won = Opportunities(
        lead_no=lead_no,
        contact_no=contact[sold],
        amount=sales.total[sold],
        currency=sales.currency[sold],
        created=np.where(by_lead, converted, np.maximum(started, known_since)),
        closed=sales.at[sold] + MINUTE,
        won=np.ones(sold.size, dtype=bool),
        order_name=sales.order_name[sold],
    )
    on = np.flatnonzero(goes_on)
    currency = COUNTRY_CURRENCY[chunk.people.country[person[on]]]
    ends = leads.converted[on] + rng.integers(3 * 24, 40 * 24, on.size) * HOUR
    nothing = np.full(on.size, None, dtype=object)
    lost_ones = Opportunities(
        lead_no=leads.number[on],
        contact_no=leads.contact[on],
        amount=_OUTFIT[currency] * rng.integers(1, 20, on.size),
        currency=currency,
        created=leads.converted[on],
        closed=np.where(rng.random(on.size) < 0.7, ends, NEVER),
        won=np.zeros(on.size, dtype=bool),
        order_name=nothing,
    )
    write_opportunities(chunk, rng, won, lost_ones)
    _write_members(chunk, accounts, leads)


@dataclass(frozen=True)
class Opportunities:
    """One entry each; ``closed`` is NEVER while it is open."""

    lead_no: Ints
    contact_no: Ints
    amount: Ints
    currency: Ints
    created: Ints
    closed: Ints
    won: Bools
    order_name: Texts
    name: Texts | None = None  # what it is about: else one of the shop's subjects


def write_leads(chunk: Chunk, rng: np.random.Generator, leads: Leads) -> None:
    """As the CRM has them."""
    people, noise = chunk.people, chunk.noise
    person, n = leads.person, leads.person.size
    email = vary_email(
        rng,
        people.email_at(person, leads.created),
        noise.email_error_form,
        noise.email_alias_elsewhere,
    )
    phone = people.phone_at(person, leads.created)
    by_phone = leads.source == SOURCES.index("phone")
    email[by_phone & (rng.random(n) < 0.7)] = None
    phone[~by_phone & (rng.random(n) < 0.5)] = None
    first, last = written(chunk, "of an enquiry", person, leads.created)
    chunk.tables.add(
        "crm_leads",
        lead_no=leads.number,
        contact_no=leads.contact,
        email=email,
        phone=phone,
        first_name=first,
        last_name=last,
        source=pick([*SOURCES], leads.source),
        shop_no=people.home[person] + 1,
        created_at=leads.created,
        qualified_at=leads.qualified,
        converted_at=leads.converted,
        lost_at=leads.lost,
    )
    write_identity(chunk.tables, "crm_lead", texts("{}", leads.number), people.id[person])


def write_opportunities(
    chunk: Chunk, rng: np.random.Generator, *parts: Opportunities
) -> list[Ints]:
    """Answers the numbers, part by part."""
    sizes = [part.closed.size for part in parts]
    every = 400_000_000_000 + scramble(chunk.keys(sum(sizes)), "opportunity", chunk.seed)
    numbers = np.split(every, np.cumsum(sizes)[:-1])
    for part, number in zip(parts, numbers, strict=True):
        chunk.tables.add(
            "crm_opportunities",
            opportunity_no=number,
            lead_no=part.lead_no,
            contact_no=part.contact_no,
            name=(
                pick([*_SUBJECTS], rng.integers(0, len(_SUBJECTS), number.size))
                if part.name is None
                else part.name
            ),
            amount_minor=part.amount,
            currency_code=pick([code for code, _, _ in CURRENCIES], part.currency),
            created_at=part.created,
            closed_at=part.closed,
            is_won=part.won,
            order_name=part.order_name,
        )
    return numbers


def _write_members(chunk: Chunk, accounts: Accounts, leads: Leads) -> None:
    """Contacts and leads that are there when a campaign's list is made."""
    horizon, rng = chunk.horizon, chunk.rng("campaign members")
    row, slot = np.nonzero(accounts.contact >= 0)
    contact, known = accounts.contact[row, slot], accounts.contact_created[row, slot]
    for index, (_, _, begins, ends, of_contacts, of_leads, responds) in enumerate(_CAMPAIGNS):
        first, last = (int(share * horizon.total) for share in (begins, ends))
        listed = horizon.start_us + first * DAY - 2 * DAY
        some = np.flatnonzero((known < listed) & (rng.random(contact.size) < of_contacts))
        asked = (leads.created < listed) & (leads.converted == NEVER) & (leads.lost == NEVER)
        others = np.flatnonzero(asked & (rng.random(asked.size) < of_leads))
        n = some.size + others.size
        added = listed + rng.integers(0, 86_400, n) * SECOND
        told = listed + 2 * DAY + rng.integers(0, max(last - first, 1) * 86_400, n) * SECOND
        answers = rng.random(n) < responds
        empty = np.full(n, NEVER)
        contact_no, lead_no = empty.copy(), empty.copy()
        contact_no[: some.size] = contact[some]
        lead_no[some.size :] = leads.number[others]
        chunk.tables.add(
            "crm_campaign_members",
            campaign_no=_campaign_no(index),
            contact_no=contact_no,
            lead_no=lead_no,
            status=pick(["sent", "responded"], answers.astype(np.int64)),
            added_at=added,
            responded_at=np.where(answers, told, NEVER),
        )

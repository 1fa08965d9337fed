"""The records that systems keep of people: each system its own, with its own errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.behaviour import Sessions, Visits
from demo.world.chunk import Chunk
from demo.world.details import birth_dates, streets
from demo.world.horizon import DAY, MINUTE, SECOND, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.junk import junk_emails, junk_phones
from demo.world.people import vary_email
from demo.world.places import COUNTRIES, COUNTRY_CODES
from demo.world.tables import NEVER, Tables

_BEFORE = 700 * DAY  # records made before the world's start reach this far back


@dataclass(frozen=True)
class Accounts:
    """Records of one chunk's people; ``[person, slot]`` where a person may have two, -1: none."""

    web: Ints  # customer_no
    web_created: Ints
    web_email: Texts
    contact: Ints  # contact_no of the web account
    contact_created: Ints
    till: Bools
    till_id: Texts
    till_created: Ints
    card_left: Ints  # per person: when their loyalty card was handed out again, far off for most
    loyalty_id: Texts  # per person, None for non-members
    order_slot: Ints  # per buying session: the web account used, -1: guest
    leads: Ints  # sessions that ended in a lead form

    def shown_at_till(self, rng: np.random.Generator, person: Ints, at: Ints) -> Ints:
        """The slot of the record that the till attaches to a sale, -1: nobody said who they are."""
        second = self.till[person, 1] & (rng.random(person.size) < 0.25)
        slot = second.astype(np.int64)
        shown = self.till[person, slot] & (self.till_created[person, slot] <= at)
        shown &= (slot == 1) | (at < self.card_left[person])
        return np.where(shown & (rng.random(person.size) < 0.7), slot, -1)

    def till_ids(self, person: Ints, slot: Ints) -> Texts:
        ids = self.till_id[person, np.maximum(slot, 0)]
        ids[slot < 0] = None
        return ids

    def contact_at(self, person: Ints, slot: Ints, at: Ints) -> Ints:
        """The CRM contact that a web order belongs to, NEVER (NULL) if there is none yet."""
        slot = np.maximum(slot, 0)
        known = (self.contact[person, slot] >= 0) & (self.contact_created[person, slot] <= at)
        return np.where(known, self.contact[person, slot], NEVER)


def make_accounts(chunk: Chunk, sessions: Sessions, order_at: Ints, visits: Visits) -> Accounts:
    """Make and write all records of a chunk; ``order_at``: when each buying session orders."""
    people, horizon, rng = chunk.people, chunk.horizon, chunk.rng("accounts")
    noise = chunk.noise
    seed, n = chunk.seed, people.count
    buyer = sessions.person[sessions.buys]
    guest = rng.random(buyer.size) < 0.12

    # Web shop: an account is made before the world began, at the first order, or just so.
    has = np.zeros((n, 2), dtype=bool)
    has[:, 0] = rng.random(n) < 0.1
    has[buyer[~guest], 0] = True
    has[:, 1] = has[:, 0] & (rng.random(n) < noise.second_account)
    slot = np.where(has[buyer, 1] & (rng.random(buyer.size) < 0.4), 1, 0)
    order_slot = np.where(guest, -1, slot)
    first = np.full((n, 2), horizon.end_us)
    np.minimum.at(first, (buyer[~guest], slot[~guest]), order_at[~guest] - 2 * MINUTE)
    created = _made_at(rng, horizon, first, 0.55)
    web_email = np.empty((n, 2), dtype=object)
    web_email[:, 0] = vary_email(rng, people.email, noise.email_error_web, noise.email_alias_web)
    alias = vary_email(rng, people.email, 0.0, 1.0)
    web_email[:, 1] = np.where(people.work_email.astype(bool), people.work_email, alias)
    keys = people.id[:, None] * 2 + np.arange(2)
    web = np.where(has, 6_000_000_000_000 + scramble(keys, "customer", seed), -1)
    _write_web_customers(chunk, rng, web, created, web_email)

    # Tills: members of the loyalty scheme, and a few who wanted a receipt by e-mail.
    till = np.zeros((n, 2), dtype=bool)
    till[:, 0] = people.is_member | (rng.random(n) < 0.05)
    till[:, 1] = people.is_member & (rng.random(n) < noise.second_profile)
    bought = np.full((n, 2), horizon.end_us)
    np.minimum.at(
        bought[:, 0], visits.person[visits.buys], visits.arrived[visits.buys] + 30 * SECOND
    )
    till_created = _made_at(rng, horizon, bought, 0.65)
    till_id = np.empty((n, 2), dtype=object)
    for s in (0, 1):
        till_id[:, s] = texts("C{:012X}", scramble(keys[:, s], "till_customer", seed, 48))
    cards = _card_numbers(rng, keys[:, 0], noise.recycled_loyalty_card, seed)
    card_left = _handed_out_again(cards, people.is_member, till_created[:, 0])
    till_email = _write_till_customers(chunk, rng, till, till_id, till_created, cards)
    loyalty_id = _write_loyalty(chunk, rng, till_id, till_created, cards)

    contact, contact_created, leads = _write_contacts(
        chunk, rng, sessions, web, created, web_email, first, cards, till_created, till_email
    )
    return Accounts(
        web, created, web_email, contact, contact_created, till, till_id, till_created,
        card_left, loyalty_id, order_slot, leads,
    )  # fmt: skip


def _made_at(rng: np.random.Generator, horizon: Horizon, first_use: Ints, before: float) -> Ints:
    """When a record was made: before the world began, else at its first use, else at any time."""
    shape = first_use.shape
    early = horizon.start_us - rng.integers(1, _BEFORE // SECOND, shape) * SECOND
    late = horizon.start_us + rng.integers(0, horizon.total * 86_400, shape) * SECOND
    used = np.where(first_use < horizon.end_us, first_use, late)
    return np.where(rng.random(shape) < before, early, used)


def _later(rng: np.random.Generator, horizon: Horizon, after: Ints, share: float) -> Ints:
    """For a share of the records: a moment of the world's time after ``after``; else NEVER."""
    earliest = np.maximum(after + MINUTE, horizon.start_us)
    at = earliest + (rng.random(after.size) * (horizon.end_us - earliest)).astype(np.int64)
    return np.where((rng.random(after.size) < share) & (earliest < horizon.end_us), at, NEVER)


def _write_web_customers(
    chunk: Chunk, rng: np.random.Generator, web: Ints, created: Ints, email: Texts
) -> None:
    people, tables = chunk.people, chunk.tables
    row, slot = np.nonzero(web >= 0)
    phone = people.phone[row]
    phone[rng.random(row.size) > 0.55] = None
    extra = chunk.rng("web details")
    junk_phones(extra, phone, people.country[row], people.home[row], chunk.noise.junk_phone)
    address = _addresses(chunk, extra, row, created[row, slot])
    address["street"][extra.random(row.size) > 0.9] = None  # a country and a city are always asked
    subscribed = rng.random(row.size) < 0.5
    gone = _later(rng, chunk.horizon, created[row, slot], 0.05)
    tables.add(
        "web_customers",
        customer_no=web[row, slot],
        email=email[row, slot],
        phone=phone,
        first_name=people.first[row],
        last_name=people.last[row],
        country_code=np.array(COUNTRY_CODES, dtype=object)[people.country[row]],
        **address,
        email_marketing_state=np.where(subscribed, "SUBSCRIBED", "NOT_SUBSCRIBED").astype(object),
        created_at=created[row, slot],
        unsubscribed_at=np.where(subscribed, gone, NEVER),
    )
    _write_identity(tables, "shopify_customer", _numbers(web[row, slot]), people.id[row])


def _addresses(
    chunk: Chunk, rng: np.random.Generator, person: Ints, at: Ints, share: float = 1.0
) -> dict[str, Texts]:
    """Where a share of the people lived when their record was made; None for the others.

    A record keeps the address that it was made with: only later ones know of a move.
    """
    people, shops = chunk.people, chunk.shops
    address = {
        "street": streets(rng, people.lives_at(person, at), people.country[person], chunk.seed),
        "city": np.array(shops.cities, dtype=object)[people.home[person]],
        "postal_code": np.array(shops.postal_codes, dtype=object)[people.home[person]],
    }
    untold = rng.random(person.size) > share
    for part in address.values():
        part[untold] = None
    return address


def _card_numbers(rng: np.random.Generator, keys: Ints, share: float, seed: int) -> Texts:
    """Loyalty cards; a few were handed out again after their first owner left them behind."""
    cards = texts("29{:013d}", scramble(keys, "loyalty_card", seed, 43))
    recycled = np.flatnonzero(rng.random(keys.size) < share)
    cards[recycled] = cards[rng.integers(0, keys.size, recycled.size)]
    return cards


def _handed_out_again(cards: Texts, is_member: Bools, created: Ints) -> Ints:
    """When the next owner of each member's card enrolled: from then on it is not theirs to show."""
    never = np.iinfo(np.int64).max
    left = np.full(cards.size, never)
    members = np.flatnonzero(is_member)
    _, card = np.unique(cards[members].astype(str), return_inverse=True)
    order = np.lexsort((created[members], card))
    members, card = members[order], card[order]
    again = np.flatnonzero(card[1:] == card[:-1])
    left[members[again]] = created[members[again + 1]]
    return left


def _write_till_customers(
    chunk: Chunk, rng: np.random.Generator, till: Bools, till_id: Texts, created: Ints, cards: Texts
) -> Texts:
    """Typed in a hurry: few e-mails, more errors, and the till's default number for a phone."""
    people, shops, tables = chunk.people, chunk.shops, chunk.tables
    row, slot = np.nonzero(till)
    default_phone = np.array([f"{prefix}11111111" for *_, prefix in COUNTRIES], dtype=object)
    phone = people.phone[row]
    drawn = rng.random(row.size)
    phone[drawn > 0.75] = None
    lazy = drawn < chunk.noise.default_phone
    phone[lazy] = default_phone[people.country[row[lazy]]]
    base = np.where((slot == 1) & people.work_email[row].astype(bool), people.work_email[row],
                    people.email[row])  # fmt: skip
    noise = chunk.noise
    email = vary_email(rng, base, noise.email_error_till, noise.email_alias_elsewhere)
    email[rng.random(row.size) > 0.5] = None
    extra = chunk.rng("till details")
    junk_emails(extra, email, [shops.cities[i] for i in people.home[row]], noise.junk_email)
    birth_date = birth_dates(extra, people.birth[row], noise.birth_date_error, is_checked=True)
    asked = extra.random(row.size)
    birth_date[asked > 0.4] = None
    for i in np.flatnonzero(asked < 0.04):  # for a birthday coupon the year is nobody's business
        birth_date[i] = f"0000{birth_date[i][4:]}"
    family = people.last[row]
    family[rng.random(row.size) > 0.85] = None
    has_card = (slot == 0) & people.is_member[row]
    card = cards[row]
    card[~has_card] = None
    tables.add(
        "till_customers",
        square_customer_id=till_id[row, slot],
        email=email,
        phone=phone,
        given_name=people.first[row],
        family_name=family,
        birth_date=birth_date,
        **_addresses(chunk, extra, row, created[row, slot], 0.3),
        country_code=np.array(COUNTRY_CODES, dtype=object)[people.country[row]],
        created_at=created[row, slot],
        loyalty_card_no=card,
        card_linked_at=np.where(has_card, created[row, slot] + 20 * SECOND, NEVER),
    )
    _write_identity(tables, "square_customer", till_id[row, slot], people.id[row])
    by_person = np.empty(people.count, dtype=object)
    by_person[row[slot == 0]] = email[slot == 0]
    return by_person


def _write_loyalty(
    chunk: Chunk, rng: np.random.Generator, till_id: Texts, created: Ints, cards: Texts
) -> Texts:
    people, tables, horizon = chunk.people, chunk.tables, chunk.horizon
    loyalty_id = texts("LA{:012X}", scramble(people.id, "loyalty", chunk.seed, 48))
    loyalty_id[~people.is_member] = None
    member = np.flatnonzero(people.is_member)
    phone = people.phone[member]
    phone[rng.random(member.size) > 0.7] = None
    tables.add(
        "loyalty_accounts",
        loyalty_account_id=loyalty_id[member],
        square_customer_id=till_id[member, 0],
        card_no=cards[member],
        phone=phone,
        enrolled_at=created[member, 0] + 20 * SECOND,
        opening_points=np.where(
            created[member, 0] < horizon.start_us, rng.integers(0, 900, member.size), 0
        ),
    )
    _write_identity(tables, "loyalty_account", loyalty_id[member], people.id[member])
    return loyalty_id


def _write_contacts(
    chunk: Chunk,
    rng: np.random.Generator,
    sessions: Sessions,
    web: Ints,
    web_created: Ints,
    web_email: Texts,
    first_order: Ints,
    cards: Texts,
    till_created: Ints,
    till_email: Texts,
) -> tuple[Ints, Ints, Ints]:
    """CRM contacts come from web accounts, from loyalty enrolments and from lead forms."""
    people, horizon, seed = chunk.people, chunk.horizon, chunk.seed
    n, keys = people.count, people.id[:, None] * 2 + np.arange(2)
    known = (web >= 0) & (rng.random(web.shape) < 0.95)
    contact = np.where(known, 100_000_000_000 + scramble(keys, "contact", seed), -1)
    contact_created = web_created + rng.integers(20, 90, web.shape) * SECOND
    row, slot = np.nonzero(known)
    bought = first_order[row, slot]
    _write_contact_rows(
        chunk, rng, row, contact[row, slot], web_email[row, slot],
        contact_created[row, slot], "subscriber", None,
        np.where(bought < horizon.end_us, bought + 3 * MINUTE, NEVER),
        np.where(slot == 1, _later(rng, horizon, contact_created[row, slot], 0.03), NEVER),
        np.full(row.size, NEVER),
    )  # fmt: skip

    # Loyalty enrolments are loaded without a look at who is there: duplicates, some merged later.
    enrolled = np.flatnonzero(people.is_member & till_email.astype(bool) & (rng.random(n) < 0.4))
    at = till_created[enrolled, 0] + rng.integers(3600, 30 * 3600, enrolled.size) * SECOND
    twin = contact[enrolled, 0]
    merged = _later(rng, horizon, np.maximum(at, contact_created[enrolled, 0]), 0.35)
    merged = np.where(twin >= 0, merged, NEVER)
    numbers = 100_000_000_000 + scramble((1 << 38) + people.id[enrolled], "contact", seed)
    _write_contact_rows(
        chunk, rng, enrolled, numbers, till_email[enrolled], at, "customer",
        cards[enrolled], np.full(enrolled.size, NEVER), merged,
        np.where(merged == NEVER, NEVER, twin),
    )  # fmt: skip

    asks = ~sessions.buys & (sessions.slot < 3) & (rng.random(sessions.at.size) < 0.02)
    asks &= people.consents(sessions.person, sessions.at) & (web[sessions.person, 0] < 0)
    leads = np.flatnonzero(asks)
    _, one = np.unique(sessions.person[leads], return_index=True)
    leads = np.sort(leads[one])
    person = sessions.person[leads]
    numbers = 100_000_000_000 + scramble((1 << 39) + people.id[person], "contact", seed)
    nothing = np.full(leads.size, NEVER)
    _write_contact_rows(
        chunk, rng, person, numbers,
        vary_email(
            rng, people.email[person], chunk.noise.email_error_form,
            chunk.noise.email_alias_elsewhere,
        ),
        sessions.at[leads] + 5 * MINUTE, "lead",
        None, nothing, nothing, nothing,
    )  # fmt: skip
    return contact, contact_created, leads


def _write_contact_rows(
    chunk: Chunk,
    rng: np.random.Generator,
    person: Ints,
    numbers: Ints,
    email: Texts,
    created: Ints,
    stage: str,
    card: Texts | None,
    became: Ints,
    archived: Ints,
    merged_into: Ints,
) -> None:
    people, tables, horizon = chunk.people, chunk.tables, chunk.horizon
    drawn = rng.random(person.size)
    phone = people.phone[person]
    phone[drawn > 0.5] = None
    for i in np.flatnonzero(drawn < 0.15):  # typed by hand
        phone[i] = f"{phone[i][:3]} {phone[i][3:6]} {phone[i][6:]}"
    opted_in = rng.random(person.size) < 0.6
    extra = chunk.rng(f"details of a {stage}")
    birth_date = birth_dates(
        extra, people.birth[person], chunk.noise.birth_date_error, is_checked=False
    )
    birth_date[extra.random(person.size) > 0.35] = None
    tables.add(
        "crm_contacts",
        contact_no=numbers,
        email=email,
        phone=phone,
        first_name=people.first[person],
        last_name=people.last[person],
        birth_date=birth_date,
        **_addresses(chunk, extra, person, created, 0.4),
        lifecycle_stage=stage,
        email_opt_in=opted_in,
        loyalty_card_no=card,
        created_at=created,
        became_customer_at=np.where(became > created, became, NEVER),
        opted_out_at=np.where(opted_in, _later(rng, horizon, created, 0.05), NEVER),
        archived_at=archived,
        merged_into_contact_no=merged_into,
    )
    _write_identity(tables, "hubspot_contact", _numbers(numbers), people.id[person])


def _numbers(values: Ints) -> Texts:
    return texts("{}", values)


def _write_identity(tables: Tables, system: str, record_id: Texts, person_id: Ints) -> None:
    tables.add("identifiers", system=system, record_id=record_id, person_id=person_id)

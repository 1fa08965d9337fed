"""The records that systems keep of people: each system its own, with its own errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.behaviour import Sessions, Visits
from demo.world.changes import Changing
from demo.world.chunk import Chunk
from demo.world.contacts import write_contacts
from demo.world.coupons import write_unused
from demo.world.details import birth_dates
from demo.world.emails import vary_email
from demo.world.horizon import DAY, MINUTE, SECOND, Horizon
from demo.world.ids import Bools, Ints, Texts, scramble, texts
from demo.world.junk import default_emails, default_references, junk_emails, junk_phones
from demo.world.names import written
from demo.world.places import COUNTRIES, COUNTRY_CODES
from demo.world.records import addresses, later, numbers, write_identity
from demo.world.spelling import spell_phones
from demo.world.tables import NEVER

_BEFORE = 700 * DAY  # records made before the world's start reach this far back


@dataclass(frozen=True)
class Accounts:
    """Records of one chunk's people; ``[person, slot]`` where a person may have two, -1: none."""

    web: Ints  # customer_no
    web_created: Ints
    web_email: Changing  # by ``2 * person + slot``
    contact: Ints  # contact_no of the web account
    contact_created: Ints
    till: Bools
    till_id: Texts
    till_created: Ints
    card_left: Ints  # per person: when their loyalty card was handed out again, far off for most
    loyalty_id: Texts  # per person, None for non-members
    opening_points: Ints  # per person, at the world's start
    order_slot: Ints  # per buying session: the web account used, -1: guest
    leads: Ints  # sessions that ended in a lead form

    def email_at(self, person: Ints, slot: Ints, at: Ints) -> Texts:
        """The address that a web account has at a time."""
        return self.web_email.at(2 * person + slot, at)

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
    # The shop takes an address once: who shares a partner's has one of their own there.
    everybody = np.arange(n)
    web_email = np.empty((n, 2), dtype=object)
    web_email[:, 0] = vary_email(
        rng,
        people.email.at(everybody, created[:, 0]),
        noise.email_error_web,
        noise.email_alias_web,
    )
    alias = vary_email(rng, people.email.at(everybody, created[:, 1]), 0.0, 1.0)
    web_email[:, 1] = np.where(people.work_email.astype(bool), people.work_email, alias)
    keys = people.id[:, None] * 2 + np.arange(2)
    web = np.where(has, 6_000_000_000_000 + scramble(keys, "customer", seed), -1)
    emails = _email_changes(chunk, web_email, created)
    _write_web_customers(chunk, rng, web, created, emails)

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
    loyalty_id, points = _write_loyalty(chunk, rng, till_id, till_created, cards)

    contact, contact_created, leads = write_contacts(
        chunk, rng, sessions, web, created, web_email, first, cards, till_created, till_email
    )
    return Accounts(
        web, created, emails, contact, contact_created, till, till_id, till_created,
        card_left, loyalty_id, points, order_slot, leads,
    )  # fmt: skip


def _made_at(rng: np.random.Generator, horizon: Horizon, first_use: Ints, before: float) -> Ints:
    """When a record was made: before the world began, else at its first use, else at any time."""
    shape = first_use.shape
    early = horizon.start_us - rng.integers(1, _BEFORE // SECOND, shape) * SECOND
    late = horizon.start_us + rng.integers(0, horizon.total * 86_400, shape) * SECOND
    used = np.where(first_use < horizon.end_us, first_use, late)
    return np.where(rng.random(shape) < before, early, used)


def _email_changes(chunk: Chunk, first: Texts, created: Ints) -> Changing:
    """The first account follows its owner to another address, the second one is forgotten."""
    people = chunk.people
    since = np.full(first.shape, NEVER)
    since[:, 0] = np.where(people.email.since > created[:, 0], people.email.since, NEVER)
    later = first.copy()
    later[:, 0] = np.where(since[:, 0] == NEVER, first[:, 0], people.email.now)
    return Changing(first.ravel(), since.ravel(), later.ravel())


def _write_web_customers(
    chunk: Chunk, rng: np.random.Generator, web: Ints, created: Ints, email: Changing
) -> None:
    people, tables = chunk.people, chunk.tables
    row, slot = np.nonzero(web >= 0)
    since = email.since[2 * row + slot]
    first_name, last_name = written(chunk, "at the web shop", row, created[row, slot])
    phone = people.phone_at(row, created[row, slot])
    phone[rng.random(row.size) > 0.55] = None
    extra = chunk.rng("web details")
    junk_phones(extra, phone, people.country[row], people.home[row], chunk.noise.junk_phone)
    address = addresses(chunk, extra, row, created[row, slot])
    address["street"][extra.random(row.size) > 0.9] = None  # a country and a city are always asked
    subscribed = rng.random(row.size) < 0.5
    gone = later(rng, chunk.horizon, created[row, slot], 0.05)
    tables.add(
        "web_customers",
        customer_no=web[row, slot],
        email=email.now[2 * row + slot],
        former_email=np.where(since == NEVER, None, email.former[2 * row + slot]),
        email_changed_at=since,
        phone=phone,
        first_name=first_name,
        last_name=last_name,
        country_code=np.array(COUNTRY_CODES, dtype=object)[people.country[row]],
        **address,
        email_marketing_state=np.where(subscribed, "SUBSCRIBED", "NOT_SUBSCRIBED").astype(object),
        created_at=created[row, slot],
        unsubscribed_at=np.where(subscribed, gone, NEVER),
    )
    write_identity(tables, "web_customer", numbers(web[row, slot]), people.id[row])
    write_unused(chunk, web[row, slot], created[row, slot])


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
    at = created[row, slot]
    phone = people.phone_at(row, at)
    spell_phones(chunk, "at tills", phone, row, is_free=False)
    drawn = rng.random(row.size)
    phone[drawn > 0.75] = None
    lazy = drawn < chunk.noise.default_phone
    phone[lazy] = default_phone[people.country[row[lazy]]]
    base = np.where((slot == 1) & people.work_email[row].astype(bool), people.work_email[row],
                    people.email_at(row, at))  # fmt: skip
    noise = chunk.noise
    email = vary_email(rng, base, noise.email_error_till, noise.email_alias_elsewhere)
    email[rng.random(row.size) > 0.5] = None
    extra = chunk.rng("till details")
    junk_emails(extra, email, [shops.cities[i] for i in people.home[row]], noise.junk_email)
    by_person = np.empty(people.count, dtype=object)
    by_person[row[slot == 0]] = email[slot == 0]
    default_emails(chunk.rng("default addresses"), email, noise.default_email)
    birth_date = birth_dates(extra, people.birth[row], noise.birth_date_error, is_checked=True)
    asked = extra.random(row.size)
    birth_date[asked > 0.4] = None
    for i in np.flatnonzero(asked < 0.04):  # for a birthday coupon the year is nobody's business
        birth_date[i] = f"0000{birth_date[i][4:]}"
    given, family = written(chunk, "at tills", row, at, by_staff=True)
    family[rng.random(row.size) > 0.85] = None
    has_card = (slot == 0) & people.is_member[row]
    card = cards[row]
    card[~has_card] = None
    has_card |= default_references(chunk.rng("default references"), card, noise.default_reference)
    tables.add(
        "till_customers",
        square_customer_id=till_id[row, slot],
        email=email,
        phone=phone,
        given_name=given,
        family_name=family,
        birth_date=birth_date,
        **addresses(chunk, extra, row, created[row, slot], 0.3),
        country_code=np.array(COUNTRY_CODES, dtype=object)[people.country[row]],
        created_at=created[row, slot],
        loyalty_card_no=card,
        card_linked_at=np.where(has_card, created[row, slot] + 20 * SECOND, NEVER),
    )
    write_identity(tables, "till_customer", till_id[row, slot], people.id[row])
    return by_person


def _write_loyalty(
    chunk: Chunk, rng: np.random.Generator, till_id: Texts, created: Ints, cards: Texts
) -> tuple[Texts, Ints]:
    people, tables, horizon = chunk.people, chunk.tables, chunk.horizon
    loyalty_id = texts("LA{:012X}", scramble(people.id, "loyalty", chunk.seed, 48))
    loyalty_id[~people.is_member] = None
    member = np.flatnonzero(people.is_member)
    phone = people.phone_at(member, created[member, 0])
    phone[rng.random(member.size) > 0.7] = None
    points = np.zeros(people.count, dtype=np.int64)
    points[member] = np.where(
        created[member, 0] < horizon.start_us, rng.integers(0, 900, member.size), 0
    )
    tables.add(
        "loyalty_accounts",
        loyalty_account_id=loyalty_id[member],
        square_customer_id=till_id[member, 0],
        card_no=cards[member],
        phone=phone,
        enrolled_at=created[member, 0] + 20 * SECOND,
        opening_points=points[member],
    )
    write_identity(tables, "loyalty_account", loyalty_id[member], people.id[member])
    return loyalty_id, points

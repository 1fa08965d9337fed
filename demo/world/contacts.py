"""CRM contacts: of web accounts, of loyalty enrolments and of lead forms."""

from __future__ import annotations

import numpy as np

from demo.world.behaviour import Sessions
from demo.world.chunk import Chunk
from demo.world.details import birth_dates
from demo.world.emails import vary_email
from demo.world.horizon import MINUTE, SECOND
from demo.world.ids import Ints, Texts, scramble
from demo.world.names import written
from demo.world.records import addresses, later, numbers, write_identity
from demo.world.spelling import additional_emails, spell_phones, with_blanks
from demo.world.tables import NEVER


def write_contacts(
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
    write_contact_rows(
        chunk, rng, row, contact[row, slot], web_email[row, slot],
        contact_created[row, slot], "subscriber", None,
        np.where(bought < horizon.end_us, bought + 3 * MINUTE, NEVER),
        np.where(slot == 1, later(rng, horizon, contact_created[row, slot], 0.03), NEVER),
        np.full(row.size, NEVER),
    )  # fmt: skip

    # Loyalty enrolments are loaded without a look at who is there: duplicates, some merged later.
    enrolled = np.flatnonzero(people.is_member & till_email.astype(bool) & (rng.random(n) < 0.4))
    at = till_created[enrolled, 0] + rng.integers(3600, 30 * 3600, enrolled.size) * SECOND
    twin = contact[enrolled, 0]
    merged = later(rng, horizon, np.maximum(at, contact_created[enrolled, 0]), 0.35)
    merged = np.where(twin >= 0, merged, NEVER)
    contact_no = 100_000_000_000 + scramble((1 << 38) + people.id[enrolled], "contact", seed)
    write_contact_rows(
        chunk, rng, enrolled, contact_no, till_email[enrolled], at, "customer",
        cards[enrolled], np.full(enrolled.size, NEVER), merged,
        np.where(merged == NEVER, NEVER, twin),
    )  # fmt: skip

    asks = ~sessions.buys & (sessions.slot < 3) & (rng.random(sessions.at.size) < 0.02)
    asks &= people.consents(sessions.person, sessions.at) & (web[sessions.person, 0] < 0)
    leads = np.flatnonzero(asks)
    _, one = np.unique(sessions.person[leads], return_index=True)
    leads = np.sort(leads[one])
    person = sessions.person[leads]
    contact_no = lead_contact_no(people.id[person], seed)
    nothing = np.full(leads.size, NEVER)
    write_contact_rows(
        chunk, rng, person, contact_no,
        vary_email(
            rng, people.email_at(person, sessions.at[leads]), chunk.noise.email_error_form,
            chunk.noise.email_alias_elsewhere,
        ),
        sessions.at[leads] + 5 * MINUTE, "lead",
        None, nothing, nothing, nothing,
    )  # fmt: skip
    return contact, contact_created, leads


def lead_contact_no(person_id: Ints, seed: int) -> Ints:
    """The contact of whoever filled in a lead form."""
    return 100_000_000_000 + scramble((1 << 39) + person_id, "contact", seed)


def write_contact_rows(
    chunk: Chunk,
    rng: np.random.Generator,
    person: Ints,
    contact_no: Ints,
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
    phone = people.phone_at(person, created)
    phone[drawn > 0.5] = None
    for i in np.flatnonzero(drawn < 0.15):  # typed by hand
        phone[i] = f"{phone[i][:3]} {phone[i][3:6]} {phone[i][6:]}"
    spell_phones(chunk, f"of a {stage}", phone, person, is_free=True)
    first_name, last_name = written(chunk, f"of a {stage}", person, created)
    opted_in = rng.random(person.size) < 0.6
    extra = chunk.rng(f"details of a {stage}")
    birth_date = birth_dates(
        extra, people.birth[person], chunk.noise.birth_date_error, is_checked=False
    )
    birth_date[extra.random(person.size) > 0.35] = None
    tables.add(
        "crm_contacts",
        contact_no=contact_no,
        email=email,
        additional_emails=additional_emails(chunk, stage, person, email, created),
        phone=phone,
        first_name=first_name,
        last_name=last_name,
        birth_date=birth_date,
        **addresses(chunk, extra, person, created, 0.4),
        lifecycle_stage=stage,
        email_opt_in=opted_in,
        loyalty_card_no=None if card is None else with_blanks(chunk, card),
        created_at=created,
        became_customer_at=np.where(became > created, became, NEVER),
        opted_out_at=np.where(opted_in, later(rng, horizon, created, 0.05), NEVER),
        archived_at=archived,
        merged_into_contact_no=merged_into,
    )
    write_identity(tables, "crm_contact", numbers(contact_no), people.id[person])

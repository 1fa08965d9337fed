"""How numbers and further addresses of people are written down: as people write, not as stored."""

from __future__ import annotations

import numpy as np

from demo.world.chunk import Chunk
from demo.world.ids import Ints, Texts
from demo.world.places import COUNTRY_CODES
from demo.world.tables import NEVER

# Per country: the code, what is dialled before a number at home, and the length of its first part.
_DIALLING = {
    "DE": ("49", "0", 3),
    "FR": ("33", "0", 1),
    "GB": ("44", "0", 4),
    "US": ("1", "", 3),
    "JP": ("81", "0", 2),
}


def spell_phones(chunk: Chunk, where: str, phone: Texts, person: Ints, *, is_free: bool) -> None:
    """Rewrite a share of ``phone``, if it is ``is_free`` text in any way that people write.

    A till takes digits, a plus and what stands between them, so no slash and no extension.
    """
    rng = chunk.rng(f"phones {where}")
    drawn = rng.random((phone.size, 2))
    for i in np.flatnonzero(drawn[:, 0] < chunk.noise.phone_spelling):
        if phone[i] is not None and phone[i].startswith("+"):
            country = COUNTRY_CODES[chunk.people.country[person[i]]]
            ways = spellings(phone[i].replace(" ", ""), country, is_free=is_free)
            phone[i] = ways[int(drawn[i, 1] * len(ways))]


def spellings(phone: str, country: str, *, is_free: bool) -> list[str]:
    """Other ways to write an E.164 number of a country."""
    code, trunk, first = _DIALLING[country]
    number = phone.removeprefix(f"+{code}")
    area, rest = number[:first], number[first:]
    plain = [
        f"{trunk}{number}",
        f"{trunk}{area} {rest[:-4]} {rest[-4:]}",
        f"+{code} {area} {rest}",
        f"+{code}-{area}-{rest[:-4]}-{rest[-4:]}",
        f"{code}{number}",
    ]
    if not is_free:
        return plain
    return [
        *plain,
        f"{trunk}{area}/{rest}" if trunk else f"({area}) {rest[:-4]}-{rest[-4:]}",
        f"+{code} ({trunk}){area} {rest}" if trunk else f"+{code} ({area}) {rest}",
        f"{code} {area} {rest}",
        f"00{code} {area} {rest}",
        f"{phone} ext. {rest[:2]}",
    ]


def additional_emails(chunk: Chunk, stage: str, person: Ints, email: Texts, created: Ints) -> Texts:
    """The list of further addresses of a share of the contacts, separated by semicolons."""
    people, rng = chunk.people, chunk.rng(f"additional addresses of a {stage}")
    lists = np.full(person.size, None, dtype=object)
    own = people.mail_of[person] == person
    for i in np.flatnonzero(own & (rng.random(person.size) < chunk.noise.additional_email)):
        who = person[i]
        known = [people.work_email[who]]
        if NEVER < people.email.since[who] <= created[i]:
            known.append(people.email.former[who])
        lists[i] = ";".join(each for each in known if each and each != email[i]) or None
    return lists


def with_blanks(chunk: Chunk, card: Texts) -> Texts:
    """Loyalty cards, a share of them in groups of four, as printed on the card."""
    typed = card.copy()
    for i in np.flatnonzero(
        chunk.rng("cards with blanks").random(card.size) < chunk.noise.spaced_card
    ):
        typed[i] = " ".join(card[i][at : at + 4] for at in range(0, len(card[i]), 4))
    return typed

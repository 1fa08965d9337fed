"""Values that identify nobody: what staff and customers type where they have nothing to type."""

from __future__ import annotations

import unicodedata

import numpy as np

from demo.world.ids import Bools, Ints, Texts
from demo.world.places import COUNTRIES

_DOMAIN = "northwind-vale.example"
_DECLINED = [f"declined@{_DOMAIN}", f"keine@{_DOMAIN}", "none@none.com", "asdf@asdf.com"]
_REFERENCES = ["n/a", "VIP", "none", "-", "Staff"]


def junk_phones(
    rng: np.random.Generator, phone: Texts, country: Ints, shop: Ints, share: float
) -> None:
    """Overwrite a share of ``phone``: half with zeros, half with the number of the shop nearby."""
    drawn = rng.random(phone.size)
    for i in np.flatnonzero(drawn < share):
        prefix = COUNTRIES[country[i]][3]
        number = "00000000" if drawn[i] < share / 2 else f"19{7_310 + 37 * int(shop[i]):06d}"
        phone[i] = prefix + number


def junk_emails(rng: np.random.Generator, email: Texts, cities: list[str], share: float) -> None:
    """Overwrite a share of ``email``: noreply@, test@, or the mailbox of the shop in the city."""
    kind = rng.integers(0, 3, email.size)
    for i in np.flatnonzero(rng.random(email.size) < share):
        mailbox = unicodedata.normalize("NFKD", cities[i]).encode("ascii", "ignore").decode()
        email[i] = (
            f"noreply@{_DOMAIN}",
            "test@test.com",
            f"{mailbox.lower().replace(' ', '-')}@{_DOMAIN}",
        )[kind[i]]


def default_emails(rng: np.random.Generator, email: Texts, share: float) -> None:
    """Fill a share of the empty ``email``: the till asks, the customer would rather not."""
    drawn = rng.random((email.size, 2))
    for i in np.flatnonzero((drawn[:, 0] < share) & (email == None)):  # noqa: E711 – by element
        email[i] = _DECLINED[int(drawn[i, 1] * len(_DECLINED))]


def default_references(rng: np.random.Generator, card: Texts, share: float) -> Bools:
    """Fill a share of those without a card: the field wants something. Answers which."""
    drawn = rng.random((card.size, 2))
    filled: Bools = (drawn[:, 0] < share) & (card == None)  # noqa: E711 – by element
    for i in np.flatnonzero(filled):
        card[i] = _REFERENCES[int(drawn[i, 1] * len(_REFERENCES))]
    return filled

"""Values that identify nobody: what staff and customers type where they have nothing to type."""

from __future__ import annotations

import unicodedata

import numpy as np

from demo.world.ids import Ints, Texts
from demo.world.places import COUNTRIES

_DOMAIN = "northwind-vale.example"


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

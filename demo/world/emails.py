"""E-mail addresses: people's own, and as they or others type them."""

from __future__ import annotations

import numpy as np

from demo.world.ids import Ints, Texts, scramble

_MAIL = [["gmail.com", "gmx.de", "web.de", "outlook.com"], ["gmail.com", "orange.fr", "free.fr"],
         ["gmail.com", "outlook.com", "btinternet.com"], ["gmail.com", "yahoo.com", "icloud.com"],
         ["gmail.com", "yahoo.co.jp", "icloud.com"]]  # fmt: skip
_WORK = ["acme-group.example", "bluefield.example", "kestrel-labs.example", "uni-nord.example"]
_ASCII = str.maketrans(dict(zip("äöüßéèëïâôçÉıÖ'", "aouseeeiaoceio-", strict=True)) | {"-": ""})


def make_emails(
    rng: np.random.Generator, ids: Ints, first: Texts, last: Texts, country: Ints, seed: int
) -> tuple[Texts, Texts]:
    numbers = scramble(ids, "email", seed, 24).tolist()  # unique, so no two persons share one
    provider, style, works = (
        rng.random(ids.size),
        rng.integers(0, 3, ids.size),
        rng.random(ids.size),
    )
    email, work = np.empty(ids.size, dtype=object), np.empty(ids.size, dtype=object)
    for i in range(ids.size):
        given = str(first[i]).lower().translate(_ASCII)
        family = str(last[i]).lower().translate(_ASCII)
        names = (f"{given}.{family}", f"{given}{family}", f"{given[0]}.{family}")[style[i]]
        domains = _MAIL[country[i]]
        email[i] = f"{names}{numbers[i]}@{domains[int(provider[i] ** 1.6 * len(domains))]}"
        if works[i] < 0.25:
            work[i] = f"{given}.{family}{numbers[i]}@{_WORK[numbers[i] % len(_WORK)]}"
    return email, work


def vary_email(rng: np.random.Generator, email: Texts, typos: float, aliases: float) -> Texts:
    """Typing errors (another mailbox), +suffixes and Gmail's dots (the same mailbox)."""
    out = email.copy()
    drawn = rng.random(email.size)
    for i in np.flatnonzero(drawn < typos + aliases):
        if out[i] is None:
            continue
        name, domain = str(out[i]).split("@")
        at = int(drawn[i] * 1e9) % (len(name) - 1)
        if drawn[i] < typos:
            swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
            out[i] = f"{name}@{domain[:-3]}{domain[-2:]}" if at % 2 else f"{swapped}@{domain}"
        elif domain == "gmail.com" and at % 2:
            plain = name.replace(".", "")
            out[i] = f"{plain[:2]}.{plain[2:]}@googlemail.com" if at % 3 else f"{plain}@{domain}"
        else:
            out[i] = f"{name}+{('shop', 'northwind', 'offers')[at % 3]}@{domain}"
    return out

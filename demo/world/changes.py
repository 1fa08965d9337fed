"""What people leave behind: a family name, an e-mail address, a phone number, which a stranger may
have later. Each is one change: the former value until then, the present one from then on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demo.world.horizon import DAY, Horizon
from demo.world.ids import Bools, Ints, Texts
from demo.world.tables import NEVER

_PAST = 600 * DAY  # before the world's start


@dataclass(frozen=True)
class Changing:
    """``since`` is NEVER, the beginning of time, where nothing has changed."""

    former: Texts
    since: Ints
    now: Texts

    def at(self, who: Ints, at: Ints) -> Texts:
        """What each of them had at a time."""
        there: Texts = np.where(at >= self.since[who], self.now[who], self.former[who])
        return there


def family_names(
    rng: np.random.Generator, last: Texts, others: Texts, horizon: Horizon, share: float
) -> Changing:
    """A share of the people had one of ``others``, a name for each, before."""
    changes = rng.random(last.size) < share
    at = rng.integers(horizon.start_us - _PAST, horizon.end_us, last.size)
    return Changing(others, np.where(changes, at, NEVER), last)


def email_addresses(
    rng: np.random.Generator, email: Texts, horizon: Horizon, share: float, reused: float
) -> Changing:
    """A share of the people went to another provider. Of what they left a share is ``reused``."""
    former, now = email.copy(), email.copy()
    drawn = rng.random((email.size, 2))
    at = rng.integers(horizon.start_us - _PAST, horizon.end_us, email.size)
    leaves = drawn[:, 0] < share
    since = np.where(leaves, at, NEVER)
    for i in np.flatnonzero(leaves):
        # Its end is a number that nobody else has.
        name, domain = str(email[i]).split("@")
        now[i] = f"mail.{name}@{'proton.me' if domain == 'outlook.com' else 'outlook.com'}"
    given_up = np.flatnonzero(leaves & (drawn[:, 1] < reused))
    takers = _strangers(rng, given_up, ~leaves)
    given_up = given_up[: takers.size]
    now[takers] = former[given_up]
    since[takers] = at[given_up] + rng.integers(30, 120, takers.size) * DAY
    return Changing(former, since, now)


def phone_numbers(
    rng: np.random.Generator,
    phone: Texts,
    another: Texts,
    country: Ints,
    horizon: Horizon,
    share: float,
) -> Changing:
    """A share of the people has the number that a stranger of their country gave up for
    ``another``, months before: so long no operator gives it out again."""
    former, now = phone.copy(), phone.copy()
    since = np.full(phone.size, NEVER)
    leaves = rng.random(phone.size) < share
    at = rng.integers(horizon.start_us - _PAST, horizon.start_us, phone.size)
    for here in np.unique(country):
        leavers = np.flatnonzero(leaves & (country == here))
        takers = _strangers(rng, leavers, ~leaves & (country == here))
        leavers = leavers[: takers.size]
        now[leavers], since[leavers] = another[leavers], at[leavers]
        now[takers] = former[leavers]
        since[takers] = at[leavers] + rng.integers(90, 400, takers.size) * DAY
    return Changing(former, since, now)


def _strangers(rng: np.random.Generator, of: Ints, among: Bools) -> Ints:
    """One stranger for each, or for as many as there are."""
    there = np.flatnonzero(among)
    return rng.choice(there, min(of.size, there.size), replace=False)

"""The points of the loyalty scheme: a ledger in which every account's movements add up to its
balance, and no balance is ever below zero."""

from __future__ import annotations

import numpy as np

from demo.world.accounts import Accounts
from demo.world.chunk import Chunk
from demo.world.horizon import HOUR, SECOND
from demo.world.ids import Bools, Ints, Texts
from demo.world.tables import pick

_KINDS = ["earn", "redeem", "expire"]
_REWARD = 100  # points, for a small present with the purchase
_REDEEMS, _EXPIRES = 0.15, 0.12  # of purchases with enough points; of accounts with old points


def write_ledger(
    chunk: Chunk, accounts: Accounts, member: Ints, order_id: Texts, at: Ints, points: Ints
) -> None:
    """What members earned by their orders, what they spent of it, and what ran out.

    Only what was there at the world's start is spent or runs out: newer points are kept.
    """
    rng = chunk.rng("loyalty")
    old = accounts.opening_points
    order = np.lexsort((at, member))
    redeems = np.zeros(member.size, dtype=bool)
    redeems[order] = _affordable(member[order], old, rng.random(member.size) < _REDEEMS)
    spent = np.bincount(member[redeems], minlength=old.size) * _REWARD
    horizon = chunk.horizon
    runs_out = np.flatnonzero((old > spent) & (rng.random(old.size) < _EXPIRES))
    midnight = horizon.start_us + rng.integers(0, horizon.total, runs_out.size) * 24 * HOUR
    kind = np.repeat([0, 1, 2], [member.size, int(redeems.sum()), runs_out.size])
    nothing = np.full(runs_out.size, None, dtype=object)
    lost = np.maximum((old - spent)[runs_out] // 2, 1)
    chunk.tables.add(
        "loyalty_points",
        loyalty_account_id=accounts.loyalty_id[np.r_[member, member[redeems], runs_out]],
        kind=pick([*_KINDS], kind),
        order_id=np.concatenate([order_id, order_id[redeems], nothing]),
        earned_at=np.r_[at, at[redeems] + SECOND, midnight],
        points=np.r_[points, np.full(int(redeems.sum()), -_REWARD), -lost],
    )


def _affordable(member: Ints, old: Ints, wishes: Bools) -> Bools:
    """Of the wishes, sorted by member and time, those that the old points pay for."""
    wished = np.cumsum(wishes)
    before = np.where(wishes, wished - 1, wished)[np.searchsorted(member, member)]
    affordable: Bools = wishes & ((wished - before) * _REWARD <= old[member])
    return affordable

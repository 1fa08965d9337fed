"""Fit the model: how often each level is met among true pairs (m) and among others (u).

Expectation-maximisation over two sets of compared pairs at once. The pairs that blocking proposes
hold nearly all true pairs, so they tell m and how many true pairs there are; a random sample of
all pairs tells u, after the true pairs in it are weighed out. (Splink's own training takes u from
random pairs as they are, which is wrong where many records are duplicates, and m from one block at
a time, which leaves out the fields of the block.)

Pairs are of three kinds: one person, two of one home (who share name and address, and nothing
else), any two people. Without the second kind, families would count as one person where an address
weighs more than a birthday.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.linkage.comparisons import Comparison

MAX_ROUNDS = 100
CONVERGED = 1e-4
PRIOR_PAIRS = 20.0  # how many true pairs the expected shares of the levels are worth
PRIOR_CHANCE = 50.0  # how many random pairs the expected shares are worth
NEVER_MET = 0.3  # pairs added per level, so that what chance never met is rare, not impossible

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Patterns:
    """Distinct outcomes of comparing pairs: ``levels`` (pattern × comparison, counted from the
    last level 0 upwards, -1 where the field says nothing) and how many pairs have each."""

    levels: NDArray[np.int64]
    pairs: Numbers


@dataclass(frozen=True)
class Model:
    """``m`` and ``u`` per comparison and level (last level first); the probabilities that two
    records taken at random are one person (``prior``) or two of one home (``relatives``); and how
    the fit ended."""

    m: list[Numbers]
    u: list[Numbers]
    prior: float
    relatives: float
    rounds: int
    converged: bool


# What relatives share as one person's records do. In the other fields they are like any two people,
# but for the birthday of twins.
SHARED = frozenset({"surname", "address", "address_1", "address_2", "street_number", "suburb",
                    "postcode", "state", "country", "phone", "email"})  # fmt: skip
TWINS = 0.03


def start(compared: Sequence[Comparison]) -> Model:
    """A model to compare with before there is a fitted one; its weights mean nothing."""
    m = [_expected(item) for item in compared]
    u = [_by_chance(item) for item in compared]
    return Model(m, u, 0.001, 0.0, 0, False)


def fit(
    compared: Sequence[Comparison], blocked: Patterns, sample: Patterns, all_pairs: float
) -> Model:
    """The model that explains both sets of pairs best, from the expected shares on.

    ``all_pairs`` is how many pairs there are, compared or not.
    """
    fields = [item.field for item in compared]
    expected = [_expected(item) for item in compared]
    chances = [_by_chance(item) for item in compared]
    most = [np.array([level.most for level in item.levels[::-1]]) for item in compared]
    u = [_count(sample, i, sample.pairs, PRIOR_CHANCE, share) for i, share in enumerate(chances)]
    lowest, highest = 0.1 / max(all_pairs, 1), 0.5
    # Few to begin with, so that only the clear ones count.
    prior = float(np.clip(1 / np.sqrt(2 * max(all_pairs, 1)), lowest, highest))
    has_homes = bool(SHARED & set(fields))
    model = Model(expected, u, prior, prior / 10 * has_homes, 0, False)
    for rounds in range(1, MAX_ROUNDS + 1):
        true, related = probabilities(fields, blocked, model)
        chance = sample.pairs * (1 - np.sum(probabilities(fields, sample, model), axis=0))
        m = [
            np.minimum(_count(blocked, i, blocked.pairs * true, PRIOR_PAIRS, share), most[i])
            for i, share in enumerate(expected)
        ]
        u = [
            _count(sample, i, chance, PRIOR_CHANCE, share, NEVER_MET)
            for i, share in enumerate(chances)
        ]
        prior, relatives = (
            float(np.clip(blocked.pairs @ share / max(all_pairs, 1), lowest, highest))
            for share in (true, related)
        )
        relatives *= has_homes
        moved = max(
            abs(np.log(prior / model.prior)),
            *(np.abs(new - old).max() for new, old in zip(m, model.m, strict=True)),
        )
        model = Model(m, u, prior, relatives, rounds, moved < CONVERGED)
        if model.converged:
            break
    return model


def probabilities(
    fields: Sequence[str], patterns: Patterns, model: Model
) -> tuple[Numbers, Numbers]:
    """How probably the pairs of each pattern are one person, and two of one home."""
    weights = np.column_stack(
        [
            # One more entry at the end: level -1 says nothing.
            np.append(np.log2(of_true / of_others), 0.0)[patterns.levels[:, i]]
            for i, (of_true, of_others) in enumerate(zip(model.m, model.u, strict=True))
        ]
    )
    parts = {field: weights[:, i] for i, field in enumerate(fields)}
    one = np.exp2(np.clip(np.log2(model.prior) + weights.sum(axis=1), -500, 500))
    home = np.exp2(np.clip(related(parts, model.relatives), -500, 500))
    others = 1 - min(model.prior + model.relatives, 0.99)
    return one / (one + home + others), home / (one + home + others)


def related(parts: Mapping[str, Numbers], relatives: float) -> Numbers:
    """log2 of the odds that pairs are two of one home rather than any two people.

    ``parts`` are the weights of the fields, ``relatives`` how frequent such pairs are at random.
    """
    shared = np.zeros(len(next(iter(parts.values())))) + np.log2(max(relatives, 1e-300))
    for field, weight in parts.items():
        if field in SHARED:
            shared = shared + weight
        elif field == "date_of_birth":
            shared = shared + np.log2(1 - TWINS + TWINS * np.exp2(np.clip(weight, -500, 500)))
    return np.asarray(shared)


def _count(
    patterns: Patterns,
    comparison: int,
    weights: Numbers,
    strength: float,
    expected: Numbers,
    more: float = 0.0,
) -> Numbers:
    levels = patterns.levels[:, comparison]
    known = levels >= 0
    counted = np.bincount(levels[known], weights[known], minlength=len(expected))
    return _shares(counted + strength * expected + more)


def _expected(item: Comparison) -> Numbers:
    """The shares expected among true pairs."""
    return _shares(np.array([level.prior for level in item.levels][::-1]))


def _by_chance(item: Comparison) -> Numbers:
    """The shares expected among others: each level a tenth of the one below it."""
    return _shares(np.power(0.1 if len(item.levels) > 2 else 1.0, np.arange(len(item.levels))))


def _shares(values: NDArray[Any]) -> Numbers:
    return np.asarray(values / values.sum(), dtype=np.float64)

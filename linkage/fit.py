"""Fit the model: how often each level is met among true pairs (m) and among others (u).

Expectation-maximisation over two sets of compared pairs at once. The pairs that blocking proposes
hold nearly all true pairs, so they tell m and how many true pairs there are; a random sample of
all pairs tells u, after the true pairs in it are weighed out. (Splink's own training takes u from
random pairs as they are, which is wrong where many records are duplicates, and m from one block at
a time, which leaves out the fields of the block.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.comparisons import Comparison

MAX_ROUNDS = 100
CONVERGED = 1e-4
PRIOR_PAIRS = 20.0  # how many true pairs the expected shares of the levels are worth
PRIOR_RANDOM = 0.5  # so that a level never met by chance is rare, not impossible

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Patterns:
    """Distinct outcomes of comparing pairs: ``levels`` (pattern × comparison, counted from the
    last level 0 upwards, -1 where the field says nothing) and how many pairs have each."""

    levels: NDArray[np.int64]
    pairs: Numbers


@dataclass(frozen=True)
class Model:
    """``m`` and ``u`` per comparison and level (last level first), the ``prior`` probability that
    two records taken at random belong together, and how the fit ended."""

    m: list[Numbers]
    u: list[Numbers]
    prior: float
    rounds: int
    converged: bool


def start(compared: Sequence[Comparison]) -> Model:
    """A model to compare with before there is a fitted one; its weights mean nothing."""
    m = [_expected(item) for item in compared]
    u = [_shares(0.1 ** np.arange(len(share))) for share in m]
    return Model(m, u, 0.001, 0, False)


def fit(
    compared: Sequence[Comparison], blocked: Patterns, sample: Patterns, all_pairs: float
) -> Model:
    """The model that explains both sets of pairs best, from the expected shares on.

    ``all_pairs`` is how many pairs there are, compared or not.
    """
    expected = [_expected(item) for item in compared]
    m = expected
    u = [_count(sample, i, sample.pairs, PRIOR_RANDOM, share) for i, share in enumerate(m)]
    # At most one true pair per two records at the start: few, so that only the clear ones count.
    prior = min(0.5, 1 / np.sqrt(2 * all_pairs)) if all_pairs else 0.5
    lowest, highest = 0.1 / max(all_pairs, 1), 0.5
    for rounds in range(1, MAX_ROUNDS + 1):
        true = blocked.pairs * probability(blocked, m, u, prior)
        chance = sample.pairs * (1 - probability(sample, m, u, prior))
        new_m = [_count(blocked, i, true, PRIOR_PAIRS, share) for i, share in enumerate(expected)]
        new_u = [
            _count(sample, i, chance, PRIOR_RANDOM * len(share), np.ones(len(share)) / len(share))
            for i, share in enumerate(expected)
        ]
        new_prior = float(np.clip(true.sum() / max(all_pairs, 1), lowest, highest))
        moved = max(
            abs(np.log(new_prior / prior)),
            *(np.abs(new - old).max() for new, old in zip(new_m, m, strict=True)),
        )
        m, u, prior = new_m, new_u, new_prior
        if moved < CONVERGED:
            return Model(m, u, prior, rounds, True)
    return Model(m, u, prior, MAX_ROUNDS, False)


def probability(patterns: Patterns, m: list[Numbers], u: list[Numbers], prior: float) -> Numbers:
    """How probably the pairs of each pattern belong together."""
    odds = np.full(len(patterns.pairs), np.log(prior / (1 - prior)))
    for i, (of_true, of_others) in enumerate(zip(m, u, strict=True)):
        # One more entry at the end: level -1 says nothing.
        odds += np.append(np.log(of_true / of_others), 0.0)[patterns.levels[:, i]]
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))))


def _count(
    patterns: Patterns, comparison: int, weights: Numbers, strength: float, expected: Numbers
) -> Numbers:
    levels = patterns.levels[:, comparison]
    known = levels >= 0
    counted = np.bincount(levels[known], weights[known], minlength=len(expected))
    return _shares(counted + strength * _shares(expected))


def _expected(item: Comparison) -> Numbers:
    return _shares(np.array([level.prior for level in item.levels][::-1]))


def _shares(values: Numbers) -> Numbers:
    return np.asarray(values / values.sum())

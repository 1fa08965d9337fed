"""Shapley values: what a channel adds, averaged over all orders in which channels could join.

Two games are played over journeys; ``docs/attribution.md`` says when to read which.

* ``shapley``: the channels of each journey share its value by a game among themselves; a coalition
  is worth the conversion rate of the journeys that have exactly its channels. Credit can be
  negative: where adding a channel goes with fewer conversions.
* ``shapley_inside``: one game of all channels; a coalition is worth the value of all journeys whose
  channels lie inside it. Its solution is known in closed form: each journey's distinct channels
  share alike. It is never negative for values that are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import comb

import numpy as np

from analytics.attribution.journeys import Floats, Integers, Journeys

EXACT_PLAYERS = 12
SAMPLES = 4000  # orders that are drawn for a game of more players
CHUNK = 1 << 20  # coalitions looked up at a time


@dataclass(frozen=True)
class Games:
    """The games of journeys' channel sets: ``sets`` are all that occur, as bits, in order;
    ``places`` is the set of each journey."""

    journeys: Journeys
    sets: Integers
    places: Integers


@dataclass(frozen=True)
class Shared:
    """Credit by channel, shape (2, channels) for conversions and value, and the standard error of
    the sampling; zero where every game was solved exactly."""

    credit: Floats
    sampling_error: Floats

    @property
    def is_sampled(self) -> bool:
        return bool(self.sampling_error.any())


def values_of(worth: Floats) -> Floats:
    """Shapley values of a game given whole.

    ``worth[..., m]`` is what the coalition of the players in the bits of ``m`` is worth; the last
    axis has 2 to the power of n entries. The values have the shape (..., n).
    """
    players = int(worth.shape[-1]).bit_length() - 1
    if worth.shape[-1] != 1 << players:
        raise ValueError(f"{worth.shape[-1]} coalitions: their number must be a power of two")
    solved: Floats = worth @ _marginal_weights(players)
    return solved


def values(worth: Mapping[frozenset[str], float]) -> dict[str, float]:
    """Shapley values of a game given by its coalitions; one that is not named is worth nothing."""
    players = sorted(set().union(*worth))
    if len(players) > 20:
        raise ValueError(f"{len(players)} players are too many to be solved whole: sample them")
    table = np.zeros(1 << len(players))
    for coalition, worth_of_it in worth.items():
        table[sum(1 << players.index(name) for name in coalition)] = worth_of_it
    return dict(zip(players, values_of(table).tolist(), strict=True))


def sampled(
    worth: Callable[[Integers], Floats], players: int, samples: int, seed: int
) -> tuple[Floats, Floats]:
    """Shapley values by drawing orders, and their standard errors: shapes (players,) each.

    ``worth`` gets coalitions as bits and returns what each is worth.
    """
    orders = np.random.default_rng(seed).permuted(np.tile(np.arange(players), (samples, 1)), axis=1)
    joined = np.bitwise_or.accumulate(np.left_shift(np.int64(1), orders), axis=1)
    known = worth(joined.ravel()).reshape(joined.shape)
    empty = worth(np.zeros(1, dtype=np.int64))
    gained = np.diff(known, axis=1, prepend=np.broadcast_to(empty, (samples, 1)))
    by_player = np.empty_like(gained)
    np.put_along_axis(by_player, orders, gained, axis=1)
    errors: Floats = by_player.std(axis=0, ddof=1) / np.sqrt(samples)
    return by_player.mean(axis=0), errors


def games(journeys: Journeys) -> Games:
    """The channel sets of journeys. Raises ``InputError`` beyond 62 channels."""
    return Games(journeys, *journeys.distinct_sets)


def credit(
    games: Games,
    conversions: Floats | None = None,
    nulls: Floats | None = None,
    values: Floats | None = None,
    seed: int = 0,
) -> Shared:
    """``shapley``: each set's value by the game of conversion rates among its channels.

    The arguments per journey stand in for the journeys' own, as a bootstrap has them. A set of up
    to 12 channels is solved exactly; for a larger one, orders are drawn.
    """
    journeys, sets = games.journeys, games.sets
    conversions = journeys.conversions if conversions is None else conversions
    nulls = journeys.nulls if nulls is None else nulls
    values = journeys.values if values is None else values
    converted, total, value = (
        np.bincount(games.places, amount, len(sets))
        for amount in (conversions, conversions + nulls, values)
    )
    rates = np.divide(converted, total, out=np.zeros(len(sets)), where=total > 0)

    def worth(coalitions: Integers) -> Floats:
        places = np.minimum(np.searchsorted(sets, coalitions), len(sets) - 1)
        return np.where(sets[places] == coalitions, rates[places], 0.0)

    channels = len(journeys.channels)
    shared = np.zeros((2, channels))
    variance = np.zeros((2, channels))
    sizes = np.bitwise_count(sets)
    for size in np.unique(sizes):
        members = np.flatnonzero((sizes == size) & (converted > 0))
        width = max(1, CHUNK >> int(min(size, EXACT_PLAYERS)))
        for some in np.split(members, range(width, len(members), width)):
            # A game shares out a conversion rate; its scale makes conversions and money of that.
            players = _members(sets[some], int(size), channels)
            scale = np.stack([converted[some], value[some]]) / rates[some]
            if size <= EXACT_PLAYERS:
                bits = np.left_shift(np.int64(1), players)
                coalitions = bits @ _subsets(int(size))
                parts = worth(coalitions.ravel()).reshape(coalitions.shape)
                found, error = values_of(parts), None
            else:
                drawn = [_sampled_set(worth, row, seed) for row in players]
                found = np.array([mean for mean, _ in drawn]).reshape(players.shape)
                error = np.array([wrong for _, wrong in drawn]).reshape(players.shape)
            for kind in (0, 1):
                paid = found * scale[kind][:, None]
                shared[kind] += np.bincount(players.ravel(), paid.ravel(), channels)
                if error is not None:
                    spread = (error * scale[kind][:, None]) ** 2
                    variance[kind] += np.bincount(players.ravel(), spread.ravel(), channels)
    return Shared(shared, np.sqrt(variance))


def credit_inside(
    games: Games, conversions: Floats | None = None, values: Floats | None = None
) -> Shared:
    """``shapley_inside``: exact for any number of channels, because a sum of games that are won by
    all of a journey's channels together, or not at all, shares each of them alike."""
    journeys = games.journeys
    amounts = np.stack(
        [
            np.bincount(games.places, amount, len(games.sets))
            for amount in (
                journeys.conversions if conversions is None else conversions,
                journeys.values if values is None else values,
            )
        ]
    ) / np.bitwise_count(games.sets)
    channels = len(journeys.channels)
    has = (games.sets[:, None] >> np.arange(channels)) & 1
    return Shared(amounts @ has, np.zeros((2, channels)))


def _sampled_set(
    worth: Callable[[Integers], Floats], players: Integers, seed: int
) -> tuple[Floats, Floats]:
    """One large set's game: places among its own players become the channels' bits."""
    bits = np.left_shift(np.int64(1), players)

    def of_places(coalitions: Integers) -> Floats:
        named = np.zeros_like(coalitions)
        for place, bit in enumerate(bits):
            named |= np.where((coalitions >> place) & 1, bit, 0)
        return worth(named)

    return sampled(of_places, len(players), SAMPLES, seed)


def _members(sets: Integers, size: int, channels: int) -> Integers:
    """The channels of each set, shape (sets, size)."""
    has = (sets[:, None] >> np.arange(channels)) & 1
    return np.nonzero(has)[1].reshape(len(sets), size)


@cache
def _subsets(size: int) -> Integers:
    """Which players are in each coalition: shape (players, coalitions), of zeros and ones."""
    return (np.arange(1 << size) >> np.arange(size)[:, None]) & 1


@cache
def _marginal_weights(size: int) -> Floats:
    """Shape (coalitions, players): worths times this are the Shapley values."""
    has = _subsets(size).T
    others = has.sum(axis=1)[:, None] - has
    weights = 1 / (size * np.array([comb(size - 1, s) for s in range(size)], dtype=np.float64))
    marginal: Floats = np.where(has == 1, 1.0, -1.0) * weights[np.minimum(others, size - 1)]
    return marginal

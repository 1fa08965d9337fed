"""Markov chains of order 1 to 4: what would be lost without a channel.

A journey is a walk from the start over states to conversion or null. A state is the last ``order``
channels (fewer at the beginning). Removing a channel sends every step into it to null. The removal
effect is 1 − P(conversion without it) / P(conversion), solved exactly and not simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve
from threadpoolctl import ThreadpoolController

from analytics.attribution.journeys import Codes, Floats, Integers, Journeys
from analytics.errors import InputError

ORDERS = (1, 2, 3, 4)
# Up to so many states a dense solve is fastest.
DENSE_STATES = 600
# Beyond, mass is followed step by step until less than this is still on its way; the error of a
# removal effect is no larger. Chains that hold on to it for longer are solved by factors.
LEFT_OVER = 1e-15
STEPS = 5000
# Numbers for states that could be: 100 channels at order 4, ten thousand at order 2.
MOST_STATES = 110_000_000


@dataclass(frozen=True)
class Chain:
    """Where the walks go, without saying yet how often.

    State 0 is the start. ``following[s, c]`` is the state after ``s`` when channel ``c`` comes
    next. ``steps`` is, for each touch, the place of its step in a flat (states, channels) table,
    ``ends`` the last state of each journey.
    """

    journeys: Journeys
    following: Integers
    steps: Integers
    ends: Integers

    @property
    def states(self) -> int:
        return len(self.following)


def chain(journeys: Journeys, order: int) -> Chain:
    """The states and steps of these journeys, for ``order`` 1 to 4.

    Raises ``InputError`` where that many channels have too many states.
    """
    if order not in ORDERS:
        raise ValueError(f"the order of a Markov chain is 1 to 4, not {order}")
    channels = len(journeys.channels)
    base = channels + 1
    if base**order > MOST_STATES:
        raise InputError(
            f"{channels} channels are too many for a Markov chain of order {order}: put small"
            " channels together"
        )
    starts = journeys.starts[:-1]
    # A state as a number: the newest channel is its last digit.
    digits = journeys.codes.astype(np.int32) + np.int32(1)
    numbers = digits
    for _ in range(order - 1):
        numbers = digits + np.int32(base) * _before(numbers, starts)
    seen = np.zeros(base**order, dtype=bool)
    seen[0] = True
    seen[numbers] = True
    names = np.flatnonzero(seen)
    places = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    reached = places[numbers]
    # Which state follows is sheer shifting of digits; one that was never seen is never asked for.
    shifted = (names * base)[:, None] % base**order + np.arange(1, base)
    following = (places * seen)[shifted].astype(np.int64)
    steps = _before(reached, starts).astype(np.int64)
    steps *= channels
    steps += journeys.codes
    return Chain(journeys, following, steps, reached[journeys.starts[1:] - 1].astype(np.int64))


def _before(numbers: Codes, starts: Integers) -> Codes:
    """Of each touch, the number of the touch before it in its journey; 0 where there is none."""
    before = np.empty_like(numbers)
    before[1:] = numbers[:-1]
    before[starts] = 0
    return before


def removal_effects(
    chain: Chain, conversions: Floats | None = None, nulls: Floats | None = None
) -> Floats:
    """The removal effect of each channel; zeros where nothing converts.

    ``conversions`` and ``nulls`` per journey stand in for the journeys' own, as a bootstrap has
    them.
    """
    journeys = chain.journeys
    conversions = journeys.conversions if conversions is None else conversions
    nulls = journeys.nulls if nulls is None else nulls
    states, channels = chain.following.shape
    each = conversions + nulls
    walks = None if (each == 1).all() else np.repeat(each, journeys.lengths)
    counts = np.bincount(chain.steps, walks, states * channels).reshape(states, channels)
    ending = np.bincount(chain.ends, conversions, states)
    visits = counts.sum(axis=1) + ending + np.bincount(chain.ends, nulls, states)
    visits[visits == 0] = 1.0
    return effects_of(counts / visits[:, None], ending / visits, chain.following)


def effects_of(steps: Floats, ending: Floats, following: Integers) -> Floats:
    """Removal effects of a chain given by probabilities.

    ``steps[s, c]`` is the probability that channel ``c`` comes after state ``s``, ``ending[s]``
    that the conversion does. Shapes (states, channels), (states,) and, as in ``Chain``, (states,
    channels).
    """
    if len(steps) <= DENSE_STATES:
        chances = _dense(steps, ending, following)
    else:
        chances = _sparse(steps, ending, following)
    whole = chances[-1]
    return 1 - chances[:-1] / whole if whole > 0 else np.zeros(len(chances) - 1)


def _dense(steps: Floats, ending: Floats, following: Integers) -> Floats:
    """P(conversion) from the start without each channel and, last, with all."""
    states, channels = steps.shape
    chances = np.empty(channels + 1)
    rows = np.repeat(np.arange(states), channels)
    matrix = np.zeros((states, states))
    np.add.at(matrix, (rows, following.ravel()), -steps.ravel())
    matrix[np.diag_indices(states)] += 1
    newest = _newest(following)
    with _libraries().limit(limits=1):
        for channel in range(channels + 1):
            without = matrix.copy()
            gone = np.flatnonzero(newest == channel)
            without[:, gone] = 0
            without[gone, gone] = 1  # on its own, never entered
            chances[channel] = np.linalg.solve(without, ending)[0]
    return chances


@cache
def _libraries() -> ThreadpoolController:
    """What solves on several threads: in systems so small they mostly wait for each other, on a
    busy machine for twenty times as long as one takes, and the last digits depend on how many."""
    return ThreadpoolController()


def _sparse(steps: Floats, ending: Floats, following: Integers) -> Floats:
    """The same where states are many: all removals at once, along the walk."""
    states, channels = steps.shape
    rows = np.repeat(np.arange(states), channels)
    used = steps.ravel() > 0
    entries = (steps.ravel()[used], (following.ravel()[used], rows[used]))
    onward = sparse.csr_array(entries, shape=(states, states))
    newest = _newest(following)
    kept = newest[:, None] != np.arange(channels + 1)
    mass = np.zeros((states, channels + 1))
    mass[0] = 1
    chances = np.zeros(channels + 1)
    for _ in range(STEPS):
        chances += ending @ mass
        mass = (onward @ mass) * kept
        if mass.sum(axis=0).max() < LEFT_OVER:
            return chances
    identity = sparse.eye_array(states, format="csr")
    for channel in range(channels + 1):
        without = onward.T.multiply(kept[:, channel])
        chances[channel] = spsolve((identity - without).tocsc(), ending)[0]
    return chances


def _newest(following: Integers) -> Integers:
    """The channel that leads into each state; -1 for the start."""
    states, channels = following.shape
    newest = np.full(states, -1)
    newest[following.ravel()] = np.tile(np.arange(channels), states)
    newest[0] = -1
    return newest

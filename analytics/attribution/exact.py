"""Credit per touch in whole numbers: shares in billionths, money in minor units.

The warehouse does the same in SQL (``int_attribution__credits``), to the digit; tests hold the two
together. Each model is a weight per touch. What counts is the running total of the weights over the
path: a touch gets the difference of two rounded running totals, so each path sums to exactly 1 and
to exactly its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analytics.attribution.heuristics import HALF_LIFE_DAYS, Rule
from analytics.attribution.journeys import Integers
from analytics.attribution.touches import Flags

BILLION = 1_000_000_000
TRILLION = 1_000_000_000_000
DAY = 86_400_000_000.0  # in microseconds


@dataclass(frozen=True)
class Placed:
    """Touches of paths, laid end to end; those of a path begin at ``starts``, which leaves out
    paths without a touch and has the end as its last entry. ``values`` are minor units of the
    path, for each of its touches; ``ages`` microseconds."""

    starts: Integers
    values: Integers
    ages: Integers
    is_direct: Flags

    @cached_property
    def counts(self) -> Integers:
        """Touches of its path, for each touch."""
        lengths = np.diff(self.starts)
        return np.repeat(lengths, lengths)

    @cached_property
    def positions(self) -> Integers:
        """Its place in its path, from 1."""
        return self.running(np.ones(len(self.values), dtype=np.int64))

    @cached_property
    def _wholes_and_rests(self) -> tuple[Integers, Integers]:
        return np.divmod(np.abs(self.values), BILLION)

    def running(self, weights: Integers) -> Integers:
        """Running totals of whole numbers within each path."""
        total = np.cumsum(weights)
        lengths = np.diff(self.starts)
        before = np.where(self.starts[:-1] > 0, total[self.starts[:-1] - 1], 0)
        total -= np.repeat(before, lengths)
        return total

    def ends(self, totals: Integers) -> Integers:
        """The last running total of its path, for each touch."""
        return np.repeat(totals[self.starts[1:] - 1], np.diff(self.starts))

    def credit(self, up_to: Integers, total: Integers) -> tuple[Integers, Integers]:
        """Share in billionths and money in minor units of each touch, by the running totals of the
        weights and their sum over the path."""
        shares = np.floor(BILLION * (up_to / total) + 0.5).astype(np.int64)
        wholes, rests = self._wholes_and_rests
        # No product is too large for 64 bits, whatever the value: a rest is below a billion.
        money = (rests * shares + BILLION // 2) // BILLION
        if wholes.any():
            money += wholes * shares
        if (self.values < 0).any():
            money *= np.sign(self.values)
        return self._differences(shares), self._differences(money)

    def _differences(self, totals: Integers) -> Integers:
        apart = np.diff(totals, prepend=0)
        apart[self.starts[:-1]] = totals[self.starts[:-1]]
        return apart


def of_rule(
    rule: Rule, path: Placed, half_life_days: float = HALF_LIFE_DAYS
) -> tuple[Integers, Integers]:
    """Shares and money of each touch by a rule; see ``Placed.credit``."""
    place, count = path.positions, path.counts
    one = np.ones(1, dtype=np.int64)
    is_last = place == count
    if rule.kind == "first":
        return path.credit(np.ones_like(place), one)
    if rule.kind == "last":
        return path.credit(is_last.astype(np.int64), one)
    if rule.kind == "last_non_direct":
        others = path.running((~path.is_direct).astype(np.int64))
        all_others = path.ends(others)
        is_reached = np.where(all_others > 0, others == all_others, is_last)
        return path.credit(is_reached.astype(np.int64), one)
    if rule.kind == "linear":
        return path.credit(place, count)
    if rule.kind == "position":
        # The middle of four is the second; a path of two has none.
        has_middle = (count >= 3) & (rule.middle > 0)
        is_past = has_middle & (2 * place >= count)
        others = np.maximum(count - 2 - has_middle, 0)
        # So many times the peaks' percentages, so that the others' share is a whole number, too.
        scale = np.maximum(others, 1)
        up_to = scale * (rule.first + is_past * rule.middle + is_last * rule.last)
        up_to += rule.rest * np.maximum(place - 1 - is_past - is_last, 0)
        total = scale * (rule.first + has_middle * rule.middle + rule.last) + rule.rest * others
        return path.credit(up_to, total)
    if rule.kind == "time_decay":
        decay = np.power(0.5, path.ages / (DAY * half_life_days))
        return of_weights(np.floor(TRILLION * decay + 0.5).astype(np.int64), path)
    raise ValueError(f"no such rule: {rule.kind}")


def of_weights(weights: Integers, path: Placed) -> tuple[Integers, Integers]:
    """The same by a weight per touch. A path whose touches weigh nothing is shared alike."""
    up_to = path.running(np.maximum(weights, 1))
    return path.credit(up_to, path.ends(up_to))

"""The models that are a rule: each journey's credit as shares of its own touches.

The warehouse computes the same rules in SQL, with money exact to the cent; here they are arrays,
for aggregated paths and for the bootstrap. Tests hold the two together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analytics.attribution.journeys import Floats, Integers, Journeys
from analytics.errors import InputError

HALF_LIFE_DAYS = 7.0
DIRECT = "direct"


@dataclass(frozen=True)
class Rule:
    """A heuristic model. The percentages belong to ``kind`` position only: what the first touch,
    the one in the middle, the last one and all others together get. Where a path is too short to
    have them all, those it has share in the same proportions."""

    name: str
    kind: str
    first: int = 0
    middle: int = 0
    last: int = 0
    rest: int = 0


# As in seeds/attribution_models.csv, which is what the warehouse goes by.
RULES = (
    Rule("first", "first"),
    Rule("last", "last"),
    Rule("last_non_direct", "last_non_direct"),
    Rule("linear", "linear"),
    Rule("position", "position", 40, 0, 40, 20),
    Rule("position_w", "position", 30, 30, 30, 10),
    Rule("position_j", "position", 20, 0, 60, 20),
    Rule("time_decay", "time_decay"),
)


def touch_shares(rule: Rule, journeys: Journeys, half_life_days: float = HALF_LIFE_DAYS) -> Floats:
    """What each touch gets of its journey: shape (touches,), summing to 1 within every journey.

    Raises ``InputError`` where the rule asks for ages that the journeys do not have.
    """
    if rule.kind in ("first", "last", "last_non_direct"):
        shares = np.zeros(len(journeys.codes))
        shares[_chosen(rule.kind, journeys)] = 1.0
        return shares
    if rule.kind in ("linear", "position"):
        every, *more = _place_shares(rule, journeys.lengths)
        shares = journeys.spread(every)
        for (place, owner), share in zip(journeys.places, more, strict=True):
            shares[place] += share[owner]
        return shares
    if rule.kind == "time_decay":
        if journeys.ages is None:
            raise InputError(
                "Time decay needs the time of each touch, which aggregated paths do not have:"
                " leave `time_decay` out, or give touchpoints and conversions"
            )
        weights = np.exp2(journeys.ages / -half_life_days)
        # A path older than a thousand half-lives underflows; its youngest touch sets the scale.
        if not weights.all():
            youngest = np.minimum.reduceat(journeys.ages, journeys.starts[:-1])
            older = journeys.ages - journeys.spread(youngest)
            weights = np.exp2(older / -half_life_days)
    else:
        raise ValueError(f"no such rule: {rule.kind}")
    totals = np.add.reduceat(weights, journeys.starts[:-1]) if len(journeys) else weights
    normed: Floats = weights / journeys.spread(totals)
    return normed


def credit(rule: Rule, journeys: Journeys, half_life_days: float = HALF_LIFE_DAYS) -> Floats:
    """Conversions and value by channel, shape (2, channels), of the journeys that converted."""
    credited = np.zeros((2, len(journeys.channels)))
    if not len(journeys):
        return credited
    if rule.kind in ("linear", "position"):
        lengths, sums = journeys.by_place
        shares = np.stack(_place_shares(rule, lengths))
        return np.asarray(np.einsum("pl,kplc->kc", shares, sums))
    one_touch = rule.kind != "time_decay"
    if one_touch:
        codes = journeys.codes[_chosen(rule.kind, journeys)]
    else:
        codes = journeys.codes
        shares = touch_shares(rule, journeys, half_life_days)
    for kind, amounts in enumerate((journeys.conversions, journeys.values)):
        if amounts.any():
            if one_touch:
                parts = amounts
            elif (amounts == 1).all():
                parts = shares
            else:
                parts = shares * journeys.spread(amounts)
            credited[kind] = np.bincount(codes, parts, len(journeys.channels))
    return credited


def _chosen(kind: str, journeys: Journeys) -> Integers:
    """The one touch of each journey that gets everything, as places in the flat arrays."""
    first, last = journeys.starts[:-1], journeys.starts[1:] - 1
    if kind == "first":
        return first
    direct = [i for i, name in enumerate(journeys.channels) if name.lower() == DIRECT]
    if kind == "last" or not direct or not len(journeys):
        return last
    is_other = np.ones(len(journeys.channels), dtype=bool)
    is_other[direct] = False
    others = np.flatnonzero(is_other[journeys.codes])
    before = np.searchsorted(others, last, side="right") - 1
    if not len(others):
        return last
    candidate = others[np.maximum(before, 0)]
    chosen: Integers = np.where((before >= 0) & (candidate >= first), candidate, last)
    return chosen


def _place_shares(rule: Rule, lengths: Integers) -> tuple[Floats, Floats, Floats, Floats]:
    """For journeys of these lengths, what each touch gets, and what the first, the one in the
    middle and the last get more than that. By weights in whole numbers, as in SQL: the peaks times
    the number of the others."""
    nothing = np.zeros(len(lengths))
    if rule.kind == "linear":
        return 1.0 / lengths, nothing, nothing, nothing
    has_middle = (lengths >= 3) & (rule.middle > 0)
    others = np.maximum(lengths - 2 - has_middle, 0)
    scale = np.maximum(others, 1)
    total = scale * (rule.first + has_middle * rule.middle + rule.last) + rule.rest * others
    is_single = lengths == 1  # all at once
    every = np.where(is_single, 1.0, rule.rest / total)
    first, middle, last = (
        np.where(has_it, peak * scale / total - every, 0.0)
        for has_it, peak in (
            (~is_single, rule.first), (has_middle, rule.middle), (~is_single, rule.last)
        )
    )  # fmt: skip
    return every, first, middle, last


def by_channel(
    rule: Rule, journeys: Journeys, half_life_days: float = HALF_LIFE_DAYS
) -> sparse.csr_array:
    """The share of each channel in each journey: a sparse table (journeys, channels)."""
    shares = touch_shares(rule, journeys, half_life_days)
    shape = (len(journeys), len(journeys.channels))
    # A copy: summing works in place.
    parts = (shares, journeys.codes, journeys.starts)
    table = sparse.csr_array(parts, shape=shape, copy=True)
    table.sum_duplicates()
    table.eliminate_zeros()
    return table

"""All models under their names, and what each says of a set of journeys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.attribution import heuristics, markov, shapley
from analytics.attribution.journeys import Floats, Journeys
from analytics.errors import InputError

# (conversions, values, nulls) per journey -> credit, shape (2, channels): conversions and value.
Creditor = Callable[[Floats, Floats, Floats], Floats]

MARKOV = {f"markov_{order}": order for order in markov.ORDERS}
SHAPLEY = ("shapley", "shapley_inside")
# What is solved over all journeys, and not told by a journey alone.
SOLVED = (*MARKOV, *SHAPLEY)


@dataclass(frozen=True)
class Answer:
    """What one model says: all arrays have one entry per channel, as in ``Journeys.channels``.

    ``weights`` are shares of all credit, at least 0 and summing to 1 (all 0 where nothing
    converted); ``removal_effects`` belong to Markov models. ``sampling_errors`` are standard errors
    of ``conversions``, zero where the model is solved exactly. A channel ``is_negative`` whose
    credit is below zero; its weight is 0.
    """

    model: str
    conversions: Floats
    values: Floats
    weights: Floats
    removal_effects: Floats | None
    sampling_errors: Floats

    @property
    def is_negative(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        negative: np.ndarray[tuple[int], np.dtype[np.bool_]] = self.conversions < -1e-9
        return negative


def names(rules: Sequence[heuristics.Rule] = heuristics.RULES) -> tuple[str, ...]:
    """Every model there is: the rules, then the solved ones."""
    return (*(rule.name for rule in rules), *SOLVED)


def answer(
    model: str,
    journeys: Journeys,
    rules: Sequence[heuristics.Rule] = heuristics.RULES,
    half_life_days: float = heuristics.HALF_LIFE_DAYS,
) -> Answer:
    """Credit by channel. Raises ``InputError`` for a model that is not there, or not for these
    journeys."""
    effects, errors = None, np.zeros(len(journeys.channels))
    if model in MARKOV and len(journeys):
        effects = markov.removal_effects(markov.chain(journeys, MARKOV[model]))
        credit = _by_weight(effects, journeys.conversions, journeys.values)
    elif model == "shapley" and len(journeys):
        shared = shapley.credit(shapley.games(journeys))
        credit, errors = shared.credit, shared.sampling_error[0]
    elif model in SOLVED:
        creditor = prepare(model, journeys, rules, half_life_days)
        credit = creditor(journeys.conversions, journeys.values, journeys.nulls)
    else:
        credit = heuristics.credit(_rule(model, rules), journeys.converted, half_life_days)
    return Answer(model, credit[0], credit[1], weights_of(credit[0]), effects, errors)


def answers(
    models: Sequence[str],
    journeys: Journeys,
    rules: Sequence[heuristics.Rule] = heuristics.RULES,
    half_life_days: float = heuristics.HALF_LIFE_DAYS,
) -> tuple[dict[str, Answer], dict[str, str]]:
    """The answers of those models that these journeys allow; and of each other, why not."""
    found, left_out = {}, {}
    for model in models:
        try:
            found[model] = answer(model, journeys, rules, half_life_days)
        except InputError as error:
            left_out[model] = str(error)
    return found, left_out


def prepare(
    model: str,
    journeys: Journeys,
    rules: Sequence[heuristics.Rule] = heuristics.RULES,
    half_life_days: float = heuristics.HALF_LIFE_DAYS,
) -> Creditor:
    """All that does not depend on how often each journey occurred, done once.

    Raises as ``answer`` does.
    """
    if not len(journeys):
        return lambda conversions, values, nulls: np.zeros((2, len(journeys.channels)))
    if model in MARKOV:
        chain = markov.chain(journeys, MARKOV[model])
        return lambda conversions, values, nulls: _by_weight(
            markov.removal_effects(chain, conversions, nulls), conversions, values
        )
    if model in SHAPLEY:
        games = shapley.games(journeys)
        if model == "shapley_inside":
            return lambda conversions, values, nulls: (
                shapley.credit_inside(games, conversions, values).credit
            )
        return lambda conversions, values, nulls: (
            shapley.credit(games, conversions, nulls, values).credit
        )
    by_journey = heuristics.by_channel(_rule(model, rules), journeys, half_life_days)
    return lambda conversions, values, nulls: np.stack([conversions, values]) @ by_journey


def _rule(model: str, rules: Sequence[heuristics.Rule]) -> heuristics.Rule:
    rule = next((rule for rule in rules if rule.name == model), None)
    if rule is None:
        raise InputError(f"{model!r} is not a model: choose from {', '.join(names(rules))}")
    return rule


def weights_of(credit: Floats) -> Floats:
    """Credit by channel as shares; what is below zero counts as zero."""
    kept = np.maximum(credit, 0)
    total = kept.sum()
    shares: Floats = kept / total if total > 0 else np.zeros_like(kept)
    return shares


def _by_weight(effects: Floats, conversions: Floats, values: Floats) -> Floats:
    return np.outer([conversions.sum(), values.sum()], weights_of(effects))

"""How far credit would move in another sample of the same customers: a bootstrap over journeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.attribution import heuristics
from analytics.attribution.journeys import Floats, Journeys
from analytics.attribution.models import prepare, weights_of


@dataclass(frozen=True)
class Spread:
    """Replicates of one model's credit. Arrays have shape (replicates, channels)."""

    model: str
    conversions: Floats
    values: Floats

    @property
    def weights(self) -> Floats:
        """Shares of all credit, as in ``models.Answer``."""
        return np.apply_along_axis(weights_of, 1, self.conversions)

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """Low and high ends of the conversions by channel: percentiles of the replicates."""
        return _ends(self.conversions, level)

    def value_interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """The same for the value."""
        return _ends(self.values, level)


def bootstrap(
    journeys: Journeys,
    models: Sequence[str],
    replicates: int,
    seed: int = 0,
    rules: Sequence[heuristics.Rule] = heuristics.RULES,
    half_life_days: float = heuristics.HALF_LIFE_DAYS,
) -> dict[str, Spread]:
    """Each model's credit in ``replicates`` resamples, the same for every model.

    A journey occurs Poisson(1) times in a resample, independently of all others (the Poisson
    bootstrap: the multinomial one, without its need to know all journeys at once); so a group of n
    like journeys occurs Poisson(n) times. The value of a group moves with its number: where
    journeys of one path differ in value, hand them over one by one. Same seed, same answer.
    """
    creditors = {model: prepare(model, journeys, rules, half_life_days) for model in models}
    channels = len(journeys.channels)
    found = {model: np.empty((replicates, 2, channels)) for model in models}
    each = np.divide(
        journeys.values,
        journeys.conversions,
        out=np.zeros(len(journeys)),
        where=journeys.conversions > 0,
    )
    for replicate, stream in enumerate(np.random.SeedSequence(seed).spawn(replicates)):
        random = np.random.default_rng(stream)
        conversions = random.poisson(journeys.conversions).astype(np.float64)
        nulls = random.poisson(journeys.nulls).astype(np.float64)
        for model, creditor in creditors.items():
            found[model][replicate] = creditor(conversions, conversions * each, nulls)
    return {model: Spread(model, credit[:, 0], credit[:, 1]) for model, credit in found.items()}


def _ends(credit: Floats, level: float) -> tuple[Floats, Floats]:
    if not 0 < level < 1:
        raise ValueError(f"the level of an interval lies between 0 and 1, not at {level}")
    low, high = np.percentile(credit, [50 * (1 - level), 50 * (1 + level)], axis=0)
    return low, high

"""Regional holdouts: for weeks a channel rests in some regions, so that its effect can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np

from demo.world.horizon import Horizon
from demo.world.ids import Bools, Ints
from demo.world.places import Shops
from demo.world.tables import Tables

WAVE_DAYS = 17
PARTS = 3  # of the regions, one of which rests at a time
DRAWS = 200


@dataclass(frozen=True)
class Holdout:
    """On the days ``first_day`` to ``last_day`` (inclusive) a channel rests in ``regions``."""

    number: int
    channel: str
    regions: tuple[str, ...]
    first_day: int
    last_day: int


class Holdouts:
    """All holdouts of a world; none where there are fewer than four regions."""

    def __init__(
        self, shops: Shops, horizon: Horizon, channels: Sequence[str], rng: np.random.Generator
    ) -> None:
        """Waves after a sixth of the time, in each of which every channel rests in a third of the
        regions. In three waves each region has its turn once, and the thirds are drawn anew for the
        next three: so neither the season nor a region's size is mistaken for the ads. Of many draws
        the one is taken in which no two channels rest much more often together than by chance."""
        regions = [*dict.fromkeys(shops.regions)]
        start = horizon.total // 6
        waves = max(1, (horizon.total - start) // WAVE_DAYS) if len(regions) > PARTS else 0
        if waves > PARTS:
            waves -= waves % PARTS
        self.all: list[Holdout] = []
        if not waves:
            return
        draws = [_draw(rng, len(channels), waves, len(regions)) for _ in range(DRAWS)]
        resting = min(draws, key=_entanglement)
        edges = np.linspace(start, horizon.total, waves + 1).astype(int).tolist()
        for wave, (first, after) in enumerate(pairwise(edges)):
            for channel, rests in zip(channels, resting, strict=True):
                drawn = tuple(sorted(np.array(regions)[rests[wave]].tolist()))
                number = len(self.all) + 1
                self.all.append(Holdout(number, channel, drawn, first, after - 1))

    def rests(self, channel: str, region: np.ndarray, day: Ints) -> Bools:
        """Whether a channel rests in these regions on these days (local, 0 is the start)."""
        dark = np.zeros(day.shape, dtype=bool)
        for holdout in self.all:
            if holdout.channel == channel:
                inside = (day >= holdout.first_day) & (day <= holdout.last_day)
                dark |= inside & np.isin(region, holdout.regions)
        return dark


def _draw(rng: np.random.Generator, channels: int, waves: int, regions: int) -> Bools:
    """Where each channel rests: [channel, wave, region]."""
    rests = np.zeros((channels, waves, regions), dtype=bool)
    for channel in range(channels):
        for wave in range(waves):
            if wave % PARTS == 0:
                parts = np.array_split(rng.permutation(regions), PARTS)
            rests[channel, wave, parts[wave % PARTS]] = True
    return rests


def _entanglement(rests: Bools) -> float:
    """The largest correlation, up or down, between two channels over waves and regions."""
    together = np.corrcoef(rests.reshape(len(rests), -1))
    return float(np.abs(together - np.eye(len(rests))).max())


def write_experiments(tables: Tables, holdouts: Holdouts, horizon: Horizon) -> None:
    for holdout in holdouts.all:
        for region in holdout.regions:
            tables.add(
                "experiments",
                experiment_id=f"{holdout.channel}-{holdout.number:02d}",
                channel=holdout.channel,
                region_code=region,
                start_date=horizon.start + timedelta(days=holdout.first_day),
                end_date=horizon.start + timedelta(days=holdout.last_day),
            )

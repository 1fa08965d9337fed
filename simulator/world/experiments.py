"""Regional holdouts: for weeks a channel rests in some regions, so that its effect can be seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np

from simulator.world.horizon import Horizon
from simulator.world.ids import Bools, Ints
from simulator.world.places import Shops
from simulator.world.tables import Tables

CHANNELS = ("paid_search", "shopping", "display", "video", "email")
WAVE_DAYS = 20


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

    def __init__(self, shops: Shops, horizon: Horizon, rng: np.random.Generator) -> None:
        """Waves after a sixth of the time. In each, every channel rests in a third of the regions,
        drawn by lot and not parted among the channels: where always one of them rested, nobody
        could tell them from the season."""
        regions = [*dict.fromkeys(shops.regions)]
        start = horizon.total // 6
        waves = max(1, (horizon.total - start) // WAVE_DAYS) if len(regions) > 3 else 0
        edges = np.linspace(start, horizon.total, waves + 1).astype(int)
        self.all: list[Holdout] = []
        for first, after in pairwise(edges.tolist()):
            for channel in CHANNELS:
                drawn = rng.permutation(regions)[: len(regions) // 3].tolist()
                number = len(self.all) + 1
                self.all.append(Holdout(number, channel, tuple(sorted(drawn)), first, after - 1))

    def rests(self, channel: str, region: np.ndarray, day: Ints) -> Bools:
        """Whether a channel rests in these regions on these days (local, 0 is the start)."""
        dark = np.zeros(day.shape, dtype=bool)
        for holdout in self.all:
            if holdout.channel == channel:
                inside = (day >= holdout.first_day) & (day <= holdout.last_day)
                dark |= inside & np.isin(region, holdout.regions)
        return dark


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

"""One chunk of people and all that its parts need to know of the world around them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulator.world.experiments import Holdouts
from simulator.world.horizon import Horizon
from simulator.world.ids import Ints, Texts, stream
from simulator.world.noise import Noise
from simulator.world.people import People
from simulator.world.places import Products, Shops
from simulator.world.tables import Tables


@dataclass(frozen=True)
class Chunk:
    """``number`` counts chunks from 0; ``shop_zone`` gives each shop's time zone in the horizon."""

    number: int
    seed: int
    noise: Noise
    people: People
    shops: Shops
    shop_zone: Ints
    products: Products
    horizon: Horizon
    account_zone: int
    holdouts: Holdouts
    tables: Tables

    @cached_property
    def region(self) -> Texts:
        """Where each person lives: the region of the home shop."""
        return np.array(self.shops.regions, dtype=object)[self.people.home]

    def rng(self, domain: str) -> np.random.Generator:
        """The random numbers of one domain of this chunk."""
        return stream(self.seed, self.number, domain)

    def keys(self, count: int) -> Ints:
        """Keys of ``count`` things, distinct over all chunks, to be scrambled into ids."""
        return (self.number << 28) + np.arange(count)

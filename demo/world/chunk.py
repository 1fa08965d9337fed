"""One chunk of people and all that its parts need to know of the world around them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demo.world.experiments import Holdouts
from demo.world.horizon import Horizon
from demo.world.ids import Ints, Texts, stream
from demo.world.noise import Noise
from demo.world.people import People
from demo.world.places import Products, Shops
from demo.world.tables import Tables


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
    account_zone: int  # of the web property
    platforms: tuple[str, ...]
    has_web_shop_tills: bool
    campaign_zone: Ints  # of each campaign's account, whether in use or not
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

"""What the records of people have in common, whatever system keeps them."""

from __future__ import annotations

import numpy as np

from demo.world.chunk import Chunk
from demo.world.details import streets
from demo.world.horizon import MINUTE, Horizon
from demo.world.ids import Ints, Texts, texts
from demo.world.tables import NEVER, Tables


def later(rng: np.random.Generator, horizon: Horizon, after: Ints, share: float) -> Ints:
    """For a share of the records: a moment of the world's time after ``after``; else NEVER."""
    earliest = np.maximum(after + MINUTE, horizon.start_us)
    at = earliest + (rng.random(after.size) * (horizon.end_us - earliest)).astype(np.int64)
    return np.where((rng.random(after.size) < share) & (earliest < horizon.end_us), at, NEVER)


def addresses(
    chunk: Chunk, rng: np.random.Generator, person: Ints, at: Ints, share: float = 1.0
) -> dict[str, Texts]:
    """Where a share of the people lived when their record was made; None for the others.

    A record keeps the address that it was made with: only later ones know of a move.
    """
    people, shops = chunk.people, chunk.shops
    address = {
        "street": streets(rng, people.lives_at(person, at), people.country[person], chunk.seed),
        "city": np.array(shops.cities, dtype=object)[people.home[person]],
        "postal_code": np.array(shops.postal_codes, dtype=object)[people.home[person]],
    }
    untold = rng.random(person.size) > share
    for part in address.values():
        part[untold] = None
    return address


def numbers(values: Ints) -> Texts:
    return texts("{}", values)


def write_identity(tables: Tables, system: str, record_id: Texts, person_id: Ints) -> None:
    tables.add("identifiers", system=system, record_id=record_id, person_id=person_id)

"""The seeded retailer: people, shops, campaigns, behaviour – and the truth about them.

``schema.sql`` is the reference of both files it writes. ``generate`` makes them.
"""

from demo.world.constants import (
    ACCOUNT_TIME_ZONE,
    DEFAULT_DAYS,
    DEFAULT_EXTRA_DAYS,
    DEFAULT_PERSONS,
    DEFAULT_SEED,
    DEFAULT_SHOPS,
    DEFAULT_START,
    SCHEMA_FILE,
    SHOP_CURRENCY,
    TRUTH_FILE,
    WORLD_FILE,
    schema_statements,
)
from demo.world.generator import generate
from demo.world.noise import DEFAULT_NOISE, LEVELS, NoiseLevel

__all__ = [
    "ACCOUNT_TIME_ZONE",
    "DEFAULT_DAYS",
    "DEFAULT_EXTRA_DAYS",
    "DEFAULT_NOISE",
    "DEFAULT_PERSONS",
    "DEFAULT_SEED",
    "DEFAULT_SHOPS",
    "DEFAULT_START",
    "LEVELS",
    "SCHEMA_FILE",
    "SHOP_CURRENCY",
    "TRUTH_FILE",
    "WORLD_FILE",
    "NoiseLevel",
    "generate",
    "schema_statements",
]

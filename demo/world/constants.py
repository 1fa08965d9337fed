"""Names and defaults of the demo world, for those who open it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

WORLD_FILE = "world.duckdb"
TRUTH_FILE = "truth.duckdb"
SCHEMA_FILE = Path(__file__).with_name("schema.sql")

DEFAULT_START = date(2026, 2, 1)  # 120 days from here cross both daylight-saving changes
DEFAULT_DAYS = 120
DEFAULT_EXTRA_DAYS = 5  # generated, but after the first clock: what later runs find new
DEFAULT_PERSONS = 20_000
DEFAULT_SHOPS = 12
DEFAULT_SEED = 7

ACCOUNT_TIME_ZONE = "Europe/Berlin"  # of the ad account and of the web analytics property
SHOP_CURRENCY = "EUR"


def schema_statements(part: str) -> str:
    """The DDL of one file: ``part`` is ``"world"`` or ``"truth"``."""
    world, truth = SCHEMA_FILE.read_text(encoding="utf-8").split("\n-- truth\n")
    return {"world": world, "truth": truth}[part]

"""Other trades than the shop's, small but whole: each has people ask, come, pay and come again.

Who lives in the world, who sees which ads and what these cause is the same as anywhere in it. A
trade says what becomes of the sessions and visits that end in a purchase elsewhere. ``schema.sql``
has the tables that its systems keep beside the world's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from demo.world.accounts import Accounts
from demo.world.behaviour import Sessions, Visits
from demo.world.chunk import Chunk
from demo.world.ids import Ints
from demo.world.verticals import dealer, hotel
from demo.world.verticals.trade import Outcome, Traded

Trade = Callable[[Chunk, Accounts, Sessions, Ints, Visits], Traded]

VERTICALS: dict[str, Trade] = {"dealer": dealer.write, "hotel": hotel.write}
SCHEMA_FILE = Path(__file__).with_name("schema.sql")

__all__ = ["SCHEMA_FILE", "VERTICALS", "Outcome", "Trade", "Traded"]

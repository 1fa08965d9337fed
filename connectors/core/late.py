"""Records that a vendor shows days after the time that they bear.

Each load begins a little before the newest record. Where some appear days later, the last days are
asked for again now and then, and of those only what has not landed lands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from connectors.core import times
from connectors.core.seen import Seen

if TYPE_CHECKING:
    from warehouse.landing.zone import StreamLanding

LOOKED_BACK = "looked_back"  # in the state: the end of the window of the newest look back
AT_ONCE = 10_000  # rows
ZONES = timedelta(days=1)  # between two places' days


@dataclass(frozen=True)
class LookBack:
    """``every``: how long after one look back the next is due. ``days``: how far it reaches."""

    every: timedelta
    days: int

    def is_due(self, state: Mapping[str, Any], until: datetime) -> bool:
        return LOOKED_BACK not in state or times.parse(state[LOOKED_BACK]) + self.every <= until

    def landed(self, place: StreamLanding, since: datetime) -> Seen:
        """What has landed with a time since then."""
        seen = Seen()
        # As text, of which the day is the same wherever it is, give or take one.
        rows = place.every_row((since - ZONES).date().isoformat())
        while some := list(islice(rows, AT_ONCE)):
            seen.fresh(some)
        return seen

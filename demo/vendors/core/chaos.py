"""What goes wrong between a vendor and its client: seeded, and bounded so that patience wins.

Every decision is drawn from (seed, request, how often it has succeeded before), so a run can be
repeated. The bounds are what a client may rely on:

* the same request fails at most three times in a row;
* a page run loses its cursor at most once, and a token dies early at most once in 50 requests;
* rows are repeated or reordered, never withheld, except by HubSpot's search: its index lags for
  one complete pass after the clock has moved and, if asked for by name (``edited``), a row that is
  edited between two pages moves all later ones up.
"""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace

from demo.vendors.core.wire import Whims

LEVELS = {0: 0.0, 1: 0.01, 2: 0.04, 3: 0.12}
INDEX_LAG = {0: 0.0, 1: 0.1, 2: 0.5, 3: 1.0}
MOST_FAILURES_IN_A_ROW = 3
REQUESTS_BETWEEN_DEAD_TOKENS = 50
FAILURES = (
    "rate_limited",
    "rate_limited_wait",
    "server_error",
    "truncated",
    "cut",
    "token_expired",
    "cursor_expired",
)
TOKEN_ENDPOINT_FAILURES = ("rate_limited", "server_error", "truncated", "cut")


@dataclass
class _Progress:
    """How one request has fared so far."""

    successes: int = 0
    failures: int = 0


@dataclass
class Chaos:
    """The dice. ``only`` restricts the kinds of trouble (tests look at one kind at a time)."""

    level: int = 0
    seed: int = 0
    only: frozenset[str] | None = None
    _progress: dict[str, _Progress] = field(default_factory=lambda: defaultdict(_Progress))
    _lost_cursors: set[str] = field(default_factory=set)
    _since_dead_token: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def draw(self, vendor: str, request: str, *, is_token_endpoint: bool) -> Whims:
        """The whims for one request; ``request`` identifies it without its credentials."""
        if not self.level:
            return Whims()
        with self._lock:
            progress = self._progress[vendor + request]
            seed = f"{self.seed}/{vendor}/{request}/{progress.successes}"
            plan = self._plan(seed, TOKEN_ENDPOINT_FAILURES if is_token_endpoint else FAILURES)
            rows = random.Random(seed + "/rows")
            whims = Whims(
                duplicate_row=self._happens(rows, "duplicate_row"),
                shuffle=self._happens(rows, "shuffle"),
                new_field=self._happens(rows, "new_field"),
                # Only if asked for: whoever goes by page numbers loses rows for good.
                edited=self.only is not None and self._happens(rows, "edited"),
                seed=seed,
            )
            if progress.failures < len(plan):
                failure = plan[progress.failures]
                progress.failures += 1
                if failure in {"token_expired", "cursor_expired"}:
                    # Asked for, not certain: the vendor may have no such token or cursor.
                    return replace(
                        whims, failure=failure, expire_cursor=failure == "cursor_expired"
                    )
                dice = random.Random(f"{seed}/{progress.failures}")
                waits = failure == "rate_limited_wait"
                return Whims(
                    failure="rate_limited" if waits else failure,
                    retry_after=dice.choice((0, 0, 0, 1)) if waits else None,
                    status=dice.choice((500, 502, 503)),
                    seed=seed,
                )
            progress.successes += 1
            progress.failures = 0
            return whims

    def may_kill_token(self, vendor: str) -> bool:
        """Whether this vendor's token may die now; counts the requests in between."""
        with self._lock:
            since = self._since_dead_token.get(vendor, REQUESTS_BETWEEN_DEAD_TOKENS)
            if since < REQUESTS_BETWEEN_DEAD_TOKENS:
                return False
            self._since_dead_token[vendor] = 0
            return True

    def count_request(self, vendor: str) -> None:
        with self._lock:
            if vendor in self._since_dead_token:
                self._since_dead_token[vendor] += 1

    def may_lose_cursor(self, page_run: str) -> bool:
        """True once for each page run."""
        with self._lock:
            if page_run in self._lost_cursors:
                return False
            self._lost_cursors.add(page_run)
            return True

    def index_lags(self, what: str) -> bool:
        """Whether the search index is behind for ``what`` (an object type and a clock)."""
        if self.only is not None and "index_lag" not in self.only:
            return False
        return random.Random(f"{self.seed}/{what}").random() < INDEX_LAG[self.level]

    def _plan(self, seed: str, kinds: tuple[str, ...]) -> list[str]:
        dice = random.Random(seed + "/failures")
        if self.only is not None:
            kinds = tuple(kind for kind in kinds if kind in self.only)
        if not kinds or dice.random() >= LEVELS[self.level]:
            return []
        return [dice.choice(kinds) for _ in range(dice.randint(1, MOST_FAILURES_IN_A_ROW))]

    def _happens(self, dice: random.Random, kind: str) -> bool:
        drawn = dice.random() < LEVELS[self.level]
        return drawn and (self.only is None or kind in self.only)

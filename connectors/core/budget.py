"""Stay below a vendor's rate limit instead of running into it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Budget:
    """A token bucket in the vendor's own cost units (requests, GraphQL points).

    ``take`` waits until the cost is covered; ``correct`` replaces our estimate by what the vendor
    says is left, because other applications draw on the same bucket.
    """

    def __init__(
        self,
        capacity: float,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if capacity <= 0 or per_second <= 0:
            raise ValueError("a rate budget needs a capacity and a rate above zero")
        self.capacity = capacity
        self.per_second = per_second
        self._available = capacity
        self._clock = clock
        self._sleep = sleep
        self._filled_at = clock()
        self._lock = threading.Lock()

    def take(self, cost: float = 1.0) -> float:
        """Draw ``cost`` units and wait until they are covered; returns the seconds waited.

        A cost above the whole capacity waits for a full bucket and goes into debt.
        """
        with self._lock:
            self._fill()
            short = min(cost, self.capacity) - self._available
            self._available -= cost
            wait = max(0.0, short / self.per_second)
        if wait:
            self._sleep(wait)
        return wait

    def correct(self, available: float, capacity: float, per_second: float) -> None:
        """Take over the vendor's own account of the bucket."""
        with self._lock:
            self.capacity, self.per_second = max(capacity, 1.0), max(per_second, 0.001)
            self._available, self._filled_at = available, self._clock()

    def _fill(self) -> None:
        now = self._clock()
        grown = self._available + (now - self._filled_at) * self.per_second
        self._available, self._filled_at = min(self.capacity, grown), now

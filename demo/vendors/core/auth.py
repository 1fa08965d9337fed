"""Access tokens: issued with a lifetime, refused once it is over or chaos has ended it early."""

from __future__ import annotations

import secrets
import threading
import time

from demo.vendors.core.wire import Problem


class Tokens:
    """Tokens of all vendors; a token is only good at the vendor that issued it."""

    def __init__(self) -> None:
        self._expiry: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def issue(self, vendor: str, seconds: float, prefix: str = "") -> str:
        token = prefix + secrets.token_urlsafe(24)
        with self._lock:
            self._expiry[vendor, token] = time.monotonic() + seconds
        return token

    def end(self, vendor: str, token: str) -> None:
        with self._lock:
            if (vendor, token) in self._expiry:
                self._expiry[vendor, token] = 0.0

    def check(self, vendor: str, token: str) -> None:
        """Raise unauthenticated or token_expired unless the token is good now."""
        with self._lock:
            expiry = self._expiry.get((vendor, token))
        if expiry is None:
            raise Problem("unauthenticated", "The access token is missing or was never issued.")
        if expiry <= time.monotonic():
            raise Problem("token_expired", "The access token has expired.")

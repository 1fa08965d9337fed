"""What a vendor hands out for the next time: the successor of a refresh token that works once.

Secrets are the connection's, and no load can write there. So the newest tokens lie in the landing
zone, which all workers share, sealed with the token that the connection was given: whoever reads
the landing zone alone cannot open them. Another token in the connection begins anew.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from warehouse.files import remove_drafts
from warehouse.landing.zone import KEPT, Landing


class Kept:
    """What is kept of one connection, a value for each ``name`` (an account, a merchant)."""

    def __init__(self, landing: Landing, connection: str) -> None:
        self._landing = landing
        self._connection = connection

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep others on this machine from using a token up while it is traded."""
        with self._landing.stream(self._connection, KEPT).lock():
            yield

    def read(self, name: str, secret: str) -> dict[str, Any] | None:
        """The value; None where there is none, or one that was sealed with another secret."""
        sealed = self._landing.storage.read(self._file(name))
        try:
            return json.loads(_seal(secret).decrypt(sealed)) if sealed else None
        except InvalidToken:
            return None

    def write(self, name: str, secret: str, value: dict[str, Any]) -> None:
        """Keep a value instead of the one before. The caller holds :meth:`lock`."""
        with self._landing.private():
            if self._landing.is_local:
                remove_drafts(Path(self._landing.root, self._file(name)))
            sealed = _seal(secret).encrypt(json.dumps(value).encode())
            self._landing.storage.write(self._file(name), sealed)

    def _file(self, name: str) -> str:
        return f"{KEPT}/{self._connection}/{sha256(name.encode()).hexdigest()[:16]}"


def _seal(secret: str) -> Fernet:
    # The secret is a long random text already: nothing to be stretched.
    return Fernet(urlsafe_b64encode(sha256(b"o2o kept" + secret.encode()).digest()))

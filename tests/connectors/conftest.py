"""Fixtures of the connector tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.core.budget import Budget
from connectors.core.http import Client
from tests.connectors.vendor_stub import Vendor


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    server = Vendor()
    yield server
    server.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Back-off without waiting: the seconds that would have been waited. Nor does a budget wait."""
    waited: list[float] = []
    original = Client.__init__

    def patched(self: Client, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("sleep", waited.append)
        original(self, *args, **kwargs)

    monkeypatch.setattr(Client, "__init__", patched)
    monkeypatch.setattr(Budget, "take", lambda self, cost=1.0: 0.0)
    return waited

"""What a vendor makes to order is waited for, and not for ever."""

from __future__ import annotations

import pytest

from connectors.core.errors import Unfinished
from connectors.core.http import PATIENCE, Client, Patience
from connectors.core.orders import made


def test_it_is_asked_for_soon_and_then_once_a_minute() -> None:
    waited: list[float] = []
    answers = iter([None] * 8 + ["done"])
    client = Client("", sleep=waited.append)
    assert made(client, lambda: next(answers), "the report") == "done"
    assert waited == [1, 2, 4, 8, 16, 32, 60, 60]


def test_who_has_no_time_is_told_that_it_is_not_made_yet() -> None:
    waited: list[float] = []
    token = PATIENCE.set(Patience(order=3.0))
    try:
        with pytest.raises(Unfinished, match="the report was ordered, and is not made after 3 s"):
            made(Client("", sleep=waited.append), lambda: None, "the report")
    finally:
        PATIENCE.reset(token)
    assert waited == [1, 2]

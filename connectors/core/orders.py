"""Wait for what a vendor makes to order, such as a report: ordered, asked after, fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from connectors.core.errors import Unfinished
from connectors.core.http import PATIENCE, Client

Made = TypeVar("Made")

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between two questions


def made(client: Client, ask: Callable[[], Made | None], what: str) -> Made:
    """What ``ask`` gives once it is not None: asked soon at first, then once a minute.

    Raises Unfinished when it is not made in the time that whoever waits for it has (`Patience`).
    """
    waited, pause = 0.0, FIRST_PAUSE
    most = PATIENCE.get().order
    while (found := ask()) is None:
        if waited >= most:
            raise Unfinished(
                f"{what} was ordered, and is not made after {waited:.0f} s. Nothing was committed;"
                " run it again later"
            )
        client.pause(pause)
        waited, pause = waited + pause, min(2 * pause, LONGEST_PAUSE)
    return found

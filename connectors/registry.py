"""All sources. Add one here and it has its command, its DAG and its place in the landing zone."""

from __future__ import annotations

import os

from connectors import ga4, google_ads, hubspot, shopify, square, store_sensors
from connectors.core.errors import UnknownName
from connectors.core.source import Source

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        google_ads.SOURCE,
        shopify.SOURCE,
        hubspot.SOURCE,
        square.SOURCE,
        ga4.SOURCE,
        store_sensors.SOURCE,
    )
}


def in_use() -> dict[str, Source]:
    """The sources this installation reads: those named in ``O2O_SOURCES``, by default all.

    Raises UnknownName for a name that no source has.
    """
    named = [name.strip() for name in os.environ.get("O2O_SOURCES", "").split(",")]
    return {name: find(name) for name in named if name} or SOURCES


def find(name: str) -> Source:
    """The source of this name; raises UnknownName, which lists those that exist."""
    if name not in SOURCES:
        raise UnknownName(f"no source called {name!r}; there are {', '.join(SOURCES)}")
    return SOURCES[name]

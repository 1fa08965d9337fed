"""What the checks are told of a connection: the part of its declaration that they need.

The caller hands over the declarations themselves, which have these attributes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol


class Feed(Protocol):
    """``happened_at``: SQL over the stream's staging model for the time of each of its events."""

    @property
    def title(self) -> str: ...
    @property
    def happened_at(self) -> str: ...


class Stream(Protocol):
    """``kind``: entity, report or snapshot; ``required``: paths in every payload; ``usual``: paths
    that single payloads may lack; ``rests``: how long it has nothing new when all is well."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def required(self) -> Sequence[str]: ...
    @property
    def usual(self) -> Sequence[str]: ...
    @property
    def is_expected(self) -> bool: ...
    @property
    def feed(self) -> Feed | None: ...
    @property
    def rests(self) -> timedelta: ...


class Source(Protocol):
    """A connection in use. ``vendor``: the source that staging names; ``provides``: what data."""

    @property
    def vendor(self) -> str: ...
    @property
    def provides(self) -> Collection[str]: ...
    @property
    def title(self) -> str: ...
    @property
    def streams(self) -> Sequence[Stream]: ...


Sources = Mapping[str, Source]  # by the name of the connection

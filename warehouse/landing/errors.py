"""Errors that name the stream they are about.

The message is written for the person who has to act: what went wrong and what to do. Where it went
wrong (source and stream) is known only further up, so it is filled in there.
"""

from __future__ import annotations


class SourceError(Exception):
    """Something is wrong with a source or a stream; ``str()`` gives ``source.stream: message``."""

    def __init__(self, message: str, *, source: str = "", stream: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.stream = stream

    def at(self, source: str, stream: str = "") -> SourceError:
        """Note where it happened, unless a lower level already knew; returns itself for raising."""
        self.source = self.source or source
        self.stream = self.stream or stream
        return self

    def __str__(self) -> str:
        place = ".".join(part for part in (self.source, self.stream) if part)
        return f"{place}: {self.message}" if place else self.message


class SettingError(SourceError):
    """A setting is missing or malformed."""


class StorageError(SourceError):
    """A folder or an object store cannot be read or written."""


class LandingError(StorageError):
    """The landing zone cannot be read or written."""

"""Every error a connector raises on purpose.

The message is written for the person who has to act: what went wrong and what to do. Where it went
wrong (source and stream) is known only further up, so it is filled in there.
"""

from __future__ import annotations


class ConnectorError(Exception):
    """Base of all connector errors; ``str()`` gives ``source.stream: message``."""

    def __init__(self, message: str, *, source: str = "", stream: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.source = source
        self.stream = stream

    def at(self, source: str, stream: str = "") -> ConnectorError:
        """Note where it happened, unless a lower level already knew; returns itself for raising."""
        self.source = self.source or source
        self.stream = self.stream or stream
        return self

    def __str__(self) -> str:
        place = ".".join(part for part in (self.source, self.stream) if part)
        return f"{place}: {self.message}" if place else self.message


class SettingError(ConnectorError):
    """A connection setting is missing or malformed."""


class AuthError(ConnectorError):
    """The vendor refused our credentials."""


class VendorError(ConnectorError):
    """The vendor refused the request for good, or kept failing until the retries were used up."""


class Refused(VendorError):
    """The vendor answered, and the answer is no: the same request would be refused again."""


class IncompleteLoad(ConnectorError):
    """The vendor reported more rows than it handed over: nothing is committed."""


class CapReached(ConnectorError):
    """A vendor's cap on rows was hit and the window cannot be split any further."""


class StorageError(ConnectorError):
    """A folder or an object store cannot be read or written."""


class LandingError(StorageError):
    """The landing zone cannot be read or written."""


class UnknownName(ConnectorError):
    """A source or stream that does not exist."""


class ExtractFailed(ConnectorError):
    """One or more streams of a source failed; the others were landed. ``errors`` has each one."""

    def __init__(self, source: str, errors: list[ConnectorError], landed: int) -> None:
        # Wrong credentials fail every stream alike: said once, with the streams it concerns.
        streams: dict[str, list[str]] = {}
        for error in errors:
            streams.setdefault(error.message, []).append(f"{source}.{error.stream}")
        listed = "\n".join(
            f"  - {', '.join(names)}: {message}" for message, names in streams.items()
        )
        super().__init__(
            f"{len(errors)} of {len(errors) + landed} streams failed:\n{listed}", source=source
        )
        self.errors = errors


class Retry(Exception):
    """Not an outcome but a signal inside the HTTP layer: try again, perhaps after ``after`` s."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class TokenRefused(Exception):
    """Signal inside the HTTP layer: the access token is no longer taken (HTTP 401)."""


class CursorExpired(Exception):
    """Signal to the paging layer: the page token is dead, start the page run again."""


class QueryTooCostly(Exception):
    """Signal to a stream: the vendor refuses a query of this size, ask for a smaller page."""

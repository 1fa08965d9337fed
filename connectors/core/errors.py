"""Every error a connector raises on purpose."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from warehouse.landing.errors import SettingError, SourceError


class AuthError(SourceError):
    """The vendor refused our credentials."""


class VendorError(SourceError):
    """The vendor refused the request for good, or kept failing until the retries were used up."""


class Refused(VendorError):
    """The vendor answered, and the answer is no: the same request would be refused again."""


class IncompleteLoad(SourceError):
    """The vendor reported more rows than it handed over: nothing is committed."""


class QuotaSpent(VendorError):
    """What the vendor allows in a day is used up."""


class Unfinished(VendorError):
    """The vendor still works on what was ordered, such as a report."""


class CapReached(SourceError):
    """A vendor's cap on rows was hit and the window cannot be split any further."""


class UnknownName(SettingError):
    """A source or stream that does not exist."""


def near(text: str, names: Iterable[str]) -> str:
    """In brackets, the name that was probably meant; empty if none comes close."""
    by_folded = {name.casefold(): name for name in names}
    found = difflib.get_close_matches(text.casefold(), by_folded, 1, 0.6)
    return f" (did you mean {by_folded[found[0]]}?)" if found else ""


class ExtractFailed(SourceError):
    """One or more streams of a source failed; the others were landed. ``errors`` has each one."""

    def __init__(self, source: str, errors: list[SourceError], landed: int) -> None:
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
    """Not an outcome but a signal inside the HTTP layer: try again, perhaps after ``after`` s.

    ``seldom_passes``: it is not worth many attempts.
    """

    def __init__(
        self, reason: str, after: float | None = None, *, seldom_passes: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.seldom_passes = seldom_passes


class TokenRefused(Exception):
    """Signal inside the HTTP layer: the access token is no longer taken (HTTP 401)."""


class CursorExpired(Exception):
    """Signal to the paging layer: the page token is dead, start the page run again."""


class QueryTooCostly(Exception):
    """Signal to a stream: the vendor refuses a query of this size, ask for a smaller page."""


# What functions raise on a record, or an answer, that they do not fit, beside ValueError.
ODD = (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)

"""What passes between the HTTP layer and the vendors: calls, replies and problems.

Vendors never see the web framework, so each vendor module reads like the vendor's own reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl


class Problem(Exception):
    """Something a vendor refuses or fails at; each vendor words it in its own error body.

    ``kind`` is one of: bad_credentials, unauthenticated, token_expired, rate_limited,
    server_error, invalid_request, invalid_cursor, cursor_expired, not_found, forbidden.
    ``code`` is the vendor's own error code where the handler knows a more exact one.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        status: int = 400,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.code = code
        self.status = status
        self.retry_after = retry_after

    def headers(self) -> dict[str, str]:
        """How long to wait, in seconds, for vendors that say it as HTTP does."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


@dataclass(frozen=True)
class Whims:
    """What chaos has decided for one call; all off by default."""

    failure: str | None = None
    retry_after: int | None = None
    status: int = 500
    expire_cursor: bool = False
    duplicate_row: bool = False
    shuffle: bool = False
    new_field: bool = False
    edited: bool = False
    seed: str = ""


@dataclass
class Call:
    """One HTTP request as a vendor sees it. Header names are lower case."""

    method: str
    path: str
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    whims: Whims = field(default_factory=Whims)

    @property
    def json(self) -> dict[str, Any]:
        try:
            parsed = json.loads(self.body or b"{}")
        except ValueError as error:
            raise Problem("invalid_request", f"The request body is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise Problem("invalid_request", "The request body must be a JSON object.")
        return parsed

    @property
    def form(self) -> dict[str, str]:
        """Form fields, or the same fields sent as a JSON object."""
        if "json" in self.headers.get("content-type", ""):
            return {key: str(value) for key, value in self.json.items()}
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))

    @property
    def bearer(self) -> str:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass
class Reply:
    """What a vendor answers: a status, a body that is JSON already, or a file, and headers."""

    body: str | bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def reply_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    return Reply(json.dumps(value), status, headers or {})


def rows_json(rows: list[str]) -> str:
    """A JSON array of rows that are JSON text already."""
    return "[" + ",".join(rows) + "]"


def parse_time(text: str, what: str) -> datetime:
    """ISO 8601 with an offset or Z to naive UTC; raises an invalid_request that names ``what``."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise Problem("invalid_request", f"{what}: {text!r} is not a timestamp.") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def parse_limit(value: Any, what: str, default: int, most: int) -> int:
    """A page size between 1 and ``most``; raises an invalid_request that names ``what``."""
    try:
        limit = default if value is None else int(value)
    except (TypeError, ValueError) as error:
        raise Problem("invalid_request", f"{what}: {value!r} is not a number.") from error
    if not 1 <= limit <= most:
        raise Problem("invalid_request", f"{what} must be between 1 and {most}, not {limit}.")
    return limit

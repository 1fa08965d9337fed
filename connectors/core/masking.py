"""Take our own credentials out of texts: vendors echo what they were sent."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from connectors.core.settings import Connection

MASK = "***"
SHORTEST = 6  # characters; shorter ones would be found in any text
_SECRET = re.compile(r"token|secret|key|password|credential|account|auth", re.IGNORECASE)
_ADDRESS = re.compile(r"(url|uri|host|email)$", re.IGNORECASE)
# Whoever is sent as part of a word is not meant: "secret" in "secrets".
_BEFORE, _AFTER = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets, whichever way they are spelled in it."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        for form in _forms(secret):
            if form in text:
                text = re.sub(_BEFORE + re.escape(form) + _AFTER, MASK, text)
    return text


def mask(error: BaseException, secrets: Iterable[str]) -> None:
    """Take the secrets out of what an error says."""
    secrets = list(secrets)
    error.args = tuple(masked(a, secrets) if isinstance(a, str) else a for a in error.args)
    if isinstance(said := getattr(error, "message", None), str):
        error.message = masked(said, secrets)  # type: ignore[attr-defined]


def secrets_of(connection: Connection) -> set[str]:
    """What may not be told of a connection: its password, and what its extra holds of that kind."""
    found = {connection.password, *_within(connection.extra, False)}
    if connection.login and connection.password:
        found.add(f"{connection.login}:{connection.password}")
    return {secret for secret in found if len(secret) >= SHORTEST}


def sent(headers: Mapping[str, str]) -> set[str]:
    """What signs a request, without the word before it (``Bearer``)."""
    return {word for value in headers.values() for word in value.split() if len(word) >= SHORTEST}


def _within(value: Any, is_secret: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            told = bool(_SECRET.search(name)) and not _ADDRESS.search(name)
            yield from _within(inner, told)
    elif is_secret and isinstance(value, str):
        yield value
        yield from value.splitlines()  # of a key that stands on several


def _forms(secret: str) -> Iterator[str]:
    plain = secret.encode(errors="surrogatepass")
    yield secret
    yield quote(secret, safe="", errors="replace")
    yield quote_plus(secret, errors="replace")
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(plain).decode()
        yield encode(plain).decode().rstrip("=")
    yield secret.replace("\n", "\\n")

"""Texts from outside as they may be shown: on a terminal, in a log, in a message.

What vendors and data say is printed in our words' company, and may hold what we sent: so secrets
are masked, and what a terminal would obey becomes visible instead.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.core import masking
from connectors.core.masking import MASK, SHORTEST

_WORDS = "token|secret|passw(?:or)?d|pwd|key|signature|credential|assertion"
_NAME = rf"(?:[\w.-]*(?:{_WORDS})|sig|auth)"
_SECRET_NAME = re.compile(_NAME, re.IGNORECASE)
_PATTERNS = [
    # https://user:password@host, s3://key:secret@bucket; a secret key may have a slash in it
    (
        re.compile(
            r"(\b[a-z][a-z0-9+.-]*://)(?:[^/\s\"'<>]*|[^/\s:]+:[^\s\"'<>]+)@", re.IGNORECASE
        ),
        rf"\1{MASK}@",
    ),
    # ?token=…, &api_key=…
    (re.compile(rf"([?&;]{_NAME}=)[^&;\s#\"'<>]+", re.IGNORECASE), rf"\1{MASK}"),
    # Who knows the address of a chat's webhook may write there.
    (
        re.compile(
            r"(https?://(?:[^/\s]*hooks?\.[^/\s]+|[^\s\"'<>]*/(?:web)?hooks?[a-z0-9]*)/)[^\s\"'<>]+",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(bearer|basic) +[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {MASK}"),
    (
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|$)", re.DOTALL),
        MASK,
    ),
]
# Control characters but tab and newline, and what turns the direction of a line.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """The text without secrets, and without what a terminal obeys."""
    return visible(masked(text))


def visible(text: str) -> str:
    """Control characters as signs that are seen (ESC as ␛) instead of obeyed."""
    if text.isascii() and text.isprintable():
        return text
    return _OBEYED.sub(lambda found: _sign(found[0]), text)


def masked(text: str) -> str:
    """The text without this process's secrets, and without what looks like one in a URL."""
    text = masking.masked(text, secrets())
    for pattern, mask in _PATTERNS:
        text = pattern.sub(mask, text)
    return text


def secrets() -> set[str]:
    """The values that are secret by the name of their setting: in the environment, in connections,
    and in the addresses that stand there."""
    return {
        value for name, text in os.environ.items() for value in _secrets(name, text)
        if len(value) >= SHORTEST
    }  # fmt: skip


def _secrets(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner, said in value.items():
            yield from _secrets(str(inner), said)
    elif isinstance(value, str):
        if value.startswith("{") and name.upper().startswith("AIRFLOW_CONN_"):
            try:
                yield from _secrets("", json.loads(value))
            except ValueError:
                yield value  # nobody can tell what of it is secret
            return
        if _SECRET_NAME.fullmatch(name):
            yield value
        if "://" in value and "@" in value:
            try:
                password = urlsplit(value).password
            except ValueError:
                password = None
            if password:
                yield from {password, unquote(password)}


def _sign(control: str) -> str:
    code = ord(control)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "�"


class ShownFormatter(logging.Formatter):
    """Log lines as they may be shown."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))

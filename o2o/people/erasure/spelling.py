"""How the same value may be spelled, as regular expressions that DuckDB (RE2) and Python share."""

from __future__ import annotations

import re
from collections.abc import Iterable

_TAIL = 7  # last digits of a phone number that every spelling has
NOTHING = r"[^\s\S]"


def literal(values: Iterable[str]) -> str:
    """A pattern for these values as words of a text, whatever the case."""
    found = "|".join(_escaped(value) for value in sorted(values))
    return rf"(?i)(?:^|[^0-9a-z])(?:{found})(?:$|[^0-9a-z])" if found else NOTHING


def loose(erased: Iterable[tuple[str, str]]) -> str:
    """A pattern for whatever may hold one of these identifiers (kind and canonical spelling)."""
    found = {_loose(kind, value) for kind, value in erased}
    return f"(?i)(?:{'|'.join(sorted(found))})" if found else NOTHING


def _loose(kind: str, value: str) -> str:
    if kind == "email":
        name, _, domain = value.partition("@")
        at = r"(?:@|\\u0040)"
        if domain == "gmail.com":
            dotted = "[.]*".join(_escaped(letter) for letter in name)
            return dotted + r"(?:(?:[+]|\\u002b)[^@\s\"]*)?" + at + r"g(?:oogle)?mail[.]com"
        return _escaped(name) + at + _escaped(domain)
    if kind == "phone":
        return "[^0-9a-z]{0,3}".join(value[-_TAIL:])
    return _escaped(value)


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ")  # RE2 knows no escaped space

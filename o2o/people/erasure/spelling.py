"""How the same value may be spelled, as regular expressions that DuckDB (RE2) and Python share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from identifiers.reading import UNUSUAL

_TAIL = 7  # last digits of a phone number that every spelling has
# Between two digits, in JSON; a space may be written as an escape.
_GAP = r"(?:[^0-9a-z]|\\u[0-9a-f]{4}){0,3}"
_AT = r"(?:[@＠]|\\u0040|\\uff20)"
# What is read as something else: an address with such a character in it, digits that are not ours.
_ODD = rf"(?:{UNUSUAL}|\\u(?:00|01|03|06|16|20|22|30|fe|ff)[0-9a-f]{{2}})"
_ODD_EMAIL = rf"(?:{_ODD}[^@\"]{{0,64}}{_AT}|{_AT}[^@\"]{{0,64}}{_ODD})"
_ODD_DIGIT = r"(?:[０-９٠-٩۰-۹]|\\uff1[0-9]|\\u06[6f][0-9])"
NOTHING = r"[^\s\S]"


def literal(values: Iterable[str]) -> str:
    """A pattern for these values as words of a text, whatever the case."""
    found = "|".join(_escaped(value) for value in sorted(values))
    return rf"(?i)(?:^|[^0-9a-z])(?:{found})(?:$|[^0-9a-z])" if found else NOTHING


def loose(erased: Iterable[tuple[str, str]]) -> str:
    """A pattern for whatever may hold one of these identifiers (kind and canonical spelling)."""
    found = {pattern for kind, value in erased for pattern in _loose(kind, value)}
    return f"(?i)(?:{'|'.join(sorted(found))})" if found else NOTHING


def _loose(kind: str, value: str) -> Iterator[str]:
    if kind == "email":
        name, _, domain = value.partition("@")
        spelled, place = _escaped(name), _escaped(domain)
        if domain == "gmail.com":
            dotted = "[.]*".join(_escaped(letter) for letter in name)
            spelled = dotted + r"(?:(?:[+]|\\u002b)[^@\s\"]*)?"
            place = "g(?:oogle)?mail[.]com"
        yield spelled + _AT + place
        yield _ODD_EMAIL
    elif kind == "phone":
        yield _GAP.join(value[-_TAIL:])
        yield _ODD_DIGIT
    elif kind == "loyalty_card":
        yield _GAP.join(_escaped(sign) for sign in value)
    else:
        yield _escaped(value)


def _escaped(text: str) -> str:
    return re.escape(text).replace("\\ ", " ")  # RE2 knows no escaped space

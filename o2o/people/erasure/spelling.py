"""How the same value may be spelled, as regular expressions that DuckDB (RE2) and Python share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from identifiers.encoded import escaped, in_base64
from identifiers.reading import UNUSUAL

_TAIL = 7  # last digits of a phone number that every spelling has
# Between two digits, in JSON; a space may be written as an escape.
_GAP = r"(?:[^0-9a-z]|\\u[0-9a-f]{4}){0,3}"
_AT = rf"(?:[@＠]|\\uff20|{escaped('@')})"
# A letter or digit that nobody would have to escape, as a program does that escapes all.
_ALL_ESCAPED = (
    r"(?:(?:\\u00|%)(?:3[0-9]|4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])"
    r"|&#0*(?:4[89]|5[0-7]|6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2]);)"
)
# What is read as something else: an address with such a character in it, digits that are not ours.
_ODD = rf"(?:{UNUSUAL}|\\u(?:00|01|03|06|16|20|22|30|fe|ff)[0-9a-f]{{2}})"
_ODD_EMAIL = rf"(?:{_ODD}[^@\"]{{0,64}}{_AT}|{_AT}[^@\"]{{0,64}}{_ODD})"
_ODD_DIGIT = r"(?:[０-９٠-٩۰-۹]|\\uff1[0-9]|\\u06[6f][0-9])"
NOTHING = r"[^\s\S]"


def literal(values: Iterable[str], encoded: Iterable[str] = ()) -> str:
    """A pattern for these values as words of a text, whatever the case and however their signs are
    escaped; those that are ``encoded`` also in base64."""
    found = "|".join(escaped(value) for value in sorted(values))
    if not found:
        return NOTHING
    escape = r"%(?:25)*[0-9a-f]{2}|=[0-9a-f]{2}|\\u[0-9a-f]{4}"
    words = rf"(?:^|[^0-9a-z]|{escape})(?:{found})(?:$|[^0-9a-z])"
    packed = _packed(encoded)
    return f"(?i)(?:{words}|{packed})" if packed else f"(?i){words}"


def loose(erased: Iterable[tuple[str, str]]) -> str:
    """A pattern for whatever may hold one of these identifiers (kind and canonical spelling)."""
    erased = list(erased)
    found = {pattern for kind, value in erased for pattern in _loose(kind, value)}
    if found:
        found |= {_ALL_ESCAPED, *filter(None, [_packed(value for _, value in erased)])}
    return f"(?i)(?:{'|'.join(sorted(found))})" if found else NOTHING


def _loose(kind: str, value: str) -> Iterator[str]:
    if kind == "email":
        name, _, domain = value.partition("@")
        spelled, place = escaped(name), escaped(domain)
        if domain == "gmail.com":
            dotted = "[.]*".join(escaped(letter) for letter in name)
            spelled = dotted + r"(?:(?:[+]|\\u002b)[^@\s\"]*)?"
            place = "g(?:oogle)?mail[.]com"
        yield spelled + _AT + place
        yield _ODD_EMAIL
    elif kind == "phone":
        yield _GAP.join(value[-_TAIL:])
        yield _ODD_DIGIT
    elif kind == "loyalty_card":
        yield _GAP.join(escaped(sign) for sign in value)
    else:
        yield escaped(value)


def _packed(values: Iterable[str]) -> str:
    cores = {escaped(core) for value in values for core in in_base64(value)}
    return "|".join(sorted(cores))

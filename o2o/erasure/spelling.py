"""How the same value may be spelled, as regular expressions that DuckDB (RE2) and Python share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connectors.core.personal import spellings

_TAIL = 7  # last digits of a phone number that every spelling has
NOTHING = r"[^\s\S]"


@dataclass(frozen=True)
class Numbers:
    """Phone numbers by the countries' calling codes and trunk prefixes."""

    countries: Sequence[tuple[str, str]]

    def international(self, text: str) -> list[str]:
        """E.164 without the plus, as dbt's ``normalise_phone`` has it: one number if the text is
        international, else one per country that it may be of."""
        digits = re.sub(r"[^0-9]", "", text)
        if text.startswith("+"):
            found = [digits]
        elif digits.startswith("00"):
            found = [digits[2:]]
        else:
            found = [
                code + (digits.removeprefix(trunk) if trunk else digits)
                for code, trunk in self.countries
            ]
            # North America writes its own code without a plus.
            found += [digits] if len(digits) == 11 and digits.startswith("1") else []
        return sorted({number for number in found if 8 <= len(number) <= 15})

    def spelled(self, number: str) -> set[str]:
        """All that remains of an international number when somebody writes it nationally."""
        variants = {number}
        for code, trunk in self.countries:
            if number.startswith(code):
                rest = number.removeprefix(code)
                variants |= {rest, trunk + rest, code + trunk + rest}  # +49 (0) 170 …
        return {one for variant in variants for one in spellings("phone", variant)}


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

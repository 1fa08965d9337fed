r"""How an e-mail address and a phone number are read, whoever reads them.

This is the rule. dbt's macros say it once more in SQL (macros/identity/normalise.sql), and a test
holds the two against each other (tests/dbt_project/test_reading.py). docs/identity.md says why.

**Text.** Full-width letters, digits and marks, Arabic digits and typographic dashes are their plain
ones. What cannot be seen (zero-width characters, marks of direction, soft hyphens, control
characters) is not there; every kind of space is a space; upper case is lower case.

**E-mail.** The field is one address: ``name@domain``, the domain with a dot. Around it may stand a
display name before angle brackets, quotes, brackets, ``mailto:`` or ``E-Mail:``, a query
(``?subject=…``) and closing dots or commas. Anything else is none: two addresses, a space inside.
googlemail.com is gmail.com; there, dots and what follows a plus do not count.

**Phone.** The field is one number: digits with spaces and ``( ) . / - _`` between them. Words
before and after say nothing; an extension (``x12``, ``ext. 12``, ``#12``) is not part of it;
further digits make it none. A ``(0)`` is dropped, because nobody dials it from abroad, but Italy's,
which everybody dials. A number with a plus or 00 is international; any other needs its country,
whose trunk prefix it loses and whose calling code it gets. The result is E.164 without the plus: 8
to 15 digits without a 0 in front, eleven if the calling code is 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_FULL_WIDTH = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.+-_()<>:;,/?#"
_PLAIN = str.maketrans(
    {
        **{chr(ord(plain) + 0xFEE0): plain for plain in _FULL_WIDTH},
        **{chr(zero + n): str(n) for zero in (0x660, 0x6F0) for n in range(10)},  # Arabic, Persian
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "。": ".",
        # What the engines' lower() would each spell in its own way.
        **{"İ": "i", "Σ": "σ", "ς": "σ"},
    }
)
_CONTROL = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_WIDE_SPACES = "\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_NOTHING = re.compile(f"[{_CONTROL}{_UNSEEN}]")
_SPACE = re.compile(f"[\t-\r{_WIDE_SPACES}]")
# What a plain spelling does not have, as a class of characters in a regular expression.
UNUSUAL = f"[{_UNSEEN}{_WIDE_SPACES}{''.join(map(chr, _PLAIN))}]"

_NAME = r"""[^ @"'<>()\[\]:;,\\?][^ @"<>()\[\]:;,\\?]*"""
_LABEL = r"[^\x00-,./:-@\[-^`{-\x7f]+"  # of a domain: letters of any script, digits, - and _
# Here and below, no text can be taken apart in two ways and no repetition is endless: also engines
# that try every way are done at once.
_EMAIL = re.compile(
    r"""(?:[^<>@]*<)?[ "'(]*(?:(?:mailto|e-?mail):[ "'(]*)?"""
    rf"({_NAME}@{_LABEL}(?:\.{_LABEL}){{1,30}})"
    r"""(?:\?[^<>]*>?|[ "')>.,;]*)"""
)
# In a text, what stands before the name may or may not belong to it: both are tried.
_EMAILS = re.compile(r"([^\s\"'<>()\[\],;:\\@]*?)([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")
_PHONE = re.compile(
    r"[^0-9+]*((?:\+[ (]*)?[0-9](?:[ ()./_-]*[0-9]){0,24})"
    r"(?:[ ()./_,;-]*(?:x|#|ext[a-z]*|durchwahl|dw)[ .:=]*[0-9]{1,6})?[^0-9]*"
)
_PHONES = re.compile(r"\+?[0-9][0-9 ()./_-]{4,32}[0-9]")
_ITALIAN_ZERO = re.compile(r"^(?:\+|00)[ (]*39[ )]*\( *0 *\)")
_TRUNK_ZERO = re.compile(r"\( *0 *\)")
_E164 = re.compile(r"1[0-9]{10}|[2-9][0-9]{7,14}")


def plain(text: str) -> str:
    """The text without what only looks different."""
    if not (text.isascii() and text.isprintable()):
        text = _SPACE.sub(" ", _NOTHING.sub("", text.translate(_PLAIN)))
    return text.strip(" ").lower()


def email(text: str) -> str | None:
    """The address that a field is, None if it is none."""
    found = _EMAIL.fullmatch(plain(text))
    if not found:
        return None
    name, _, domain = found[1].partition("@")
    if domain not in ("gmail.com", "googlemail.com"):
        return found[1]
    name = name.partition("+")[0].replace(".", "")
    return f"{name}@gmail.com" if name else None


def emails(text: str) -> list[str]:
    """Every address that may stand in a text, for whoever must miss none."""
    found = plain(text)
    return _read(
        email(one)
        for before, address in (_EMAILS.findall(found) if "@" in found else ())
        for one in (before + address, address)
    )


def dialled(text: str) -> str:
    """The number that a field is, as it is dialled: +491701234567, 01701234567; empty if none."""
    found = _PHONE.fullmatch(plain(text))
    if not found:
        return ""
    number = _TRUNK_ZERO.sub("", _ITALIAN_ZERO.sub("+390", found[1]))
    return re.sub(r"^\+?00", "+", re.sub(r"[^0-9+]", "", number))


def all_dialled(text: str) -> list[str]:
    """Every number that may stand in a text, and all its digits in one."""
    found = plain(text)
    return _read([*map(dialled, _PHONES.findall(found)), re.sub(r"[^0-9]", "", found)])


def phone(text: str, calling_code: str | None, trunk_prefix: str | None) -> str | None:
    """The number that a field is, as E.164 without the plus; None if it is none, or a national one
    of nobody knows where."""
    number = dialled(text)
    if number.startswith("+"):
        number = number[1:]
    elif calling_code is None:
        return None
    else:
        number = calling_code + number.removeprefix(trunk_prefix or "")
    return number if _E164.fullmatch(number) else None


@dataclass(frozen=True)
class Numbers:
    """Phone numbers in all countries, by calling code and trunk prefix."""

    countries: Sequence[tuple[str, str]]

    def international(self, text: str) -> list[str]:
        """What ``phone`` makes of a text: one number if it is international, else one per country
        that it may be of."""
        anywhere = [(None, None), *self.countries]
        return sorted(_read(phone(text, code, trunk) for code, trunk in anywhere))

    def spelled(self, number: str) -> set[str]:
        """The digits of an international number, however it is dialled."""
        variants = {number}
        for code, trunk in self.countries:
            if number.startswith(code):
                rest = number.removeprefix(code)
                variants |= {rest, trunk + rest, code + trunk + rest}  # +49 0170 …
        return variants


def _read(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(one for one in found if one))

r"""How an e-mail address, a phone number and a card's number are read, whoever reads them.

dbt's models call these functions (identifiers/functions.py), so do lookup, erasure and linkage.
docs/identity.md says why.

**Text.** Full-width letters, digits and marks, Arabic digits and typographic dashes are their plain
ones. What cannot be seen (zero-width characters, marks of direction, soft hyphens, control
characters) is not there; every kind of space is a space; upper case is lower case.

**E-mail.** The field is one address: ``name@domain``, the domain with a dot. Around it may stand a
display name before angle brackets, quotes, brackets, ``mailto:`` or ``E-Mail:``, a query
(``?subject=…``) and closing dots or commas. Anything else is none: two addresses, a space inside.
googlemail.com is gmail.com; there, dots and what follows a plus do not count.

**Phone.** The field is one number: digits with spaces and ``( ) . / - _`` between them. Words
before and after say nothing; an extension (``x12``, ``ext. 12``, ``#12``) is not part of it;
further digits make it none. How it is dialled says Google's libphonenumber, country by country:
trunk prefixes (also where nobody dials them, ``+49 (0)170``), the ways to dial abroad, the number
of digits. A number without a plus or 00 is read in the countries that it may be of, in their order:
the first in which it is assigned, else with the plus that was left out, else the first in which it
could be; without a country it is none. The result is E.164 without the plus.

**Card.** Letters and digits, without what is printed between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

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
_BETWEEN = re.compile(r"[\s\"'<>()\[\],;:\\]+")  # no address of a text goes over these
# In a text, what stands before the name may or may not belong to it: both are tried.
_EMAILS = re.compile(r"([^\s\"'<>()\[\],;:\\@]*?)([\w.+-]+@[\w-]+(?:\.[\w-]+)+)")
_PHONE = re.compile(
    r"[^0-9+]*((?:\+[ (]*)?[0-9](?:[ ()./_-]*[0-9]){0,24})"
    r"(?:[ ()./_,;-]*(?:x|#|ext[a-z]*|durchwahl|dw)[ .:=]*[0-9]{1,6})?[^0-9]*"
)
_PHONES = re.compile(r"\+?[0-9][0-9 ()./_-]{4,32}[0-9]")
_ITALIAN_ZERO = re.compile(r"^(?:\+|00)[ (]*39[ )]*\( *0 *\)")
_TRUNK_ZERO = re.compile(r"\( *0 *\)")

_MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
_LONG_NUMBER = 11  # digits: with its country's calling code
_WAYS_ABROAD = ("010", "011", "0011", "810")  # beside 00: Japan, America, Australia, Russia


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
    pieces = [piece for piece in _BETWEEN.split(found) if "@" in piece] if "@" in found else ()
    return _read(
        email(one)
        for piece in pieces
        for before, address in _EMAILS.findall(piece)
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


def phone(text: str, countries: Iterable[str] = ()) -> str | None:
    """The number that a field is, as E.164 without the plus; None if it is none, or a national one
    of nobody knows where. ``countries``: where it may be of (ISO 3166-1 alpha-2), likeliest first.
    """
    number = dialled(text)
    if number.startswith("+"):
        best = _parsed(number, None)
    else:
        regions = [one.upper() for one in countries if one]
        found = [(one, region) for region in regions if (one := _parsed(number, region))]
        best = _likeliest(number, found) if found else None
    return phonenumbers.format_number(best, PhoneNumberFormat.E164)[1:] if best else None


def international(text: str) -> list[str]:
    """What ``phone`` makes of a text: one number if it is international, else one per country that
    it may be of."""
    if dialled(text).startswith("+"):
        return _read([phone(text)])
    return sorted(_read(phone(text, [region]) for region in phonenumbers.SUPPORTED_REGIONS))


def spelled(number: str) -> set[str]:
    """The digits of an international number, however it is dialled."""
    parsed = _parsed(f"+{number}", None)
    if parsed is None:
        return {number}
    rest, code = phonenumbers.national_significant_number(parsed), str(parsed.country_code)
    trunk = _trunk_prefix(phonenumbers.region_code_for_country_code(int(code)))
    at_home = {number, rest, trunk + rest, code + trunk + rest}  # +49 0170 …
    return at_home | {abroad + number for abroad in _WAYS_ABROAD}


def card(text: str) -> str | None:
    """A card's number, without what is printed between its signs."""
    return re.sub(r"[\W_]", "", plain(text)) or None


def identifier(kind: str, text: str, countries: Iterable[str] = ()) -> str | None:
    """An identifier of any kind in its one spelling; None if nothing is left of it."""
    if kind == "email":
        return email(text)
    if kind == "phone":
        return phone(text, countries)
    return card(text) if kind == "loyalty_card" else text.strip() or None


def _trunk_prefix(region: str) -> str:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return (metadata and metadata.national_prefix) or ""


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    """A dialled number, as it is in a country; None where it cannot be one."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    return parsed if possible == phonenumbers.ValidationResult.IS_POSSIBLE else None


def _likeliest(number: str, found: list[tuple[PhoneNumber, str]]) -> PhoneNumber:
    """Which of the numbers that it is in several countries a number without a plus is."""
    assigned = [(one, region) for one, region in found if phonenumbers.is_valid_number(one)]
    # Landlines without their trunk's zero are rare; a plus is often left out: 49 170 … in Germany.
    dialled_so = [
        one
        for one, region in assigned
        if number.startswith(_trunk_prefix(region)) or phonenumbers.number_type(one) in _MOBILE
    ]
    abroad = _parsed(f"+{number}", None) if len(number) >= _LONG_NUMBER else None
    without_plus = [abroad] if abroad and phonenumbers.is_valid_number(abroad) else []
    return [*dialled_so, *without_plus, *(one for one, _ in assigned + found)][0]


def _read(found: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(one for one in found if one))

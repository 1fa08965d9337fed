"""Hostile spellings and what is read of them, whoever reads them."""

from __future__ import annotations

from identifiers import reading

Countries = tuple[str, ...]  # that a number may be of, likeliest first

GERMANY: Countries = ("DE",)
AMERICA: Countries = ("US",)
ITALY: Countries = ("IT",)
CZECHIA: Countries = ("CZ",)
NOWHERE: Countries = ()

ADDRESSES: dict[str, str | None] = {
    "anna@example.com": "anna@example.com",
    # case, spaces, what cannot be seen, what looks alike
    " ANNA@Example.COM\t": "anna@example.com",
    "\u00a0anna@example.com\u3000": "anna@example.com",
    "\u200fan\u200bna@exam\u00adple.com\ufeff": "anna@example.com",
    "ａｎｎＡ＠ｅｘａｍｐｌｅ．ｃｏｍ": "anna@example.com",
    "anna@例え。jp": "anna@例え.jp",
    "jean\u2011luc@example.com": "jean-luc@example.com",
    "İDİL@example.com": "idil@example.com",
    "ΟΔΟΣ@example.com": "οδοσ@example.com",
    "ÄRZTIN@MÜLLER.de": "ärztin@müller.de",
    # what stands around an address
    "Anna <a@b.de>": "a@b.de",
    '"Schmidt, Anna" <a@b.de>': "a@b.de",
    "<a@b.de>": "a@b.de",
    "'a@b.de'": "a@b.de",
    "(a@b.de)": "a@b.de",
    "mailto:a@b.de": "a@b.de",
    "MailTo:a@b.de?subject=Hi%20there": "a@b.de",
    "<mailto:a@b.de>": "a@b.de",
    "E-Mail: a@b.de": "a@b.de",
    "a@b.de.": "a@b.de",
    "a@b.de;": "a@b.de",
    # Gmail, and only Gmail
    "Anna.Schmidt+shop@GoogleMail.com": "annaschmidt@gmail.com",
    "a.n.n.a@gmail.com.": "anna@gmail.com",
    "anna+shop@example.com": "anna+shop@example.com",
    "an.na@example.com": "an.na@example.com",
    "anna@gmail.com.example": "anna@gmail.com.example",
    "+shop@gmail.com": None,
    "...@gmail.com": None,
    # letters of a name that are not everyday ones
    "o'brien@example.com": "o'brien@example.com",
    "a_b-c=d/e@sub.b-c.example": "a_b-c=d/e@sub.b-c.example",
    # no address, or not just one
    "": None,
    " ": None,
    "no address": None,
    "anna@example": None,
    "@example.com": None,
    "anna@": None,
    "anna@.com": None,
    "anna@example..com": None,
    "john smith@example.com": None,
    "Anna a@b.de": None,
    "a@b.de, c@d.de": None,
    "Anna <a@b.de>, Ben <c@d.de>": None,
    '"a@b.de" <c@d.de>': None,
    "a@b.de;c@d.de": None,
    "a@b.de c@d.de": None,
    "a@b@c.de": None,
    "http://example.com/a@b.de": None,
}

NUMBERS: dict[tuple[str, Countries], str | None] = {
    ("+49 170 1234567", NOWHERE): "491701234567",
    ("0170 1234567", GERMANY): "491701234567",
    # marks between digits, and the ways to write abroad
    ("0049170/123-4567", NOWHERE): "491701234567",
    ("00 49 170 1234567", AMERICA): "491701234567",
    ("+0049 170 1234567", NOWHERE): "491701234567",
    ("(+49) 170 1234567", NOWHERE): "491701234567",
    ("(0170) 1234567", GERMANY): "491701234567",
    ("0170.123_4567", GERMANY): "491701234567",
    ("+49\u00a0170\u20111234567", NOWHERE): "491701234567",
    ("\u202a+49 170 1234567\u202c", NOWHERE): "491701234567",
    ("＋４９ １７０ １２３４５６７", NOWHERE): "491701234567",
    ("٠١٧٠١٢٣٤٥٦٧", GERMANY): "491701234567",
    # a zero in brackets is for those inside, but in Italy for everybody
    ("+49 (0)170 1234567", NOWHERE): "491701234567",
    ("+49 (0) 170 1234567", AMERICA): "491701234567",
    ("0049(0)1701234567", NOWHERE): "491701234567",
    ("(0)170 1234567", GERMANY): "491701234567",
    ("+39 (0)6 12345678", NOWHERE): "390612345678",
    ("0039 ( 0 ) 6 12345678", GERMANY): "390612345678",
    ("06 12345678", ITALY): "390612345678",
    # countries without a trunk prefix, and North America, whose own is its code
    ("601 234 567", CZECHIA): "420601234567",
    ("(212) 555-0100", AMERICA): "12125550100",
    ("1 (212) 555-0100", AMERICA): "12125550100",
    ("+1 212 555 0100", GERMANY): "12125550100",
    ("555-0100", AMERICA): None,  # of every town
    ("49170123456", AMERICA): None,
    # words and extensions
    ("tel:+49-170-1234567", NOWHERE): "491701234567",
    ("Tel. 0170 1234567 (Mutter)", GERMANY): "491701234567",
    ("mobil: (0170) 1234567", GERMANY): "491701234567",
    ("+49 30 1234567 x123", NOWHERE): "49301234567",
    ("030 1234567 ext. 12", GERMANY): "49301234567",
    ("030 1234567, Durchwahl 12", GERMANY): "49301234567",
    ("tel:+49-30-1234567;ext=12", NOWHERE): "49301234567",
    ("030 1234567 #12", GERMANY): "49301234567",
    # a zero that nobody dials, a plus that is missing, the American way abroad
    ("+49 0170 1234567", NOWHERE): "491701234567",
    ("49 170 1234567", GERMANY): "491701234567",
    ("34 612 345 678", ("ES",)): "34612345678",
    ("011 49 170 1234567", AMERICA): "491701234567",
    ("8 (495) 123-45-67", ("RU",)): "74951234567",
    # one of several countries: the first in which it is assigned
    ("0170 1234567", ("US", "DE")): "491701234567",
    ("0170 1234567", ("DE", "AT")): "491701234567",
    ("030 901820", ("", "DE")): "4930901820",
    # no number, or not just one
    ("", GERMANY): None,
    ("n/a", GERMANY): None,
    ("12", GERMANY): None,
    ("0170 1234567", NOWHERE): None,
    ("0170a1234567", GERMANY): None,
    ("1-800-FLOWERS", AMERICA): None,
    ("+49 170 1234567, +49 151 7654321", NOWHERE): None,
    ("0170 1234567 / 0151 7654321", GERMANY): None,
    ("0170 1234567 oder 0151 7654321", GERMANY): None,
    ("+0170 1234567", GERMANY): None,
    ("+1 23 4567", NOWHERE): None,
    ("+4917012345678901234", NOWHERE): None,
}

# Kind, text, and what an erasure of the person keeps out: kinds and canonical spellings.
READ_AS: list[tuple[str, str, set[tuple[str, str]]]] = [
    *(("email", text, {("email", one)}) for text, one in ADDRESSES.items() if one),
    *(
        ("phone", text, {("phone", spelled) for spelled in reading.spelled(one)})
        for (text, _), one in NUMBERS.items()
        if one
    ),
]

"""How a person's name is read, and which names may be one person's.

**Folding.** Names are compared without what typists leave out: case, accents, punctuation, the
width of letters. Letters of every script stay; marks are left out only where they are accents
(Latin, Greek, Cyrillic, Arabic, Hebrew), not where they are vowels (as in Hindi).

**Reading.** "Müller, Anna" is given the other way round; titles (Dr, Mrs) are no names; Jr, Sr, II
and III say which of a family's namesakes; van, de, bin belong to the family name. What stands for
no name (n/a, guest, walk-in, VIP, a word without a letter) is none.

**Likeness.** Two names may be one person's if one offers a key that the other accepts:

- the name itself, in Latin letters, in a spelling that knows no ae/ä, c/k, ph/f, th/t, y/i, nor
  doubled letters: Иванова is Ivanova;
- its formal names by nickname (`nicknames.csv`: Bob is Robert; Alex is Alexander or Alexandra);
- of several given names the first, and for somebody with one given name any of them;
- an initial, for any name that begins with it;
- a slip: one letter wrong, missing, doubled or exchanged with its neighbour, in given names of six
  letters, family names of five or more, but for the first letter and a given name's last two:
  Daniel and Daniela are two people. Two given names that `nicknames.csv` has are never each
  other's slip.

Keys are compared as they are, so likeness is a join in SQL as well as in Python.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from anyascii import anyascii

from identifiers.reading import plain

_LETTERS = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe",
    "ß": "ss", "ŋ": "n", "ʻ": None, "ʼ": None, "'": None, "’": None, "‘": None, "`": None,
    "´": None, "ـ": None, ".": " ",
})  # fmt: skip
# Accents and vowel points; other scripts' marks are letters.
_ACCENTS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")
_TITLES = frozenset({
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "rev", "hon", "herr", "frau",
    "fr", "hr", "dipl", "ing", "mag", "med", "phd", "mba", "monsieur", "madame", "mme", "mlle",
    "sr", "sra", "srta", "senor", "senora", "sig", "don", "dona",
})  # fmt: skip
_SUFFIXES = {
    "sr": 1, "senior": 1, "sen": 1, "snr": 1, "i": 1, "1st": 1, "jr": 2, "junior": 2, "jun": 2,
    "jnr": 2, "ii": 2, "2nd": 2, "iii": 3, "3rd": 3, "iv": 4, "4th": 4,
}  # fmt: skip
_PARTICLES = frozenset({
    "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le",
    "el", "al", "bin", "ibn", "bint", "ben", "abu", "zu", "zum", "zur", "ter", "ten", "af", "av",
    "st", "san", "y", "e",
})  # fmt: skip
_NOBODY = frozenset({
    "na", "nan", "none", "null", "nil", "undefined", "unknown", "unk", "anonymous", "anonym",
    "guest", "gast", "invite", "visitor", "customer", "kunde", "kundin", "client", "walkin",
    "laufkundschaft", "vip", "test", "tester", "testing", "tba", "tbd", "missing", "declined",
    "refused", "keine", "kein", "noname", "nobody", "store", "shop", "kasse", "till", "pos",
    "default", "user", "admin", "staff", "company", "firma", "xx", "xxx", "xxxx", "asdf",
    "qwerty", "abc",
})  # fmt: skip
_SAME_SOUND = (
    ("ae", "a"), ("oe", "o"), ("ue", "u"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("sch", "s"),
    ("c", "k"), ("y", "i"), ("z", "s"), ("w", "v"),
)  # fmt: skip


@dataclass(frozen=True)
class Name:
    """A person's name, folded: words with one space between; None where it is not known.

    ``generation``: 1 for Sr and I, 2 for Jr and II, and so on; None where nothing says so.
    """

    given: str | None
    family: str | None
    generation: int | None = None


@dataclass(frozen=True)
class Likeness:
    """The keys by which a name, or a birth date, is found, and those by which it finds."""

    offered: frozenset[str]
    accepted: frozenset[str]

    def agrees(self, other: Likeness) -> bool:
        return bool(self.offered & other.accepted or other.offered & self.accepted)


def fold(text: str) -> str:
    """Words of letters, of whatever script, with one space between."""
    text = plain(text).translate(_LETTERS)
    if text.isascii():
        return " ".join(re.findall("[a-z]+", text))
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    text = unicodedata.normalize("NFC", bare).translate(_LETTERS)
    return " ".join("".join(sign if _is_letter(sign) else " " for sign in text).split())


def read(given: str | None, family: str | None = None) -> Name:
    """The name that two fields hold, or one that holds it all."""
    given, family = (plain(given) if given else ""), (plain(family) if family else "")
    if not family and "," in given:
        family, _, given = given.partition(",")
    elif not given and "," in family:
        family, _, given = family.partition(",")
    given_words, family_words = _name_words(given), _name_words(family)
    said = [*_words(family), *_words(given)[1:]] if given_words else _words(family)[1:]
    generations = [_SUFFIXES[word] for word in said if word in _SUFFIXES]
    if given_words and all(word in _SUFFIXES for word in family_words):
        family_words = []
    if not family_words and len(given_words) > 1 and _known(given_words):
        given_words, family_words = _parted(given_words)
    elif not given_words and len(family_words) > 1 and _known(family_words):
        given_words, family_words = _parted(family_words)
    return Name(_known(given_words), _known(family_words), generations[0] if generations else None)


def given_likeness(given: str) -> Likeness:
    """The keys of a folded given name."""
    words = given.split()
    # A middle initial says nothing that the first name does not.
    words = words[:1] + [word for word in words[1:] if not _is_initial(word)]
    if all(_is_initial(word) for word in words):
        key = {f"{words[0]}."}
        return Likeness(frozenset(key), frozenset(key))
    first, whole = words[0], "".join(words)
    offered = {_sound(first), _sound(whole)} | _formal(first) | _formal(whole)
    accepted = offered | {_sound(word) for word in words} | {f"{first[0]}."}
    for word in words:
        accepted |= _formal(word)
    slips = _slips(_sound(first), 6, last=2) | _slips(_sound(whole), 6, last=2)
    if not _formal(first):
        offered |= slips
    return Likeness(frozenset(offered), frozenset(accepted | slips))


def family_likeness(family: str) -> Likeness:
    """The keys of a folded family name: with and without particles, each part of a double name."""
    words = family.split()
    bare = core(family).split()
    whole = _sound("".join(words))
    offered = {whole, _sound("".join(bare))}
    offered |= _slips(_sound("".join(bare)), 5, last=0)
    accepted = offered | {_sound(word) for word in bare}
    if len(words) == 1 and _is_initial(words[0]):
        return Likeness(frozenset({f"{words[0]}."}), frozenset({f"{words[0]}."}))
    return Likeness(frozenset(offered), frozenset(accepted | {f"{bare[0][0]}."}))


def core(family: str) -> str:
    """A folded family name without its particles: van der Berg is Berg."""
    words = family.split()
    return " ".join([word for word in words if word not in _PARTICLES] or words)


def birth_date_likeness(day: str) -> Likeness:
    """The keys of a date (YYYY-MM-DD): with day and month exchanged, and with one digit wrong."""
    year, month, of_month = day[:4], day[5:7], day[8:10]
    digits = year + month + of_month
    keys = {f"{year}/{min(month, of_month)}/{max(month, of_month)}"}
    keys |= {f"{digits[:at]}?{digits[at + 1 :]}" for at in range(len(digits))}
    return Likeness(frozenset(keys), frozenset(keys))


def birth_date(text: str | None) -> str | None:
    """A date (YYYY-MM-DD) that somebody may be born on. The first days of 1900 and 1970 are what
    programs write where none is known."""
    if not text or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text[:10]):
        return None
    day = text[:10]
    return None if day in ("1900-01-01", "1970-01-01", "1111-11-11") or day < "1900" else day


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """Folded name → the formal names that it may stand for."""
    text = (resources.files("identifiers") / "nicknames.csv").read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        names = [fold(name) for name in line.split(",")] if not line.startswith("#") else []
        for name in names:
            found.setdefault(name, set()).add(names[0])
    return {name: frozenset(formal) for name, formal in found.items()}


def _is_letter(sign: str) -> bool:
    # In many scripts a vowel is a mark of the consonant before it.
    return sign.isalpha() or unicodedata.category(sign)[0] == "M"


def _words(text: str) -> list[str]:
    return re.sub(r"[.'’`]", "", text).replace("-", " ").split()


def _name_words(text: str) -> list[str]:
    words = fold(text).split()
    words = [word for word in words if word not in _TITLES] or words
    return words[:1] + [word for word in words[1:] if word not in _SUFFIXES]


def _parted(words: list[str]) -> tuple[list[str], list[str]]:
    """Given and family names of one field: the family name is the last word and its particles."""
    at = len(words) - 1
    while at > 1 and words[at - 1] in _PARTICLES:
        at -= 1
    return words[:at], words[at:]


def _known(words: list[str]) -> str | None:
    return " ".join(words) if words and "".join(words) not in _NOBODY else None


def _is_initial(word: str) -> bool:
    # A single sign of Chinese, Japanese or Korean is a whole name.
    return len(word) == 1 and ord(word) < 0x1100


def _formal(name: str) -> frozenset[str]:
    return frozenset(f"={formal}" for formal in nicknames().get(name, ()))


def _sound(name: str) -> str:
    name = anyascii(name).lower()
    for written, sound in _SAME_SOUND:
        name = name.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", name)


def _slips(name: str, shortest: int, last: int) -> set[str]:
    """A long enough name without one of its letters, neither the first nor one of the ``last``; a
    final consonant may be missing, for it makes nobody's name: Christop."""
    if len(name) < shortest:
        return set()
    at_the_end = {name[:-1]} if last and name[-1] not in "aeious" else set()
    return at_the_end | {name[:at] + name[at + 1 :] for at in range(1, len(name) - last)}

"""One spelling for what means the same: case, accents, punctuation, dates, phones, addresses.

Each distinct value is spelled once, so the cost grows with the values, not with the records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

from identifiers import names, reading

_MISSING = frozenset(
    {"na", "nan", "none", "null", "nil", "unknown", "unk", "anonymous", "test", "tba", "missing"}
)
_STREETS = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "dr": "drive",
    "cct": "circuit", "cres": "crescent", "cr": "crescent", "pl": "place", "ct": "court",
    "ln": "lane", "blvd": "boulevard", "hwy": "highway", "tce": "terrace", "pde": "parade",
    "sq": "square", "strasse": "street", "mt": "mount",
}  # fmt: skip
_NAMES = ("given_name", "surname", "full_name")
_SPELLED = (
    "given_name", "surname", "generation", "given_formal", "given_usual", "given_sound",
    "surname_sound",
)  # fmt: skip
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def normalise(records: pa.Table, fields: Mapping[str, str]) -> pa.Table:
    """One string column per field (null where nothing usable stands), rows as they come.

    ``fields`` maps a field to the column of ``records`` that holds it. A full name becomes given
    name and surname where those are not given, a house number in the street becomes its own field.
    """
    columns = _names(records, fields)
    for field, column in fields.items():
        if field in _NAMES:
            continue
        spell = dates(records[column]) if field == "date_of_birth" else _SPELLINGS.get(field, plain)
        columns[field] = _each(records[column], spell)
    if "address_1" in columns:
        if "street_number" not in columns:
            columns["street_number"] = _each(columns["address_1"], _house_number)
            columns["address_1"] = _each(columns["address_1"], _street_only)
        columns["address_1"] = _each(columns["address_1"], _joined)
    return pa.table(columns)


def _names(records: pa.Table, fields: Mapping[str, str]) -> dict[str, pa.ChunkedArray]:
    """The columns of the name, read as a whole: what stands in which field, in which order, with
    which suffix."""
    known = [field for field in _NAMES if field in fields]
    if not known:
        return {}
    columns = [
        pc.cast(records[fields[field]], pa.string()).to_pylist() if field in known else None
        for field in _NAMES
    ]
    given, family, full = (column or [None] * records.num_rows for column in columns)
    spell = cache(_name)
    rows = [spell(*row) for row in zip(given, family, full, strict=True)]
    parts = dict(zip(_SPELLED, zip(*rows, strict=True), strict=True)) if rows else {}
    return {
        name: pa.chunked_array([pa.array(part, pa.string())])
        for name, part in parts.items()
        if any(part) or name in known
    }


def _name(given: str | None, family: str | None, full: str | None) -> tuple[str | None, ...]:
    """The columns ``_SPELLED`` of one name, in Latin letters: so Иванова is Ivanova."""
    read = names.read(given, family) if given or family or not full else names.read(full)
    words = (read.given or "").split()
    # A middle initial says nothing that the first name does not.
    called = latin("".join(words[:1] + [word for word in words[1:] if len(word) > 1]))
    surname = latin(names.core(read.family or ""))
    if full and not (given or family) and called and not surname:
        called, surname = None, called
    first = words[0] if words else ""
    first_formal = latin(formal(first)) if called else None
    return (
        called,
        surname,
        str(read.generation) if read.generation else None,
        first_formal,
        ("yes" if first in names.nicknames() else "no") if called else None,
        skeleton(first_formal) if first_formal else None,
        skeleton(surname) if surname else None,
    )


def latin(name: str | None) -> str | None:
    """A folded name in Latin letters without spaces: ``o neil`` and ``oneil`` are one."""
    return re.sub(r"[^a-z]", "", anyascii(name).lower()) or None if name else None


def _each(values: pa.ChunkedArray, spell: Callable[[str], str]) -> pa.ChunkedArray:
    """``spell`` applied to every distinct value; an empty result is null."""
    coded = pc.cast(values, pa.string()).combine_chunks().dictionary_encode()
    spelled = [
        None if text is None else (spell(text) or None) for text in coded.dictionary.to_pylist()
    ]
    return pa.chunked_array([pa.array(spelled, pa.string()).take(coded.indices)])


def plain(text: str) -> str:
    """Lower case in Latin letters; words of letters and digits parted by one space."""
    bare = re.sub(r"['’`.]", "", text if text.isascii() else anyascii(text)).lower()
    words = re.sub(r"[^a-z0-9]+", " ", bare).strip()
    return "" if words.replace(" ", "") in _MISSING else words


def compact(text: str) -> str:
    """Letters and digits only: postcodes, house numbers, identifiers."""
    spelled = plain(text).replace(" ", "")
    if re.fullmatch(r"\s*\d+\.0\s*", text):  # a whole number that came through a table of floats
        spelled = spelled[:-1]
    return "" if re.fullmatch(r"(.)\1*", spelled) and len(spelled) > 4 else spelled


def street(text: str) -> str:
    """The usual abbreviations written out, words joined: spaces are what typists get wrong."""
    return "".join(_STREETS.get(word, word) for word in plain(text).split())


def address(text: str) -> str:
    """As ``street``, with the words kept apart, for house numbers still to be found in it."""
    return " ".join(_STREETS.get(word, word) for word in plain(text).split())


def email(text: str) -> str:
    return reading.email(text) or ""


def phone(text: str) -> str:
    """The last nine digits: what is left of a number however its country code is written."""
    digits = reading.dialled(re.sub(r"\.0$", "", text)).lstrip("+")
    return digits[-9:] if len(digits) >= 7 and len(set(digits)) > 1 else ""


def dates(values: pa.ChunkedArray) -> Callable[[str], str]:
    """How to spell this column's dates as YYYYMMDD.

    Day and month are told apart by the whole column: where a value such as 25/12/1980 shows the
    day first, it comes first everywhere; where nothing tells, the same. Eight digits that are no
    date are kept, because a mistyped date still tells most of the date.
    """
    if pa.types.is_date(values.type) or pa.types.is_timestamp(values.type):
        return lambda text: text[:10].replace("-", "")
    distinct = [text for text in pc.unique(pc.cast(values, pa.string())).to_pylist() if text]
    day_first = month_first = 0
    for text in distinct:
        if parts := re.match(r"\s*(\d{1,2})\D(\d{1,2})\D\d{2,4}\b", text):
            day_first += int(parts[1]) > 12 >= int(parts[2])
            month_first += int(parts[2]) > 12 >= int(parts[1])
    whole = [int(year) for text in distinct for year in re.findall(r"(?<!\d)\d{4}(?!\d)", text)]
    years = [year for year in whole if year <= _this_year()]
    return lambda text: birth_date(text, day_first >= month_first, years)


def birth_date(text: str, day_first: bool = True, years: Sequence[int] = ()) -> str:
    """``years`` are those that the column writes in full."""
    text = re.sub(r"\.0$", "", text.strip().casefold())
    if re.fullmatch(r"\d{8}", text):
        ends_in_year = not "1800" <= text[:4] <= "2100" and "1800" <= text[4:] <= "2100"
        return _ymd(text[4:], text[2:4], text[:2], day_first, years) if ends_in_year else text
    if parts := re.match(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})(?!\d)", text):
        return f"{parts[1]}{int(parts[2]):02d}{int(parts[3]):02d}"
    if parts := re.match(r"(\d{1,2})\D(\d{1,2})\D(\d{4}|\d{2})(?!\d)", text):
        return _ymd(parts[3], parts[2], parts[1], day_first, years)
    if word := re.search(r"[a-z]{3,}", text):
        month = next((i for i, m in enumerate(_MONTHS, 1) if word[0].startswith(m)), 0)
        numbers = re.findall(r"\d+", text)
        if month and len(numbers) == 2:
            day, year = sorted(numbers, key=len) if len(numbers[0]) != 2 else numbers
            return _ymd(year, str(month), day, True, years)
    return ""


def _ymd(year: str, month: str, day: str, day_first: bool, years: Sequence[int]) -> str:
    if not day_first:
        month, day = day, month
    if len(year) == 2:
        year = str(_century(int(year), years))
    return f"{year}{int(month):02d}{int(day):02d}"


def _century(year: int, years: Sequence[int]) -> int:
    """The year of two digits that is not in the future and nearest to what else the column has; the
    later one, if it has nothing else."""
    possible = [full for full in (1900 + year, 2000 + year) if full <= _this_year()]
    if not years:
        return possible[-1]
    return min(possible, key=lambda full: abs(full - median(years)))


def _this_year() -> int:
    return datetime.now(UTC).year


def _house_number(street_text: str) -> str:
    found = re.match(r"(\d+[a-z]?) |.* (\d+[a-z]?)$", street_text)
    return (found[1] or found[2]) if found else ""


def _street_only(street_text: str) -> str:
    return re.sub(r"^\d+[a-z]? | \d+[a-z]?$", "", street_text)


def _joined(words: str) -> str:
    return words.replace(" ", "")


def skeleton(spelled: str) -> str:
    """The first letter and the next three consonants, none twice in a row: what typos spare."""
    rest = re.sub(r"[aeiouyhw]", "", spelled[1:])
    return re.sub(r"(.)\1+", r"\1", spelled[:1] + rest)[:4]


def formal(given: str) -> str:
    """A formal name of a nickname, or the name itself: bill → william."""
    return min(names.nicknames().get(given, {given}))


_SPELLINGS: dict[str, Callable[[str], str]] = {
    "national_id": compact,
    "email": email,
    "phone": phone,
    "street_number": compact,
    "address_1": address,
    "address_2": street,
    "suburb": street,
    "postcode": compact,
}

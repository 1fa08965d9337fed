from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.linkage import normalise as spell
from analytics.linkage.normalise import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1980-12-25", "19801225"),
        ("1980-12-25T00:00:00", "19801225"),
        ("25/12/1980", "19801225"),
        ("25.12.80", "19801225"),
        ("1/2/05", "20050201"),
        ("19801225", "19801225"),
        ("25121980", "19801225"),
        ("25 Dec 1980", "19801225"),
        ("December 25, 1980", "19801225"),
        ("19801399", "19801399"),  # mistyped, but still most of a date
        ("unknown", ""),
    ],
)
def test_birth_date(text: str, expected: str) -> None:
    assert spell.birth_date(text) == expected


def test_order_of_day_and_month_is_the_column_s() -> None:
    american = pa.table({"dob": ["02/03/1980", "12/25/1981"]})
    european = pa.table({"dob": ["02/03/1980", "25/12/1981"]})
    fields = {"date_of_birth": "dob"}
    assert normalise(american, fields)["date_of_birth"].to_pylist() == ["19800203", "19811225"]
    assert normalise(european, fields)["date_of_birth"].to_pylist() == ["19800302", "19811225"]


def test_spells_alike_what_is_the_same() -> None:
    one = {"n": "O'Neil", "s": "12 Müller St.", "p": "+61 2 5550 1234", "z": "2 000", "e": "A@B.c "}
    two = {"n": "ONEIL", "s": "12 muller street", "p": "02 5550-1234", "z": "2000", "e": "a@b.c"}
    fields = {"surname": "n", "address_1": "s", "phone": "p", "postcode": "z", "email": "e"}
    first, second = normalise(pa.Table.from_pylist([one, two]), fields).to_pylist()
    assert first == second
    assert first["street_number"] == "12"
    assert first["address_1"] == "mullerstreet"


def test_reads_identifiers_as_everybody_does() -> None:
    one = {"p": "+49 (0)170 1234567 x12", "e": "Anna <An.Na+shop@GoogleMail.com>"}
    two = {"p": "Tel. 0170/1234567", "e": "mailto:anna@gmail.com"}
    fields = {"phone": "p", "email": "e"}
    first, second = normalise(pa.Table.from_pylist([one, two]), fields).to_pylist()
    assert first == second == {"phone": "701234567", "email": "anna@gmail.com"}


def test_full_name_is_parted() -> None:
    table = normalise(pa.table({"name": ["Bill J. Smith", "Prince"]}), {"full_name": "name"})
    assert table["given_name"].to_pylist() == ["bill", None]
    assert table["surname"].to_pylist() == ["smith", "prince"]
    assert table["given_formal"].to_pylist() == ["william", None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"g": "Łukasz", "f": "Żółć"}, {"g": "lukasz", "f": "zolc"}),
        ({"g": "Иван", "f": "Ёлкин"}, {"g": "Ivan", "f": "Elkin"}),
        ({"g": "Anna", "f": "Müller"}, {"g": "Müller, Anna", "f": None}),
        ({"g": "Jan J.", "f": "van der Berg"}, {"g": "Dr. Jan", "f": "Berg"}),
        ({"g": "Sean", "f": "O’Brien"}, {"g": "SEAN", "f": "O Brien"}),
    ],
)
def test_names_of_any_script_and_order(one: dict[str, str], other: dict[str, str]) -> None:
    first, second = (
        normalise(pa.Table.from_pylist([row]), {"given_name": "g", "surname": "f"}).to_pylist()
        for row in (one, other)
    )
    assert first == second
    assert first[0]["given_sound"]
    assert first[0]["surname_sound"]


def test_suffixes_are_read() -> None:
    table = pa.table({"name": ["John Smith Jr.", "Smith Sr, John", "John Smith III"]})
    spelled = normalise(table, {"full_name": "name"})
    assert spelled["generation"].to_pylist() == ["2", "1", "3"]
    assert spelled["surname"].to_pylist() == ["smith"] * 3


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["01.05.27", "02.06.1925", "03.07.1931"], "19270501"),
        (["01.05.24", "02.06.2015", "03.07.2019"], "20240501"),
        (["01.05.99", "02.06.2015"], "19990501"),  # not in the future
    ],
)
def test_the_century_is_the_column_s(column: list[str], expected: str) -> None:
    spelled = normalise(pa.table({"dob": column}), {"date_of_birth": "dob"})
    assert spelled["date_of_birth"][0].as_py() == expected


def test_what_says_nothing_is_null() -> None:
    table = pa.table(
        {"n": ["N/A", " ", None], "p": ["0000000000", "12", "x"], "e": ["none", "", "@"]}
    )
    spelled = normalise(table, {"surname": "n", "phone": "p", "email": "e"})
    assert all(spelled[name].null_count == 3 for name in spelled.column_names)


@given(st.text())
def test_spelling_twice_changes_nothing(text: str) -> None:
    # Not street: once joined, "c r" reads like an abbreviation.
    for function in (spell.plain, spell.address, spell.compact, spell.email):
        once = function(text)
        assert function(once) == once

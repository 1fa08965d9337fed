from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers import reading
from tests.identifiers.spellings import ADDRESSES, NUMBERS, Countries


@pytest.mark.parametrize(("text", "expected"), ADDRESSES.items())
def test_email(text: str, expected: str | None) -> None:
    assert reading.email(text) == expected


@pytest.mark.parametrize(("written", "expected"), NUMBERS.items())
def test_phone(written: tuple[str, Countries], expected: str | None) -> None:
    assert reading.phone(*written) == expected


@given(st.sampled_from(list(ADDRESSES)) | st.text())
def test_what_was_read_reads_the_same(text: str) -> None:
    address = reading.email(text)
    assert address is None or reading.email(address) == address
    number = reading.phone(text, ["DE"])
    assert number is None or reading.phone(f"+{number}") == number
    assert reading.plain(reading.plain(text)) == reading.plain(text)


def test_a_text_that_names_several_is_none_but_each_is_found() -> None:
    assert reading.emails("Anna <a@b.de>, BEN@b.de; c.d+x@gmail.com!") == [
        "a@b.de", "ben@b.de", "cd@gmail.com"
    ]  # fmt: skip
    assert reading.emails("nobody, nowhere") == []
    found = reading.all_dialled("0170 1234567, +49 (0)30 7654321 or 0049 40 1111111")
    assert found[:3] == ["01701234567", "+49307654321", "+49401111111"]


def test_numbers_of_all_countries() -> None:
    assert reading.international("+49 170 1234567") == ["491701234567"]
    found = reading.international("0170 1234567")
    assert "491701234567" in found
    assert "3901701234567" in found
    assert len(found) > 20
    assert reading.international("12") == []
    assert reading.spelled("491701234567") >= {
        "491701234567", "1701234567", "01701234567", "4901701234567", "011491701234567"
    }  # fmt: skip


def test_a_card_is_its_signs() -> None:
    assert reading.card(" 1234 5678-9 ") == reading.card("123456789") == "123456789"
    assert reading.card("Card.ab-12") == "cardab12"
    assert reading.card(" - ") is None


@pytest.mark.parametrize("piece", [".", "(", "'", "a ", "1", "1.", "a@b.", "ext", "x ", "<", "?"])
def test_a_long_text_is_read_in_no_time(piece: str) -> None:
    begin = time.process_time()
    for text in (piece * 50_000, f"1{piece * 50_000}a1", f"a@b.c{piece * 50_000}<", f"{piece * 9}"):
        reading.email(text)
        reading.phone(text, ["DE"])
    assert time.process_time() - begin < 2

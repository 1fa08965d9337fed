"""Times as vendors write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.core import times
from connectors.core.source import Window

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T13:00:00+01:00",
        "2026-03-01T12:00:00",
        "20260301T120000Z",
        "1772366400000",
    ],
)
def test_one_time_in_many_spellings(text: str) -> None:
    assert times.parse(text) == NOON


def test_a_date_of_eight_digits_is_no_number_of_milliseconds() -> None:
    assert times.parse("20260301") == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "-1772366400000", "9" * 20, "١٧٧٢٣٦٦٤٠٠٠٠٠"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # its words are the library's
        times.parse(text)


def test_a_part_that_is_new_is_asked_for_from_the_beginning() -> None:
    window = Window(NOON, NOON, (), date(2020, 1, 1), ("old", "new"), ("new",))
    assert window.since_of("old") == NOON
    assert window.since_of("new") == datetime(2020, 1, 1, tzinfo=UTC)

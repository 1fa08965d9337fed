"""Holidays of shops in two countries and regions, and what a shop is taken to do on them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest

from o2o.steps.public_holidays import calendar, results
from o2o.steps.shop_holidays import Shop

EPIPHANY, WOMENS_DAY, LABOUR_DAY = date(2026, 1, 6), date(2026, 3, 8), date(2026, 5, 1)
EVERY_DAY = [True] * 7


@pytest.mark.parametrize(
    ("country", "region", "scope", "kept", "not_kept"),
    [
        ("DE", "DE-BY", "region", {EPIPHANY, LABOUR_DAY}, {WOMENS_DAY}),
        ("DE", "DE-BE", "region", {WOMENS_DAY, LABOUR_DAY}, {EPIPHANY}),
        ("DE", None, "country", {LABOUR_DAY}, {EPIPHANY, WOMENS_DAY}),
        ("DE", "DE-XX", "country", {LABOUR_DAY}, {EPIPHANY, WOMENS_DAY}),
        ("US", "US-CA", "region", {date(2026, 11, 26)}, {LABOUR_DAY}),
        ("JP", "JP-13", "country", {date(2026, 5, 5)}, {LABOUR_DAY}),
    ],
)
def test_regions_keep_holidays_of_their_own(
    country: str, region: str | None, scope: str, kept: set[date], not_kept: set[date]
) -> None:
    found = calendar(country, region, 2026)
    assert found is not None
    assert found.scope == scope
    assert kept <= found.names.keys()
    assert not not_kept & found.names.keys()


@pytest.mark.parametrize("place", [(None, None), ("XX", None), ("XX", "XX-YY"), ("", "DE-BY")])
def test_of_a_country_that_nobody_knows_there_is_none(place: tuple[str | None, str | None]) -> None:
    assert calendar(*place, 2026) is None


def test_a_year_without_a_calendar_is_not_a_year_without_holidays() -> None:
    assert calendar("DE", None, 1) is None
    assert calendar("DE", None, 9999) is None


class Years:
    """A reader of the places and years of shops."""

    def query(self, query: str) -> pa.Table:
        rows: list[dict[str, Any]] = [
            {"country_code": country, "region_code": region, "calendar_year": 2026}
            for country, region in (("DE", "DE-BY"), ("DE", None), ("XX", None))
        ]
        return pa.Table.from_pylist(rows)


def test_each_holiday_of_a_place_lands_once_and_unknown_places_land_nothing() -> None:
    found = dict(results(Years()))
    assert {(row["country_code"], row["region_code"]) for row in found.values()} == {
        ("DE", "DE-BY"), ("DE", None)
    }  # fmt: skip
    assert found["DE|DE-BY|2026-01-06"]["holiday_name"] == "Epiphany"
    assert "DE||2026-01-06" not in found
    assert found["DE||2026-05-01"]["holiday_scope"] == "country"


def learnt(came: dict[date, int], sold: dict[date, int], days: int = 365) -> Shop:
    shop = Shop(EVERY_DAY, "DE", "DE-BY")
    first = date(2025, 5, 1)
    shop.learn(came, sold, first, first + timedelta(days=days - 1))
    return shop


def every_day_but(*shut: date) -> dict[date, int]:
    days = [date(2025, 5, 1) + timedelta(days=at) for at in range(365)]
    return {day: 0 if day in shut else 40 for day in days}


def test_it_is_closed_as_it_was_when_the_holiday_was_last() -> None:
    shop = learnt(every_day_but(EPIPHANY), {})
    assert shop.is_closed(date(2027, 1, 6))
    assert not shop.is_closed(LABOUR_DAY)
    assert not shop.is_closed(date(2027, 1, 7))


def test_a_new_holiday_is_kept_by_who_has_kept_all() -> None:
    """Of few holidays so far, until then."""
    shut = (date(2025, 5, 1), date(2025, 5, 29), date(2025, 6, 9), date(2025, 6, 19))
    assert learnt(every_day_but(*shut), {}, days=60).is_closed(EPIPHANY)
    assert not learnt(every_day_but(*shut[:-1]), {}, days=60).is_closed(EPIPHANY)
    assert not learnt(every_day_but(*shut), {}, days=14).is_closed(EPIPHANY), "one tells nothing"


def test_sales_tell_of_a_shop_that_sells_nearly_every_day() -> None:
    sold = {day: 3000 for day, people in every_day_but(EPIPHANY).items() if people}
    assert learnt({}, sold).is_closed(date(2027, 1, 6))
    seldom = {day: 3000 for day in sold if day.day % 3 == 0}
    assert not learnt({}, seldom).closed


def test_who_sold_something_was_open_whatever_the_doors_say() -> None:
    assert not learnt(every_day_but(EPIPHANY), {EPIPHANY: 100}).is_closed(date(2027, 1, 6))


def test_a_weekday_on_which_it_never_opens_says_nothing() -> None:
    shop = Shop([*EVERY_DAY[:4], False, True, True], "DE", "DE-BY")
    shop.learn(every_day_but(), {}, date(2026, 5, 1), date(2026, 5, 1))  # a Friday
    assert not shop.closed

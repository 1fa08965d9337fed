"""Public holidays where shops are, country by country and region by region, by the library
`holidays`. A country that it does not know has none here, and the marts say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from warehouse.engines.warehouse import Reader

LANGUAGE = "en_US"  # names are English where the library has them so, else the country's own


@dataclass(frozen=True)
class Calendar:
    """The holidays of a place in a year. ``scope``: ``region`` where the library tells those of the
    region, ``country`` where it knows the nationwide ones only."""

    names: dict[date, str]
    scope: str


@cache
def calendar(country: str | None, region: str | None, year: int) -> Calendar | None:
    """Of a country (ISO 3166-1) and region (ISO 3166-2); None where nobody knows: the country is
    not told or not known, or its holidays of so distant a year are not."""
    import holidays  # a second to import, and only builds need it

    if not country:
        return None
    try:
        found = holidays.country_holidays(country, years=year, language=LANGUAGE)
    except NotImplementedError:  # what the library says of a country that it does not have
        return None
    part, scope = (region or "").partition("-")[2], "country"
    if part in {*found.subdivisions, *found.subdivisions_aliases}:
        found = holidays.country_holidays(country, subdiv=part, years=year, language=LANGUAGE)
        scope = "region"
    return Calendar(dict(found), scope) if found else None


def results(reader: Reader) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each country, region and holiday of the years in which anything is known of a shop there."""
    table = reader.query(
        "select country_code, region_code, calendar_year from intermediate.int_stores__years"
    )
    for row in table.to_pylist():
        place = row["country_code"], row["region_code"]
        known = calendar(*place, row["calendar_year"])
        for day, name in sorted(known.names.items()) if known else ():
            yield (
                "|".join((place[0], place[1] or "", str(day))),
                {
                    "country_code": place[0],
                    "region_code": place[1],
                    "holiday_date": str(day),
                    "holiday_name": name,
                    "holiday_scope": known.scope if known else None,
                },
            )

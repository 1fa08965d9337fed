"""Each helper gives the same value on both engines, at the edges where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from warehouse.engines.dialect import Dialect, DuckDBDialect, SparkDialect

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TEN_TO = "timestamp '2026-03-29 00:50:00'"
AFTER = "timestamp '2026-03-29 03:10:00'"
BEFORE = "timestamp '2026-03-28 23:55:00'"
DAYS = ("date '2026-03-01'", "date '2026-02-27'")
CURRENCIES = ("'EUR'", "'EURO'", "concat('EUR', chr(10))")


def asked(d: Dialect) -> list[str]:
    texts = "(values ('b', 1), ('a', 2), (null, 3), ('a', 4)) as t (x, y)"
    return [
        f"select {d.local_date(TEN_TO, repr('America/New_York'))}",
        f"select {d.local_date(TEN_TO, repr('Europe/Berlin'))}",
        f"select {d.days_between(*DAYS)}",
        f"select {d.hours_between(TEN_TO, AFTER)}",
        f"select {d.hours_between(TEN_TO, BEFORE)}",
        f"select {d.first_five('x')} from {texts}",
        f"select {d.first_five('x', 'y > 9')} from {texts}",
        f"select {d.first_five('x')} from (values ('3'), ('1'), ('2'), ('5'), ('4'), ('6')) t (x)",
        f"select {d.joined('x', 'y desc')} from {texts}",
        *(f"select {d.is_like_whole(text, '[A-Z]{3}')}" for text in CURRENCIES),
    ]


EXPECTED = [
    "2026-03-28",
    "2026-03-29",
    "-2",
    "3",
    "-1",
    "a, a, b",
    "None",
    "1, 2, 3, 4, 5",
    "a; a; b",
    "True",
    "False",
    "False",
]


def test_duckdb() -> None:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        d = DuckDBDialect()
        found: list[Any] = [con.execute(query).fetchall()[0][0] for query in asked(d)]
        assert [str(value) for value in found] == EXPECTED
        length = con.execute(f"select {d.list_length('[1, 2]')}, {d.list_length('null')}")
        assert length.fetchall() == [(2, None)]


@pytest.mark.spark
def test_spark(session: SparkSession) -> None:
    d = SparkDialect()
    found: list[Any] = [session.sql(query).collect()[0][0] for query in asked(d)]
    assert [str(value) for value in found] == EXPECTED
    none = "cast(null as array<int>)"
    length = session.sql(f"select {d.list_length('array(1, 2)')}, {d.list_length(none)}")
    assert tuple(length.collect()[0]) == (2, None)

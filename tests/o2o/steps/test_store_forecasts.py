"""What is landed of forecasts, from the rows of a model."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from o2o.steps.store_forecasts import rows

FIRST = date(2026, 1, 5)  # a Monday
HOURS = "1,2,3,4,5,6"
NAMES = (
    "store_id", "measure", "demand_date", "value", "open_weekdays", "country_code", "region_code",
)  # fmt: skip


def table(days: int, *, skip: tuple[int, ...] = ()) -> pa.Table:
    """A shop that sells 30.00 on each open day, and one that has just been opened."""
    found = [
        ("S001", "sales", FIRST + timedelta(days=at), 3000, HOURS, None, None)
        for at in range(days)
        if at % 7 != 6 and at not in skip
    ]
    found.append(("S002", "sales", FIRST + timedelta(days=days - 2), 100, None, None, None))
    return of(found)


def of(found: list[tuple[Any, ...]]) -> pa.Table:
    return pa.table(dict(zip(NAMES, map(list, zip(*found, strict=True)), strict=True)))


def test_the_newest_day_may_not_be_whole_and_sundays_are_closed() -> None:
    # The last day is a Saturday: the forecast begins with it.
    found = {(row["store_id"], row["forecast_date"]): row for row in rows(table(13 * 7 - 1))}
    assert len(found) == 2 * 28
    saturday = found["S001", "2026-04-04"]
    assert saturday["trained_until"] == "2026-04-03"
    assert (saturday["expected"], saturday["low_95"], saturday["high_95"]) == ("3000",) * 3
    assert saturday["naive_wape"] == "0.000000"
    sunday = found["S001", "2026-04-05"]
    assert (sunday["is_open"], sunday["expected"], sunday["high_95"]) == ("false", "0", "0")
    young = found["S002", "2026-04-05"]
    assert young["reason"] == "short_history"
    assert young["is_open"] == "true", "nobody entered hours"
    assert "expected" not in young


def test_a_day_without_a_sale_is_a_day_of_nothing() -> None:
    found = {(row["store_id"], row["forecast_date"]): row for row in rows(table(90, skip=(84, 85)))}
    assert 0 < int(found["S001", "2026-04-05"]["day_count"]) <= 89
    assert int(found["S001", "2026-04-06"]["expected"]) < 3000


def test_order_of_rows_does_not_matter_and_no_rows_are_no_forecast() -> None:
    whole = table(90)
    turned = whole.take(list(reversed(range(whole.num_rows))))
    assert list(rows(whole)) == list(rows(turned))
    assert list(rows(whole.slice(0, 0))) == []


def shop(store: str, place: tuple[str | None, str | None], shut: set[date]) -> pa.Table:
    """Sells 30.00 and sees 50 people on each day of 70 weeks but those on which it was shut, until
    the 27th of April 2026."""
    days = [date(2026, 4, 28) - timedelta(days=at) for at in range(490)]
    return of(
        [
            row
            for day in days
            for row in (
                (store, "footfall", day, 50 if day not in shut else 0, None, *place),
                (store, "sales", day, 3000 if day not in shut else None, None, *place),
            )
            if row[3] is not None
        ]
    )


HOLIDAYS = {date(2025, 5, 1), date(2025, 5, 29), date(2025, 12, 25), date(2026, 4, 3)}


def test_a_holiday_that_it_was_closed_on_is_no_day_to_expect_anybody() -> None:
    found = {
        (row["measure"], row["forecast_date"]): row
        for row in rows(shop("S001", ("DE", "DE-BE"), HOLIDAYS))
    }
    for measure, ordinary in (("footfall", "50"), ("sales", "3000")):
        may = found[measure, "2026-05-01"]
        assert (may["is_public_holiday"], may["holiday_name"]) == ("true", "Labor Day")
        assert (may["is_open"], may["expected"], may["high_95"]) == ("false", "0", "0")
        after = found[measure, "2026-05-02"]
        assert (after["is_public_holiday"], after["holiday_name"]) == ("false", None)
        assert (after["is_open"], after["expected"]) == ("true", ordinary)
        assert after["backtest_wape"] == "0.000000", "what it was closed on is no error"
        # It was closed on Ascension Day, which is in two weeks.
        assert found[measure, "2026-05-14"]["is_open"] == "false"


def test_a_holiday_that_it_opens_on_is_a_day_like_others() -> None:
    found = {
        row["forecast_date"]: row
        for row in rows(shop("S001", ("DE", "DE-BE"), {date(2025, 12, 25)}))
    }
    may = found["2026-05-01"]
    assert (may["is_public_holiday"], may["is_open"]) == ("true", "true")
    assert int(may["expected"]) > 0


def test_where_nobody_knows_the_holidays_nothing_is_said() -> None:
    for place in ((None, None), ("XX", "XX-YY")):
        found = {row["forecast_date"]: row for row in rows(shop("S001", place, HOLIDAYS))}
        may = found["2026-05-01"]
        assert (may["is_public_holiday"], may["holiday_name"]) == (None, None)
        assert may["is_open"] == "true"

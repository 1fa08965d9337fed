"""What is landed of forecasts, from the rows of a model."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from o2o.steps.store_forecasts import rows

FIRST = date(2026, 1, 5)  # a Monday
HOURS = "1,2,3,4,5,6"


def table(days: int, *, skip: tuple[int, ...] = ()) -> pa.Table:
    """A shop that sells 30.00 on each open day, and one that has just been opened."""
    found = [
        ("S001", "sales", FIRST + timedelta(days=at), 3000, HOURS)
        for at in range(days)
        if at % 7 != 6 and at not in skip
    ]
    found.append(("S002", "sales", FIRST + timedelta(days=days - 2), 100, None))
    names = ["store_id", "measure", "demand_date", "value", "open_weekdays"]
    return pa.table(dict(zip(names, map(list, zip(*found, strict=True)), strict=True)))


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

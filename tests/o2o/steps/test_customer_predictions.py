"""What lands of customers' histories: predictions, what they come from, or why there are none."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from o2o.steps.customer_predictions import HORIZON_DAYS, predictions
from tests.analytics.ltv.test_ltv import PUBLISHED, simulated

UNTIL = date(2026, 3, 31)
COLUMNS = (
    "customer_id", "until_date", "repeat_count", "recency_days", "age_days", "valued_repeat_count",
    "repeat_reporting_minor", "later_repeat_count",
)  # fmt: skip
ENDS = {1: 210, 2: 210, 3: 210, 4: 210}  # as many days held back at each, to compare them


class Marts:
    """A reader of ``int_customers__histories``, and of the same as what was known at each end."""

    def __init__(self, rows: list[tuple[Any, ...]], ends: dict[int, int]) -> None:
        self.database = duckdb.connect()
        self.database.execute("create schema intermediate")
        types = ["varchar", "date", *["bigint"] * (len(COLUMNS) - 2)]
        declared = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, types, strict=True))
        self.database.execute(f"create table intermediate.int_customers__histories ({declared})")
        if rows:
            table = pa.table([list(column) for column in zip(*rows, strict=True)], list(COLUMNS))
            self.database.register("given", table)
            self.database.execute("insert into intermediate.int_customers__histories from given")
        self.database.execute(
            """
            create table intermediate.int_customers__past_histories as
            select held_back_eighths, later_days, repeat_count, recency_days, age_days,
                count(*) as customer_count, sum(later_repeat_count)::bigint as later_repeat_count
            from intermediate.int_customers__histories
            cross join (select unnest(?) as held_back_eighths, unnest(?) as later_days)
            group by all
            """,
            [[*ends], [*ends.values()]],
        )

    def query(self, query: str) -> pa.Table:
        return self.database.sql(query).to_arrow_table()


def shop(count: int, minor: float = 3_000) -> list[tuple[Any, ...]]:
    """Customers of a simulated shop, seen by days; half of their time is held back as a test."""
    histories, later = simulated(count, PUBLISHED)
    amounts = np.random.default_rng(2).gamma(4, minor / 4, count)
    rows = []
    for place in range(count):
        repeats, recency, age = (
            round(float(column[place]) * (7 if number else 1))
            for number, column in enumerate(histories.columns[:3])
        )
        value = round(repeats * float(amounts[place]))
        rows.append((f"c{place}", UNTIL, repeats, recency, age, repeats, value, int(later[place])))
    return rows


def landed(
    rows: list[tuple[Any, ...]], ends: dict[int, int] = ENDS
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    found = dict(predictions(Marts(rows, ends)))
    return found.pop("model"), found


def test_each_history_lands_once_and_no_customer_does() -> None:
    rows = shop(4_000)
    model, found = landed(rows)
    assert set(found) == {f"{r}|{t}|{age}" for _, _, r, t, age, *_ in rows}
    assert not any("c1" in str(row) or "customer_id" in row for row in found.values())
    assert (model["customer_count"], model["horizon_days"]) == (4_000, HORIZON_DAYS)
    assert model["repeat_customer_count"] == sum(row[2] > 0 for row in rows)
    assert (model["purchases_reason"], model["spend_reason"]) == (None, None)
    # About as long held back as known, so about as much again, and what is expected is near it.
    assert float(model["tested_expected"]) == pytest.approx(model["tested_actual"], rel=0.1)
    never, often = found["0|0|200"], max(found.values(), key=lambda row: row["repeat_count"])
    assert never["probability_alive"] is None
    assert never["own_share"] == "0.000000"
    assert 0 < float(never["expected_purchases"]) < float(often["expected_purchases"])
    assert model["mean_minor"] == pytest.approx(3_000, rel=0.1)


def test_the_order_of_customers_changes_no_digit() -> None:
    rows = shop(1_500)
    assert landed(rows) == landed(rows[::-1])


def test_too_few_repeats_land_their_reason_and_nothing_else() -> None:
    rows = [row for row in shop(1_000) if row[2] == 0]
    model, found = landed(rows)
    assert found == {}
    assert model["purchases_reason"] == "0 customers came back, and 30 are needed to see how"
    assert model["spend_reason"].startswith("0 customers came back and kept something")
    assert model["test_reason"] == model["purchases_reason"]


def test_spend_that_cannot_be_foreseen_leaves_the_purchases() -> None:
    rows = [(*row[:6], row[2] * row[2] * 1_000, *row[7:]) for row in shop(1_500)]
    model, found = landed(rows)
    assert "depends on how often they buy" in model["spend_reason"]
    assert {row["own_share"] for row in found.values()} == {None}
    assert all(row["expected_purchases"] for row in found.values())


def test_a_shop_of_one_day_is_not_tested_and_one_without_sales_lands_nothing() -> None:
    model, _ = landed(shop(1_000), {})
    assert model["test_reason"] == "there is no time before and after"
    assert "sum_low_factor" not in model
    assert list(predictions(Marts([], {}))) == []


def test_a_sum_is_as_sure_as_the_tests_were_right() -> None:
    """Each of four tests is off by the same, so the interval is 2.776 times that: Student's t of
    four degrees of freedom. Three are the fewest."""
    rows = shop(4_000)
    model, _ = landed(rows)
    error = math.log(model["tested_actual"] / float(model["tested_expected"]))
    width = 2.776445 * abs(error)
    assert float(model["sum_high_factor"]) == pytest.approx(math.exp(width), rel=1e-3)
    assert float(model["sum_low_factor"]) == pytest.approx(math.exp(-width), rel=1e-3)
    assert "sum_low_factor" in landed(rows, {1: 210, 2: 210, 4: 210})[0]
    assert "sum_low_factor" not in landed(rows, {1: 210, 2: 210})[0]


def test_an_interval_that_says_nothing_is_none() -> None:
    """A shop that all but closed: a thousand times less came than was expected."""
    rows = [(*row[:-1], int(place == 0)) for place, row in enumerate(shop(4_000))]
    assert "sum_low_factor" not in landed(rows)[0]

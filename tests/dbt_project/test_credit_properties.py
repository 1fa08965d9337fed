"""The SQL of attribution against the definitions, in exact fractions, on random journeys."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.attribution import heuristics, journeys, models
from analytics.attribution.solve import solve
from tests.dbt_project.warehouse import PROJECT

pytestmark = pytest.mark.e2e
NOW = datetime.fromisoformat("2026-03-31T12:00:00")
HOUR, DAY = 60, 24 * 60  # minutes
WEEK = 7 * DAY  # the half-life of time decay
TOUCHED_BY = {  # type of touch -> channel; the last type has no window
    "email_click": "email",
    "store_visit": "store",
    "paid_click": "paid_search",
    "direct_visit": "direct",
    "unheard_of": "unheard_of",
}
VALUES = st.sampled_from([0, 1, -1, 2, 100, -333, 99_999_999, 4_000_000, 4_000_001, 10**12]) | (
    st.integers(-1_000, 10_000_000)
)
# Minutes before NOW: at the edges of windows, at the same instant, and after it.
EDGES = [at + off for at in (0, 12 * HOUR, 7 * DAY, 14 * DAY, 30 * DAY) for off in (-1, 0, 1)]
MINUTES = st.sampled_from(EDGES) | st.integers(-10, 40 * DAY)
Touch = tuple[int, str, bool]  # minutes before NOW, type, consent
Conversion = tuple[int, str, int]  # minutes before NOW, type, value
TOUCHES = st.lists(st.tuples(MINUTES, st.sampled_from([*TOUCHED_BY]), st.booleans()), max_size=12)
CONVERSIONS = st.lists(
    st.tuples(MINUTES, st.sampled_from(["web_order", "till_order"]), VALUES),
    min_size=1,
    max_size=3,
)
VIEWS = (
    "int_attribution__paths", "int_attribution__channel_paths", "int_attribution__models",
    "int_attribution__credits", "fct_attribution",
)  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(
    compiled: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    """The compiled models over tables of our own."""
    con = duckdb.connect(str(tmp_path_factory.mktemp("credit") / "warehouse.duckdb"))
    for schema in ("seeds", "staging", "intermediate", "marts"):
        con.execute(f"create schema if not exists {schema}")
    for seed in PROJECT.glob("seeds/attribution_*.csv"):
        con.execute(f"create table seeds.{seed.stem} as from '{seed}'")
    con.execute(
        """
        create table intermediate.int_touchpoints (touchpoint_id varchar, customer_id varchar,
            touched_at timestamp, channel varchar, touch_type varchar, campaign_id varchar,
            has_analytics_consent boolean);
        create table intermediate.int_conversions (conversion_id varchar, conversion_type varchar,
            customer_id varchar, converted_at timestamp, value_minor bigint,
            value_reporting_minor bigint, has_analytics_consent boolean, order_channel varchar,
            store_id varchar, currency_code varchar);
        create table staging.stg_o2o__channel_weights (conversion_type varchar,
            attribution_model varchar, channel varchar, weight_trillionths bigint)"""
    )
    for model in VIEWS:
        schema = "marts" if model.startswith("fct") else "intermediate"
        con.execute(f"create view {schema}.{model} as {compiled[model]}")
    return con


def windows() -> dict[tuple[str, str], tuple[int, int]]:
    """From the youngest to the oldest age that is credited, in minutes."""
    with (PROJECT / "seeds/attribution_windows.csv").open() as file:
        return {
            (row["conversion_type"], row["touch_type"]): (
                int(row["minimum_age_hours"]) * HOUR,
                int(row["lookback_days"]) * DAY,
            )
            for row in csv.DictReader(file)
        }


WINDOWS = windows()
POSITIONS = {rule.name: rule for rule in heuristics.RULES if rule.kind == "position"}


def weights(
    model: str, path: list[tuple[int, str]], solved: dict[tuple[str, str], int]
) -> list[Fraction]:
    """By the definitions, for touches of these ages (minutes) and channels, in their order."""
    n = len(path)
    if model == "first":
        parts = [Fraction(i == 0) for i in range(n)]
    elif model == "last":
        parts = [Fraction(i == n - 1) for i in range(n)]
    elif model == "last_non_direct":
        others = [i for i, (_, channel) in enumerate(path) if channel != "direct"] or [n - 1]
        parts = [Fraction(i == others[-1]) for i in range(n)]
    elif model == "linear":
        parts = [Fraction(1)] * n
    elif model in POSITIONS:
        rule = POSITIONS[model]
        peaks = {0: rule.first, n - 1: rule.last}
        if n == 1:
            peaks = {0: 1}
        elif n >= 3 and rule.middle:
            peaks[(n - 1) // 2] = rule.middle
        rest = Fraction(rule.rest, max(1, n - len(peaks)))
        parts = [Fraction(peaks[i]) if i in peaks else rest for i in range(n)]
    elif model == "time_decay":
        parts = [Fraction(0.5 ** (age / WEEK)) for age, _ in path]
    else:
        parts = [Fraction(max(1, solved[model, channel])) for _, channel in path]
    return [part / sum(parts) for part in parts]


def fill(
    con: duckdb.DuckDBPyConnection,
    touches: list[Touch],
    conversions: list[Conversion],
    customers: int = 1,
) -> None:
    """Tables of these rows; touches and conversions go to the customers in turn."""
    con.execute("truncate intermediate.int_touchpoints; truncate intermediate.int_conversions")
    con.execute("truncate staging.stg_o2o__channel_weights")
    for i, (ago, kind, consent) in enumerate(touches):
        con.execute(
            "insert into intermediate.int_touchpoints values (?, ?, ?, ?, ?, null, ?)",
            [
                f"t{i:02d}", f"x{i % customers}", NOW - timedelta(minutes=ago), TOUCHED_BY[kind],
                kind, consent,
            ],
        )  # fmt: skip
    for i, (ago, kind, value) in enumerate(conversions):
        con.execute(
            "insert into intermediate.int_conversions values (?, ?, ?, ?, ?, ?, true, null, null,"
            " 'EUR')",
            [
                f"c{i}", kind, f"x{i % customers}", NOW - timedelta(minutes=ago), value,
                None if value is None else -value,
            ],
        )  # fmt: skip
    channel_paths = con.sql("from intermediate.int_attribution__channel_paths")
    con.register("solved", solve(channel_paths.to_arrow_table(), 0))
    con.execute(
        """insert into staging.stg_o2o__channel_weights
        select conversion_type, attribution_model, channel, round(weight * 1e12)::bigint
        from solved"""
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=TOUCHES, conversions=CONVERSIONS)
def test_credit_is_what_the_definitions_say_and_sums_exactly(
    warehouse: duckdb.DuckDBPyConnection, touches: list[Touch], conversions: list[Conversion]
) -> None:
    fill(warehouse, touches, conversions)
    found = warehouse.sql(
        """select conversion_id, attribution_model, touchpoint_id, credit_share, credit_minor,
            credit_reporting_minor
        from intermediate.int_attribution__credits order by all"""
    ).fetchall()
    credits = {row[:3]: row[3:] for row in found}
    assert len(credits) == len(found)
    solved: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for kind, model, channel, weight in warehouse.sql(
        "from staging.stg_o2o__channel_weights"
    ).fetchall():
        solved[kind][model, channel] = weight
    in_use = [rule.name for rule in heuristics.RULES]
    in_use += models.SOLVED if solved else ()
    expected = 0
    for number, (moment, kind, value) in enumerate(conversions):
        path = sorted(
            (-ago, f"t{i:02d}", TOUCHED_BY[how])
            for i, (ago, how, consent) in enumerate(touches)
            if consent
            and (kind, how) in WINDOWS
            # Never after the conversion, whatever the window.
            and WINDOWS[kind, how][0] <= ago - moment <= WINDOWS[kind, how][1]
        )
        for model in in_use if path else ():
            ages = [(-negative - moment, channel) for negative, _, channel in path]
            due = weights(model, ages, solved[kind])
            got = [credits[f"c{number}", model, touch] for _, touch, _ in path]
            expected += len(path)
            assert sum(share for share, _, _ in got) == 1
            assert sum(minor for _, minor, _ in got) == value
            assert sum(minor for _, _, minor in got) == -value
            for weight, (share, minor, reporting) in zip(due, got, strict=True):
                assert abs(Fraction(share) - weight) < Fraction(3, 10**9)
                assert abs(minor - Fraction(share) * value) <= 1 + abs(value) * Fraction(1, 10**9)
                assert minor * value >= 0  # nobody loses what another gains
                assert reporting == -minor
    assert len(credits) == expected  # nothing else is credited


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=TOUCHES, conversions=CONVERSIONS, customers=st.integers(1, 3))
def test_every_model_and_day_holds_all_conversions_and_all_value(
    warehouse: duckdb.DuckDBPyConnection,
    touches: list[Touch],
    conversions: list[Conversion],
    customers: int,
) -> None:
    fill(warehouse, touches, conversions, customers)
    by_day: dict[Any, list[int]] = defaultdict(lambda: [0, 0])
    for ago, _, value in conversions:
        day = (NOW - timedelta(minutes=ago) + timedelta(hours=2)).date()  # summer time in Berlin
        if NOW - timedelta(minutes=ago) < datetime.fromisoformat("2026-03-29T01:00:00"):
            day = (NOW - timedelta(minutes=ago) + timedelta(hours=1)).date()
        by_day[day][0] += 1
        by_day[day][1] += value
    names = [name for (name,) in warehouse.sql(
        "select attribution_model from intermediate.int_attribution__models"
    ).fetchall()]  # fmt: skip
    for view in ("cash_date", "accrual_date"):
        booked = warehouse.sql(
            f"""select attribution_model, {view}, sum(credit_share), sum(credit_minor),
                min(credit_share) >= 0
            from marts.fct_attribution group by all"""
        ).fetchall()
        assert all(positive for *_, positive in booked)
        for name in names:
            rows = {day: [share, minor] for model, day, share, minor, _ in booked if model == name}
            if view == "cash_date":
                assert rows == by_day
            assert sum(share for share, _ in rows.values()) == len(conversions)
            assert sum(minor for _, minor in rows.values()) == sum(v for *_, v in conversions)
    (odd,) = warehouse.sql(
        """select count(*) from marts.fct_attribution
        where (touchpoint_id is null) <> (unattributed_reason is not null)
            or (touchpoint_id is null) <> (direction is null)
            or accrual_date > cash_date"""
    ).fetchall()
    assert odd == (0,)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(touches=TOUCHES, conversions=CONVERSIONS)
def test_the_library_and_the_sql_say_the_same_of_every_rule(
    warehouse: duckdb.DuckDBPyConnection, touches: list[Touch], conversions: list[Conversion]
) -> None:
    fill(warehouse, touches, conversions)
    paths = warehouse.sql(
        """select list(channel order by touch_position) as touches,
            list(age_microseconds / 86400e6 order by touch_position) as ages,
            any_value(value_minor) as value
        from intermediate.int_attribution__paths where has_analytics_consent
        group by conversion_id"""
    ).to_arrow_table()
    if not paths.num_rows:
        return
    found = journeys.from_lists(
        paths["touches"].combine_chunks(),
        np.ones(paths.num_rows),
        paths["value"].to_numpy(),
        ages=paths["ages"].combine_chunks().flatten().to_numpy(),
    )
    in_sql = {
        (model, channel): (float(share), minor)
        for model, channel, share, minor in warehouse.sql(
            """select attribution_model, channel, sum(credit_share), sum(credit_minor)
            from intermediate.int_attribution__credits group by all"""
        ).fetchall()
    }
    slack = 1e-6 + paths.num_rows * len(touches) + sum(abs(v) for *_, v in conversions) * 1e-8
    for rule in heuristics.RULES:
        shares, money = heuristics.credit(rule, found)
        for place, channel in enumerate(found.channels):
            share, minor = in_sql[rule.name, channel]
            assert shares[place] == pytest.approx(share, abs=1e-6)
            assert money[place] == pytest.approx(minor, abs=slack)


def test_the_library_knows_the_rules_of_the_warehouse() -> None:
    """The seed is what the warehouse goes by; the library's own list serves who has no
    warehouse."""
    with (PROJECT / "seeds/attribution_models.csv").open() as file:
        rows = list(csv.DictReader(file))
    percents = ("first_percent", "middle_percent", "last_percent", "rest_percent")
    assert [
        heuristics.Rule(r["attribution_model"], r["rule"], *(int(r[p] or 0) for p in percents))
        for r in rows
        if r["rule"] != "channel_weight"
    ] == list(heuristics.RULES)
    assert [r["attribution_model"] for r in rows if r["rule"] == "channel_weight"] == [
        *models.SOLVED
    ]


def test_arrow_schema_of_the_input_is_the_models(warehouse: duckdb.DuckDBPyConnection) -> None:
    fill(warehouse, [(60, "email_click", True)], [(0, "web_order", 5)])
    table = warehouse.sql("from intermediate.int_attribution__channel_paths").to_arrow_table()
    answer = solve(table, 10)
    assert answer.num_rows == len(models.SOLVED)
    assert set(answer["weight"].to_pylist()) == {1.0}
    assert pa.types.is_float64(answer["weight_standard_error"].type)

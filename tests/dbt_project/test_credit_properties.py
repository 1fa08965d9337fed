"""The SQL of attribution against the definitions, in exact fractions, on random journeys."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from fractions import Fraction

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse import PROJECT, Warehouse, run_dbt

pytestmark = pytest.mark.e2e
NOW = datetime.fromisoformat("2026-03-31T12:00:00")
WEEK = 7 * 24 * 60  # minutes, the half-life of time decay
CHANNELS = ("email", "store", "paid_search", "unheard_of")
VALUES = st.sampled_from([0, 1, -1, 2, 100, -333, 99_999_999]) | st.integers(-1_000, 10_000_000)
# Minutes before NOW: at the edges of 7, 14 and 30 days, at the same instant, and after it.
EDGES = [days * 24 * 60 + off for days in (0, 7, 14, 30) for off in (-1, 0, 1)]
MINUTES = st.sampled_from(EDGES) | st.integers(-10, 40 * 24 * 60)
Touch = tuple[int, str, bool]  # minutes before NOW, channel, consent
Conversion = tuple[int, str, int]  # minutes before NOW, type, value
TOUCHES = st.lists(st.tuples(MINUTES, st.sampled_from(CHANNELS), st.booleans()), max_size=12)
CONVERSIONS = st.lists(
    st.tuples(MINUTES, st.sampled_from(["web_order", "till_order"]), VALUES),
    min_size=1,
    max_size=3,
)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The compiled models over tables of our own."""
    home = Warehouse(tmp_path_factory.mktemp("credit"))
    home.land_nothing()
    run_dbt(home, "compile", PROJECT, "--select", "int_attribution__paths+1")
    con = duckdb.connect(str(home.file))
    for schema in ("seeds", "intermediate"):
        con.execute(f"create schema if not exists {schema}")
    for seed in ("attribution_models", "attribution_windows"):
        con.execute(f"create table seeds.{seed} as from '{PROJECT}/seeds/{seed}.csv'")
    con.execute(
        """
        create table intermediate.int_touchpoints (touchpoint_id varchar, customer_id varchar,
            touched_at timestamp, channel varchar, campaign_id varchar,
            has_analytics_consent boolean);
        create table intermediate.int_conversions (conversion_id varchar, conversion_type varchar,
            customer_id varchar, converted_at timestamp, value_minor bigint,
            value_reporting_minor bigint)"""
    )
    folder = home.home / "target/compiled/o2o/models/intermediate/attribution"
    for model in ("int_attribution__paths", "int_attribution__credits"):
        sql = (folder / f"{model}.sql").read_text()
        con.execute(f"create view intermediate.{model} as {sql}")
    return con


def windows() -> dict[tuple[str, str], int]:
    with (PROJECT / "seeds/attribution_windows.csv").open() as file:
        return {
            (row["conversion_type"], row["channel"]): int(row["lookback_days"]) * 24 * 60
            for row in csv.DictReader(file)
        }


WINDOWS = windows()


def weights(model: str, ages: list[int]) -> list[Fraction]:
    """By the definitions, for touches in their order, of these ages in minutes."""
    n = len(ages)
    if model == "first":
        return [Fraction(i == 0) for i in range(n)]
    if model == "last":
        return [Fraction(i == n - 1) for i in range(n)]
    if model == "linear":
        return [Fraction(1, n)] * n
    if model == "position":
        if n <= 2:
            return [Fraction(1, n)] * n
        middle = Fraction(1, 5 * (n - 2))
        return [Fraction(2, 5), *[middle] * (n - 2), Fraction(2, 5)]
    decayed = [Fraction(0.5 ** (age / WEEK)) for age in ages]
    return [each / sum(decayed) for each in decayed]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(touches=TOUCHES, conversions=CONVERSIONS)
def test_credit_is_what_the_definitions_say_and_sums_exactly(
    warehouse: duckdb.DuckDBPyConnection, touches: list[Touch], conversions: list[Conversion]
) -> None:
    warehouse.execute("truncate intermediate.int_touchpoints")
    warehouse.execute("truncate intermediate.int_conversions")
    for i, (ago, channel, consent) in enumerate(touches):
        warehouse.execute(
            "insert into intermediate.int_touchpoints values (?, 'x', ?, ?, null, ?)",
            [f"t{i:02d}", NOW - timedelta(minutes=ago), channel, consent],
        )
    for i, (ago, kind, value) in enumerate(conversions):
        warehouse.execute(
            "insert into intermediate.int_conversions values (?, ?, 'x', ?, ?, ?)",
            [f"c{i}", kind, NOW - timedelta(minutes=ago), value, -value],
        )
    found = warehouse.sql(
        """select conversion_id, attribution_model, touchpoint_id, credit_share, credit_minor,
            credit_reporting_minor
        from intermediate.int_attribution__credits order by all"""
    ).fetchall()
    credits = {row[:3]: row[3:] for row in found}
    assert len(credits) == len(found)
    expected = 0
    for number, (moment, kind, value) in enumerate(conversions):
        path = sorted(
            (-ago, f"t{i:02d}")
            for i, (ago, channel, consent) in enumerate(touches)
            if consent and 0 <= ago - moment <= WINDOWS.get((kind, channel), -1)
        )
        for model in ("first", "last", "linear", "position", "time_decay") if path else ():
            due = weights(model, [-negative - moment for negative, _ in path])
            got = [credits[f"c{number}", model, touch] for _, touch in path]
            expected += len(path)
            assert sum(share for share, _, _ in got) == 1
            assert sum(minor for _, minor, _ in got) == value
            assert sum(minor for _, _, minor in got) == -value
            for weight, (share, minor, reporting) in zip(due, got, strict=True):
                assert abs(Fraction(share) - weight) < Fraction(3, 10**9)
                assert abs(minor - weight * value) < Fraction(3, 2)
                assert minor * value >= 0  # nobody loses what another gains
                assert reporting == -minor
    assert len(credits) == expected  # nothing else is credited

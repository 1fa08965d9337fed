"""What AXIS counters serve of the world stands in the contracts as the world has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.sources.built import START, Built

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def axis(places: Callable[[str], Built]) -> Built:
    return places("axis")


def test_the_contracts_hold(axis: Built) -> None:
    axis.assert_contracts_hold()


def test_door_counts(axis: Built) -> None:
    """Of both interfaces, over the day on which the clocks change."""
    local = "(timezone(time_zone, timezone('UTC', interval_start)))::date"
    axis.assert_same(
        f"""select counter_serial, interval_start, interval_end, {local}, in_count, out_count
        from {axis.world("door_counts")} join {axis.world("shops")} using (shop_no, counter_serial)
        where {local} >= date '{START}'""",
        f"""select location_id, started_at, ended_at, count_date, in_count, out_count
        from {axis.contract("door_counts")}""",
    )


def test_counters(axis: Built) -> None:
    axis.assert_same(
        f"select counter_serial, store_code, time_zone from {axis.world('shops')}",
        f"select location_id, store_code, time_zone from {axis.contract('locations')}",
    )


def test_each_day_that_was_answered_is_told(axis: Built) -> None:
    axis.assert_same(
        f"select distinct count_date from {axis.contract('door_counts')}",
        f"select restated_date from {axis.contract('restated_days')}",
    )

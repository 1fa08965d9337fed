"""Days of reports: whatever their order of arrival, the last version of each is what stands."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.days import Accepted, Answer, Came, Report
from warehouse.landing.rows import Row

FIRST = date(2026, 5, 1)
DAYS = 12
BACK = 3
WAIT = 15
Version = tuple[int, int]  # days after the first day on which it appears, its number


@dataclass
class Warehouse:
    """What stands of each day, loaded as `extract` does."""

    report: Report
    state: dict[str, Any] = field(default_factory=dict)
    standing: dict[date, list[Row]] = field(default_factory=dict)

    def stands(self, days: Collection[str]) -> dict[str, list[Row]]:
        return {str(day): rows for day, rows in self.standing.items() if str(day) in days}

    def load(
        self,
        vendor: dict[date, list[Row]],
        today: date,
        accepted: Accepted = lambda day, part: False,
    ) -> Answer:
        oldest = FIRST - timedelta(days=400)
        days = self.report.asked(self.state, oldest, today)
        assert days == sorted(set(days))
        came = Came()
        rows = [row for day in days for row in vendor.get(day, [])]
        came.add(rows, self.report)
        told = self.report.judge(vendor, days, came, self.stands, accepted)
        for day in told.covered:
            self.standing[day] = [row for row in rows if row[1] == str(day)]
            self.standing[day] += [row for row in told.kept if row[1] == str(day)]
        if came.days or self.state:
            self.state = {
                "day": max(self.state.get("day", ""), *came.days, ""),
                **self.report.next_state(self.state, days, oldest, told),
            }
            self.state = json.loads(json.dumps(self.state))  # as the footer keeps it
        return told


def by_table(vendor: dict[date, list[Row]], day: date) -> bool:
    return day in vendor


@st.composite
def versions(draw: st.DrawFn) -> dict[int, list[Version]]:
    """For each day when it first appears, at most two weeks late, and when it is restated, as long
    as the vendor may."""
    found: dict[int, list[Version]] = {}
    for day in range(DAYS):
        appears = day + draw(st.integers(0, WAIT - 1))
        ends = max(day + 1, appears) + BACK
        restated = draw(st.lists(st.integers(appears, ends), max_size=3))
        found[day] = list(zip([appears, *sorted(restated)], range(9), strict=False))
    return found


@pytest.mark.parametrize("answers", [by_table, lambda vendor, day: None], ids=["told", "untold"])
@given(
    versions=versions(),
    skipped=st.sets(st.integers(1, DAYS + WAIT + BACK)),
    twice=st.booleans(),
)
def test_each_day_ends_in_its_last_version(
    answers: Any, versions: dict[int, list[Version]], skipped: set[int], twice: bool
) -> None:
    report = Report(BACK, 400, answers=answers, wait_days=WAIT)
    warehouse = Warehouse(report)
    end = DAYS + WAIT + BACK + 3
    # The history begins with a day that is there from the beginning.
    versions = {-1: [(0, 0)], **versions}
    for now in range(end + 1):
        if now in skipped:
            continue
        vendor = {}
        for number, known in versions.items():
            seen = [version for at, version in known if at <= now]
            if seen:
                day = FIRST + timedelta(days=number)
                vendor[day] = [(f"{seen[-1]}", str(day), "{}")]
        for _ in range(1 + twice):
            warehouse.load(vendor, FIRST + timedelta(days=now))
    for number, known in versions.items():
        day = FIRST + timedelta(days=number)
        assert [row[0] for row in warehouse.standing[day]] == [f"{known[-1][1]}"], day
    # Days that have settled are forgotten: the state holds those of a window, not the history.
    assert len(warehouse.state["open"]) <= BACK + WAIT + 1


def row(day: date, part: str = "A", text: str = "{}") -> Row:
    return (f"{part}|{day}", str(day), text)


def test_nothing_listed_empties_nothing_and_the_history_is_still_asked_for() -> None:
    report = Report(BACK, 400, answers=by_table)
    warehouse = Warehouse(report)
    warehouse.load({}, FIRST)
    assert warehouse.state == {}, "a first list that is empty by mistake must not end the history"
    vendor = {FIRST + timedelta(days=n): [row(FIRST + timedelta(days=n))] for n in range(5)}
    today = FIRST + timedelta(days=5)
    warehouse.load(vendor, today)
    before = dict(warehouse.standing)
    told = warehouse.load({}, today)
    assert warehouse.standing == before
    assert told.unconfirmed == ("2026-05-03/2026-05-05",), "all that are still open"
    assert warehouse.load(vendor, today).unconfirmed == ()
    # A table that is there and empty is an answer.
    vendor[FIRST + timedelta(days=4)] = []
    warehouse.load(vendor, today)
    assert warehouse.standing[FIRST + timedelta(days=4)] == []


def test_a_day_that_is_never_answered_is_told_and_not_covered() -> None:
    report = Report(BACK, 400, answers=by_table, wait_days=5)
    warehouse = Warehouse(report)
    hole = FIRST + timedelta(days=2)
    for now in range(12):
        days = [FIRST + timedelta(days=n) for n in range(now + 1)]
        warehouse.load({day: [row(day)] for day in days if day != hole}, days[-1])
    assert hole not in warehouse.standing
    assert warehouse.state["missing"] == [str(hole)]
    assert hole not in report.asked(warehouse.state, date.min, FIRST + timedelta(days=12))


def test_a_part_that_leaves_the_list_keeps_its_rows_of_the_days_it_had() -> None:
    report = Report(BACK, 400, is_in_parts=True)
    warehouse = Warehouse(report)
    one, two = FIRST, FIRST + timedelta(days=1)
    warehouse.load({one: [row(one, "A"), row(one, "B")], two: [row(two, "A")]}, two)
    changed = row(one, "A", '{"in": 2}')
    for _ in range(2):  # what was kept once is kept by the next load, too
        told = warehouse.load({one: [changed], two: [row(two, "A")]}, two)
        assert warehouse.standing[one] == [changed, row(one, "B")]
        assert told.unconfirmed == ("2026-05-01 B",)
    assert warehouse.standing[two] == [row(two, "A")]
    told = warehouse.load({one: [changed]}, two, lambda day, part: part == "B")
    with_rows = {day: rows for day, rows in warehouse.standing.items() if rows}
    assert with_rows == {one: [changed], two: [row(two, "A")]}
    assert told.unconfirmed == (str(two),), (
        "another part, and a whole day, are not accepted by that"
    )


def test_a_quiet_account_is_asked_for_a_while_and_no_longer() -> None:
    report = Report(BACK, 400, wait_days=5)
    warehouse = Warehouse(report)
    for now in range(40):
        warehouse.load({FIRST: [row(FIRST)]}, FIRST + timedelta(days=now))
    asked = report.asked(warehouse.state, date.min, FIRST + timedelta(days=40))
    assert asked == [FIRST + timedelta(days=n) for n in range(34, 41)]
    assert warehouse.state["silent"] == ["2026-06-04/2026-06-09"]

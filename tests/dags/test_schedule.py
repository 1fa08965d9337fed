"""A day of loads by Airflow's own timetables: all are published soon, none is built twice."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pendulum
import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.exceptions import AirflowSkipException
from airflow.serialization.serialized_objects import DagSerialization
from airflow.timetables.base import TimeRestriction, Timetable

from o2o.pipeline import airflow_tasks, news
from o2o.pipeline.airflow_tasks import ChecksFailed, piece, run_audit_marts, run_check_landed
from o2o.pipeline.paths import Paths
from warehouse.landing.zone import Landing

DAGS = Path(__file__).resolve().parents[2] / "dags"
DAY = datetime(2026, 5, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def timetables() -> dict[str, Timetable]:
    """Of each DAG, as the scheduler has it."""
    dags = DagBag(dag_folder=str(DAGS)).dags
    return {
        dag_id: DagSerialization.from_dict(DagSerialization.to_dict(dag)).timetable
        for dag_id, dag in dags.items()
    }


def ticks(timetable: Timetable, begin: datetime, end: datetime) -> Iterator[datetime]:
    """When the scheduler would start a run."""
    last = None
    while True:
        info = timetable.next_dagrun_info(
            last_automated_data_interval=last,
            restriction=TimeRestriction(pendulum.instance(begin), latest=None, catchup=True),
        )
        assert info is not None
        if info.run_after >= end:
            return
        yield info.run_after
        last = info.data_interval


@dataclass
class Day:
    """What happened: when each load landed, and (begin, end, was published) of each build."""

    loads: list[datetime] = field(default_factory=list)
    builds: list[tuple[datetime, datetime, bool]] = field(default_factory=list)
    skipped: int = 0


def simulate(
    timetables: dict[str, Timetable],
    paths: Paths,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    fails: float = 0.0,
) -> Day:
    """Loads land in a real landing zone when their tasks would end; ``transform`` starts when its
    timetable says so and no other run of it is active. Its tasks decide; what they build is not
    computed. ``fails``: the share of builds whose checks fail."""
    dice = random.Random(seed)
    end = DAY + timedelta(days=1)
    landing = Landing(paths.landing_url)
    coming = []
    for name in (dag_id for dag_id in timetables if dag_id.startswith("ingest__")):
        # Some have a schedule of their own, as companies do.
        every = dice.choice([None, None, 17, 60])
        starts = (
            ticks(timetables[name], DAY, end)
            if every is None
            else (DAY + n * every * MINUTE for n in range(1440 // every))
        )
        for at in starts:
            landed = at + dice.uniform(0.2, 20) * MINUTE
            coming.append((landed, name.removeprefix("ingest__")))
    coming.sort()

    day = Day()
    free = DAY
    monkeypatch.setattr(airflow_tasks, "run_audit", lambda _: {})
    by_clock = {"dag_run": SimpleNamespace(run_type="scheduled")}
    waiting = iter(ticks(timetables["transform"], DAY, end + timedelta(hours=2)))
    for tick in waiting:
        begin = max(tick, free)
        while coming and coming[0][0] <= begin:
            at, name = coming.pop(0)
            place = landing.stream(name, "records")
            with place.begin({}) as load:
                load.add([("a", "", "{}")])
                load.commit({})
            day.loads.append(at)
        monkeypatch.setattr(airflow_tasks, "datetime", _clock(begin))
        try:
            there = run_check_landed(by_clock)
        except AirflowSkipException:
            day.skipped += 1
            free = begin + 0.1 * MINUTE
            continue
        free = begin + dice.uniform(2, 20) * MINUTE
        passed = dice.random() >= fails
        if not passed:
            monkeypatch.setattr(airflow_tasks, "run_audit", _raise)
            with pytest.raises(ChecksFailed):
                run_audit_marts(there)
            monkeypatch.setattr(airflow_tasks, "run_audit", lambda _: {})
        else:
            run_audit_marts(there)
        day.builds.append((begin, free + MINUTE, passed))
    assert not coming
    return day


def _raise(_: Any) -> None:
    raise ChecksFailed("off")


def _clock(now: datetime) -> Any:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return now

    return Clock


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("O2O_HOME", str(tmp_path / "var"))
    return Paths.from_env()


@pytest.mark.parametrize("seed", [1, 2])
def test_every_load_is_published_within_the_hour_and_nothing_is_built_without_news(
    timetables: dict[str, Timetable], paths: Paths, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    day = simulate(timetables, paths, monkeypatch, seed)
    assert len(day.loads) > 20
    for landed in day.loads:
        published = min(end for begin, end, _ in day.builds if begin >= landed)
        assert published - landed <= timedelta(minutes=60)
    for (begin, end, _), (following, _, _) in zip(day.builds, day.builds[1:], strict=False):
        assert end - MINUTE <= following  # no two at a time
        assert following - begin >= timedelta(minutes=15)
        assert any(begin < landed <= following for landed in day.loads)  # something is new
    assert day.skipped


def test_what_was_judged_and_failed_waits_for_news(
    timetables: dict[str, Timetable], paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = simulate(timetables, paths, monkeypatch, seed=2, fails=1.0)
    for (begin, _, _), (following, _, _) in zip(day.builds, day.builds[1:], strict=False):
        assert any(begin < landed <= following for landed in day.loads)


def run(kind: str, at: datetime, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a run of ``transform`` builds."""
    monkeypatch.setattr(airflow_tasks, "run_audit", lambda _: {})
    monkeypatch.setattr(airflow_tasks, "datetime", _clock(at))
    try:
        run_audit_marts(run_check_landed({"dag_run": SimpleNamespace(run_type=kind)}))
    except AirflowSkipException:
        return False
    return True


def test_a_run_by_hand_or_by_assets_builds_in_any_case(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("scheduled", DAY, monkeypatch)
    assert not run("scheduled", DAY, monkeypatch)
    assert run("manual", DAY, monkeypatch)
    assert run("asset_triggered", DAY, monkeypatch)


def test_a_build_that_was_never_judged_is_made_again(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(airflow_tasks, "run_audit", lambda _: {})
    for _ in range(2):  # killed before its end, twice
        run_check_landed({"dag_run": SimpleNamespace(run_type="scheduled")})
    assert run("scheduled", DAY, monkeypatch)


def test_a_change_of_the_configuration_is_news(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = tmp_path / "company.yml"
    company.write_text("linkage: off\n")
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    assert run("scheduled", DAY, monkeypatch)
    company.write_text("linkage: on\n")
    assert run("scheduled", DAY, monkeypatch)
    assert not run("scheduled", DAY, monkeypatch)


@pytest.mark.parametrize("told", ["", "experiments: https://sheets.example/plan\n"])
def test_what_tells_nobody_when_it_changes_is_built_each_morning(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    (tmp_path / "company.yml").write_text("connections: [ecb]\n" + told)
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    half_hours = [DAY + n * 30 * MINUTE for n in range(96)]
    built = [at for at in half_hours if run("scheduled", at, monkeypatch)]
    mornings = [DAY + timedelta(hours=6), DAY + timedelta(hours=30)]
    assert built == [DAY, *(mornings if told else [])]


def test_merged_loads_are_no_news(paths: Paths) -> None:
    place = Landing(paths.landing_url).stream("shopify", "orders")
    ids = []
    for _ in range(3):
        with place.begin({}) as load:
            load.commit({})
            ids.append(load.load_id)
    before = news.seen(paths)
    place.remove(ids[:2])
    assert news.seen(paths) == before
    assert before["shopify/orders"] == ids[-1]


class TestBackfill:
    @pytest.mark.parametrize(
        "schedule",
        ["0 4 * * *", "15 * * * *", "*/20 * * * *", "30 6,18 * * *", "0 4 * * 1-5", "0 3 1 * *",
         "0 4 * * 1", "5 0 2-31 * *"],
    )  # fmt: skip
    def test_a_range_is_read_without_a_hole(self, schedule: str) -> None:
        from airflow.timetables.trigger import CronTriggerTimetable

        days = 7 if schedule.split()[1] == "*" else 42
        begin = DAY + timedelta(days=5)  # from a Saturday to a Saturday
        end = begin + timedelta(days=days)
        found = list(ticks(CronTriggerTimetable(schedule, timezone="UTC"), begin, end))
        pieces = [piece(schedule, tick) for tick in found]
        assert pieces[0][0] <= begin
        assert pieces[-1][1] >= end
        for (_, until), (since, _) in itertools.pairwise(pieces):
            assert since <= until
        if schedule.endswith("* * *"):  # it ticks each day: the range and nothing else, once
            assert (pieces[0][0], pieces[-1][1]) == (begin, end)
            assert all(a[1] == b[0] for a, b in itertools.pairwise(pieces))

    def test_nothing_later_than_now_is_asked_for(self) -> None:
        now = datetime.now(UTC)
        assert piece("0 0 * * *", now - timedelta(hours=1))[1] <= datetime.now(UTC)

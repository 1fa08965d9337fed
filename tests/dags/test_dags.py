"""The DAGs as Airflow sees them. First of all: there are some."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.configuration import conf
from airflow.dag_processing.dagbag import DagBag
from airflow.exceptions import AirflowFailException
from airflow.sdk import AssetAll
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.definitions.timetables.assets import AssetTriggeredTimetable
from airflow.sdk.definitions.timetables.simple import NullTimetable
from airflow.sdk.execution_time.context import OutletEventAccessors

from connectors.connections import Connected
from connectors.core.settings import Connection
from connectors.registry import SOURCES
from demo.stack import airflow_environment
from expectations.owners import Owner
from o2o.pipeline import airflow_tasks
from o2o.pipeline.airflow_tasks import window
from o2o.pipeline.paths import Paths
from warehouse.landing.errors import SettingError

DAGS = Path(__file__).resolve().parents[2] / "dags"


FOLLOW = {"transform", "publish", "maintenance"}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    found = DagBag(dag_folder=str(DAGS))
    assert found.import_errors == {}
    assert found.dags, "the bag is empty"
    return found


def test_there_is_an_ingest_dag_for_each_source_and_the_two_that_follow(bag: DagBag) -> None:
    assert bag.dags.keys() == {f"ingest__{name}" for name in SOURCES} | FOLLOW


def test_every_dag_tells_its_owner_impact_tier_and_triage(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert dag.owner in set(Owner)
        assert any(tag.startswith("tier:") for tag in dag.tags)
        assert "**Triage**" in (dag.doc_md or "")


def test_no_dag_runs_twice_at_a_time(bag: DagBag) -> None:
    assert {dag.max_active_runs for dag in bag.dags.values()} == {1}


def test_a_connection_is_read_by_one_task_at_a_time_also_in_a_backfill(bag: DagBag) -> None:
    for name in SOURCES:
        for task in bag.dags[f"ingest__{name}"].tasks:
            assert task.max_active_tis_per_dag == 1


def test_a_range_is_picked_as_times(bag: DagBag) -> None:
    for name in SOURCES:
        params = bag.dags[f"ingest__{name}"].params
        assert {p: params.get_param(p).schema["format"] for p in params} == {
            "since": "date-time",
            "until": "date-time",
        }


def test_whatever_opens_the_warehouse_shares_one_slot(bag: DagBag) -> None:
    for dag_id in ("transform", "publish"):
        for task in bag.dags[dag_id].tasks:
            assert task.pool == "warehouse", f"{dag_id}.{task.task_id}"


def queues(dag_bag: DagBag) -> dict[str, set[str]]:
    return {dag_id: {task.queue for task in dag.tasks} for dag_id, dag in dag_bag.dags.items()}


def test_every_task_is_in_the_default_queue_of_the_executor(bag: DagBag) -> None:
    default = conf.get("operators", "default_queue")
    assert all(found == {default} for found in queues(bag).values())


def test_what_opens_the_warehouse_goes_where_the_warehouse_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("O2O_WAREHOUSE_QUEUE", "warehouse")
    found = queues(DagBag(dag_folder=str(DAGS)))
    default = conf.get("operators", "default_queue")
    assert found == {
        **{f"ingest__{name}": {default} for name in SOURCES},
        "transform": {"warehouse"},
        "publish": {"warehouse"},
        "maintenance": {"warehouse", default},
    }


def test_what_may_pass_by_itself_is_retried(bag: DagBag) -> None:
    for dag in bag.dags.values():
        for task in dag.tasks:
            judges = task.task_id in ("check_landed", "audit")
            assert (task.retries == 0) is judges, f"{dag.dag_id}.{task.task_id}"


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> DagBag:
    """The DAGs where no clock starts them."""
    monkeypatch.setenv("O2O_SCHEDULES", "off")
    return DagBag(dag_folder=str(DAGS))


def test_without_a_clock_the_transform_waits_for_every_source(by_hand: DagBag) -> None:
    produced = {
        outlet.uri
        for name in SOURCES
        for task in by_hand.dags[f"ingest__{name}"].tasks
        for outlet in task.outlets
    }
    condition = by_hand.dags["transform"].timetable.asset_condition
    assert isinstance(condition, AssetAll)
    awaited = {asset.uri for asset in condition.objects}
    assert produced == awaited == {f"o2o://landing/{name}" for name in SOURCES}


def test_each_connection_has_its_own_dag_asset_owner_and_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "company.yml").write_text(
        "connections:\n  shopify__de: {owner: sales-finance, schedule: 0 3 * * 1}\n  shopify__uk:\n"
    )
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    found = DagBag(dag_folder=str(DAGS))
    assert found.import_errors == {}
    names = ["shopify__de", "shopify__uk"]
    dags = {name: found.dags[f"ingest__{name}"] for name in names}
    assert found.dags.keys() == {f"ingest__{name}" for name in names} | FOLLOW
    assert [dag.owner for dag in dags.values()] == ["sales-finance", "web-shop"]
    assert dags["shopify__de"].timetable.expression == "0 3 * * 1"
    assert "`o2o_shopify__de`" in (dags["shopify__de"].doc_md or "")
    (check_landed,) = (t for t in found.dags["transform"].tasks if t.task_id == "check_landed")
    awaited = [asset.uri for asset in check_landed.inlets]
    produced = [o.uri for d in dags.values() for task in d.tasks for o in task.outlets]
    assert awaited == produced == [f"o2o://landing/{name}" for name in names]


@pytest.mark.parametrize("schedules", ["on", "off"])
def test_what_another_loader_keeps_has_no_dag_and_nobody_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schedules: str
) -> None:
    kept = "\n    via: fivetran\n    tables: raw.{table}\n"
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    monkeypatch.setenv("O2O_SCHEDULES", schedules)
    said = tmp_path / "company.yml"
    said.write_text(f"connections:\n  square:\n  shopify:{kept}")
    found = DagBag(dag_folder=str(DAGS))
    assert found.import_errors == {}
    assert found.dags.keys() == {"ingest__square", *FOLLOW}
    (check_landed,) = (t for t in found.dags["transform"].tasks if t.task_id == "check_landed")
    assert [asset.uri for asset in check_landed.inlets] == ["o2o://landing/square"]
    # With nothing to wait for there is the clock, or a hand.
    said.write_text(f"connections:\n  shopify:{kept}")
    found = DagBag(dag_folder=str(DAGS))
    assert found.import_errors == {}
    by_hand = isinstance(found.dags["transform"].timetable, NullTimetable)
    assert by_hand is (schedules == "off")


def started_by_the_clock(dag_bag: DagBag) -> set[str]:
    by_hand, by_assets = NullTimetable, AssetTriggeredTimetable
    return {
        dag_id
        for dag_id, dag in dag_bag.dags.items()
        if type(dag.timetable) not in (by_hand, by_assets)
    }


def test_sources_are_read_by_their_schedules_and_so_runs_the_transform(
    bag: DagBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bag.dags["transform"].timetable.expression == "*/30 * * * *"
    (tmp_path / "company.yml").write_text('build: {schedule: "0 * * * *"}\n')
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    theirs = DagBag(dag_folder=str(DAGS)).dags["transform"]
    assert theirs.timetable.expression == "0 * * * *"
    by_clock = {"transform", "maintenance"}
    assert started_by_the_clock(bag) == {f"ingest__{name}" for name in SOURCES} | by_clock


def test_in_the_demo_no_dag_starts_by_the_clock_but_all_that_follow_still_follow(
    bag: DagBag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "company.yml").touch()
    for name, value in airflow_environment(Paths(tmp_path, ""), 8080, tmp_path, {}).items():
        monkeypatch.setenv(name, value)
    found = DagBag(dag_folder=str(DAGS))
    assert found.dags.keys() == bag.dags.keys()
    assert started_by_the_clock(found) == set()
    assert isinstance(found.dags["transform"].timetable.asset_condition, AssetAll)
    condition = found.dags["publish"].timetable.asset_condition
    assert condition == bag.dags["publish"].timetable.asset_condition


def test_a_misspelt_setting_of_the_schedules_does_not_leave_them_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("O2O_SCHEDULES", "Off")
    found = DagBag(dag_folder=str(DAGS))
    assert started_by_the_clock(found) == set()
    for name in ("ingest.py", "transform.py", "maintenance.py"):
        (said,) = (text for file, text in found.import_errors.items() if file.endswith(name))
        assert "O2O_SCHEDULES is 'Off': set it to on or off" in said


def test_each_mart_that_changed_has_an_asset_that_others_can_wait_for(
    bag: DagBag, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = {
        "published_at": "2026-05-01T06:00:00+00:00",
        "tables": {"fct_orders": 7, "dim_stores": 2},
        "changed": ["fct_orders"],
    }
    monkeypatch.setattr(airflow_tasks, "run_publish", lambda: published)
    (swap,) = bag.dags["publish"].tasks
    events = OutletEventAccessors()
    swap.python_callable(outlet_events=events)
    whole, alias = swap.outlets
    assert events[whole].extra == published
    (event,) = events[alias].asset_alias_events
    assert event.dest_asset_key.uri == "o2o://published/fct_orders"
    assert event.extra == {"rows": 7, "published_at": "2026-05-01T06:00:00+00:00"}


def test_every_dag_says_what_it_is_for(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert dag.description
        assert dag.dag_display_name != dag.dag_id


def test_a_publication_needs_an_audit(bag: DagBag) -> None:
    (audit,) = (t for t in bag.dags["transform"].tasks if t.task_id == "audit")
    condition = bag.dags["publish"].timetable.asset_condition
    assert [outlet.uri for outlet in audit.outlets] == [asset.uri for asset in condition.objects]
    assert audit.upstream_task_ids == {"check_landed", "build"}


def test_a_task_reads_its_own_connection_as_the_company_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "company.yml").write_text("connections: {shopify__de: {start_date: 2026-01-01}}\n")
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    monkeypatch.setenv(
        "AIRFLOW_CONN_O2O_SHOPIFY__DE", '{"conn_type": "http", "login": "a", "password": "b"}'
    )
    asked: list[Any] = []

    def extract(connected: Connected, credentials: Connection, *_: Any, **__: Any) -> list[Any]:
        asked.append((connected.name, credentials))
        return []

    monkeypatch.setattr(airflow_tasks, "extract", extract)
    run = SimpleNamespace(run_type=None, data_interval_end=None, run_after=None)
    run_extract = airflow_tasks.run_extract
    assert run_extract("shopify__de", {"dag_run": run, "params": {}}) == {}
    assert asked == [
        ("shopify__de", Connection(login="a", password="b", extra={"start_date": "2026-01-01"}))
    ]
    with pytest.raises(AirflowFailException, match="no connection called 'shopify'"):
        run_extract("shopify", {"dag_run": run, "params": {}})


def test_what_is_secret_of_a_connection_is_masked_in_the_tasks_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "company.yml").write_text("connections: [shopify]\n")
    monkeypatch.setenv("O2O_COMPANY", str(tmp_path))
    stored = {"conn_type": "http", "password": "the password", "extra": {"token": "a token"}}
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOPIFY", json.dumps(stored))
    masked: list[str] = []
    monkeypatch.setattr(airflow_tasks, "mask_secret", masked.append)
    monkeypatch.setattr(airflow_tasks, "extract", lambda *_, **__: [])
    run = SimpleNamespace(run_type=None, data_interval_end=None, run_after=datetime.now(UTC))
    airflow_tasks.run_extract("shopify", {"dag_run": run, "params": {}})
    assert {"the password", "a token"} <= {*masked}


DAILY = "0 4 * * *"


class TestWindow:
    END = datetime(2026, 5, 2, 4, tzinfo=UTC)

    def context(self, run_type: DagRunType, **params: str) -> dict[str, Any]:
        run = SimpleNamespace(
            run_type=run_type,
            run_after=self.END,
            data_interval_start=self.END,
            data_interval_end=self.END,
        )
        return {"dag_run": run, "params": {"since": None, "until": None, **params}}

    def test_scheduled_run_goes_on_from_the_state(self) -> None:
        assert window(self.context(DagRunType.SCHEDULED), DAILY) == (None, self.END)

    def test_backfill_reads_its_own_day(self) -> None:
        day = datetime(2026, 5, 2, tzinfo=UTC)
        found = window(self.context(DagRunType.BACKFILL), DAILY)
        assert found == (day, day + timedelta(days=1))

    def test_params_decide_over_everything(self) -> None:
        since, until = window(
            self.context(DagRunType.MANUAL, since="2026-04-01", until="2026-04-02T12:00:00+02:00"),
            DAILY,
        )
        assert since == datetime(2026, 4, 1, tzinfo=UTC)
        assert until == datetime(2026, 4, 2, 10, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("params", "said"),
        [
            ({"since": "yesterday"}, "param since: 'yesterday' is not an ISO time"),
            ({"until": "2999-01-01"}, "param until: .* lies in the future"),
            ({"since": "2999-01-01"}, "param since: .* lies in the future"),
            ({"since": "2026-05-02", "until": "2026-05-01"}, "param since: .* is not before until"),
            ({"since": "2026-05-02", "until": "2026-05-02T02:00+02:00"}, "is not before until"),
        ],
    )
    def test_a_range_that_cannot_be_read_says_which_param(
        self, params: dict[str, str], said: str
    ) -> None:
        with pytest.raises(SettingError, match=said):
            window(self.context(DagRunType.MANUAL, **params), DAILY)

    def test_a_connection_whose_data_end_later_has_a_clock_of_its_own(self) -> None:
        end = datetime(2999, 1, 1, tzinfo=UTC)
        given = self.context(DagRunType.MANUAL, until="2998-01-01")
        assert window(given, DAILY, end)[1].year == 2998

"""What would grow for ever stays level."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException
from filelock import FileLock
from typer.testing import CliRunner

from o2o.cli import app
from o2o.commands import terminal
from o2o.pipeline import airflow_tasks, upkeep
from o2o.pipeline.build import BuildFailed
from o2o.pipeline.paths import Paths
from o2o.pipeline.upkeep import UpkeepFailed
from warehouse.landing.zone import Landing

LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    company = tmp_path / "company"
    company.mkdir()
    (company / "company.yml").write_text(
        "connections: [shopify, square]\nupkeep: {runs_days: 20, logs_days: 10}\n"
    )
    monkeypatch.setenv("O2O_COMPANY", str(company))
    monkeypatch.setenv("O2O_HOME", str(tmp_path / "var"))
    return Paths.from_env()


def land(paths: Paths, name: str, loads: int) -> None:
    place = Landing(paths.landing_url).stream(name, "orders")
    for number in range(loads):
        with place.lock(), place.begin({}) as load:
            load.add([(str(number), "2026-05-01T00:00:00Z", "{}")])
            load.commit({})


def test_loads_of_all_connections_are_merged_and_a_stray_file_is_told(paths: Paths) -> None:
    land(paths, "shopify", 5)
    land(paths, "square", 3)
    land(paths, "google_ads", 3)  # not in use
    Path(paths.landing_url, "square", "orders", "20260101T000000.000000Z.parquet").write_text("?")
    done = upkeep.merge_loads(paths, LATER)
    assert (done.before, done.after) == (9, 5)
    assert done.refused == {"square.orders": ["20260101T000000.000000Z"]}
    assert upkeep.merge_loads(paths, datetime.now(UTC)).after == 5  # nothing is old enough


def test_nothing_is_merged_while_somebody_builds(paths: Paths) -> None:
    paths.warehouse.parent.mkdir(parents=True)
    with (
        FileLock(f"{paths.warehouse}.lock"),
        pytest.raises(BuildFailed, match="being written by another process"),
    ):
        upkeep.merge_loads(paths, LATER)


def make(file: Path, days: float) -> Path:
    """A file of so many days ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x")
    at = datetime.now(UTC).timestamp() - days * 86_400
    os.utime(file, (at, at))
    return file


def test_only_drafts_that_belong_to_nobody_any_more_are_removed(paths: Paths) -> None:
    old = make(paths.reports / ".index.html.ab12.tmp", 1.5)
    deep = make(paths.reports / "gx" / ".x.tmp", 9)
    kept = [make(paths.reports / ".audit.json.cd34.tmp", 0.5), make(paths.reports / "a.html", 99)]
    removed = upkeep.remove_drafts(paths, datetime.now(UTC))
    assert sorted(removed) == sorted([str(old), str(deep)])
    assert all(file.exists() for file in kept)


def test_drafts_at_the_states_address_go_too(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_STATE_URL", str(tmp_path / "state"))
    make(tmp_path / "state" / "published" / "manifest.json.ab12.tmp", 2)
    make(tmp_path / "state" / "published" / "manifest.json", 2)
    removed = upkeep.remove_drafts(Paths.from_env(), datetime.now(UTC))
    assert removed == ["published/manifest.json.ab12.tmp"]


def test_old_logs_go_and_so_do_folders_that_are_empty_then(paths: Paths, tmp_path: Path) -> None:
    old = make(tmp_path / "logs" / "dag_id=a" / "run_id=1" / "attempt=1.log", 11)
    new = make(tmp_path / "logs" / "dag_id=a" / "run_id=2" / "attempt=1.log", 9)
    other = make(tmp_path / "logs" / "notes.txt", 99)
    at = old.stat().st_mtime
    os.utime(old.parent, (at, at))
    assert upkeep.remove_logs(tmp_path / "logs", datetime.now(UTC)) == 1
    assert new.exists()
    assert other.exists()
    assert not old.exists()


@pytest.mark.parametrize(
    ("landing", "state", "expected"),
    [
        ("/data/landing", "", "/var/o2o"),
        ("/data/landing", "s3://b/state", "s3://b/state"),
        ("s3://b/landing", "", "s3://b/landing/_state"),
        ("s3://b/landing", "/mnt/state", "/mnt/state"),
    ],
)
def test_what_all_machines_must_know_is_where_all_reach_it(
    landing: str, state: str, expected: str
) -> None:
    assert Paths(Path("/var/o2o"), landing, state_url=state).state == expected


class TestRecordsOfRuns:
    def test_without_the_databases_address_it_is_skipped_and_said(
        self, paths: Paths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("O2O_AIRFLOW_DATABASE", raising=False)
        with pytest.raises(AirflowSkipException, match="O2O_AIRFLOW_DATABASE is not set"):
            airflow_tasks.run_forget_runs()

    def test_airflow_is_asked_with_the_companys_days(
        self, paths: Paths, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[Any] = []

        def run(command: list[str], env: dict[str, str], **_: Any) -> Any:
            asked.append((command, env))
            return SimpleNamespace(returncode=1, stderr="x\nAt sqlite:///secret\nlocked\n")

        monkeypatch.setenv("O2O_AIRFLOW_DATABASE", "sqlite:///secret")
        monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
        monkeypatch.setattr(subprocess, "run", run)
        now = datetime(2026, 5, 21, tzinfo=UTC)
        with pytest.raises(UpkeepFailed, match=r"airflow db clean failed: locked$"):
            upkeep.forget_runs(now)
        ((command, environment),) = asked
        assert "2026-05-01T00:00:00+00:00" in command
        assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == "sqlite:///secret"


def test_commands_merge_forget_and_show_the_disk(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(paths, "shopify", 3)
    place = Landing(paths.landing_url).stream("shopify", "orders")
    gone = place.load_ids()[1]
    place.remove([gone])
    monkeypatch.setattr(terminal.out, "_width", 200)
    runner = CliRunner()
    told = runner.invoke(app, ["status"]).output
    assert "disk: landing" in told
    assert "(2 files)" in told
    assert "free" in told
    assert "2 files are 2 now" in runner.invoke(app, ["landing", "merge"]).output
    done = runner.invoke(app, ["landing", "forget", "shopify/orders", gone])
    assert f"load {gone} is not missed any more" in done.output
    done = runner.invoke(app, ["landing", "forget", "shopify/orders", gone])
    assert done.exit_code == 1
    assert "misses a load" in done.output

"""The main job itself: real DAGs, a real scheduler, the simulator on the other side of HTTP."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from demo.companies import Company
from tests.end_to_end.installation import row_count

USED = len(Company().connections)


def run_demo(home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "demo", "run", "--persons", "600", "--days", "21"],
        env={**os.environ, "O2O_HOME": str(home), "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def rows_landed(printed: str) -> int:
    """The sum of the rows column of the table of landed rows."""
    table = printed.split("Rows landed in this run")[1].split("Held against the truth")[0]
    rows = [int(n.replace(",", "")) for n in re.findall(r"│ +\d+ │ +([\d,]+) │ +\d+ │", table)]
    assert len(rows) == USED, table
    return sum(rows)


def leave_asset_updates_behind(airflow: Path) -> None:
    """As a killed launcher does: Airflow has counted the updates of all sources but one."""
    with sqlite3.connect(airflow / "airflow.db") as database:
        left = database.execute(
            f"""
            insert into asset_dag_run_queue (asset_id, target_dag_id, created_at)
            select asset_id, dag_id, created_at from dag_schedule_asset_reference
            where dag_id = 'transform' limit {USED - 1}
            """
        )
        assert left.rowcount == USED - 1


def runs_of(airflow: Path, dag_id: str) -> list[tuple[str, str, str, str]]:
    """Each run's kind, when it came into being, and when its first and last tasks ended."""
    with sqlite3.connect(airflow / "airflow.db") as database:
        return database.execute(
            """
            select run.run_type, run.queued_at, min(task.end_date), max(task.end_date)
            from dag_run as run inner join task_instance as task using (dag_id, run_id)
            where dag_id like ? group by run.id order by run.id
            """,
            [dag_id],
        ).fetchall()


@pytest.mark.e2e
def test_demo_ends_green_and_a_second_run_ingests_only_what_is_new(tmp_path: Path) -> None:
    first = run_demo(tmp_path)
    published = tmp_path / "published" / "o2o.duckdb"
    orders = row_count(published, "marts.fct_orders")
    assert orders > 150

    leave_asset_updates_behind(tmp_path / "airflow")
    second = run_demo(tmp_path)
    assert "Made the demo world" in first
    assert "Made the demo world" not in second
    for printed in (first, second):
        assert "Shops that are equal in every cell: 12 of 12" in printed
        assert "differs " not in printed
        assert "must hold" not in printed
    for dag_id in ("ingest__square", "transform", "publish"):
        assert f"✓ {dag_id}" in first
        assert f"✓ {dag_id}" in second
    # One more day out of 22, and the look-back windows of what vendors restate.
    assert rows_landed(second) < rows_landed(first) / 3
    assert row_count(published, "marts.fct_orders") > orders

    ingests = runs_of(tmp_path / "airflow", "ingest__%")
    transforms = runs_of(tmp_path / "airflow", "transform")
    assert [run[0] for run in ingests] == ["manual"] * 2 * USED, "the clock has started nothing"
    assert [run[0] for run in transforms] == ["asset_triggered"] * 2
    assert transforms[1][1] >= max(run[3] for run in ingests), "all sources have landed before"

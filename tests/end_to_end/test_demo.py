"""The main job itself: real DAGs, a real scheduler, the simulator on the other side of HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.installation import row_count


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
    assert len(rows) == 6, table
    return sum(rows)


@pytest.mark.e2e
def test_demo_ends_green_and_a_second_run_ingests_only_what_is_new(tmp_path: Path) -> None:
    first = run_demo(tmp_path)
    published = tmp_path / "published" / "o2o.duckdb"
    orders = row_count(published, "marts.fct_orders")
    assert orders > 150

    second = run_demo(tmp_path)
    assert "Made the demo world" in first
    assert "Made the demo world" not in second
    for dag_id in ("ingest__square", "transform", "publish"):
        assert f"✓ {dag_id}" in first
        assert f"✓ {dag_id}" in second
    # One more day out of 22, and the look-back windows of what vendors restate.
    assert rows_landed(second) < rows_landed(first) / 3
    assert row_count(published, "marts.fct_orders") > orders

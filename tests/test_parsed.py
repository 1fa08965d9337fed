"""What dbt has read is shared, and each warehouse still reads its own landing zone."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from tests import forks, parsed
from tests.dbt_project.warehouse import PROJECT

ASKED = ("O2O_LANDING_URL", "O2O_LINKAGE")


def built(project: Path, home: Path, key: str) -> list[tuple[str, ...]]:
    home.mkdir()
    environment = {
        **os.environ,
        parsed.FOLDER: str(home.parent / "parsed"),
        "O2O_WAREHOUSE_PATH": str(home / "warehouse.duckdb"),
        "O2O_LANDING_URL": str(home / "landing"),
        "O2O_LINKAGE": key,
    }
    folders = (
        "--project-dir",
        project,
        "--profiles-dir",
        PROJECT,
        "--target-path",
        home / "target",
    )
    arguments = ["run", "--quiet", "--log-path", str(home), *map(str, folders)]
    done = forks.run(forks.Command("dbt.cli.main:cli", arguments, environment, ("dbt.cli.main",)))
    assert done.returncode == 0, done.stdout
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.sql("from main.asked").fetchall()


def test_a_project_is_read_once_for_equal_settings_and_answers_for_each(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("{name: o2o, profile: o2o}")
    columns = (f"'{{{{ env_var('{name}') }}}}' as {name}" for name in ASKED)
    (project / "models" / "asked.sql").write_text(f"select {', '.join(columns)}")
    (tmp_path / "parsed").mkdir()
    for home, key, kept in (("a", "one", 1), ("b", "one", 1), ("c", "two", 2)):
        landing = str(tmp_path / home / "landing")
        assert built(project, tmp_path / home, key) == [(landing, key)]
        assert len([*(tmp_path / "parsed").iterdir()]) == kept

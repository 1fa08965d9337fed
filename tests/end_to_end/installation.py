"""A warehouse of its own in a folder of its own, driven by the ``o2o`` tool as a user does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import requests

from tests import forks, kill_at

# They tell which load a row came from, so they differ between runs that hold the same data.
LOAD_COLUMNS = ("_load_id", "_extracted_at")
# What takes long to import in one command or another.
IMPORTS = (
    "altair",
    "dbt.cli.main",
    "great_expectations",
    "matplotlib.figure",
    "metricflow.engine.metricflow_engine",
    "pyarrow.dataset",
    "requests",
    "scipy.optimize",
    "typer.rich_utils",
)


@dataclass(frozen=True)
class Installation:
    """``home`` is its run folder, ``connections`` its sources, which live in the time ``now`` and
    are served at ``url``; ``settings`` are further environment variables."""

    home: Path
    connections: Mapping[str, Mapping[str, object]]
    now: datetime
    url: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse" / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.home / "published" / "o2o.duckdb"

    @property
    def report(self) -> Path:
        return self.home / "reports" / "index.html"

    def environment(self) -> dict[str, str]:
        named = {
            f"AIRFLOW_CONN_O2O_{source.upper()}": json.dumps(connection)
            for source, connection in self.connections.items()
        }
        return {
            **os.environ,
            "O2O_HOME": str(self.home),
            "O2O_IDENTITY_KEY": "test",  # the same for all, or no two would hold the same hashes
            "O2O_EXPERIMENTS": f"{self.url}/sheets/experiments.csv",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            **named,
            **self.settings,
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "o2o.cli", *arguments]

    def o2o(self, *arguments: str, code: int = 0) -> str:
        """Run the tool, insist on its exit code, return all it printed."""
        done = forks.run(self._fork(*arguments))
        assert done.returncode == code, f"o2o {' '.join(arguments)}:\n{done.stdout}"
        return done.stdout

    def changes(self, *arguments: str) -> list[str]:
        """Run the tool to its good end and return the changes it made (tests/kill_at.py)."""
        done = forks.run(kill_at.watched(self._fork(*arguments)))
        assert done.returncode == 0, f"o2o {' '.join(arguments)}:\n{done.stdout}"
        return kill_at.told(done.stdout)

    def killed_at(self, place: kill_at.Place, *arguments: str) -> list[str]:
        """Run the tool, insist that it is killed there, and return the changes it came to: all but
        the last were made, and that one is at the place."""
        done = forks.run(kill_at.killed(place, self._fork(*arguments)))
        told = f"o2o {' '.join(arguments)} at {place}:\n{done.stdout}"
        assert done.returncode == -signal.SIGKILL, told
        changes = kill_at.told(done.stdout)
        assert not kill_at.unlisted(changes[-1:], [place]), told
        return changes

    def _fork(self, *arguments: str) -> forks.Command:
        return forks.Command("o2o.cli:app", arguments, self.environment(), IMPORTS)

    def fork(self, home: Path, *, warehouse: bool = False) -> Installation:
        """Another installation that has landed the same, and built the same (``warehouse``)."""
        for part in ("landing", "warehouse") if warehouse else ("landing",):
            shutil.copytree(self.home / part, home / part)
        return replace(self, home=home)

    def copied(self, home: Path) -> Installation:
        """Another installation with all that this one has."""
        shutil.copytree(self.home, home)
        return replace(self, home=home)

    def faults(self) -> list[dict[str, Any]]:
        """What the simulator chose for the faults it was told to show."""
        return list(requests.get(f"{self.url}/_sim/faults").json()["faults"])

    def extract(self, *sources: str) -> None:
        """Land what the named sources (all, if none is named) have up to now."""
        self.o2o("extract", *(sources or self.connections), "--until", self.now.isoformat())
        self.o2o("experiments")


def differences(
    left: Path,
    right: Path,
    schemas: tuple[str, ...],
    *,
    without: tuple[str, ...] = (),
    skip: tuple[str, ...] = (),
) -> dict[str, str]:
    """Tables of two DuckDB files that do not hold the same rows, and how they differ.

    Rows are compared as bags, without the load columns and those named in ``without``; tables named
    in ``skip`` are not. Asserts that there is something to compare.
    """
    # One connection each: views name their own file, so they can't be read from a third.
    with (
        duckdb.connect(str(left), read_only=True) as one,
        duckdb.connect(str(right), read_only=True) as other,
        duckdb.connect() as scratch,
    ):
        tables = _tables(one, schemas, without)
        assert tables, f"nothing to compare: {left} has no table in {schemas}"
        assert tables == _tables(other, schemas, without)
        found = {}
        for table, columns in tables.items():
            if table.rpartition(".")[2].strip('"') in skip:
                continue
            query = f"select {', '.join(columns)} from {table}"
            scratch.register("l", one.sql(query).to_arrow_table())
            scratch.register("r", other.sql(query).to_arrow_table())
            only_left, only_right = (
                scratch.sql(f"from {a} except all from {b} order by all limit 3").fetchall()
                for a, b in (("l", "r"), ("r", "l"))
            )
            if only_left or only_right:
                found[table] = f"only left: {only_left} only right: {only_right}"
        return found


def _tables(
    connection: duckdb.DuckDBPyConnection, schemas: tuple[str, ...], without: tuple[str, ...]
) -> dict[str, list[str]]:
    rows = connection.execute(
        """
        select format('"{}"."{}"', schema_name, table_name), format('"{}"', column_name)
        from duckdb_columns()
        where list_contains(?, schema_name) and not list_contains(?, column_name)
        order by schema_name, table_name, column_index""",
        [list(schemas), [*LOAD_COLUMNS, *without]],
    ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column in rows:
        tables.setdefault(table, []).append(column)
    return tables


def row_count(database: Path, table: str) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        row = connection.execute(f"select count(*) from {table}").fetchone()
        assert row is not None
        return int(row[0])

"""The toy source that `make new-source` writes works as it stands, and touches nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from scaffold.__main__ import PROJECT, NameRefused, new_source
from tests.end_to_end.conftest import FIRST_CLOCK

NAME = "corner_tills"
# Run inside the copy: serves the world with the new vendor's API until its input ends.
SERVE = """
import sys
from pathlib import Path
from demo.serving import running
with running(Path(sys.argv[1]), now=sys.argv[2]) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project into which a new source was written."""
    folder = tmp_path_factory.mktemp("project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    written = new_source(NAME, folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path for path in after if before.get(path) != after[path]} == set(written)
    assert all(NAME in str(path.relative_to(folder)) for path in written), "its own places only"
    return folder


def in_copy(copy: Path, *module: str, command: Sequence[str] = (), **settings: str) -> str:
    """What a module of the copy says, run as a program."""
    done = subprocess.run(
        [sys.executable, *(command or ("-m", *module))],
        cwd=copy, env={**os.environ, "PYTHONPATH": str(copy), **settings}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_it_is_written_in_the_house_style(copy: Path) -> None:
    mine = [str(path) for path in copy.rglob("*") if NAME in path.name and path.is_dir()]
    in_copy(copy, "ruff", "check", *mine)
    sql = copy / "dbt_project" / "models" / "staging" / NAME
    in_copy(copy, "sqlfluff", "lint", str(sql))
    # As the program does: the module alone runs nothing.
    rules = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    told = in_copy(copy, command=["-c", rules])
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", told)


def test_it_shows_the_behaviours_and_its_readme_is_true(copy: Path) -> None:
    chosen = ["-k", NAME, "-p", "no:cacheprovider", "tests/connectors"]
    told = in_copy(copy, "pytest", "-q", *chosen)
    assert "failed" not in told
    assert int(told.rpartition(" passed")[0].rpartition("\n")[2].split()[-1]) >= 20


@pytest.mark.e2e
def test_its_sales_reach_the_marts(copy: Path, world_folder: Path, tmp_path: Path) -> None:
    now, home = FIRST_CLOCK.isoformat(), tmp_path / "var"
    serving = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(world_folder), now],
        cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert serving.stdout
        host = f"{serving.stdout.readline().strip()}/{NAME}"
        settings = {
            "O2O_HOME": str(home),
            "O2O_SOURCES": NAME,
            f"AIRFLOW_CONN_O2O_{NAME.upper()}": json.dumps(
                {"host": host, "password": f"{NAME}-demo-key"}
            ),
        }
        in_copy(copy, "o2o.cli", "extract", NAME, "--until", now, **settings)
        in_copy(copy, "o2o.cli", "build", **settings)
    finally:
        serving.communicate()
    landed = [
        json.loads(payload)
        for (payload,) in duckdb.sql(
            f"select _payload from '{home}/landing/{NAME}/sales/*.parquet'"
            " where _payload is not null"
        ).fetchall()
    ]
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as warehouse:
        orders = warehouse.sql(
            "select source_order_id, order_channel, store_id, sold_reporting_minor > 0"
            f" from marts.fct_orders where source_system = '{NAME}' and connection = '{NAME}'"
        ).fetchall()
        known = warehouse.sql(
            "select source_order_id from marts.fct_orders where customer_id is not null"
        ).fetchall()
    assert len(landed) > 5
    assert sorted(orders) == sorted((sale["id"], "till", sale["shop"], True) for sale in landed)
    addressed = {sale["id"] for sale in landed if sale["customer"]["email"]}
    assert {sale for (sale,) in known} == addressed, "an address tells who bought"
    assert addressed


@pytest.mark.parametrize("name", ["Acme", "acme tills", "1acme", "", "../acme", "acme__tills"])
def test_a_name_that_cannot_be_a_source_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(NameRefused, match="cannot be a source"):
        new_source(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    new_source("acme", tmp_path)
    with pytest.raises(NameRefused, match="there is a source called acme already"):
        new_source("acme", tmp_path)

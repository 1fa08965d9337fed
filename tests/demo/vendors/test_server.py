"""The command line and the server itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import requests
from typer.testing import CliRunner

from demo.__main__ import app
from demo.serving import running
from demo.vendors.core.state import Simulation
from tests.demo.vendors.api_support import NOW, world

ROOT = Path(__file__).parents[3]


def test_generate_writes_world_and_truth(tmp_path: Path) -> None:
    args = ["generate", "--out", str(tmp_path), "--persons", "200", "--days", "3"]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 0, done.output
    with duckdb.connect(str(tmp_path / "world.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM shops").fetchall() == [(12,)]
    assert (tmp_path / "truth.duckdb").exists()


def test_serve_prints_one_line_with_its_url() -> None:
    command = [sys.executable, "-m", "demo", "serve", "--world", str(world())]
    command += ["--port", "0", "--now", NOW, "--fault", "stale_feed"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            health = requests.get(f"{url}/_sim/health").json()
            assert health == {"status": "ok", "now": "2026-02-19T00:00:00Z"}
            faults = requests.get(f"{url}/_sim/faults").json()["faults"]
            assert [fault["name"] for fault in faults] == ["stale_feed"]
        finally:
            process.terminate()
        assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--world", "nowhere"], "python -m demo generate"),
        (["--now", "soon"], "'soon' is not a timestamp"),
        (["--fault", "x"], "Unknown fault 'x'"),
    ],
)
def test_serve_explains_what_is_wrong(args: list[str], says: str) -> None:
    done = CliRunner().invoke(app, ["serve", "--world", str(world()), *args])
    assert done.exit_code == 2
    assert says in done.stderr


def test_the_world_file_stays_as_it_was() -> None:
    path = world() / "world.duckdb"
    before = path.read_bytes()
    with running(world(), chaos=3, now=NOW, faults=["missing_till_day"]) as url:
        requests.get(f"{url}/_sim/health")
    assert path.read_bytes() == before


def test_without_a_clock_it_is_the_worlds_last_moment() -> None:
    sim = Simulation(world())
    latest = sim.query("SELECT max(visible_at) FROM till_orders")[0][0]
    assert sim.view.now == latest
    sim.close()


def test_unknown_places_are_404_and_wrong_methods_405() -> None:
    with running(world(), now=NOW) as url:
        assert requests.get(f"{url}/shopify/admin/nothing").status_code == 404
        assert requests.get(f"{url}/square/v2/orders/search").status_code == 405


def test_connections_are_lines_for_an_environment_file() -> None:
    done = CliRunner().invoke(app, ["connections", "--url", "http://simulator:8765"])
    lines = dict(line.split("=", 1) for line in done.stdout.splitlines())
    named = lines.pop("O2O_SOURCES").split(",")
    assert [*lines] == [f"AIRFLOW_CONN_O2O_{name.upper()}" for name in named]
    for name, value in lines.items():
        source = name.removeprefix("AIRFLOW_CONN_O2O_").lower()
        assert value[0] == value[-1] == "'"
        value = value[1:-1]
        assert json.loads(value)["host"] == f"http://simulator:8765/{source}"
        assert json.loads(value)["extra"]["allow_http"] is True

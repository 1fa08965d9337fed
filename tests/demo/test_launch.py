"""The demo world has a clock of its own; the real one must not get into its data."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.api.datamodels._generated import DagRunType
from filelock import FileLock
from typer.testing import CliRunner

from connectors.core.errors import UnknownName
from demo import companies, stack, world
from demo.__main__ import app
from demo.companies import Company
from demo.launch import DemoState
from demo.serving import running
from demo.vendors import connections
from o2o.pipeline.airflow_tasks import run_extract
from o2o.pipeline.paths import Paths
from tests.demo.vendors import api_support
from warehouse.landing.zone import Landing

NOW = datetime(2026, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize("kind", [DagRunType.MANUAL, DagRunType.SCHEDULED])
def test_a_run_without_parameters_reads_up_to_the_worlds_now(
    kind: DagRunType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read up to the real one, `click_views`, of which there are ninety days, had a hole."""
    by_the_real_clock = SimpleNamespace(
        run_type=kind, run_after=datetime.now(UTC), data_interval_end=None
    )
    context: dict[str, Any] = {"dag_run": by_the_real_clock, "params": {}}
    with running(api_support.world(), now=NOW.isoformat()) as url:
        given = stack.airflow_environment(
            Paths(tmp_path, str(tmp_path / "landing")),
            8080,
            Company().folder,
            connections(url, NOW),
            url,
        )
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        run_extract("google_ads", context)
    place = Landing(str(tmp_path / "landing")).stream("google_ads", "click_views")
    (load,) = (place.read(load_id) for load_id in place.load_ids())
    assert load.rows
    assert load.window["until"] == "2026-02-15T00:00:00.000Z"


@pytest.mark.parametrize("company", companies.NAMES)
def test_printed_connections_end_where_the_world_does(company: str) -> None:
    """They are the company's, and say so: nobody else's would be asked for."""
    asked = ["connections", "--url", "http://simulator:8765", "--company", company]
    done = CliRunner().invoke(app, asked)
    printed = dict(shlex.split(line)[0].split("=", 1) for line in done.stdout.splitlines())
    names = printed.pop("O2O_SOURCES").split(",")
    assert tuple(names) == Company(company).simulated
    assert set(printed) == {f"AIRFLOW_CONN_O2O_{name.upper()}" for name in names}
    for connection in printed.values():
        assert json.loads(connection)["extra"]["until"] == "2026-06-06T00:00:00+00:00"


def test_a_company_is_read_where_it_is_and_advertises_where_its_costs_are_read() -> None:
    retailer = Company()
    assert retailer.name == companies.DEFAULT
    assert {"shopify", "square", "google_ads"} <= set(retailer.connections)
    ads = [name for name in retailer.connections if name.endswith("_ads")]
    assert set(retailer.platforms) == set(ads)
    assert retailer.world == {
        "platforms": retailer.platforms,
        "has_web_shop_tills": True,
        "vertical": "",
    }
    assert not Company("boutique").world["has_web_shop_tills"]  # its web shop is on the web alone
    # Two web shops, or tills, or CRMs that serve the same world would count it twice.
    for one_of in ({"shopify", "adobe_commerce"}, {"square", "clover"}, {"hubspot", "salesforce"}):
        for name in companies.NAMES:
            assert len(one_of & set(Company(name).connections)) <= 1
    with pytest.raises(
        UnknownName, match=r"no company called 'boutik' \(.*boutique.*\); there are"
    ):
        Company("boutik")


def test_an_unknown_company_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    done = CliRunner().invoke(app, ["run", "--company", "grocer"])
    assert done.exit_code == 1
    assert "no company called 'grocer'; there are boutique, dealer, hotel, retailer" in done.stdout


def test_a_second_demo_in_the_same_folder_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    with FileLock(tmp_path / "demo.lock"):
        done = CliRunner().invoke(app, ["run", "--persons", "1", "--days", "1"])
    assert done.exit_code == 1
    assert f"a demo is running in {tmp_path} already. Stop it" in done.stdout
    assert not (tmp_path / "airflow").exists()


def state(runs: int) -> DemoState:
    return DemoState(600, 30, 7, world.DEFAULT_NOISE, runs=runs)


def test_each_run_is_a_day_later_until_the_world_ends() -> None:
    days = [state(runs).clock.date().isoformat() for runs in range(8)]
    assert days == [
        "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07", "2026-03-08",
        "2026-03-08", "2026-03-08",
    ]  # fmt: skip
    assert "The next run is a day later (5 more to come)." in state(0).outlook
    assert "The next run is a day later (1 more to come)." in state(4).outlook
    for runs in (5, 6, 20):
        assert (
            "further runs will find nothing new. Remove it with `make clean`" in state(runs).outlook
        )

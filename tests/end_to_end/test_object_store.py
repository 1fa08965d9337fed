"""Landing in an object store and state at a URL: two machines that share nothing but the store."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from demo import world
from demo.serving import running
from demo.vendors import connections
from expectations import context, runner
from o2o.cli import app
from o2o.pipeline import audit, remote_copy
from o2o.pipeline.build import build
from o2o.pipeline.paths import Paths
from tests.end_to_end.installation import differences, row_count

START, DAYS = date(2026, 3, 26), 6
NOW = datetime(2026, 4, 1, tzinfo=UTC)
USED = ("square", "google_ads")  # entities; reports that are restated
MODELS = "stg_square__orders stg_square__payments +stg_google_ads__campaign_performance"


def land(folder: Path, *urls: str) -> None:
    world.generate(folder, persons=200, days=DAYS, seed=3, start=START)
    with running(folder, now=NOW.replace(tzinfo=None)) as api:
        for source in USED:
            given = connections(api)[source]
            settings = {name: given[name] for name in ("host", "login", "password")}
            extra = {**given["extra"], "start_date": START.isoformat()}
            for url in urls:
                extract(SOURCES[source], Connection(**settings, extra=extra), url, NOW)


@pytest.mark.e2e
def test_two_machines_work_on_what_lies_in_the_store(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_SOURCES", ",".join(USED))
    monkeypatch.setenv("O2O_IDENTITY_KEY", "test")
    remote, local = f"{bucket}/landing", str(tmp_path / "landing")
    land(tmp_path / "world", remote, local)
    a = Paths(tmp_path / "a", remote, state_url=f"{bucket}/state")
    b = Paths(tmp_path / "b", remote, state_url=f"{bucket}/state")
    beside = Paths(tmp_path / "beside", local)

    # Built from the store or from a folder, the same.
    build(b, select=MODELS)
    build(beside, select=MODELS)
    assert row_count(b.warehouse, "staging.stg_square__orders") > 10
    assert differences(b.warehouse, beside.warehouse, ("staging",)) == {}

    # Judged on either machine, the same; the second does so from the facts that the first left.
    with remote_copy.kept(a):
        first = audit.audit(a, "landing")
    assert first.verdict == "passed"
    with remote_copy.kept(b):
        assert (b.reports / "landed.duckdb").exists()
        second = audit.audit(b, "landing")
    assert (second.subject, second.checks) == (first.subject, first.checks)
    remote_copy.pull(a)
    assert runner.load(a.reports, "landing") == second
    pages = context.data_docs(a.reports / "gx").parent.glob("validations/landing/*/*/*.html")
    assert len(list(pages)) == 2  # the Data Docs know the runs of both

    monkeypatch.setenv("O2O_LANDING_URL", f"{remote}/")
    told = CliRunner().invoke(app, ["status", "--now", NOW.isoformat()])
    assert told.exit_code == 0, told.output
    assert re.search(r"campaign_performance +20\d\d-\d\d-\d\d \d\d:\d\d +[1-9]", told.stdout)

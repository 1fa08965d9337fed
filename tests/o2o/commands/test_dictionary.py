"""``o2o dictionary``: what the marts mean, and whether what is published is what they promise."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from o2o.cli import app
from o2o.dictionary.marts import catalogue
from tests.o2o.dictionary import tables

RUN = CliRunner()


def test_names_all_marts_and_shows_one() -> None:
    listed = RUN.invoke(app, ["dictionary", "list"])
    assert all(mart.name in listed.output for mart in catalogue())
    shown = RUN.invoke(app, ["dictionary", "show", "dim_dates"])
    assert "One row per day" in shown.output
    assert "is_weekend" in shown.output
    assert "from marts.dim_dates" in shown.output
    unknown = RUN.invoke(app, ["dictionary", "show", "dim_date"])
    assert unknown.exit_code == 1
    assert "did you mean dim_dates" in unknown.output


def test_holds_what_is_published_against_the_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    nothing = RUN.invoke(app, ["dictionary", "check"])
    assert nothing.exit_code == 1
    assert "Nothing is published" in nothing.output
    (tmp_path / "published").mkdir()
    with duckdb.connect(str(tmp_path / "published" / "o2o.duckdb")) as con:
        con.begin()
        tables.create(con, catalogue())
        con.commit()
    sound = RUN.invoke(app, ["dictionary", "check"])
    assert sound.exit_code == 0
    assert f"{len(catalogue())} contracts" in sound.output
    with duckdb.connect(str(tmp_path / "published" / "o2o.duckdb")) as con:
        con.execute("drop table marts.dim_dates")
    broken = RUN.invoke(app, ["dictionary", "check"])
    assert broken.exit_code == 1
    assert "dim_dates: it is not published" in broken.output

"""What users of other tools for attribution and lift report in public, tried here.

docs/public-reports-attribution.md has the table of reports.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from analytics.lift import METHODS, estimate
from o2o.cli import app
from tests.analytics.lift.panels import public


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(file: Path, header: str, rows: list[tuple[Any, ...]]) -> Path:
    with file.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(header.split(","))
        lines.writerows(rows)
    return file


def credit(folder: Path, rows: list[tuple[Any, ...]], *more: object) -> list[dict[str, Any]]:
    """The summary of aggregated paths."""
    paths = write(folder / "paths.csv", "path,conversions,value,nulls", rows)
    out = folder / "out.parquet"
    result = run("attribute", "--paths", paths, "--out", out, *more)
    assert result.exit_code == 0, result.output
    return duckdb.sql(f"from '{out}'").to_arrow_table().to_pylist()


def test_channels_keep_their_names(tmp_path: Path) -> None:
    rows = credit(tmp_path, [("Paid Search > Organic > Ünïque (other)", 3, 0, 0)])
    assert {row["channel"] for row in rows} == {"Paid Search", "Organic", "Ünïque (other)"}


def test_where_each_conversion_is_worth_one_value_is_conversions(tmp_path: Path) -> None:
    paths = [("A", 5), ("A > B > A", 4), ("C > B", 3), ("B", 2)]
    rows = credit(tmp_path, [(path, n, n, 7) for path, n in paths])
    for row in rows:
        assert row["value"] == pytest.approx(row["conversions"])
    assert all(row["removal_effect"] > 0 for row in rows if row["removal_effect"] is not None)


def test_a_channel_that_hardly_anybody_touches_gets_nothing_below_zero(tmp_path: Path) -> None:
    paths = [("A > B", 100, 100, 900), ("B > A", 80, 80, 1000), ("C", 0, 0, 1),
             ("A > D > A", 1, 1, 0), ("E > E > E > E", 0, 0, 400)]  # fmt: skip
    rows = [row for row in credit(tmp_path, paths) if row["attribution_model"].startswith("markov")]
    assert min(row["conversions"] for row in rows) >= 0
    for model in {row["attribution_model"] for row in rows}:
        mine = [row["conversions"] for row in rows if row["attribution_model"] == model]
        assert sum(mine) == pytest.approx(181)


def test_counts_are_as_good_as_rows(tmp_path: Path) -> None:
    together = credit(tmp_path, [("A > B", 3, 30, 2), ("B", 2, 20, 1)])
    apart = credit(
        tmp_path,
        [("A > B", 1, 10, 0)] * 3 + [("A > B", 0, 0, 1)] * 2 + [("B", 1, 10, 0)] * 2
        + [("B", 0, 0, 1)],
    )  # fmt: skip
    for one, other in zip(together, apart, strict=True):
        assert one["conversions"] == pytest.approx(other["conversions"])
        assert one["value"] == pytest.approx(other["value"])


def test_hundreds_of_channels_leave_the_other_models_alone(tmp_path: Path) -> None:
    rows = credit(tmp_path, [(f"c{i} > c{i + 1} > c{i % 7}", 1, 1, i % 3) for i in range(500)])
    found = {row["attribution_model"] for row in rows}
    assert {"linear", "markov_1", "markov_2"} <= found
    assert not {"markov_4", "shapley"} & found


def test_two_runs_say_the_same_whatever_the_order_of_the_rows(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    touches = [
        (f"t{i}", f"p{i % 70}", f"2026-03-{1 + i % 20:02d}", "ABC"[i % 3]) for i in range(400)
    ]
    sales = [(f"c{i}", f"p{i}", "2026-03-12", 10.01) for i in range(50)]
    said = []
    for turn in range(2):
        if turn:
            random.shuffle(touches)
            random.shuffle(sales)
        files = (
            write(tmp_path / "t.csv", "touchpoint_id,customer_id,touched_at,channel", touches),
            write(tmp_path / "s.csv", "conversion_id,customer_id,converted_at,value", sales),
        )
        out = tmp_path / f"{turn}.csv"
        run("attribute", "--touchpoints", files[0], "--conversions", files[1], "--summary", out,
            "--bootstrap", 5)  # fmt: skip
        said.append(out.read_text())
    assert said[0] == said[1]


UNITS = ["austin", "boston", "chicago", "dallas", "miami", "reno", "tulsa"]


def panel(folder: Path, rows: list[tuple[Any, ...]]) -> Path:
    return write(folder / "panel.csv", "location,date,value", rows)


def days(noise: float = 5.0) -> list[tuple[Any, ...]]:
    random = np.random.default_rng(0)
    return [
        (unit, f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}", 100 + noise * random.normal())
        for unit in UNITS
        for day in range(50)
    ]


TEST = ["--treated", "chicago", "--start", "2026-02-12", "--end", "2026-02-20"]


def test_a_panel_may_be_in_any_order(tmp_path: Path) -> None:
    one = run("lift", "--panel", panel(tmp_path, days()), *TEST).stdout
    other = run("lift", "--panel", panel(tmp_path, days()[::-1]), *TEST).stdout
    assert one == other
    assert "total effect" in one


@pytest.mark.parametrize(
    ("rows", "treated", "words"),
    [
        (days() + days()[:1], "chicago", "more than one row for austin 2026-01-01: sum them up"),
        (days()[:-1], "chicago", "1 gaps: no value for tulsa 2026-02-22"),
        (days(), "Chicago", "no unit is called Chicago; did you mean chicago?"),
        ([*days(), ("austin", "2026-02-23", "inf")], "chicago", "row 351: the value is infinite"),
        ([*days(), ("austin", "2026-02-23", "")], "chicago", "7 gaps: no value for austin"),
    ],
)
def test_what_is_wrong_with_a_panel_is_said(
    tmp_path: Path, rows: list[tuple[Any, ...]], treated: str, words: str
) -> None:
    result = run("lift", "--panel", panel(tmp_path, rows), "--treated", treated, *TEST[2:])
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())


def test_days_that_nobody_has_are_said_and_do_no_harm(tmp_path: Path) -> None:
    rows = [row for row in days() if row[1] not in ("2026-01-10", "2026-01-11")]
    result = run("lift", "--panel", panel(tmp_path, rows), *TEST)
    assert result.exit_code == 0
    assert "2 periods that no unit has are left out" not in result.stdout  # 29 to 31 January, too
    assert "5 periods that no unit has are left out" in " ".join(result.stdout.split())


def test_sales_that_never_move_have_no_effect(tmp_path: Path) -> None:
    result = run("lift", "--panel", panel(tmp_path, days(noise=0)), *TEST)
    assert result.exit_code == 0, result.output
    assert "+0.00%" in result.stdout


@pytest.mark.parametrize("method", METHODS)
def test_p_and_interval_never_contradict_each_other(method: Any) -> None:
    found = estimate(
        method, public("geolift_test.csv"), ["chicago", "portland"], "2021-04-01", "2021-04-15"
    )
    for level in (0.90, 0.95):
        assert (0 in found.interval(level)) == (found.p_value > 1 - level)

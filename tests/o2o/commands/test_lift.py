"""``o2o lift``, ``o2o lift-design`` and ``o2o ab`` as people call them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from analytics.lift import synthetic_control
from o2o.cli import app
from o2o.commands import terminal
from tests.analytics.lift.panels import DATA, public

TEST = ["--treated", "chicago,portland", "--start", "2021-04-01", "--end", "2021-04-15"]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 200)


@pytest.fixture(scope="module")
def geolift(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public panel in long form, without three of its forty cities."""
    table = public("geolift_test.csv")
    path = tmp_path_factory.mktemp("panel") / "geolift.csv"
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["store", "date", "value"])
        for name, values in zip(table.units, table.value.tolist(), strict=True):
            lines.writerows([name, day, v] for day, v in zip(table.periods, values, strict=True))
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_the_tool_has_the_commands() -> None:
    names = {command.name for command in app.registered_commands}
    assert {"lift", "lift-design", "ab"} <= names


def test_lift_prints_every_method_side_by_side(geolift: Path) -> None:
    text = said(run("lift", "--panel", geolift, *TEST))
    assert "2 treated, 38 controls" in text
    assert "7,652 4,667 5,345" in text
    assert "+5.42%" in text
    assert "! did: poor fit" in text


def test_json_csv_and_picture(geolift: Path, tmp_path: Path) -> None:
    for name in ("out.json", "out.csv"):
        picture = tmp_path / "picture.png"
        said(
            run(
                "lift", "--panel", geolift, *TEST, "--method", "synth", "--out", tmp_path / name,
                "--plot", picture,
            )
        )  # fmt: skip
    assert picture.read_bytes().startswith(b"\x89PNG")
    expected = synthetic_control(
        public("geolift_test.csv"), ["chicago", "portland"], "2021-04-01", "2021-04-15"
    )
    (record,) = json.loads((tmp_path / "out.json").read_text())
    assert record["total"] == pytest.approx(expected.total)
    assert record["start"] == "2021-04-01"
    assert len(record["placebos_in_time"]) == 3
    (row,) = csv.DictReader((tmp_path / "out.csv").open())
    assert float(row["relative_low_95%"]) == pytest.approx(expected.interval(0.95, "relative").low)


def test_all_pictures_have_the_methods_name(geolift: Path, tmp_path: Path) -> None:
    few = "atlanta,austin,boston,dallas,denver,detroit"
    plot = ["--plot", tmp_path / "p.svg", "--controls", few]
    said(run("lift", "--panel", geolift, *TEST, *plot, "--holdout"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "p-did.svg",
        "p-synth.svg",
        "p-tbr.svg",
    ]


def test_iroas_of_a_file_with_spend() -> None:
    text = said(
        run(
            "lift", "--panel", DATA / "sales_and_cost.csv", "--metric", "sales", "--spend", "cost",
            "--treated", "treatment", "--start", "2015-02-16", "--end", "2015-03-15",
            "--method", "tbr",
        )
    )  # fmt: skip
    assert "incremental spend 50,000" in text
    assert "iROAS 2.947" in text


def test_design_lists_and_recommends(geolift: Path, tmp_path: Path) -> None:
    out = tmp_path / "designs.csv"
    text = said(
        run(
            "lift-design", "--panel", geolift, "--treat", "2", "--duration", "15", "--windows", "3",
            "--include", "chicago", "--effect", "0.2", "--iroas", "2", "--top", "2", "--out", out,
        )
    )  # fmt: skip
    assert "for +20.0%: treat " in text
    rows = list(csv.DictReader(out.open()))
    assert all("chicago" in row["treated"] for row in rows)
    assert float(rows[0]["spend"]) == pytest.approx(
        float(rows[0]["mde"]) * float(rows[0]["baseline"]) / 2
    )


def test_ab_compares_and_warns_of_a_broken_split(tmp_path: Path) -> None:
    data = tmp_path / "ab.csv"
    random = np.random.default_rng(0)
    lines = ["variant,bought"]
    lines += [f"control,{int(random.random() < 0.1)}" for _ in range(3000)]
    lines += [f"coupon,{int(random.random() < 0.2)}" for _ in range(2000)]
    data.write_text("\n".join(lines))
    out = tmp_path / "ab.json"
    text = said(run("ab", "--data", data, "--metric", "bought", "--out", out))
    assert "do not trust the comparison" in text
    (record,) = json.loads(out.read_text())
    assert record["difference"] == pytest.approx(0.1, abs=0.03)
    fair = said(run("ab", "--data", data, "--metric", "bought", "--shares", "control=3,coupon=2"))
    assert "do not trust" not in fair


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lift", "--panel", "none.csv", *TEST], "the file does not exist: none.csv"),
        (["lift", "--panel", "{panel}", *TEST, "--metric", "x"], "no column 'x'"),
        (["lift", "--panel", "{panel}", *TEST, "--out", "x.xls"], "must end in .json or .csv"),
        (
            ["lift", "--panel", "{panel}", *TEST[:-1], "2021-12-31"],
            "end 2021-12-31 lies after the data, which end with ",
        ),
        (
            ["lift", "--panel", "{panel}", "--treated", "Chicago", *TEST[2:]],
            "no unit is called Chicago; did you mean chicago?",
        ),
        (
            ["lift", "--panel", "{panel}", *TEST, "--controls", "austin,portland"],
            "portland is both treated and a control",
        ),
        (
            ["lift-design", "--panel", "{panel}", "--treat", "two"],
            "--treat two: give whole numbers",
        ),
        (
            ["lift-design", "--panel", "{panel}", "--method", "all"],
            "--method all: choose one of did, synth, tbr",
        ),
        (["ab", "--data", "{panel}", "--shares", "half"], "write control=0.5,coupon=0.5"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    geolift: Path, arguments: list[str], message: str
) -> None:
    result = run(*(argument.replace("{panel}", str(geolift)) for argument in arguments))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert "Traceback" not in result.output


def test_a_unit_may_have_a_comma_in_its_name(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    units = ["Washington, DC", "chicago", "Portland, OR", "austin", "boston", "miami", "a", "b",
             "a,b"]  # fmt: skip
    panel = tmp_path / "panel.csv"
    with panel.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["region", "day", "value"])
        for unit in units:
            lines.writerows([unit, day, 100 + random.normal()] for day in range(1, 31))
    test = ["lift", "--panel", panel, "--start", 21, "--end", 30, "--method", "did"]
    for treated in (
        ["--treated", "Washington, DC"],
        ["--treated", '"Washington, DC"'],
        ["--treated", "austin", "--controls", "Portland, OR", "--controls", "boston,miami"],
    ):
        assert "1 treated" in said(run(*test, *treated))
    for treated in (
        ["--treated", "Washington, DC", "--treated", "chicago"],
        ["--treated", '"Washington, DC",chicago'],
        ["--treated", "austin, chicago"],
    ):
        assert "2 treated" in said(run(*test, *treated))
    both = run(*test, "--treated", "a,b")
    assert both.exit_code == 2
    assert "--treated a,b is one unit and a list of units" in " ".join(both.stderr.split())
    assert "1 treated" in said(run(*test, "--treated", '"a,b"'))


def test_an_empty_interval_is_none_in_words(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [
        f"{unit},{day},{100 + random.normal() + (day > 30) * (unit == 'a') * (-1) ** day * 90}"
        for unit in "abcd"
        for day in range(1, 41)
    ]
    panel, out = tmp_path / "panel.csv", tmp_path / "out.json"
    panel.write_text("\n".join(["unit,day,value", *rows]))
    test = ["--treated", "a", "--start", 31, "--end", 40, "--method", "synth", "--out", out]
    text = said(run("lift", "--panel", panel, *test))
    (record,) = json.loads(out.read_text())
    assert record["inferences"]["conformal_iid"]["total"][1]["is_empty"]
    assert "conformal_iid: no 95% interval: no constant effect fits" in text


def test_what_is_relative_to_nothing_is_a_dash(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [f"{u},{d},{0 if u == 'a' else random.random()}" for u in "abcdefg" for d in range(30)]
    panel = tmp_path / "panel.csv"
    panel.write_text("\n".join(["unit,day,value", *rows]))
    text = said(run("lift", "--panel", panel, "--treated", "a", "--start", 20, "--end", 29))
    assert "nan" not in text
    assert "off by inf%" not in text
    assert "before the test the treated units come to nothing" in text

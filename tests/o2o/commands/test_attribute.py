"""``o2o attribute`` on small files of all kinds, and what it says of wrong ones."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from analytics.attribution import models
from o2o.cli import app
from o2o.commands import attribute_tables

NINE = ["A", "A > B", "A > B > C", "B", "B > A", "B > C > A", "C", "C > A", "C > B > A"]
KNOWN = {
    "first": (3, 3, 3),
    "last": (5, 2, 2),
    "linear": (3.5, 3, 2.5),
    "position": (3.7, 2.8, 2.5),
    "markov_1": (3.5477, 2.8382, 2.6141),
    "shapley": (4.5, 2.5, 2.0),
}


def write(file: Path, rows: list[dict[str, Any]]) -> Path:
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def run(*arguments: object) -> str:
    """What the command says, whether it works or not."""
    return " ".join(CliRunner().invoke(app, ["attribute", *map(str, arguments)]).output.split())


def summary(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    rows = duckdb.sql(f"from '{file}'").to_arrow_table().to_pylist()
    return {(row["attribution_model"], row["channel"]): row for row in rows}


@pytest.fixture
def touchpoints(tmp_path: Path) -> Path:
    """One journey per person, and one of a person who buys nothing."""
    rows = [
        {
            "touchpoint_id": f"t{i}-{k}", "customer_id": f"p{i}", "channel": channel,
            "touched_at": f"2026-03-01T1{k}:00:00+01:00",
        }
        for i, path in enumerate([*NINE, "A > C"])
        for k, channel in enumerate(path.split(" > "))
    ]  # fmt: skip
    return write(tmp_path / "touchpoints.csv", rows)


@pytest.fixture
def conversions(tmp_path: Path) -> Path:
    rows = [
        {
            "conversion_id": f"c{i}", "customer_id": f"p{i}", "value": "10.01",
            "converted_at": "2026-03-01 12:00:00", "currency_code": "EUR",
        }
        for i in range(9)
    ]  # fmt: skip
    rows.append({**rows[0], "conversion_id": "anonymous", "customer_id": ""})
    return write(tmp_path / "conversions.csv", rows)


@pytest.mark.parametrize("parts", [1, 3])
def test_tables_get_credit_per_touch_and_a_summary(
    tmp_path: Path,
    touchpoints: Path,
    conversions: Path,
    parts: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attribute_tables, "TOUCHES_AT_A_TIME", -(-20 // parts))
    out, file = tmp_path / "credit.parquet", tmp_path / "summary.csv"
    said = run("--touchpoints", touchpoints, "--conversions", conversions, "--out", out,
               "--summary", file, "--bootstrap", 20)  # fmt: skip
    assert "every touch before a conversion counts" in said
    found = summary(file)
    for model in models.names():
        told = [found[model, channel] for channel in "ABC"]
        if model in KNOWN and model not in models.SOLVED:  # those see the null
            assert [row["conversions"] for row in told] == pytest.approx(KNOWN[model])
        assert sum(row["conversions"] for row in told) == pytest.approx(9)
        assert sum(row["path_conversions"] for row in told) == pytest.approx(9)
        assert sum(row["path_value"] for row in told) == 9 * 1001
        assert found[model, "unattributed"]["value"] == 1001
        assert all(row["conversions_low"] <= row["conversions_high"] for row in told)
    assert found["markov_1", "A"]["removal_effect"] > 0.5
    credit = duckdb.sql(
        f"""select attribution_model, sum(credit_minor), sum(credit_share), count(*),
            count(distinct conversion_id), max(cash_date)::varchar
        from '{out}' group by all"""
    ).fetchall()
    assert {row[0] for row in credit} == {*models.names()}
    assert {row[1:] for row in credit} == {(10 * 1001, 10, 19, 10, "2026-03-01")}
    (reason,) = duckdb.sql(
        f"select distinct unattributed_reason from '{out}' where touchpoint_id is null"
    ).fetchall()
    assert reason == ("anonymous",)


def test_paths_get_the_known_answers(tmp_path: Path) -> None:
    file = write(tmp_path / "paths.csv", [{"path": path, "conversions": 1} for path in NINE])
    said = run("--paths", file, "--models", ",".join(KNOWN), "--out", tmp_path / "out.csv")
    assert "3.5477" in said
    found = summary(tmp_path / "out.csv")
    for model, credit in KNOWN.items():
        told = [round(found[model, channel]["conversions"], 4) for channel in "ABC"]
        assert told == list(credit)


def test_windows_reach_as_far_as_they_say(
    tmp_path: Path, touchpoints: Path, conversions: Path
) -> None:
    rows = [{"conversion_type": "*", "touch_type": "*", "lookback_days": 0}]
    windows = write(tmp_path / "windows.csv", rows)
    file = tmp_path / "summary.csv"
    run("--touchpoints", touchpoints, "--conversions", conversions, "--windows", windows,
        "--models", "linear", "--summary", file)  # fmt: skip
    assert summary(file)["linear", "unattributed"]["conversions"] == 10


def test_declared_types_follow_the_projects_windows(tmp_path: Path) -> None:
    touches = write(tmp_path / "t.csv", [
        {"touchpoint_id": kind, "customer_id": 1, "touched_at": "2026-03-01", "channel": kind,
         "touch_type": kind}
        for kind in ("paid_click", "paid_view", "store_visit", "carrier_pigeon")
    ])  # fmt: skip
    sale = {"conversion_id": "c", "customer_id": 1, "converted_at": "2026-03-07",
            "conversion_type": "till_order", "value_minor": 100}  # fmt: skip
    file = tmp_path / "out.csv"
    said = run("--touchpoints", touches, "--conversions", write(tmp_path / "c.csv", [sale]),
               "--out", file, "--models", "linear")  # fmt: skip
    assert "no credit, for till_order and carrier_pigeon" in said
    rows = duckdb.sql(f"select touch_type, direction, credit_minor from '{file}' order by all")
    assert rows.fetchall() == [
        ("paid_click", "online_to_offline", 33),
        ("paid_view", "online_to_offline", 34),
        ("store_visit", "offline_to_offline", 33),
    ]


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        (
            "touchpoints",
            {"touched_at": "yesterday"},
            "line 2: touched_at 'yesterday' is not a valid time",
        ),
        ("touchpoints", {"touchpoint_id": "t1-0"}, "more than one row of the touchpoint_id t1-0"),
        ("touchpoints", {"channel": ""}, "line 2: channel is empty"),
        ("touchpoints", {"channel": "A > B"}, "Channel 'A > B' contains ' > '"),
        ("conversions", {"value": "ten"}, "line 2: value 'ten' is not a valid number"),
        ("conversions", {"currency_code": "XXX"}, "the currency 'XXX', which is not in"),
        ("conversions", {"conversion_id": None}, "have no column conversion_id"),
    ],
)
def test_wrong_tables_are_refused_in_words(
    tmp_path: Path, touchpoints: Path, conversions: Path, name: str,
    change: dict[str, str | None], words: str,
) -> None:  # fmt: skip
    file = tmp_path / f"{name}.csv"
    with file.open() as stream:
        rows = list(csv.DictReader(stream))
    for column, text in change.items():
        for row in rows if text is None else rows[:1]:
            row.pop(column) if text is None else row.update({column: text})
    write(file, rows)
    said = run("--touchpoints", touchpoints, "--conversions", conversions)
    assert words in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--touchpoints", "t.csv"], "Give --touchpoints and --conversions, or --paths alone"),
        (
            ["--touchpoints", "t.csv", "--conversions", "c.csv"],
            "The file of touchpoints does not exist: t.csv",
        ),
        (["--paths", "p.csv"], "The file of paths does not exist: p.csv"),
    ],
)
def test_wrong_arguments_are_refused_in_words(arguments: list[str], words: str) -> None:
    assert words in run(*arguments)

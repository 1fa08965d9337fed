"""The plan of experiments, and what is made of it."""

from __future__ import annotations

import http.server
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from analytics.errors import InputError
from analytics.lift import Panel
from analytics.lift.joint import Window, joint
from o2o.pipeline import build
from o2o.steps import experiment_plan, experiment_results
from o2o.steps.experiment_plan import PlanError, PlanOutOfReach, read_plan
from o2o.steps.experiment_results import Trial, measure, panels, trials_of
from warehouse.landing.zone import Landing

HEADER = ",".join(experiment_plan.COLUMNS)
ROW = "v1,video,holdout,region,DE-BE,2026-03-01,2026-03-21"
START = date(2026, 1, 1)


def plan(folder: Path, *rows: str, header: str = HEADER) -> str:
    file = folder / "plan.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return str(file)


def test_a_row_is_an_experiment_and_a_unit(tmp_path: Path) -> None:
    (key, row), second = read_plan(plan(tmp_path, ROW, ROW.replace("DE-BE", "FR-IDF")))
    assert key == "v1|DE-BE"
    assert (row["channel"], row["campaign_id"]) == ("video", None)
    assert second[0] == "v1|FR-IDF"


def test_a_sheet_is_read_from_the_web(tmp_path: Path) -> None:
    class Sheet(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/plan.csv" else 404)
            self.end_headers()
            self.wfile.write(f"{HEADER}\n{ROW}\n".encode())

        def log_message(self, *_: Any) -> None:
            """Not on the test's output."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sheet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert [key for key, _ in read_plan(f"{address}/plan.csv")] == ["v1|DE-BE"]
        with pytest.raises(PlanError, match=r"O2O_EXPERIMENTS: .*/gone\.csv cannot be read: 404"):
            list(read_plan(f"{address}/gone.csv"))
        server.shutdown()
    with pytest.raises(PlanOutOfReach, match="does not answer"):
        list(read_plan(f"{address}/plan.csv"))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (ROW.replace("holdout", "pause"), "line 3: design is holdout or test, not 'pause'"),
        (ROW.replace("2026-03-01", "1 March"), "line 3: start_date is a day such as"),
        (ROW.replace("2026-03-21", "2026-02-01"), "ends on 2026-02-01, before it starts"),
        (ROW.replace("video", ""), "line 3 has no channel"),
        (ROW, "the same experiment and unit stand in line 2"),
    ],
)
def test_a_fault_in_the_plan_names_its_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        list(read_plan(plan(tmp_path, ROW, row)))


def test_a_missing_column_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="has no column design, unit_type; an experiment needs"):
        list(read_plan(plan(tmp_path, header=HEADER.replace("design,unit_type,", ""))))
    with pytest.raises(PlanError, match="cannot be read"):
        list(read_plan(str(tmp_path / "none.csv")))


def test_a_build_goes_on_with_the_plan_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    landing = Landing(str(tmp_path / "landing"))
    landing.ensure_stream("o2o", "experiments")
    monkeypatch.setenv(experiment_plan.SETTING, plan(tmp_path, ROW))
    build._read_plan(landing)
    loads = landing.stream("o2o", "experiments").load_ids()
    assert len(loads) == 1
    monkeypatch.setenv(experiment_plan.SETTING, "http://127.0.0.1:9/plan.csv")  # nobody listens
    build._read_plan(landing)
    assert "does not answer" in caplog.text
    assert landing.stream("o2o", "experiments").load_ids() == loads
    monkeypatch.delenv(experiment_plan.SETTING)
    assert not experiment_plan.is_planned()
    build._read_plan(landing)


def rows(cells: list[tuple[str, str, int, int]]) -> pa.Table:
    """(unit, metric, day, value)"""
    return pa.table(
        {
            "unit_type": ["region"] * len(cells),
            "unit_id": [unit for unit, *_ in cells],
            "metric": [metric for _, metric, *_ in cells],
            "metric_date": [START + timedelta(days=day) for *_, day, _ in cells],
            "value": [value for *_, value in cells],
        }
    )


def test_a_panel_fills_what_was_not_sold_and_drops_the_newest_day() -> None:
    cells = [("a", "web_orders", day, 1) for day in range(6)]
    cells += [("b", "web_orders", day, 2) for day in (0, 2, 3)]
    panel = panels(rows(cells))["region", "web_orders"]
    assert panel.periods[-1] == START + timedelta(days=4)
    assert panel.value.tolist() == [[1] * 5, [2, 0, 2, 2, 0]]


def test_a_silent_counter_is_no_empty_shop() -> None:
    cells = [("a", "footfall", day, 5) for day in range(21)]
    cells += [("b", "footfall", day, 5) for day in range(21) if day not in (3, 4)]
    cells += [("c", "footfall", day, 5) for day in range(0, 21, 2)]
    panel = panels(rows(cells))["region", "footfall"]
    assert panel.units == ("a", "b")
    assert len(panel.periods) == 18
    assert (panel.value == 5).all()
    assert panel.notes == (
        "c: the counter was silent too often",
        "2 days on which a counter was silent are left out",
    )


def trial(name: str, channel: str, units: str, first: int, last: int) -> Trial:
    start = START + timedelta(days=first)
    end = START + timedelta(days=last)
    return Trial(name, channel, "holdout", "region", start, end, units=units.split())


def sales(share: float, size: float = 400) -> Panel:
    """Ten regions over 60 days; video brings so much, and rests in a and b on days 30 to 49."""
    random = np.random.default_rng(3)
    week = 1 + 0.2 * np.sin(2 * np.pi * np.arange(60) / 7)
    level = size * np.linspace(1, 2, 10)[:, None] * week
    level[:2, 30:50] *= 1 - share
    units = tuple("abcdefghij")
    days = tuple(START + timedelta(days=day) for day in range(60))
    return Panel(units, days, random.poisson(level).astype(float), metric="till_orders")


def test_each_method_finds_what_was_put_in() -> None:
    found = {
        row["method"]: row for row in measure(sales(0.2), [trial("v", "video", "a b", 30, 49)])
    }
    assert set(found) == {"did", "synth", "tbr", "joint"}
    for row in found.values():
        # A fifth of sales with ads is a quarter of sales without.
        assert float(row["relative_low"]) < 0.25 < float(row["relative_high"])
        assert float(row["p_value"]) < 0.05
    # Of all sales of these days, those in the resting regions included.
    assert 0.15 < float(found["joint"]["incremental_share"]) < 0.2
    assert [point["margin"] is None for point in found["synth"]["series"]].count(False) == 20
    assert found["did"]["series"] is None


def test_a_regression_on_chance_is_not_shown() -> None:
    """So few are sold that no day follows from another region's: the others have means for it."""
    few = measure(sales(0.2, size=1), [trial("v", "video", "a b", 30, 49)])
    notes = {row["method"]: row["notes"] for row in few}
    assert notes["tbr"].startswith("not measured: the regression explains ")
    assert not any(notes[method].startswith("not measured") for method in ("did", "synth", "joint"))


def test_an_interval_without_an_end_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few sales make intervals that reach from less than any column holds to all that was sold."""
    monkeypatch.setattr(
        experiment_results,
        "joint",
        lambda *a, **k: {"video": replace(joint(*a, **k)["video"], error=20)},
    )
    (row,) = (
        row
        for row in measure(sales(0.2), [trial("v", "video", "a b", 30, 49)])
        if row["method"] == "joint"
    )
    assert row["advertised_high"] == "1.000000"
    assert row["relative_high"] is None
    assert row["advertised_low"] is row["share_low"] is row["effect_low"] is None


@pytest.mark.parametrize("seed", [80, 161, 244])
def test_a_shop_that_never_sells_cannot_be_measured(seed: int) -> None:
    value = np.random.default_rng(seed).poisson(0.15, (4, 34)).astype(float)
    days = tuple(START + timedelta(days=day) for day in range(34))
    panel = Panel(tuple("abcd"), days, value, metric="till_orders")
    with pytest.raises(InputError, match="video: no sale or visit is expected anywhere it applies"):
        joint(panel, {"video": [Window(("a",), days[9], days[20])]}, washout=3)


def test_what_cannot_be_measured_says_why() -> None:
    everywhere = trial("v", "video", "a b c d e f g h i j", 30, 49)
    for row in measure(sales(0.2), [everywhere]):
        assert "effect" not in row
        assert row["notes"].startswith("not measured: ")


def test_a_test_that_has_hardly_begun_is_not_judged() -> None:
    assert not list(measure(sales(0.2), [trial("v", "video", "a b", 56, 80)]))


def test_regions_that_felt_the_channel_rest_before_are_no_controls() -> None:
    trials = [trial("v1", "video", "a b", 20, 29), trial("v2", "video", "b c", 40, 49)]
    trials.append(trial("e", "email", "d", 45, 55))
    found = {(r["experiment_id"], r["method"]): r for r in measure(sales(0.2), trials)}
    second = found["v2", "synth"]
    assert second["treated_units"] == "c"
    assert second["control_count"] == 7
    assert "left out, as video was tested there before: b" in second["notes"]
    assert second["notes"].count("taken out, as measured together: email") == 1


def test_what_other_channels_tests_did_is_no_effect_of_this_one() -> None:
    """Video does nothing; e-mail rests in one of its regions, and halves what that one sells."""
    units, days = tuple("abcdefghij"), tuple(START + timedelta(days=day) for day in range(60))
    value = np.full((10, 60), 1000.0) * np.arange(10, 20)[:, None]
    value[0, 40:50] /= 2
    trials = [trial("v", "video", "a b", 40, 49), trial("e", "email", "a", 40, 49)]
    for row in measure(Panel(units, days, value, metric="till_orders"), trials):
        wanted = {"video": 0, "email": 1}[row["channel"]]
        assert float(row["relative_effect"]) == pytest.approx(wanted, abs=1e-4), row


def test_tests_that_cannot_be_told_apart_say_so() -> None:
    trials = [trial("v", "video", "a b", 40, 49), trial("e", "email", "a b", 40, 49)]
    for row in measure(sales(0.2), trials):
        if row["method"] == "joint":
            assert "always apply together" in row["notes"]
        else:
            other = {"video": "email", "email": "video"}[row["channel"]]
            assert f"not told apart from tests of {other}" in row["notes"]


def test_an_interval_that_is_known_to_be_too_narrow_is_none() -> None:
    few = sales(0.2).keep(units=range(5))
    found = {row["method"]: row for row in measure(few, [trial("v", "video", "a b", 30, 49)])}
    assert found["tbr"]["control_count"] == 3
    assert "effect" not in found["tbr"]
    assert found["tbr"]["notes"] == (
        "not measured: fewer than 5 controls allow no placebos: intervals are posterior ones,"
        " which are too narrow"
    )
    assert found["did"]["inference"] == "welch"
    assert float(found["did"]["relative_low"]) < 0.25 < float(found["did"]["relative_high"])


def test_a_plan_becomes_trials() -> None:
    table = [
        {
            "experiment_id": "v", "channel": "video", "design": "test", "unit_type": "store",
            "unit_id": unit, "start_date": START, "end_date": START, "campaign_id": "7",
        }
        for unit in ("S002", "S001")
    ]  # fmt: skip
    (found,) = trials_of(table)
    assert found.units == ["S001", "S002"]
    assert found.target == "video 7"


def test_a_campaign_is_told_apart_from_its_channel() -> None:
    whole = trial("v", "video", "a b", 30, 49)
    part = trial("c", "video", "c d", 30, 49)
    part.campaign_id = "7"
    pooled = [row for row in measure(sales(0.2), [whole, part]) if row["method"] == "joint"]
    assert [(row["experiment_id"], row["campaign_id"]) for row in pooled] == [
        ("video · all region holdouts", None),
        ("video 7 · all region holdouts", "7"),
    ]
    assert float(pooled[0]["relative_low"]) > 0 > float(pooled[1]["relative_low"])

"""What the owners read about experiments."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from connectors.registry import SOURCES
from expectations import runner
from o2o.report import experiments, page
from warehouse.engines.duckdb import DuckDBWarehouse


def facts(warehouse: Path) -> experiments.Facts:
    with DuckDBWarehouse(warehouse).reading() as reader:
        return experiments.facts(reader)


def test_facts_are_all_experiments_of_a_channel_and_the_days_of_the_surest(warehouse: Path) -> None:
    found = facts(warehouse)
    assert [(row["channel"], row["verdict"]) for row in found["effects"]] == [
        ("email", "not shown"),
        ("video", "more"),
    ]
    # r3 could not be measured.
    assert {row["experiment_id"] for row in found["days"]} == {"video-1"}
    assert [row["metric_date"] for row in found["days"]] == [
        "2026-04-30",
        "2026-05-01",
        "2026-05-02",
    ]


def test_the_picture_names_what_it_shows_and_is_the_same_each_time(warehouse: Path) -> None:
    found = facts(warehouse)
    drawn = experiments.picture(found)
    assert drawn.startswith("<svg")
    for words in ("video · people through the doors", "email · web orders", "video-1"):
        assert words in drawn
    assert experiments.picture(found) == drawn


def test_the_page_shows_them_and_says_nothing_without_any(
    warehouse: Path, spoil: Callable[[str], None], tmp_path: Path
) -> None:
    runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES, facts=page.page_facts)
    html = page.write(tmp_path, tmp_path / "manifest.json").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "What advertising really brings" in text
    assert "video footfall, 2026-05-01 to 2026-05-20 +5.0% +1.8% to +8.5% more" in text
    assert "−1.6% to +3.0% not shown" in text
    spoil("update marts.fct_experiments set incremental_share_high = null, relative_high = null")
    runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES, facts=page.page_facts)
    html = page.write(tmp_path, tmp_path / "manifest.json").read_text(encoding="utf-8")
    assert "+1.8% to no end" in html
    spoil("delete from marts.fct_experiments; delete from marts.fct_experiment_days")
    runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES, facts=page.page_facts)
    html = page.write(tmp_path, tmp_path / "manifest.json").read_text(encoding="utf-8")
    assert "What advertising really brings" not in html

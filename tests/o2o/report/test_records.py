"""What the owners read about records that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from connectors.registry import SOURCES
from expectations import runner
from o2o.report import page
from tests.expectations.faults import UNREAD
from warehouse.engines.duckdb import DuckDBWarehouse


def test_the_page_tells_by_source_and_reason_since_when(
    warehouse: Path, spoil: Callable[[str], None], tmp_path: Path
) -> None:
    def text() -> str:
        runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES, facts=page.page_facts)
        html = page.write(tmp_path, tmp_path / "manifest.json").read_text(encoding="utf-8")
        return " ".join(re.sub(r"<[^>]+>", " ", html).split())

    assert "What could not be read" not in text()
    spoil(UNREAD.format("true", "n = 0", 2))
    spoil(UNREAD.format("false", "false", 1))
    told = text().partition("What could not be read")[2]
    reason = "shopify orders total is no amount but 99,99"
    assert f"{reason} record set aside 2 1 2026-03-03 00:00" in told
    assert f"{reason} value left out 1 0 2026-03-03 00:00" in told

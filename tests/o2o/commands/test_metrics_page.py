"""docs/metrics.md is what the semantic models define now."""

from __future__ import annotations

from pathlib import Path

from o2o.commands.metrics_page import page

ROOT = Path(__file__).parents[3]


def test_the_page_of_all_metrics_is_as_written_now() -> None:
    written = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert written == page(), "run `make docs`"

"""docs/sources.md is what the sources declare now."""

from __future__ import annotations

from pathlib import Path

from o2o.commands.sources_page import page

ROOT = Path(__file__).parents[3]


def test_the_page_of_all_sources_is_as_written_now() -> None:
    written = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert written == page(), "run `make docs`"

"""The dictionary as one HTML file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from o2o.commands import dictionary_site as site
from o2o.dictionary.marts import catalogue, find
from o2o.pipeline.project import PROJECT_DIR
from tests.o2o.dictionary.tables import EXPONENT


def test_a_mart_is_described_with_what_one_asks_of_it() -> None:
    text = site.description(find("fct_refunds"))
    assert "One row per refund" in text
    assert "Key: refund_id. Owner: sales-finance. Computed anew by every build" in text
    assert text.count("```sql\n") == 3


def test_the_first_page_leads_to_every_mart() -> None:
    text = site.welcome()
    assert "## Retail\n\n- [dim_customers](#!/model/model.o2o.dim_customers): " in text
    for mart in catalogue():
        assert text.count(f"[{mart.name}](#!/model/model.o2o.{mart.name}): {mart.grain}") == 1


@pytest.mark.heavy
def test_the_page_has_every_mart_and_needs_no_network(tmp_path: Path) -> None:
    """dbt reads the whole project for it."""
    page = site.write(tmp_path, EXPONENT).read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.https?:", page)
    assert str(PROJECT_DIR) not in page
    manifest, catalog = (
        json.JSONDecoder().raw_decode(page, page.index(start) + len(start))[0]
        for start in ("n={manifest:", "},catalog:")
    )
    assert "exposure.o2o.owners_report" in manifest["exposures"]
    assert manifest["docs"][site.FIRST_PAGE]["block_contents"] == site.welcome()
    for mart in catalogue():
        node = f"model.o2o.{mart.name}"
        assert manifest["nodes"][node]["description"] == site.description(mart)
        assert [*catalog["nodes"][node]["columns"]] == [column.name for column in mart.columns]

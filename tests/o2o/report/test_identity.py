"""What the owners read about identity."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from connectors.registry import SOURCES
from expectations import runner
from o2o.report import identity, page
from warehouse.engines.duckdb import DuckDBWarehouse

PROJECT = Path(__file__).resolve().parents[3] / "dbt_project"


def test_facts_are_counted_from_the_marts(warehouse: Path) -> None:
    with DuckDBWarehouse(warehouse).reading() as reader:
        facts = identity.facts(reader)
    assert facts["totals"] == [{"person_count": 1, "biggest_count": 2, "review_count": 1}]
    assert [row["match_rate"] for row in facts["health"]] == [1.0, 0.5]
    assert facts["breaks"] == [
        {
            "identifier_type": "phone",
            "blocked_reason": "shared_by_many",
            "link_count": 1,
            "identifier_count": 1,
        }
    ]
    # Of the last run only.
    assert facts["events"] == [{"event": "merged", "record_count": 1, "person_count": 1}]


def test_the_page_tells_who_is_who_in_plain_words(warehouse: Path, tmp_path: Path) -> None:
    runner.run_marts(DuckDBWarehouse(warehouse), tmp_path, SOURCES, facts=page.page_facts)
    html = page.write(tmp_path, tmp_path / "manifest.json").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "1 customers; the biggest has 2 records" in text
    assert "1 pairs may be one person" in text
    assert "merged 1 records." in text
    assert "Square: customer 2 1 1 (50%) 1" in text
    assert "phone too many people use it 1 1" in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("bridges_people", "it would join two people"),
        ("guard_conflicting_names", "the person would be at fault: conflicting names"),
        ("a_pattern_of_ours", "a pattern of ours"),
    ],
)
def test_reasons_in_words(reason: str, words: str) -> None:
    assert identity.words(reason) == words


def test_every_reason_that_the_models_give_has_its_words() -> None:
    models = PROJECT / "models/intermediate/identity"
    judges = ["restricted/int_identity__observations", "restricted/int_identity__blocked_values"]
    judges += ["int_identity__strong_links", "int_identity__weak_links"]
    judges += ["int_identity__order_references", "../../../macros/identity/parts"]
    sql = "\n".join((models / f"{name}.sql").read_text() for name in judges)
    given = set(re.findall(r"(?:then|,\n {8}) ?'([a-z_]+)'(?: as blocked_reason|\n)", sql))
    with (PROJECT / "seeds/blocked_identifiers.csv").open() as file:
        given |= {row["reason"] for row in csv.DictReader(file)}
    assert given == identity.REASONS.keys()

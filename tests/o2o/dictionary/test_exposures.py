"""What is said to read the marts is what reads them."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from expectations.catalogue import FOLDER as CHECKS
from o2o.dictionary.marts import catalogue
from o2o.metrics import definitions
from o2o.pipeline.project import PROJECT_DIR
from tests.o2o.dictionary import tables

ROOT = PROJECT_DIR.parent
MARTS = {mart.name for mart in catalogue()}
WRITTEN = yaml.safe_load((PROJECT_DIR / "models" / "exposures.yml").read_text(encoding="utf-8"))
EXPOSED = {
    each["name"]: {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in each["depends_on"]}  # type: ignore[index]
    for each in WRITTEN["exposures"]
}


def read_in(folder: Path, kind: str) -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in folder.rglob(kind)]
    return {name for text in texts for name in tables.marts_read(text)} & MARTS


def test_the_owners_report_reads_what_the_checks_read() -> None:
    read = read_in(CHECKS, "*.sql") | read_in(ROOT / "o2o" / "report", "*.py")
    assert EXPOSED["owners_report"] == read


def test_metrics_read_the_marts_of_the_semantic_models() -> None:
    models = {definitions.mart_of(model) for _, model in definitions.of_all("semantic_models")}
    assert EXPOSED["metrics"] == {*models, "dim_dates"}


def test_questions_of_analysts_read_what_their_queries_read() -> None:
    page = (ROOT / "docs" / "for-analysts.md").read_text(encoding="utf-8")
    assert EXPOSED["questions_of_analysts"] == tables.marts_read(page)


def test_whoever_opens_the_published_file_may_read_each_mart() -> None:
    assert EXPOSED["published_file"] == MARTS

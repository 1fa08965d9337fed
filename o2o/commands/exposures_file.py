"""dbt_project/models/exposures.yml: what reads the marts, from what reads them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from expectations.catalogue import FOLDER as CHECKS
from o2o.dictionary.marts import catalogue
from o2o.metrics import definitions
from o2o.pipeline.project import PROJECT_DIR

_ROOT = PROJECT_DIR.parent
_REPORT = _ROOT / "o2o" / "report"
_HEAD = """\
# Written by `make docs` from the checks, the reports, the metrics and docs/for-analysts.md.
"""


def text() -> str:
    """The whole file."""
    every = {mart.name for mart in catalogue()}
    metrics = {definitions.mart_of(model) for _, model in definitions.of_all("semantic_models")}
    metrics.add("dim_dates")  # MetricFlow counts days in it
    overview = {*_REPORT.glob("overview/*.py")}
    report = {*CHECKS.rglob("*.sql"), *_REPORT.glob("*.py")}
    exposures = [
        _exposure(
            "owners_report",
            "dashboard",
            "What the checks found and who answers for it, written after each audit.",
            "data-platform",
            _read_by(report) & every,
        ),
        _exposure(
            "metrics",
            "application",
            "Figures that are defined once, asked for by name (o2o metrics, docs/metrics.md).",
            "data-platform",
            metrics,
        ),
        _exposure(
            "questions_of_analysts",
            "analysis",
            "Thirty questions, each with its query (docs/for-analysts.md).",
            "customer-data",
            _read_by({_ROOT / "docs" / "for-analysts.md"}) & every,
        ),
        _exposure(
            "published_file",
            "dashboard",
            "All marts in one DuckDB file that Tableau, Superset and notebooks open read-only: none"
            " changes its columns unannounced. `o2o dictionary check` holds it to the contracts.",
            "data-platform",
            every,
        ),
    ]
    words = "Main numbers, channels, shops, cohorts and paths on one page, of each publication."
    read = _read_by(overview) & every | metrics
    exposures.append(_exposure("overview", "dashboard", words, "data-platform", read))
    document = {"version": 2, "exposures": exposures}
    return _HEAD + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _exposure(name: str, kind: str, words: str, owner: str, read: set[str]) -> dict[str, Any]:
    return {
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "type": kind,
        "maturity": "high",
        "description": words,
        "owner": {"name": owner},
        "depends_on": [f"ref('{mart}')" for mart in sorted(read)],
    }


def _read_by(files: set[Path]) -> set[str]:
    texts = [file.read_text(encoding="utf-8") for file in files]
    return {name for each in texts for name in re.findall(r"\bmarts\.(\w+)", each)}


if __name__ == "__main__":
    print(text(), end="")

"""Great Expectations over DuckDB: a file context, a read-only source, Data Docs that work offline.

Great Expectations takes seconds to import, so it is imported inside the functions.
"""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations import catalogue
from expectations.check import Check, Severity

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

KEPT_RUNS = 5  # older validations are pruned: Data Docs renders every one it finds, on every run

# Data Docs loads its styles from other people's servers. Those references are cut out of the pages
# (nobody's reading habits leave the house) and replaced by this much.
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;
color:#1b2430;background:#fff}table{border-collapse:collapse;width:100%}
td,th{border-bottom:1px solid #dde3ea;
padding:.4rem .6rem;text-align:left;vertical-align:top}a{color:#0b5cad}pre{white-space:pre-wrap}
.fa-check-circle::before{content:"✓ ok";color:#16703c;font-weight:600;font-style:normal}
.fa-times::before{content:"✗ off";color:#b3261e;font-weight:600;font-style:normal}
.fa-exclamation-triangle::before{content:"! error";color:#b3261e;font-weight:600;font-style:normal}
.modal,footer,.ge-navigation-sidebar-container button{display:none}
"""
_EXTERNAL = re.compile(
    r"<script[^>]*src=[\"']https?:[^>]*>\s*</script>|<link[^>]*href=[\"']https?:[^>]*>"
    r"|<img[^>]*src=[\"']https?:[^>]*>|@import[^;]*https?:[^;]*;|url\(['\"]?https?:[^)]*\)",
    re.IGNORECASE | re.DOTALL,
)


def _register_dialect() -> None:
    """Make ``duckdb://`` hand out a real cursor per statement.

    duckdb-engine gives every cursor the same connection, so a second statement wipes out the rows
    of the first before Great Expectations has read them.
    """
    from sqlalchemy.dialects import registry

    registry.register("duckdb", "expectations.duckdb_dialect", "CursorDialect")


def validate(
    folder: Path, boundary: str, evidence: Path, suites: Mapping[str, Sequence[Check]]
) -> dict[str, ExpectationValidationResult]:
    """Judge the cells in the file ``evidence`` with one expectation per check; build Data Docs.

    ``folder`` keeps the context's store and the pages. Returns check name -> GX result.
    """
    # Read when the package is imported: no usage statistics leave this process.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # It imports PySpark where that is installed, which has opinions on the version of pandas.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    from expectations import duckdb_dialect

    _register_dialect()
    folder.mkdir(parents=True, exist_ok=True)
    # Made anew from the suites below: what an older release stored could not be read any more.
    for stored in ("checkpoints", "validation_definitions"):
        shutil.rmtree(folder / "gx" / stored, ignore_errors=True)
    _forget(folder / "gx", catalogue.read(catalogue.FOLDER))
    context = gx.get_context(mode="file", project_root_dir=folder)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_or_update_sql(
        name=boundary, connection_string=f"duckdb:///{evidence}?access_mode=read_only"
    )
    definitions = []
    for suite_name, checks in suites.items():
        suite = gx.ExpectationSuite(name=suite_name)
        for check in checks:
            suite.add_expectation(
                gxe.UnexpectedRowsExpectation(
                    unexpected_rows_query=(
                        "select place, day, unit, left_total, right_total, gap, tolerance, ids "
                        f"from {{batch}} where check_name = '{check.name}' and is_off"
                    ),
                    description=f"{check.title} [{check.name}, {check.severity}, {check.owner}]",
                    severity="critical" if check.severity is Severity.FAIL else "warning",
                    meta={"check": check.name, "owner": check.owner},
                    notes=f"{check.means} {check.action}",
                )
            )
        asset = source.add_query_asset(
            name=suite_name,
            query=f"select * from cells where suite_name = '{suite_name}'",
        )
        definition = gx.ValidationDefinition(
            name=suite_name,
            data=asset.add_batch_definition_whole_table("all"),
            suite=context.suites.add_or_update(suite),
        )
        definitions.append(context.validation_definitions.add_or_update(definition))
    checkpoint = context.checkpoints.add_or_update(
        gx.Checkpoint(
            name=boundary,
            validation_definitions=definitions,
            result_format={"result_format": "COMPLETE"},
        )
    )
    try:
        outcome = checkpoint.run()
    finally:
        duckdb_dialect.close_all()
    _prune(folder / "gx" / "uncommitted" / "validations", list(suites))
    context.clean_data_docs()
    context.build_data_docs()
    _take_offline(data_docs(folder).parent)
    return {
        result.expectation_config.meta["check"]: result
        for run in outcome.run_results.values()
        for result in run.results
    }


def data_docs(folder: Path) -> Path:
    """Front page of the Data Docs that ``validate`` built in ``folder``."""
    return folder / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html"


def raised(result: Any) -> str | None:
    """The message of an expectation that could not be evaluated, else None."""
    info = result.exception_info or {}
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [str(i["exception_message"]) for i in infos if i.get("raised_exception")]
    return "; ".join(messages) or None


def _forget(store: Path, themes: Container[str]) -> None:
    """Drop the suites of an older release that are no longer themes, with all they validated."""
    for suite in (store / "expectations").glob("*.json"):
        if suite.stem not in themes:
            suite.unlink()
            shutil.rmtree(store / "uncommitted" / "validations" / suite.stem, ignore_errors=True)


def _prune(validations: Path, suites: Sequence[str]) -> None:
    for suite in suites:
        runs = sorted((validations / suite).glob("*/*"), key=lambda run: run.name)
        for run in runs[:-KEPT_RUNS]:
            shutil.rmtree(run)


def _take_offline(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = _EXTERNAL.sub("", page.read_text(encoding="utf-8"))
        page.write_text(
            text.replace("</head>", f"<style>{STYLE}</style></head>", 1), encoding="utf-8"
        )
    # The front page that Great Expectations makes is empty without those scripts.
    runs = sorted(site.glob("validations/*/*/*/*.html"), key=lambda page: page.parts[-2])
    links = {
        "Results, newest first": [
            (f"{page.parts[-4]}, {page.parts[-2]}", page) for page in reversed(runs)
        ],
        "Suites": [(page.stem, page) for page in sorted(site.glob("expectations/*.html"))],
    }
    body = "".join(
        f"<h2>{title}</h2><ul>"
        + "".join(
            f'<li><a href="{page.relative_to(site).as_posix()}">{name}</a></li>'
            for name, page in pages
        )
        + "</ul>"
        for title, pages in links.items()
    )
    (site / "index.html").write_text(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Data Docs</title>'
        f"<style>{STYLE}</style></head><body><h1>Data Docs</h1>{body}</body></html>",
        encoding="utf-8",
    )

"""The dictionary as one HTML file that opens without a network: dbt's documentation of the project,
with what the marts promise and how to ask them."""

from __future__ import annotations

import json
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from o2o import company
from o2o.dictionary.marts import SCHEMA, Mart, catalogue
from o2o.errors import O2OError
from o2o.pipeline import project
from warehouse.files import write_atomically

FIRST_PAGE = "doc.dbt.__overview__"  # dbt's own speaks of its navigation alone


class SiteFailed(O2OError):
    """dbt could not read its project; the message says why."""


def write(folder: Path, exponent: int) -> Path:
    """Write ``index.html``; ``exponent``: decimals of the reporting currency.

    Needs no warehouse: types are those of the contracts. Raises SiteFailed.
    """
    from dbt.task.docs import DOCS_INDEX_FILE_PATH  # dbt takes two seconds to import

    manifest = _manifest()
    nodes = manifest["nodes"]
    described = {f"model.o2o.{mart.name}": mart for mart in catalogue()}
    for name, mart in described.items():
        nodes[name]["description"] = description(mart)
    manifest["docs"][FIRST_PAGE]["block_contents"] = welcome()
    catalog = {
        "metadata": manifest["metadata"],
        "nodes": {name: _catalogued(name, mart, exponent) for name, mart in described.items()},
        "sources": {},
        "errors": None,
    }
    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for place, document in (("MANIFEST", manifest), ("CATALOG", catalog)):
        # SQL and words must not end the script that they are in.
        inline = json.dumps(document, ensure_ascii=False).replace("</", "<\\/")
        page = page.replace(f'"{place}.JSON INLINE DATA"', inline)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "index.html", page)
    return folder / "index.html"


def description(mart: Mart) -> str:
    """What a mart means and how to ask it, as Markdown."""
    parts = [
        mart.description,
        f"Key: {', '.join(mart.key)}. Owner: {mart.owner}. {mart.freshness.capitalize()}.",
        *(f"**{each.question}**\n\n```sql\n{each.sql}\n```" for each in mart.examples),
    ]
    return "\n\n".join(parts)


def welcome() -> str:
    """The first page: every mart, by area, and what one of its rows is, as Markdown."""
    parts = [
        "# The marts",
        f"What is published lies in the schema `{SCHEMA}`, and only that is for reports: the other"
        " models lead there. A mart's page says what a row is, who owns it, what each column means"
        " and how to ask it. Figures that everybody is to compute alike stand under Metrics, the"
        " pages and reports that read a mart under Exposures.",
    ]
    for area, marts in groupby(catalogue(), key=lambda mart: mart.area):
        lines = [f"- [{mart.name}](#!/model/model.o2o.{mart.name}): {mart.grain}" for mart in marts]
        parts += [f"## {area.capitalize()}", "\n".join(lines)]
    return "\n\n".join(parts)


def _manifest() -> dict[str, Any]:
    from dbt.cli.main import dbtRunner

    place = str(project.PROJECT_DIR)
    with tempfile.TemporaryDirectory(prefix="o2o-dictionary-") as scratch:
        settings = project.settings("duckdb", f"{scratch}/o2o.duckdb", f"{scratch}/landing", "none")
        arguments = ["parse", "--project-dir", place, "--profiles-dir", place]
        arguments += ["--target-path", scratch, "--log-path", scratch]
        arguments += ["--log-level", "none", "--log-level-file", "none"]
        arguments += ["--vars", json.dumps(company.load().variables())]
        with project.environment(settings):
            outcome = dbtRunner().invoke(arguments)
        if not outcome.success:
            raise SiteFailed(f"dbt could not read {place}: {outcome.exception}")
        told = Path(scratch, "manifest.json").read_text(encoding="utf-8")
    # Where the project lies on this machine is nobody's business who reads it.
    manifest: dict[str, Any] = json.loads(told.replace(place, project.PROJECT_DIR.name))
    return manifest


def _catalogued(name: str, mart: Mart, exponent: int) -> dict[str, Any]:
    columns = {
        column.name: {
            "name": column.name,
            "type": column.published_type(exponent),
            "index": place,
            "comment": column.description,
        }
        for place, column in enumerate(mart.columns, start=1)
    }
    about = {
        "type": "BASE TABLE",
        "schema": SCHEMA,
        "name": mart.name,
        "database": "o2o",
        "comment": mart.description,
        "owner": mart.owner,
    }
    return {"unique_id": name, "metadata": about, "columns": columns, "stats": {}}

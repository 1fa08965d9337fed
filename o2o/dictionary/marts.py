"""What marts there are, read from the dbt project's YAML without dbt.

Whoever reads the published file has no warehouse, and dbt takes ten seconds to read the project.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from expectations.catalogue import FOLDER as CHECKS
from o2o.company.currencies import PROJECT
from o2o.errors import O2OError

SCHEMA = "marts"
MARTS = PROJECT / "models" / "marts"
EXAMPLES = PROJECT / "examples"
FRESHNESS = "computed anew by every build; published once its audit has passed"

# Types of the contracts as DuckDB, whose file is published, names them.
_TYPES = {"string": "VARCHAR"}
_READ = re.compile(r"ref\('(\w+)'\)|\bmarts\.(\w+)")
_EXPONENT = "{{ var('reporting_exponent') }}"


class UnknownMart(O2OError):
    """There is no mart of that name; the message names those that are near."""


@dataclass(frozen=True)
class Column:
    """A column as the contract promises it. ``values``: those it may have, where a test says so;
    ``refers_to``: mart and column that have each of its values."""

    name: str
    type: str
    description: str
    is_required: bool
    values: tuple[str, ...]
    refers_to: tuple[str, str] | None
    is_tested: bool

    def published_type(self, exponent: int) -> str:
        """As DuckDB names it, where the reporting currency has so many decimals."""
        told = self.type.replace(_EXPONENT, str(exponent))
        return _TYPES.get(told, told.upper())


@dataclass(frozen=True)
class Example:
    """A question that people have, and the query that answers it from the published file."""

    question: str
    sql: str


@dataclass(frozen=True)
class Mart:
    """A mart as people read it. ``area``: the folder that it lies in."""

    name: str
    area: str
    description: str
    owner: str
    key: tuple[str, ...]
    freshness: str
    columns: tuple[Column, ...]
    is_tested: bool
    examples: tuple[Example, ...]

    @property
    def grain(self) -> str:
        """What a row is: the first sentence of the description, or what it says before a colon."""
        return re.split(r"[.:](?:\s|$)", self.description, maxsplit=1)[0] + "."


@cache
def catalogue() -> tuple[Mart, ...]:
    """All marts, by area and name."""
    tested = _named_in_tests()
    found = [
        _told(file.parent.name, written, tested)
        for file in MARTS.rglob("*.yml")
        for written in _read(file).get("models", ())
    ]
    return tuple(sorted(found, key=lambda mart: (mart.area, mart.name)))


def find(name: str) -> Mart:
    """The mart of that name. Raises UnknownMart."""
    known = {mart.name: mart for mart in catalogue()}
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "o2o dictionary list names all."
        raise UnknownMart(f"There is no mart {name!r}; {hint}")
    return known[name]


def missing(mart: Mart) -> list[str]:
    """What somebody who reads the mart would look for in vain."""
    lacks = {
        "a description that begins with its grain": not mart.description.startswith("One row "),
        "an owner": not mart.owner,
        "a primary key": not mart.key,
        "a freshness": not mart.freshness,
        "a test": not mart.is_tested,
        "three example queries": len(mart.examples) < 3,
    }
    return [thing for thing, is_lacking in lacks.items() if is_lacking] + [
        f"a description of {column.name}"
        for column in mart.columns
        if not column.description.strip()
    ]


def examples(name: str) -> tuple[Example, ...]:
    """The example queries of a mart: a comment that asks, the query that answers."""
    file = EXAMPLES / f"{name}.sql"
    if not file.exists():
        return ()
    parts = re.findall(r"^((?:--[^\n]*\n)+)(.+?;)$", file.read_text("utf-8"), re.M | re.S)
    return tuple(
        Example(" ".join(line.strip("- ") for line in asked.splitlines()), sql.strip())
        for asked, sql in parts
    )


def _told(area: str, written: dict[str, Any], tested: set[str]) -> Mart:
    meta = written.get("config", {}).get("meta", {})
    columns = tuple(_column(each) for each in written["columns"])
    name = str(written["name"])
    return Mart(
        name=name,
        area=area,
        description=" ".join(str(written.get("description", "")).split()),
        owner=meta.get("owner", ""),
        key=tuple(meta.get("primary_key", ())),
        freshness=meta.get("freshness", FRESHNESS),
        columns=columns,
        is_tested=name in tested or any(column.is_tested for column in columns),
        examples=examples(name),
    )


def _column(written: dict[str, Any]) -> Column:
    tests = {
        kind: said.get("arguments", {})
        for test in written.get("data_tests", ())
        if isinstance(test, dict)
        for kind, said in test.items()
    }
    refers_to = tests.get("relationships")
    return Column(
        name=written["name"],
        type=written["data_type"],
        description=str(written.get("description", "")),
        is_required={"type": "not_null"} in written.get("constraints", ()),
        values=tuple(tests.get("accepted_values", {}).get("values", ())),
        refers_to=(_referred(refers_to["to"]), refers_to["field"]) if refers_to else None,
        is_tested=bool(written.get("data_tests")),
    )


def _named_in_tests() -> set[str]:
    """Marts that a test of the dbt project is about, or that a test or a check reads to hold them
    against others."""
    folders = (PROJECT / "tests", CHECKS)
    texts = [file.read_text("utf-8") for folder in folders for file in folder.rglob("*.sql")]
    read = {name for text in texts for names in _READ.findall(text) for name in names if name}
    documents = [_read(file) for file in MARTS.rglob("*.yml")]
    of_units = {test["model"] for each in documents for test in each.get("unit_tests", ())}
    return read | of_units


def _referred(to: str) -> str:
    return to.removeprefix("ref('").removesuffix("')")


@cache
def _read(file: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(file.read_text("utf-8"), loader)  # noqa: S506  # it is safe
    return document

"""The company's own tables: CSV files beside company.yml, each named as the table that it adds to.

They have the columns of the seed of the same name (``dbt_project/seeds``), and ``stores.csv`` says
which location of which system is which store. What they say comes on top of what ships; an
exchange rate of the company's takes the place of any other of that currency.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from connectors.core.errors import near
from o2o.company.currencies import PROJECT
from o2o.company.reading import CompanyError

Row = tuple[str, dict[str, Any]]  # key, payload


@dataclass(frozen=True)
class Table:
    """``columns``: what each holds, by name; ``optional`` ones may be empty or left out.

    ``key``: the columns that together stand once.
    """

    columns: dict[str, str]
    key: tuple[str, ...]
    optional: tuple[str, ...] = ()


# What a question of a survey can be: the contract survey_responses.
QUESTION_KINDS = ("nps", "csat", "ces", "rating", "choice", "text", "other")
_DECISIONS = Table(
    {
        "record_key_a": "record", "record_key_b": "record", "reason": "text",
        "decided_by": "text", "decided_on": "day",
    },
    ("record_key_a", "record_key_b"),
)  # fmt: skip
TABLES = {
    "stores": Table(
        {
            "connection": "connection", "location_id": "text", "store_id": "text",
            "valid_from": "day", "valid_before": "day",
        },
        ("connection", "location_id", "valid_from"),
        ("valid_from", "valid_before"),
    ),
    "exchange_rates": Table(
        {"currency_code": "currency", "valid_from": "day", "rate_to_reporting": "rate"},
        ("currency_code", "valid_from"),
    ),
    "channel_rules": Table(
        {
            "priority": "number", "source_category": "source category",
            "source_pattern": "pattern", "medium_pattern": "pattern",
            "campaign_pattern": "pattern", "channel": "text", "touch_type": "touch type",
        },
        ("priority",),
        ("source_category", "campaign_pattern"),
    ),
    "source_categories": Table(
        {"source_pattern": "pattern", "source_category": "source category"}, ("source_pattern",)
    ),
    "referral_exclusions": Table(
        {"source_pattern": "pattern", "reason": "text"}, ("source_pattern",)
    ),
    "excluded_traffic": Table(
        {"field": "traffic field", "pattern": "pattern", "reason": "text"}, ("field", "pattern")
    ),
    "blocked_identifiers": Table(
        {"identifier_type": "identifier type", "pattern": "pattern", "reason": "text"},
        ("identifier_type", "pattern"),
    ),
    "store_owned_identifiers": Table(
        {"identifier_type": "identifier type", "identifier_value": "text", "note": "text"},
        ("identifier_type", "identifier_value"),
        ("note",),
    ),
    "survey_fields": Table({"field": "text", "meaning": "survey meaning"}, ("field",)),
    "survey_questions": Table(
        {
            "connection": "connection", "survey_id": "text", "question_id": "text",
            "question_kind": "question kind",
        },
        ("connection", "survey_id", "question_id"),
    ),
    "must_links": _DECISIONS,
    "cannot_links": _DECISIONS,
}  # fmt: skip


def files(folder: Path, others: tuple[Path, ...] = ()) -> dict[str, Path]:
    """The tables that a company's folder holds; ``others``: files there that are no table.

    Raises CompanyError for a file that no table is named like.
    """
    found = {}
    for file in sorted(folder.glob("*.csv")):
        if file in others:
            continue
        if file.stem not in TABLES:
            raise CompanyError(
                f"{file}: there is no table {file.stem!r}{near(file.stem, TABLES)};"
                f" allowed: {', '.join(sorted(TABLES))}"
            )
        found[file.stem] = file
    return found


def rows(file: Path, connections: tuple[str, ...]) -> list[Row]:
    """What a table says, each row under its key; ``connections``: those in use.

    Raises CompanyError with every fault, each with file, line and column.
    """
    table = TABLES[file.stem]
    found, faults = [], []
    seen: dict[str, int] = {}
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        names = reader.fieldnames or []
        missing = [c for c in table.columns if c not in names and c not in table.optional]
        unknown = [c for c in names if c not in table.columns]
        for what, wrong in (("has no column", missing), ("has a column too many:", unknown)):
            if wrong:
                raise CompanyError(
                    f"{file}: {what} {', '.join(wrong)}; allowed: {', '.join(table.columns)}"
                )
        for row in reader:
            line = reader.line_num
            cells = {name: (row.get(name) or "").strip() for name in table.columns}
            faults += [f"{file}:{line}: {fault}" for fault in _faults(table, cells, connections)]
            key = "|".join(cells[name] for name in table.key)
            if key in seen:
                faults.append(
                    f"{file}:{line}: the same {', '.join(table.key)} as in line {seen[key]}"
                )
            seen.setdefault(key, line)
            payload = {name: value or None for name, value in cells.items()}
            found.append((f"{file.stem}|{key}", {"table_name": file.stem, **payload}))
    if faults:
        raise CompanyError("\n".join(faults))
    return found


def _faults(table: Table, cells: dict[str, str], connections: tuple[str, ...]) -> Iterator[str]:
    for name, kind in table.columns.items():
        value = cells[name]
        if not value:
            if name not in table.optional:
                yield f"{name} is empty"
        elif fault := _fault(kind, value, connections):
            yield f"{name}: {value!r} is not {fault}"


def _fault(kind: str, value: str, connections: tuple[str, ...]) -> str:
    """What the value should be; empty if it is."""
    known = connections if kind == "connection" else _names(kind)
    if known is not None:
        return "" if value in known else f"a {kind}{near(value, known)}; allowed: {_listed(known)}"
    try:
        match kind:
            case "day":
                date.fromisoformat(value)
            case "number":
                int(value)
            case "rate":
                if not 0 < Decimal(value) < 10**9:
                    return "a rate above 0"
            case "pattern":
                re.compile(value)
            case "record":
                connection, record_kind, record = value.split(":", 2)
                if connection not in connections or not record_kind or not record:
                    return f"a record; allowed: connection:kind:id, of {_listed(connections)}"
    except (ValueError, InvalidOperation, re.error):
        return {
            "day": "a day such as 2026-03-01",
            "number": "a whole number",
            "rate": "a number such as 1.17",
            "pattern": "a regular expression",
            "record": "a record such as acme:customer:123",
        }[kind]
    return ""


@cache
def _names(kind: str) -> tuple[str, ...] | None:
    """The names that a value of this kind is one of; None where it is of a form."""
    if kind == "question kind":
        return QUESTION_KINDS
    seeds = {
        "currency": ("currencies", "currency_code"),
        "identifier type": ("identifier_rules", "identifier_type"),
        "source category": ("source_categories", "source_category"),
        "survey meaning": ("survey_fields", "meaning"),
        "touch type": ("attribution_touch_types", "touch_type"),
        "traffic field": ("excluded_traffic", "field"),
    }
    return _column(*seeds[kind]) if kind in seeds else None


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= 40 else f"any of {len(names)}"


def seeded(seed: str) -> tuple[str, ...]:
    """The names in the first column of a seed."""
    return _column(seed)


def _column(seed: str, name: str = "") -> tuple[str, ...]:
    with (PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        column = name or (rows.fieldnames or [""])[0]
        return tuple(dict.fromkeys(row[column] for row in rows))

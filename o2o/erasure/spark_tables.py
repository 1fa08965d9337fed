"""Searching a Spark warehouse for what was erased."""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from engines.warehouse import SCHEMAS, Reader
from o2o.erasure.plan import Plan


def found(reader: Reader, plan: Plan) -> dict[str, int]:
    """Rows, by table, that still hold a value of the person."""
    counts = {}
    for schema in SCHEMAS:
        for name in reader.tables(schema):
            # A raw literal: in a plain one Spark reads a backslash as an escape.
            pattern = plan.pattern.replace("'", r"\x27")
            rows = reader.query(
                f"select count(*) as n from {schema}.`{name}`"
                f" where to_json(struct(*)) rlike r'{pattern}'"
            )
            if count := int(rows["n"][0].as_py()):
                counts[f"{schema}.{name}"] = count
    return counts

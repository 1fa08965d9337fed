"""A person's rows on Spark: its tables are not ours to edit, but for the histories, which stand."""

# Queries are put together from this project's own constants and quoted names, never from data.
# ruff: noqa: S608
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from o2o.people.erasure.database import Table, ended, policy_of, token
from o2o.people.erasure.plan import Plan
from o2o.people.erasure.spelling import literal
from o2o.people.lookup import listed
from warehouse.engines import spark
from warehouse.engines.warehouse import SCHEMAS, Reader

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def end_histories(running: SparkSession, plan: Plan) -> dict[str, dict[str, int]]:
    """End the person's rows in the histories that a rebuild leaves in place; those of the marts are
    made of them. Safe to repeat. Returns, by table, how many rows have been ended.

    To be called by the one who may write.
    """
    spark.sweep(running)  # completes what a killed run began
    counts = {}
    with spark.told():
        for table in _histories(running):
            place, is_theirs = f"{table.schema}.`{table.name}`", _is_theirs(table, plan)
            if _count(running, f"{place} where {is_theirs}"):
                changes = ended(table, place, "hit_token")
                columns = ", ".join(
                    f"if(hit_is_theirs, {changes[one]}, `{one}`) as `{one}`"
                    if one in changes
                    else f"`{one}`"
                    for one in table.columns
                )
                rows = (
                    f"select *, {is_theirs} as hit_is_theirs,"
                    f" concat('{token(plan)}', uuid()) as hit_token from {place}"
                )
                spark.rewrite(running, table.schema, table.name, f"select {columns} from ({rows})")
            is_ended = f"to_json(struct(*)) like '%{token(plan)}%'"
            if count := _count(running, f"{place} where {is_ended}"):
                counts[table.label] = {"blanked": count}
    return counts


def found(reader: Reader, plan: Plan) -> dict[str, int]:
    """Rows, by table, that still hold a value of the person, or tie anything to their id.

    A build has made new rows since then of the facts that stay: these do not count by themselves.
    """
    counts = {}
    gone = literal({*plan.needles} - plan.standing)
    condition = f"({_holds(gone)} or {_holds(plan.people)} and {_holds(plan.pattern)})"
    for schema in SCHEMAS:
        for name in reader.tables(schema):
            rows = reader.query(f"select count(*) as n from {schema}.`{name}` where {condition}")
            if count := int(rows["n"][0].as_py()):
                counts[f"{schema}.{name}"] = count
    return counts


def _histories(running: SparkSession) -> list[Table]:
    found = []
    for row in running.sql("show tables in intermediate").collect():
        columns = running.catalog.listColumns(f"intermediate.`{row.tableName}`")
        texts = {
            column.name: column.dataType
            for column in columns
            if "string" in column.dataType and not column.isPartition
        }
        names = tuple(column.name for column in columns)
        table = Table("intermediate", row.tableName, names, texts, ())
        if policy_of(table) == "history":
            found.append(table)
    return found


def _is_theirs(table: Table, plan: Plan) -> str:
    conditions = [_holds(plan.pattern)]
    if {"connection", "record_kind", "record_id"} <= {*table.columns}:
        key = "concat(connection, ':', record_kind, ':', record_id)"
        conditions.append(f"{key} in ({listed(plan.records)})")
    return f"coalesce({' or '.join(conditions)}, false)"


def _holds(pattern: str) -> str:
    # A raw literal: in a plain one Spark reads a backslash as an escape.
    escaped = pattern.replace("'", r"\x27")
    return f"to_json(struct(*)) rlike r'{escaped}'"


def _count(running: SparkSession, rows: str) -> Any:
    return running.sql(f"select count(*) as n from {rows}").first()[0]

"""The histories that a rebuild leaves in place lose a person alike on both engines."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from o2o.people.erasure import database, spark_tables
from o2o.people.erasure.plan import Plan

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANNA, BEN = "a" * 32, "b" * 32
PLAN = Plan("e1", "t", customers=[ANNA], records=["shopify:customer:6100000001"])
TYPED = """membership_id text, record_key text, connection text, source_system text,
    record_kind text, record_id text, customer_id text, valid_from timestamp, valid_to timestamp,
    opened_run bigint, closed_run bigint, opened_by text, closed_by text,
    former_customer_id text, cause_rule text"""
COLUMNS = ", ".join(column.split()[0] for column in TYPED.split(","))


def stint(number: int, record: str, customer: str, since: str, to: str | None) -> tuple[Any, ...]:
    run = int(since[5:7])
    key = (f"shopify:customer:{record}", "shopify", "shopify", "customer", record)
    times = (datetime.fromisoformat(since), datetime.fromisoformat(to) if to else None)
    ended = (run + 1, "born", "merged") if to else (None, "born", None)
    return (f"m{number}", *key, customer, *times, run, *ended, None, None)


STINTS = [
    stint(1, "6100000001", BEN, "2026-01-01", "2026-02-01"),
    stint(2, "6100000001", ANNA, "2026-02-01", None),
    stint(3, "6100000002", ANNA, "2026-01-01", "2026-03-01"),  # somebody else's by now
    stint(4, "6100000002", BEN, "2026-03-01", None),
]


def without_tokens(rows: list[Any]) -> list[tuple[Any, ...]]:
    """Each token by what it begins with: the rest is another one in every run."""
    return sorted(
        tuple("token" if str(one).startswith("erased:e1:") else str(one) for one in row)
        for row in rows
    )


@pytest.mark.spark
def test_a_history_loses_a_person_alike_on_both_engines(
    session: SparkSession, tmp_path: Path
) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create schema intermediate")
        con.execute(f"create table intermediate.int_identity__memberships ({TYPED})")
        con.executemany(
            f"insert into intermediate.int_identity__memberships values ({', '.join('?' * 15)})",
            STINTS,
        )
    assert database.erase(file, PLAN) == {"intermediate.int_identity__memberships": {"blanked": 2}}
    with duckdb.connect(str(file), read_only=True) as con:
        expected = con.execute("from intermediate.int_identity__memberships").fetchall()

    for schema in ("intermediate", "marts"):
        session.sql(f"create schema if not exists {schema}")
    rows = session.createDataFrame(STINTS, TYPED.replace(" text", " string"))
    rows.selectExpr("*", "'all' as table_part").write.partitionBy("table_part").saveAsTable(
        "intermediate.int_identity__memberships"
    )
    session.sql(  # has no record
        "create table intermediate.rates using parquet as select 'EUR' as currency_code,"
        " current_date as valid_from, current_date as valid_to"
    )
    done = {"intermediate.int_identity__memberships": {"blanked": 2}}
    assert spark_tables.end_histories(session, PLAN) == done
    assert spark_tables.end_histories(session, PLAN) == done, "a killed run is repeated"
    left = session.sql(f"select {COLUMNS} from intermediate.int_identity__memberships").collect()
    assert without_tokens(left) == without_tokens(expected)
    assert session.table("intermediate.int_identity__memberships").select(
        "table_part"
    ).distinct().collect() == [("all",)]
    keys = {row.membership_id for row in left}
    assert len(keys) == len(left), "each row its own token: an incremental run takes it for the key"
    for table in ("int_identity__memberships", "rates"):
        session.sql(f"drop table intermediate.{table}")


@pytest.mark.spark
def test_what_a_build_makes_again_is_not_taken_for_a_trace(session: SparkSession) -> None:
    from warehouse.engines.spark_warehouse import SparkReader

    order, link = "shopify:order:5500000001", "order_name:" + "c" * 64
    plan = Plan(
        "e1",
        "t",
        customers=[ANNA],
        records=["shopify:customer:6100000001", order],
        theirs={"email": ["anna@example.com"]},
        hashes=[link],
    )
    assert plan.standing == {order, link}
    session.sql("create schema if not exists marts")
    reader = SparkReader(session, "")

    def found(*texts: str) -> dict[str, int]:
        columns = ", ".join(f"'{text}' as t{number}" for number, text in enumerate(texts))
        session.sql(f"create table marts.fct_told using parquet as select {columns}")
        try:
            return spark_tables.found(reader, plan)
        finally:
            session.sql("drop table marts.fct_told")

    assert found(order, link, BEN) == {}
    assert found("shopify:customer:6100000001") == {"marts.fct_told": 1}
    assert found("to ANNA@example.com") == {"marts.fct_told": 1}
    assert found(order, ANNA) == {"marts.fct_told": 1}, "whose it was is not to be told"

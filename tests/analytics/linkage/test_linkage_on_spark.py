"""Splink on Spark gives what it gives on DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from analytics.linkage.people import propose
from tests.analytics.linkage.test_people import decided

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    """The process's session, or one of our own."""
    sql = pytest.importorskip("pyspark.sql", reason="the extra `spark` is optional")
    running = sql.SparkSession.getActiveSession()
    made = running or (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
        .getOrCreate()
    )
    yield made
    if running is None:
        made.stop()


def test_same_links_on_spark(session: SparkSession, persons: pa.Table) -> None:
    """And nothing of the work is left in the session."""
    some = persons.slice(0, 150)
    before = {table.name for table in session.catalog.listTables()}
    accepted, review = propose(session.createDataFrame(some), spark=session)
    assert {table.name for table in session.catalog.listTables()} == before
    expected, expected_review = propose(some)
    assert decided(expected)
    for there, here in ((accepted, expected), (review, expected_review)):
        assert decided(there) == pytest.approx(decided(here), abs=1e-3)
        for on_spark, on_duckdb in zip(there["weights"], here["weights"], strict=True):
            parts = json.loads(on_spark.as_py())
            assert parts == pytest.approx(json.loads(on_duckdb.as_py()), abs=0.05)

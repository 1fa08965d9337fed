"""Splink on Spark gives what it gives on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from linkage.people import propose
from tests.linkage.test_people import decided

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
    some = persons.slice(0, 250)
    accepted, review = propose(session.createDataFrame(some), spark=session)
    expected, expected_review = propose(some)
    assert decided(expected)
    for there, here in ((accepted, expected), (review, expected_review)):
        assert decided(there) == pytest.approx(decided(here), abs=1e-3)
        assert there["weights"].to_pylist() == here["weights"].to_pylist()


def test_leaves_nothing_in_the_session(session: SparkSession, persons: pa.Table) -> None:
    before = {table.name for table in session.catalog.listTables()}
    propose(persons.slice(0, 60), spark=session)
    assert {table.name for table in session.catalog.listTables()} == before

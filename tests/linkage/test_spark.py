"""Splink on Spark gives what it gives on DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from linkage.people import propose
from tests.linkage.test_people import decided

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.spark
def test_same_links_on_spark(session: SparkSession, persons: pa.Table) -> None:
    some = persons.slice(0, 250)
    for there, here in zip(propose(some, spark=session), propose(some), strict=True):
        assert decided(there).keys() == decided(here).keys()
        assert decided(there) == pytest.approx(decided(here), abs=1e-3)
    assert decided(here) or decided(there) is not None

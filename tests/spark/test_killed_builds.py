"""Builds on Spark that are killed, between two partitions too, are mended by the next one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="needs the extra `spark`")

from tests.spark.both import Both, staging_differences

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3600)]
KILLS = 3


def test_killed_incremental_builds_leave_nothing_that_the_next_does_not_mend(
    spark_conf: Path, tmp_path: Path
) -> None:
    """Staging alone: all that comes after it is dropped and computed anew by every build."""
    both = Both.made(tmp_path, spark_conf)
    duck, spark = both.extract(day=0)
    duck.o2o("build", "--select", "staging")
    first = spark.timed("build", "--select", "staging")
    duck, spark = both.extract(day=1)
    duck.o2o("build", "--select", "staging")
    rng = random.Random(7)
    killed = [
        spark.killed("build", "--select", "staging", after=rng.uniform(0.3, 1.0) * first)
        for _ in range(KILLS)
    ]
    assert any(killed)
    spark.o2o("build", "--select", "staging")
    assert staging_differences(duck, spark) == {}

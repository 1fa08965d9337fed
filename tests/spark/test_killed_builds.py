"""Builds on Spark that are killed, between two partitions too, are mended by the next one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="needs the extra `spark`")

from tests.spark.both import Both, killed_when, staging_differences

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3600)]
# Killed when so many staged tables have been written anew, and the next is at work.
WRITTEN = (1, 2, 3)


def test_killed_incremental_builds_leave_nothing_that_the_next_does_not_mend(
    spark_conf: Path, tmp_path: Path
) -> None:
    """Staging alone: all that comes after it is dropped and computed anew by every build."""
    both = Both.made(tmp_path, spark_conf)
    duck, spark = both.extract(day=0)
    duck.o2o("build", "--select", "staging")
    spark.o2o("build", "--select", "staging")
    duck, spark = both.extract(day=1)
    duck.o2o("build", "--select", "staging")
    staging = spark.home / "warehouse" / "spark" / "staging.db"
    for count in WRITTEN:
        before = newest(staging)

        def reached(before: dict[str, int] = before, count: int = count) -> bool:
            now = newest(staging)
            return sum(now[table] > before.get(table, 0) for table in now) >= count

        killed_when(reached, spark, "build", "--select", "staging")
    spark.o2o("build", "--select", "staging")
    assert staging_differences(duck, spark) == {}


def newest(folder: Path) -> dict[str, int]:
    """When each table's newest file was written."""
    found: dict[str, int] = {}
    for file in folder.glob("*/**/*.parquet"):
        with suppress(FileNotFoundError):  # a build is at work
            table = file.relative_to(folder).parts[0]
            found[table] = max(found.get(table, 0), file.stat().st_mtime_ns)
    return found

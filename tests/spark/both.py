"""One world, and an installation on each engine that has landed the same files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from demo import world
from demo.companies import Company
from demo.serving import running
from demo.vendors import connections
from tests.end_to_end.installation import LOAD_COLUMNS, Installation

DAYS = 14
RETAILER = Company()
FIRST = datetime.combine(world.DEFAULT_START + timedelta(days=DAYS), datetime.min.time(), UTC)


@dataclass(frozen=True)
class Both:
    """One world, and an installation on each engine that has landed the same files: those of a
    company's sources, without one of all that there are."""

    home: Path
    company: Company | None
    on_spark: dict[str, str]

    @classmethod
    def made(
        cls, home: Path, spark_conf: Path, company: Company | None = RETAILER, persons: int = 400
    ) -> Both:
        world.generate(home / "world", persons=persons, days=DAYS, seed=11, **RETAILER.world)
        settings = {
            "O2O_ENGINE": "spark",
            "SPARK_CONF_DIR": str(spark_conf),
            # The cluster's, whatever the tests before have set.
            "O2O_SPARK_MASTER": "",
            "PYSPARK_SUBMIT_ARGS": "pyspark-shell",
        }
        return cls(home, company, settings)

    def extract(self, day: int) -> tuple[Installation, Installation]:
        now = FIRST + timedelta(days=day)
        with running(self.home / "world", now=now) as url:
            given = connections(url, names=self.company.connections if self.company else None)
            ours = {"O2O_COMPANY": str(self.company.folder) if self.company else ""}
            duck = Installation(self.home / "duckdb", given, now, url, ours)
            duck.extract()
        spark = replace(duck, home=self.home / "spark", settings={**ours, **self.on_spark})
        shutil.copytree(duck.home / "landing", spark.home / "landing", dirs_exist_ok=True)
        return duck, spark


def killed_when(reached: Callable[[], bool], installation: Installation, *arguments: str) -> None:
    """Run the tool and ``kill -9`` it, and the JVM beside it, as soon as files say that it got so
    far: inside Spark there is nothing that tests/kill_at.py could watch."""
    process = subprocess.Popen(
        installation.command(*arguments),
        env=installation.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not reached():
        assert process.poll() is None, "it ended before it was killed"
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def staged_rows(installation: Installation) -> dict[str, int]:
    with duckdb.connect(str(installation.warehouse), read_only=True) as connection:
        return dict(
            connection.execute(
                "select table_name, estimated_size from duckdb_tables()"
                " where schema_name = 'staging'"
            ).fetchall()
        )


def staging_differences(duck: Installation, spark: Installation) -> dict[str, int]:
    """Staged tables that do not hold the same rows, and how many differ; Spark's read as files."""
    found = {}
    with duckdb.connect(str(duck.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for table in staged_rows(duck):
            columns = connection.execute(
                "select column_name, data_type from duckdb_columns()"
                " where schema_name = 'staging' and table_name = ? and column_name not in (?, ?)",
                [table, *LOAD_COLUMNS],
            ).fetchall()
            listed = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind in columns)
            here = f"select {listed} from staging.{table}"
            folder = spark.home / "warehouse/spark/staging.db" / table
            # Streams are kept in parts, what this warehouse computed itself in one.
            files = next(
                (
                    each
                    for each in ("table_part=*/*.parquet", "*.parquet")
                    if any(folder.glob(each))
                ),
                None,
            )
            there = (
                f"select {listed} from read_parquet('{folder}/{files}', hive_partitioning = true)"
            )
            if files is None:
                there = f"{here} where false"  # Spark writes no file for no row
            rows = connection.execute(
                f"select count(*) from (({here} except all {there})"
                f" union all ({there} except all {here}))"
            ).fetchone()
            if rows and rows[0]:
                found[table] = rows[0]
    assert len(staged_rows(duck)) > 10
    return found

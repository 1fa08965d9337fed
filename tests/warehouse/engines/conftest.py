"""One Spark session per test process: it can have no more, and each takes seconds to start."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.warehouse.engines.tables import SparkTables
from warehouse.engines import spark as engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if importlib.util.find_spec("pyspark") is None:
        skip = pytest.mark.skip(reason="PySpark is not installed: the extra `spark` is optional")
        for item in items:
            if "spark" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def warehouse_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the session's tables lie."""
    return str(tmp_path_factory.mktemp("spark") / "warehouse")


@pytest.fixture(scope="session")
def session(warehouse_url: str) -> Iterator[SparkSession]:
    """The process's session on two cores. Its settings come as a user's do."""
    settings = {
        "O2O_SPARK_MASTER": "local[2]",
        "PYSPARK_SUBMIT_ARGS": "--conf spark.sql.shuffle.partitions=2"
        # Compiling for speed costs more than it gains on a handful of rows, and a metastore of
        # minutes need not wait for the disk.
        " --conf 'spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        " -XX:ReservedCodeCacheSize=192m -Dderby.system.durability=test'"
        " --conf spark.sql.codegen.factoryMode=NO_CODEGEN"
        " --conf spark.sql.codegen.wholeStage=false"
        " --conf spark.sql.session.timeZone=America/New_York"  # must not be what counts
        " pyspark-shell",
    }
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield engine.session(warehouse_url)
    finally:
        engine.close()
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@pytest.fixture(scope="session")
def tables(session: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> SparkTables:
    """Puts the tables of a DuckDB file into the session's catalog."""
    return SparkTables(session, Path(tmp_path_factory.mktemp("tables")))

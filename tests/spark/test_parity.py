"""The demo world, as every source that there is tells it, on DuckDB and on a Spark cluster of two
workers: the same marts, row for row. Some sources tell the same orders: both engines count them
twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

pytest.importorskip("pyspark", reason="needs the extra `spark`")

from tests.end_to_end.installation import Installation, differences
from tests.spark.both import Both, staged_rows, staging_differences

pytestmark = [pytest.mark.spark, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def both(spark_conf: Path, tmp_path_factory: pytest.TempPathFactory) -> Both:
    return Both.made(tmp_path_factory.mktemp("both"), spark_conf, company=None, persons=200)


def test_a_full_run_is_the_same_on_both_engines(both: Both, spark_conf: Path) -> None:
    duck, spark = both.extract(day=0)
    for each in (duck, spark):
        for command in (("build",), ("audit", "marts"), ("publish",)):
            each.o2o(*command)
    for worker in ("worker-1", "worker-2"):
        # One folder per command: the work was done out there, and no command began twice.
        assert len(list((spark_conf.parent / worker).glob("app-*"))) == 3
    assert verdict(duck) == verdict(spark)
    assert differences(duck.published, spark.published, ("marts",)) == {}
    assert types(duck.published) == types(spark.published)
    assert staging_differences(duck, spark) == {}


def test_an_incremental_run_is_the_same_on_both_engines(both: Both) -> None:
    """A day later, on what the first day left. Only staging is incremental: all that comes after
    it is computed anew, as on the first day."""
    duck, spark = both.extract(day=1)
    before = staged_rows(duck)
    for each in (duck, spark):
        each.o2o("build", "--select", "staging")
    assert staged_rows(duck) != before
    assert staging_differences(duck, spark) == {}


def verdict(installation: Installation) -> list[dict[str, Any]]:
    """What the audit says of the marts, check by check, with all totals and culprits."""
    path = installation.home / "reports" / "audit-marts.json"
    checks: list[dict[str, Any]] = json.loads(path.read_text())["checks"]
    assert len(checks) > 20
    return checks


def types(published: Path) -> list[tuple[str, str, str]]:
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute(
            "select table_name, column_name, data_type from duckdb_columns()"
            " where schema_name = 'marts' order by all"
        ).fetchall()
    assert len(found) > 100
    return found

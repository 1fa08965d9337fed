"""On Spark, an erasure builds the warehouse anew from what is left, and searches it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("pyspark", reason="needs the extra `spark`")

from tests.end_to_end.traces import traces
from tests.spark.both import Both

pytestmark = [pytest.mark.spark, pytest.mark.timeout(3600)]

BUYER = """
select lower(email) from (
    select _payload->>'$.email' as email, _payload->>'$.customer.id' as customer
    from read_parquet('{}/shopify/orders/*.parquet') where _payload is not null
)
where email is not null and customer is not null
group by all having count(*) = 1 order by 1 limit 1"""


def test_an_erased_person_is_nowhere_on_spark(spark_conf: Path, tmp_path: Path) -> None:
    _, spark = Both.made(tmp_path, spark_conf).extract(day=0)
    spark.o2o("build")
    (email,) = duckdb.sql(BUYER.format(spark.home / "landing")).fetchone() or ("",)
    found = traces(spark.home, [email])
    assert [file for file in found if file.startswith("warehouse/spark/staging.db")]
    spark.o2o("erase", "--identifier", email, "--type", "email", "--yes")
    assert traces(spark.home, [email]) == {}
    (proof,) = (spark.home / "landing" / "_erasures").glob("*.json")
    told = json.loads(proof.read_text())
    assert (told["engine"], told["verification"]["found"]) == ("spark", 0)

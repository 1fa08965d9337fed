"""On Spark, an erasure ends the person's history, builds the rest anew and searches it all."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("pyspark", reason="needs the extra `spark`")

from tests.end_to_end.installation import Installation
from tests.end_to_end.traces import traces
from tests.spark.both import Both, killed_when

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(3600)]

BUYER = """
select lower(email) from (
    select _payload->>'$.email' as email, _payload->>'$.customer.id' as customer
    from read_parquet('{}/shopify/orders/*.parquet') where _payload is not null
)
where email is not null and customer is not null
group by all having count(*) = 1 order by 1 limit 1"""

WHOSE = """
select distinct customer_id
from read_parquet('{}/staging.db/stg_shopify__orders/**/*.parquet')
join read_parquet('{}/intermediate.db/int_identity__memberships/**/*.parquet') as memberships
    on memberships.record_key = concat('shopify:order:', shopify_order_id)
where lower(email) = '{}'"""

STINTS = """
select count(*) as stints, count_if(valid_to is null) as current, list(distinct closed_by),
    bool_and(record_key like 'erased:%'),
from read_parquet('{}/intermediate.db/int_identity__memberships/**/*.parquet')
where customer_id = '{}'"""


def kill_while_erasing(installation: Installation, *arguments: str) -> None:
    """Begin an erasure and kill it when Spark begins to write: landing is done then."""
    pending = installation.home / "erasure" / "pending.json"
    tables = installation.home / "warehouse" / "spark"
    before = {*tables.rglob("*.parquet")}
    killed_when(
        lambda: pending.exists() and not before.issuperset(tables.rglob("*.parquet")),
        installation,
        "erase",
        *arguments,
    )


def test_an_erased_person_is_nowhere_on_spark(spark_conf: Path, tmp_path: Path) -> None:
    _, spark = Both.made(tmp_path, spark_conf).extract(day=0)
    spark.o2o("build")
    (email,) = duckdb.sql(BUYER.format(spark.home / "landing")).fetchone() or ("",)
    tables = spark.home / "warehouse" / "spark"
    ((person,),) = duckdb.sql(WHOSE.format(tables, tables, email)).fetchall()
    found = traces(spark.home, [email])
    assert [file for file in found if file.startswith("warehouse/spark/staging.db")]
    kill_while_erasing(spark, "--identifier", email, "--type", "email", "--yes")
    assert "going on with it" in spark.o2o("erase")
    assert traces(spark.home, [email]) == {}
    ((stints, current, closed_by, is_nameless),) = duckdb.sql(
        STINTS.format(tables, person)
    ).fetchall()
    assert stints
    assert (current, closed_by, is_nameless) == (0, ["erased"], True)
    (proof,) = (spark.home / "landing" / "_erasures").glob("*.json")
    told = json.loads(proof.read_text())
    assert (told["engine"], told["verification"]["found"]) == ("spark", 0)

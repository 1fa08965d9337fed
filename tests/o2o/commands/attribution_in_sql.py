"""What the warehouse's own SQL makes of two tables, to hold `o2o attribute` against."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import cleanup_connections, reset_adapters
from dbt.cli.main import dbtRunner

from analytics.attribution.solve import solve
from o2o.pipeline import project

SEEDS = project.PROJECT_DIR / "seeds"
MODELS = (
    "int_attribution__paths",
    "int_attribution__channel_paths",
    "int_attribution__models",
    "int_attribution__credits",
    "fct_attribution",
)


def compiled(folder: Path, variables: dict[str, Any]) -> dict[str, str]:
    """The SQL of the attribution models for a DuckDB file called attribution.duckdb, by name."""
    place = str(project.PROJECT_DIR)
    arguments = ["compile", "--project-dir", place, "--profiles-dir", place, "--log-level", "none"]
    arguments += ["--no-introspect", "--no-populate-cache", "--target", "duckdb"]
    arguments += ["--vars", json.dumps(variables), "--select", *MODELS]
    arguments += ["--target-path", str(folder), "--log-path", str(folder)]
    wanted = project.settings("duckdb", str(folder / "attribution.duckdb"), str(folder), "none")
    with project.environment(wanted):
        outcome = dbtRunner().invoke(arguments)
        cleanup_connections()  # type: ignore[no-untyped-call]
        reset_adapters()  # type: ignore[no-untyped-call]
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    assert outcome.success, outcome.exception
    files = {name: next((folder / "compiled").rglob(f"{name}.sql")) for name in MODELS}
    return {name: file.read_text() for name, file in files.items()}


def rows(folder: Path, sql: dict[str, str], touches: pa.Table, conversions: pa.Table) -> pa.Table:
    """fct_attribution over touchpoints and conversions that have every column of the contracts."""
    with duckdb.connect(str(folder / "attribution.duckdb")) as con:
        con.execute("set TimeZone = 'UTC'")
        for schema in ("seeds", "staging", "intermediate"):
            con.execute(f"create schema {schema}")
        for seed in SEEDS.glob("attribution_*.csv"):
            con.execute(f"create table seeds.{seed.stem} as from read_csv('{seed}')")
        con.execute("create table intermediate.int_touchpoints as from touches")
        con.execute(
            """create table intermediate.int_conversions as
            select *, value_minor as value_reporting_minor, null::varchar as order_channel,
                null::varchar as store_id
            from conversions"""
        )
        for name in MODELS[:2]:
            con.execute(f"create table intermediate.{name} as {sql[name]}")
        solved = solve(con.execute(f"from intermediate.{MODELS[1]}").to_arrow_table(), 0)
        con.execute(
            """create table staging.stg_o2o__channel_weights as
            select conversion_type, attribution_model, channel,
                round(weight * 1e12)::bigint as weight_trillionths
            from solved"""
        )
        for name in MODELS[2:4]:
            con.execute(f"create table intermediate.{name} as {sql[name]}")
        left_out = "attribution_id, order_channel, store_id, credit_reporting_minor"
        found = con.execute(f"select * exclude ({left_out}) from ({sql[MODELS[4]]})")
        table: pa.Table = found.to_arrow_table()
        assert solved.num_rows
        return table

"""Which engine holds the warehouse of an installation: the one place that decides."""

from __future__ import annotations

from engines.duckdb import DuckDBWarehouse
from engines.warehouse import Warehouse
from o2o.paths import Paths


def open_warehouse(paths: Paths) -> Warehouse:
    """The warehouse on the engine that ``O2O_ENGINE`` names; only reading opens it."""
    if paths.engine == "spark":
        from engines.spark_warehouse import SparkWarehouse

        return SparkWarehouse(paths.spark_warehouse_url)
    return DuckDBWarehouse(paths.warehouse)

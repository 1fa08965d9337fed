"""Which engine holds the warehouse of an installation: the one place that decides."""

from __future__ import annotations

from o2o.pipeline.paths import Paths
from warehouse.engines.duckdb import DuckDBWarehouse
from warehouse.engines.warehouse import Warehouse


def open_warehouse(paths: Paths) -> Warehouse:
    """The warehouse on the engine that ``O2O_ENGINE`` names; only reading opens it."""
    if paths.engine == "spark":
        from warehouse.engines.spark_warehouse import SparkWarehouse

        return SparkWarehouse(paths.spark_warehouse_url)
    return DuckDBWarehouse(paths.warehouse)

"""Linking on a Spark session: the same comparisons, the same model, other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from splink.backends.spark import similarity_jar_location

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# DuckDB's names of the functions → Splink's Scala classes, so that one text serves both engines.
_FUNCTIONS = {
    "jaro_winkler_similarity": "uk.gov.moj.dash.linkage.JaroWinklerSimilarity",
    "damerau_levenshtein": "uk.gov.moj.dash.linkage.LevDamerauDistance",
}


class OnSpark:
    """Tables as temporary views of ``session``."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        session.sql(f"add jar '{similarity_jar_location()}'")
        for name, java in _FUNCTIONS.items():
            session.udf.registerJavaFunction(name, java, "double")

    def load(self, name: str, table: pa.Table) -> None:
        self._session.createDataFrame(table).createOrReplaceTempView(name)

    def create(self, name: str, select: str) -> None:
        self._session.sql(select).persist().createOrReplaceTempView(name)

    def rows(self, select: str) -> pa.Table:
        return self._session.sql(select).toArrow()

    def close(self) -> None:
        for table in self._session.catalog.listTables():
            if table.isTemporary and table.name.startswith("o2o_"):
                self._session.catalog.uncacheTable(table.name)
                self._session.catalog.dropTempView(table.name)

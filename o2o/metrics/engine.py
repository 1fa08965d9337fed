"""Metrics computed by MetricFlow over the published file, which is only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
from metricflow.data_table.mf_table import MetricFlowDataTable
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.errors.error_classes import MetricFlowException
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup
from metricflow_semantics.sql.sql_bind_parameters import SqlBindParameterSet

from o2o.errors import O2OError
from o2o.metrics import definitions


class MetricError(O2OError):
    """A metric could not be asked for like that; the message says what is possible."""


@dataclass(frozen=True)
class Answer:
    """Rows of a query: what it is grouped by, then the metrics, in the order in which they were asked for."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    sql: str


class _Published:
    """The published file as MetricFlow's database."""

    sql_engine_type = SqlEngine.DUCKDB

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.sql_plan_renderer = DuckDbSqlPlanRenderer()
        self._con = con

    def query(
        self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = SqlBindParameterSet()
    ) -> MetricFlowDataTable:
        answer = self._con.execute(stmt, dict(sql_bind_parameter_set.param_dict))
        names = [column[0] for column in answer.description]
        return MetricFlowDataTable.create_from_rows(names, answer.fetchall())

    def execute(
        self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = SqlBindParameterSet()
    ) -> None:
        self._con.execute(stmt, dict(sql_bind_parameter_set.param_dict))

    def dry_run(
        self, stmt: str, sql_bind_parameter_set: SqlBindParameterSet = SqlBindParameterSet()
    ) -> None:
        self._con.execute(f"explain {stmt}", dict(sql_bind_parameter_set.param_dict))

    def close(self) -> None:
        self._con.close()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        return f"${bind_parameter_key}"


class Metrics:
    """Asks for metrics of an open published file."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._engine = MetricFlowEngine(
            SemanticManifestLookup(definitions.manifest()), _Published(con)
        )

    def query(
        self,
        metrics: Sequence[str],
        by: Sequence[str] = (),
        *,
        where: Sequence[str] = (),
        since: date | None = None,
        until: date | None = None,
        limit: int | None = None,
    ) -> Answer:
        """The metrics, one row for each value of ``by``; ``until`` is the last day that counts.

        Raises MetricError for a name that there is not, or a dimension that a metric does not have.
        """
        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics),
            group_by_names=list(by),
            where_constraints=list(where),
            time_constraint_start=_midnight(since),
            time_constraint_end=_midnight(until),
            order_by_names=list(by),
            limit=limit,
        )
        try:
            statement = self._engine.explain(request).sql_statement
        except MetricFlowException as error:
            raise MetricError(str(error)) from error
        answer = self._con.execute(statement.sql)
        columns = tuple(column[0] for column in answer.description)
        return Answer(columns, tuple(answer.fetchall()), statement.sql)

    def dimensions(self, metrics: Sequence[str]) -> list[str]:
        """What the metrics can be grouped by, together."""
        found = self._engine.simple_dimensions_for_metrics(list(metrics))
        return sorted({each.granularity_free_dunder_name for each in found})


@contextmanager
def published(target: Path) -> Iterator[Metrics]:
    """Open what is published. Raises MetricError where nothing is."""
    if not target.exists():
        raise MetricError(f"Nothing is published at {target} yet: run the pipeline first.")
    with duckdb.connect(str(target), read_only=True) as con:
        yield Metrics(con)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time()) if day else None

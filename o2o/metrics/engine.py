"""Metrics computed by MetricFlow over the published file, which is only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, cast

import duckdb
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantic_interfaces.implementations.metric import PydanticMetric
from metricflow_semantic_interfaces.implementations.project_configuration import (
    PydanticProjectConfiguration,
)
from metricflow_semantic_interfaces.implementations.semantic_manifest import (
    PydanticSemanticManifest,
)
from metricflow_semantic_interfaces.implementations.semantic_model import PydanticSemanticModel
from metricflow_semantic_interfaces.transformations.semantic_manifest_transformer import (
    PydanticSemanticManifestTransformer,
)
from metricflow_semantics.errors.error_classes import MetricFlowException
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from o2o.errors import O2OError
from o2o.metrics.definitions import SCHEMA, mart_of, of_all

GRAINS = ("day", "week", "month", "quarter", "year")
CALENDAR = {
    "node_relation": {"schema_name": SCHEMA, "alias": "dim_dates"},
    "primary_column": {"name": "calendar_date", "time_granularity": "day"},
}


class MetricError(O2OError):
    """A metric could not be asked for like that; the message says what is possible."""


@dataclass(frozen=True)
class Answer:
    """Rows of a query: what it is grouped by, then the metrics, in the order of asking."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    sql: str


class _Dialect:
    """What MetricFlow must know of a database to write its SQL; what it writes we run ourselves."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


class Metrics:
    """Asks for metrics of an open published file."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self._engine = MetricFlowEngine(
            SemanticManifestLookup(manifest()), cast(SqlClient, _Dialect())
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
            raise MetricError(self._what_is_possible(metrics, by) or str(error)) from error
        answer = self._con.execute(statement.sql)
        given = [column[0] for column in answer.description]
        # MetricFlow gives metrics of one mart side by side, whatever the order of asking.
        groups = [name for name in given if name not in metrics]
        columns = (*groups, *dict.fromkeys(metrics))
        places = [given.index(name) for name in columns]
        rows = tuple(tuple(_as_day(row[place]) for place in places) for row in answer.fetchall())
        return Answer(columns, rows, statement.sql)

    def _what_is_possible(self, metrics: Sequence[str], by: Sequence[str]) -> str:
        """What to group by instead; nothing where that is not what went wrong."""
        possible = self.dimensions(metrics)
        wrong = [name for name in by if name.removesuffix(f"__{_grain(name)}") not in possible]
        if not wrong:
            return ""
        times = ", ".join(GRAINS)
        return (
            f"{' and '.join(metrics)} cannot be grouped by {', '.join(wrong)}, but by"
            f" {', '.join(possible)}. A date may end in its grain ({times}): metric_time__month."
        )

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


@cache
def manifest() -> PydanticSemanticManifest:
    """All semantic models and metrics, as MetricFlow wants them."""
    return PydanticSemanticManifestTransformer.transform(
        PydanticSemanticManifest(
            semantic_models=[_semantic_model(each) for _, each in of_all("semantic_models")],
            metrics=[_metric(each) for _, each in of_all("metrics")],
            saved_queries=[],
            project_configuration=PydanticProjectConfiguration.parse_obj(
                {"time_spines": [CALENDAR]}
            ),
        )
    )


def _semantic_model(written: dict[str, Any]) -> PydanticSemanticModel:
    rest = {key: value for key, value in written.items() if key != "model"}
    relation = {"schema_name": SCHEMA, "alias": mart_of(written)}
    model: PydanticSemanticModel = PydanticSemanticModel.parse_obj(
        {**rest, "node_relation": relation}
    )
    return model


def _metric(written: dict[str, Any]) -> PydanticMetric:
    """dbt lets a ratio name its two metrics by their bare names."""
    parameters = {
        key: {"name": value} if key in ("numerator", "denominator") else value
        for key, value in written["type_params"].items()
    }
    return PydanticMetric.parse_obj({**written, "type_params": parameters})


def _as_day(value: Any) -> Any:
    """MetricFlow cuts days to moments at midnight."""
    return value.date() if isinstance(value, datetime) else value


def _grain(name: str) -> str:
    return next((grain for grain in GRAINS if name.endswith(f"__{grain}")), "")


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time()) if day else None

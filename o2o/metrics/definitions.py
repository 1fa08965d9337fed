"""What metrics there are: the semantic models and metrics of the dbt project, read from its YAML.

They are dbt's own definitions, so every tool that reads dbt's semantic layer reads them, too. They are read
here without dbt: whoever asks for a figure has the published file, and need not have a warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
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

from o2o.errors import O2OError
from o2o.pipeline.project import PROJECT_DIR
from o2o.pipeline.publish import SCHEMA

FOLDER = PROJECT_DIR / "models" / "semantic"
CALENDAR = {
    "node_relation": {"schema_name": SCHEMA, "alias": "dim_dates"},
    "primary_column": {"name": "calendar_date", "time_granularity": "day"},
}


class UnknownMetric(O2OError):
    """Nobody defined a metric of that name; the message names those that are near."""


@dataclass(frozen=True)
class Metric:
    """A metric as people read it. ``parts`` are the metrics or measures that it is made of."""

    name: str
    label: str
    description: str
    kind: str
    formula: str
    unit: str
    owner: str
    area: str
    mart: str
    days: str
    refunds: str
    source: str


@cache
def manifest() -> PydanticSemanticManifest:
    """All semantic models and metrics, as MetricFlow wants them."""
    models, metrics = [], []
    for document in _documents():
        models += [_semantic_model(each) for each in document.get("semantic_models", ())]
        metrics += [PydanticMetric.parse_obj(each) for each in document.get("metrics", ())]
    return PydanticSemanticManifestTransformer.transform(
        PydanticSemanticManifest(
            semantic_models=models,
            metrics=metrics,
            saved_queries=[],
            project_configuration=PydanticProjectConfiguration.parse_obj(
                {"time_spines": [CALENDAR]}
            ),
        )
    )


def _semantic_model(written: dict[str, Any]) -> PydanticSemanticModel:
    name = written["model"].removeprefix("ref('").removesuffix("')")
    rest = {key: value for key, value in written.items() if key != "model"}
    return PydanticSemanticModel.parse_obj(
        {**rest, "node_relation": {"schema_name": SCHEMA, "alias": name}}
    )


def _documents() -> Iterator[dict[str, Any]]:
    for file in sorted(FOLDER.glob("*.yml")):
        yield yaml.safe_load(file.read_text(encoding="utf-8"))


def files() -> list[Path]:
    """The files that define metrics, one an area of the business."""
    return sorted(FOLDER.glob("*.yml"))

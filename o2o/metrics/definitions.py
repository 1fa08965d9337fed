"""What metrics there are: the semantic models and metrics of the dbt project, read from its YAML.

They are dbt's own definitions, so every tool that reads dbt's semantic layer reads them, too.
They are read here without dbt: whoever asks for a figure has the published file, no warehouse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from o2o.company.currencies import PROJECT
from o2o.errors import O2OError

FOLDER = PROJECT / "models" / "semantic"
SCHEMA = "marts"  # of the published file


class UnknownMetric(O2OError):
    """Nobody defined a metric of that name; the message names those that are near."""


@dataclass(frozen=True)
class Metric:
    """A metric as people read it. ``marts`` and ``days`` are of all its parts: the latter are the
    columns that say of which day a figure is. ``unit``: money (of the reporting currency), count,
    share, ratio, minutes or score."""

    name: str
    label: str
    description: str
    area: str
    formula: str
    unit: str
    owner: str
    marts: tuple[str, ...]
    days: tuple[str, ...]
    refunds: str
    source: str


def catalogue() -> list[Metric]:
    """All metrics, by area and in the order in which they are written."""
    return [_told(file.stem, each) for file, each in of_all("metrics")]


def find(name: str) -> Metric:
    """The metric of that name. Raises UnknownMetric."""
    known = {metric.name: metric for metric in catalogue()}
    if name not in known:
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "o2o metrics list names all."
        raise UnknownMetric(f"There is no metric {name!r}; {hint}")
    return known[name]


def _told(area: str, written: dict[str, Any]) -> Metric:
    meta = written["config"]["meta"]
    measures = [_measures()[name] for name in _measure_names(written)]
    return Metric(
        name=written["name"],
        label=written["label"],
        description=written["description"],
        area=area,
        formula=_formula(written),
        unit=meta["unit"],
        owner=meta["owner"],
        marts=tuple(dict.fromkeys(mart for mart, _, _ in measures)),
        days=tuple(dict.fromkeys(day for _, day, _ in measures)),
        refunds=meta.get("refunds", ""),
        source=meta["source"],
    )


def _formula(written: dict[str, Any]) -> str:
    parameters = written["type_params"]
    if written["type"] == "simple":
        _, _, formula = _measures()[parameters["measure"]]
        return f"{formula}, where {written['filter']}" if "filter" in written else formula
    if written["type"] == "ratio":
        return f"{parameters['numerator']} / {parameters['denominator']}"
    return str(parameters["expr"])


def _measure_names(written: dict[str, Any]) -> list[str]:
    parameters = written["type_params"]
    if written["type"] == "simple":
        return [parameters["measure"]]
    parts = [parameters[key] for key in ("numerator", "denominator") if key in parameters]
    parts += [each["name"] for each in parameters.get("metrics", ())]
    metrics = {each["name"]: each for _, each in of_all("metrics")}
    return [name for part in parts for name in _measure_names(metrics[part])]


@cache
def _measures() -> dict[str, tuple[str, str, str]]:
    """The mart, the day and the formula of each measure."""
    return {
        measure["name"]: (
            mart_of(model),
            measure.get("agg_time_dimension") or model["defaults"]["agg_time_dimension"],
            f"{measure['agg']}({measure['expr']})",
        )
        for _, model in of_all("semantic_models")
        for measure in model.get("measures", ())
    }


def mart_of(model: dict[str, Any]) -> str:
    """The mart that a semantic model is about."""
    return str(model["model"]).removeprefix("ref('").removesuffix("')")


def of_all(kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All ``semantic_models`` or ``metrics`` as they are written, each with its file."""
    for file, document in _documents():
        for each in document.get(kind, ()):
            yield file, each


@cache
def _documents() -> list[tuple[Path, dict[str, Any]]]:
    return [
        (file, yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in sorted(FOLDER.glob("*.yml"))
    ]

"""docs/definitions.md says of each metric what its column says."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from o2o.pipeline.project import PROJECT_DIR

DOCS = Path(__file__).resolve().parents[2] / "docs" / "definitions.md"


def test_every_definition_is_that_of_its_column() -> None:
    told = re.findall(r"^\| [^|]+ \| `(\w+)\.(\w+)` \| (.+) \|$", DOCS.read_text(), re.MULTILINE)
    assert len(told) > 12
    described = {
        (model["name"], column["name"]): column["description"]
        for file in (PROJECT_DIR / "models" / "marts").rglob("*.yml")
        for model in yaml.safe_load(file.read_text()).get("models", [])
        for column in model["columns"]
    }
    for model, column, definition in told:
        assert described[model, column] == definition, f"{model}.{column}"


def test_every_amount_of_an_order_and_of_a_booking_is_a_metric() -> None:
    text = DOCS.read_text()
    file = PROJECT_DIR / "models" / "marts" / "retail" / "_retail.yml"
    models = {model["name"]: model for model in yaml.safe_load(file.read_text())["models"]}
    named = [column["name"] for column in models["fct_orders"]["columns"]]
    amounts = {name for name in named if name.endswith("_minor") and "_reporting_" not in name}
    assert amounts
    assert {name for name in amounts if f"`fct_orders.{name}`" not in text} == set()

"""The import rules of pyproject.toml hold, and each of them catches what it is there for."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path

import grimp
import pytest
from importlinter.application.use_cases import read_user_options
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

from connectors.registry import SOURCES

configure()
ROOT = Path(__file__).resolve().parent.parent
OPTIONS = read_user_options(config_filename=str(ROOT / "pyproject.toml"))
CONTRACTS = {options["id"]: options for options in OPTIONS.contracts_options}
KINDS = {
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
}
# Rule, and an import that it must catch: from the first module to the second.
PLANTED = [
    ("layers", "analytics.lift.panel", "warehouse.landing.zone"),
    ("layers", "connectors.core.http", "expectations.check"),
    ("layers", "connectors.square.source", "o2o.pipeline.paths"),
    ("layers", "expectations.runner", "connectors.registry"),
    ("layers", "expectations.runner", "o2o.report.page"),
    ("layers", "identifiers.reading", "analytics.linkage.normalise"),
    ("layers", "identifiers.reading", "warehouse.landing.personal"),
    ("layers", "o2o.pipeline.build", "dags.transform"),
    ("layers", "warehouse.landing.zone", "connectors.core.errors"),
    ("production", "connectors.square.source", "demo.world.people"),
    ("production", "dags.ingest", "demo.launch"),
    ("production", "o2o.steps.stages", "tests.object_store"),
    ("orchestration", "analytics.attribution.solve", "dbt"),
    ("orchestration", "connectors.square.source", "airflow"),
    ("orchestration", "expectations.check", "dbt"),
    ("judging", "warehouse.engines.duckdb", "great_expectations"),
    ("attribution", "analytics.attribution.solve", "duckdb"),
    ("vendors", "connectors.square.source", "connectors.shopify.source"),
    ("callers", "connectors.square.source", "connectors.registry"),
    ("callers", "connectors.core.source", "connectors.extract"),
    ("libraries", "analytics.lift.panel", "analytics.attribution.journeys"),
    ("o2o", "o2o.pipeline.build", "o2o.people.lookup"),
    ("o2o", "o2o.people.erasure.work", "o2o.cli"),
    ("o2o", "o2o.report.page", "o2o.pipeline.paths"),
    ("o2o", "o2o.company.effective", "o2o.steps.stages"),
    ("world", "demo.world.people", "connectors.core.times"),
    ("world", "demo.vendors.square", "o2o.pipeline.paths"),
    ("simulated_vendors", "demo.vendors.square", "demo.vendors.shopify"),
]


@pytest.fixture(scope="module")
def house() -> grimp.ImportGraph:
    """All imports of the project."""
    packages = OPTIONS.session_options["root_packages"]
    return grimp.build_graph(*packages, include_external_packages=True, cache_dir=None)


def is_kept(rule: str, graph: grimp.ImportGraph) -> bool:
    options = CONTRACTS[rule]
    contract = KINDS[options["type"]](
        name=options["name"], session_options=OPTIONS.session_options, contract_options=options
    )
    # Ignored imports are taken out of the graph that is checked.
    return bool(contract.check(graph=deepcopy(graph), verbose=False).kept)


@pytest.mark.parametrize("rule", CONTRACTS)
def test_the_house_keeps_the_rule(house: grimp.ImportGraph, rule: str) -> None:
    assert is_kept(rule, house)


@pytest.mark.parametrize(("rule", "importer", "imported"), PLANTED)
def test_a_planted_violation_is_caught(
    house: grimp.ImportGraph, rule: str, importer: str, imported: str
) -> None:
    assert {importer, imported} <= house.modules
    spoiled = deepcopy(house)
    spoiled.add_import(importer=importer, imported=imported, line_number=1, line_contents="planted")
    assert not is_kept(rule, spoiled)


def test_vendors_are_named_where_they_are_connected_only() -> None:
    # The axis of an array or a chart is nobody's.
    names = "|".join(SOURCES)
    name = re.compile(
        rf"""(?<![a-z0-9])(?<!alt\.)(?!axis[="])({names})(?![a-z0-9])""", re.IGNORECASE
    )
    files = [
        file
        for folder in ("dags", "dbt_project", "expectations", "identifiers", "o2o", "warehouse")
        for kind in ("py", "sql", "yml")
        for file in (ROOT / folder).rglob(f"*.{kind}")
        # The models and tests of a vendor lie in a folder of its own.
        if not set(file.relative_to(ROOT).parts) & {*SOURCES, "target", "logs"}
    ]
    assert len(files) > 200
    for file in files:
        found = name.search(file.read_text(encoding="utf-8"))
        assert not found, f"{file}: {found}"


def test_every_rule_has_its_violation() -> None:
    assert {rule for rule, _, _ in PLANTED} == set(CONTRACTS)

"""Models that tests run over tables of their own, compiled once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_project import (
    ordinary_customers,
    ordinary_experience,
    ordinary_goods,
    ordinary_pickups,
    ordinary_sales,
)
from tests.dbt_project.warehouse import PROJECT, Warehouse, run_dbt
from tests.end_to_end.conftest import Shared, shared

__all__ = ["shared"]

MODELS = (
    "int_attribution__paths", "int_attribution__channel_paths", "int_attribution__models",
    "int_attribution__credits", "fct_attribution", "int_touchpoints", "int_stores__presences",
)  # fmt: skip


@pytest.fixture(scope="session")
def compiled(shared: Shared) -> dict[str, str]:
    """SQL by model. It names its tables as of a database ``warehouse``."""

    def compile_models(folder: Path) -> None:
        home = Warehouse(folder)
        home.land_nothing()
        run_dbt(home, "compile", PROJECT, "--select", *MODELS)

    folder = shared("compiled_models", compile_models) / "target/compiled"
    return {file.stem: file.read_text() for file in folder.rglob("*.sql")}


@pytest.fixture(scope="session")
def shops(shared: Shared) -> Warehouse:
    """What shops and their customers do, built once: every test of the project ran over it."""

    def build(folder: Path) -> None:
        warehouse = Warehouse(folder)
        for cases in (
            ordinary_sales,
            ordinary_experience,
            ordinary_goods,
            ordinary_customers,
            ordinary_pickups,
        ):
            cases.land(warehouse)
        warehouse.build("--exclude-resource-type", "unit_test")

    return Warehouse(shared("ordinary", build))

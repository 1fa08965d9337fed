"""One small world for the tests of all sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dbt_project.sources import built
from tests.dbt_project.sources.built import Build, Built
from tests.end_to_end.conftest import Shared, shared

__all__ = ["shared"]


@pytest.fixture(scope="session")
def small_world(shared: Shared) -> Path:
    return shared("small_world", built.make_world)


@pytest.fixture(scope="session")
def build(small_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Builds what the named sources have of it."""

    def build(*sources: str) -> Built:
        return built.build(tmp_path_factory.mktemp("_".join(sources)), small_world, sources)

    return build


@pytest.fixture(scope="session")
def retailer(build: Build) -> Callable[[str], Built]:
    """One source of a web shop, tills and a CRM that are built together, once."""
    together = build("hubspot", "shopify", "square")
    return lambda source: replace(together, sources=(source,))


@pytest.fixture(scope="session")
def places(build: Build) -> Callable[[str], Built]:
    """One source of appointments, phones and doors that are built together, once."""
    together = build("axis", "calendly", "radar")
    return lambda source: replace(together, sources=(source,))

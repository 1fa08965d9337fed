"""A role is named once, in ``expectations/owners.py``: whatever has an owner names one of these."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from connectors.registry import SOURCES
from expectations import catalogue
from expectations.owners import Owner

ROOT = Path(__file__).resolve().parents[1]


def named(document: Any) -> Iterator[str]:
    """Each ``owner`` of a YAML document, however deep."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key == "owner":
                # Of an exposure dbt wants a name beside an address.
                yield value["name"] if isinstance(value, dict) else value
            else:
                yield from named(value)
    elif isinstance(document, list):
        for value in document:
            yield from named(value)


def owners() -> dict[str, set[str]]:
    """Where owners are named -> who."""
    found = {f"connectors/{name}": {source.owner} for name, source in SOURCES.items()}
    for file in (ROOT / "dags").glob("*.py"):
        found[file.name] = set(re.findall(r'"owner": "([^"]*)"', file.read_text(encoding="utf-8")))
    for file in (ROOT / "dbt_project").rglob("*.yml"):
        found[str(file)] = set(named(yaml.safe_load(file.read_text(encoding="utf-8"))))
    for theme, declared in catalogue.read(catalogue.FOLDER).items():
        found[theme] = {words.owner for words in declared}
    return found


def test_all_name_the_same_roles() -> None:
    found = owners()
    assert {place: who - set(Owner) for place, who in found.items() if who - set(Owner)} == {}
    assert set().union(*found.values()) == set(Owner)
    assert found["transform.py"] == found["publish.py"] == {"data-platform"}


def test_a_source_and_its_staging_have_one_owner() -> None:
    staging = ROOT / "dbt_project" / "models" / "staging"
    for name, source in SOURCES.items():
        models = yaml.safe_load((staging / name / f"_{name}.yml").read_text(encoding="utf-8"))
        assert set(named(models)) == {source.owner}, name

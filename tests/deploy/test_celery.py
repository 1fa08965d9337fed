"""docker-compose.celery.yml, laid over docker-compose.yml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
TEXT = (ROOT / "docker-compose.celery.yml").read_text()
CELERY = yaml.safe_load(TEXT)
WORKERS = ("worker-ingest", "worker-warehouse")


def by_target(volumes: list[str | dict[str, Any]]) -> dict[str, str]:
    """What may be written to, by the path it is mounted at; nothing for what is only in memory."""
    found = {}
    for volume in volumes:
        if isinstance(volume, str):
            source, target = volume.split(":")
            found[target] = source
        elif not volume.get("read_only"):
            found[volume["target"]] = volume.get("source", "")
    return found


def volumes_of(name: str) -> set[str]:
    """Compose lays volumes over each other by that path."""
    own = CELERY["services"].get(name, {})
    under = own["extends"]["service"] if "extends" in own else name
    inherited = by_target(BASE["services"].get(under, {}).get("volumes", []))
    return {*(inherited | by_target(own.get("volumes", []))).values()} - {""}


def queues_of(name: str) -> set[str]:
    command = CELERY["services"][name]["command"]
    return set(command[command.index("--queues") + 1].split(","))


@pytest.mark.parametrize("name", CELERY["services"])
def test_service_lies_over_another_or_stands_alone(name: str) -> None:
    service: dict[str, Any] = CELERY["services"][name]
    if "extends" in service:
        assert (ROOT / service["extends"]["file"]).exists()
        assert service["extends"]["service"] in BASE["services"]
    elif name not in BASE["services"]:
        assert re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", service["image"]), "pin the image"
    assert "ports" not in service
    known = BASE["services"].keys() | CELERY["services"].keys()
    assert service.get("depends_on", {}).keys() <= known
    named = BASE["volumes"].keys() | CELERY["volumes"].keys()
    assert all(source in named or source.startswith("${O2O_") for source in volumes_of(name))


def test_all_parts_of_airflow_agree_on_the_executor_and_the_landing_zone() -> None:
    parts = ("api-server", "scheduler", "dag-processor", *WORKERS)
    settings = [CELERY["services"][name]["environment"] for name in parts]
    assert all(setting == settings[0] for setting in settings)
    assert settings[0]["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"


def test_every_queue_has_a_worker() -> None:
    warehouse = CELERY["services"]["dag-processor"]["environment"]["O2O_WAREHOUSE_QUEUE"]
    assert queues_of("worker-warehouse") == {warehouse}
    assert queues_of("worker-ingest") == {"default"}


def test_an_ingest_worker_shares_no_disk() -> None:
    others = set[str]().union(
        *(volumes_of(name) for name in BASE["services"].keys() | {"worker-warehouse"})
    )
    assert others
    assert not volumes_of("worker-ingest") & others


def test_every_variable_is_in_the_example_settings() -> None:
    example = (ROOT / ".env.example").read_text()
    used = set(re.findall(r"\$\{(\w+)", TEXT))
    assert used
    for name in used:
        assert re.search(rf"^#? ?{name}=", example, re.MULTILINE), name

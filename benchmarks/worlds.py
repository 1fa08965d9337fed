"""A simulated world, read over HTTP and built into a warehouse, without Airflow."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from demo import world
from demo.companies import Company
from demo.serving import running
from demo.vendors import connections
from o2o.pipeline.build import build
from o2o.pipeline.paths import Paths
from o2o.steps import experiment_plan


@dataclass(frozen=True)
class Built:
    """The files that a score compares."""

    truth: Path
    warehouse: Path


def build_world(
    home: Path,
    *,
    seed: int,
    persons: int,
    days: int,
    chaos: int,
    noise: world.NoiseLevel = world.DEFAULT_NOISE,
    select: str | None = None,
    used: Company | None = None,
) -> Built:
    """Make a world in ``home``, land it as a company of the demo (by default the retailer) reads
    it, build what ``select`` names (dbt's syntax), or all."""
    os.environ["O2O_HOME"] = str(home)
    paths = Paths.from_env()
    folder = paths.outside_world
    company = used or Company()
    world.generate(folder, persons=persons, days=days, seed=seed, noise=noise, **company.world)
    last_day = world.DEFAULT_START + timedelta(days=days)
    now = datetime.combine(last_day, datetime.min.time(), UTC)
    with running(folder, chaos=chaos, now=now) as url:
        for name, found in connections(url, names=company.connections).items():
            connection = Connection(
                found["host"], found["login"], found["password"], found["extra"]
            )
            extract(SOURCES[name], connection, paths.landing_url, until=now)
        os.environ["O2O_COMPANY"] = str(company.folder)
        os.environ[experiment_plan.SETTING] = f"{url}/sheets/experiments.csv"
        build(paths, select=select)
    return Built(folder / world.TRUTH_FILE, paths.warehouse)

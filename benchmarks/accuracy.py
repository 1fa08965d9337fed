"""``python -m benchmarks.accuracy``: the warehouse against the truth of several worlds.

One world says little: its guards may have been shaped with sight of it. Each seed is a world of its
own, read over HTTP, built from nothing and scored.
"""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from demo.score import Score, score
from o2o.build import build
from o2o.paths import Paths
from simulator import world
from simulator.api.credentials import connections
from simulator.api.server import running


def measure(home: Path, seed: int, persons: int, days: int, chaos: int) -> Score:
    """Make the world of one seed, run the road over it without Airflow, score the result."""
    os.environ["O2O_HOME"] = str(home)
    paths = Paths.from_env()
    folder = home / "simulator"
    world.generate(folder, persons=persons, days=days, seed=seed)
    last_day = world.DEFAULT_START + timedelta(days=days)
    now = datetime.combine(last_day, datetime.min.time(), UTC)
    with running(folder, chaos=chaos, now=now) as url:
        for name, found in connections(url).items():
            connection = Connection(
                found["host"], found["login"], found["password"], found["extra"]
            )
            extract(SOURCES[name], connection, paths.landing_url, until=now)
    build(paths)
    return score(folder / world.TRUTH_FILE, paths.warehouse)


def main(
    seed: Annotated[list[int], typer.Option(help="Repeatable: one world each.")],
    persons: int = world.DEFAULT_PERSONS,
    days: int = world.DEFAULT_DAYS,
    chaos: Annotated[int, typer.Option(min=0, max=3)] = 1,
) -> None:
    """Print identity, visit and attribution accuracy for each seed."""
    table = Table(title=f"{persons:,} people, {days} days, chaos {chaos}", box=SIMPLE_HEAD)
    for name in (
        "seed", "P", "R", "F1", "of ceiling", "biggest", "visits P", "visits R",
        "last touch", "linear",
    ):  # fmt: skip
        table.add_column(name, justify="right")
    for number in seed:
        with tempfile.TemporaryDirectory(prefix="o2o-accuracy-") as home:
            found = measure(Path(home), number, persons, days, chaos)
        reached, ceiling = found.identity.reached, found.identity.ceiling
        distance = {model.model: model.channel_error for model in found.attribution}
        table.add_row(
            str(number),
            *(f"{value:.3f}" for value in (reached.precision, reached.recall, reached.f1)),
            f"{reached.f1 / ceiling.f1:.1%}",
            str(reached.biggest),
            f"{found.visits.precision:.3f}",
            f"{found.visits.recall:.3f}",
            f"{distance['last']:.3f}",
            f"{distance['linear']:.3f}",
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)

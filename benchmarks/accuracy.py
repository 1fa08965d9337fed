"""``python -m benchmarks.accuracy``: the warehouse against the truth of several worlds.

One world says little: its guards may have been shaped with sight of it. Each seed is a world of its
own, read over HTTP, built from nothing and scored.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.worlds import build_world
from demo import world
from demo.score import score


def main(
    seed: Annotated[list[int], typer.Option(help="Repeatable: one world each.")],
    persons: int = world.DEFAULT_PERSONS,
    days: int = world.DEFAULT_DAYS,
    chaos: Annotated[int, typer.Option(min=0, max=3)] = 1,
    noise: world.NoiseLevel = world.DEFAULT_NOISE,
) -> None:
    """Print identity, visit and attribution accuracy for each seed."""
    worlds = f"{persons:,} people, {days} days, {noise} noise, chaos {chaos}"
    people = _table(
        f"Identity and visits: {worlds}",
        *("seed", "P", "R", "F1", "of ceiling", "biggest", "visits P", "visits R"),
    )
    # Distances between credited and caused shares of net revenue by channel; 0 is right.
    credit = _table(
        f"Credit: {worlds}",
        *("seed", "last touch", "linear", "Markov 1", "Shapley", "calibrated", "last / calibrated"),
    )
    for number in seed:
        with tempfile.TemporaryDirectory(prefix="o2o-accuracy-") as home:
            files = build_world(
                Path(home), seed=number, persons=persons, days=days, chaos=chaos, noise=noise
            )
            found = score(files.truth, files.warehouse)
        reached = found.identity.reached
        people.add_row(
            str(number),
            *(f"{value:.3f}" for value in (reached.precision, reached.recall, reached.f1)),
            f"{found.identity.f1_of_ceiling:.1%}",
            str(reached.biggest),
            f"{found.visits.precision:.3f}",
            f"{found.visits.recall:.3f}",
        )
        models = {model.model: model for model in found.attribution}
        last, calibrated = models["last"].channel_error, models["last"].calibrated_error
        credit.add_row(
            str(number),
            *(
                f"{models[name].channel_error:.3f}" if name in models else "–"
                for name in ("last", "linear", "markov_1", "shapley")
            ),
            *((f"{calibrated:.3f}", f"{last / calibrated:.1f}") if calibrated else ("–", "–")),
        )
    console = Console()
    console.print(people)
    console.print(credit)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for name in columns:
        table.add_column(name, justify="right")
    return table


if __name__ == "__main__":
    typer.run(main)

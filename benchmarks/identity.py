"""``python -m benchmarks.identity``: identity against the truth, by how noisy the records are.

Each level of noise and seed is a world of its own, read over HTTP; only what identity needs is
built.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.worlds import build_world
from demo import world
from demo.identity_score import HOUSEHOLDS, PERSONS, IdentityScore, score_identity
from demo.score import both

_MODELS = " ".join(f"+{table.split('.')[1]}" for table in (PERSONS, HOUSEHOLDS))
_COLUMNS = (
    "noise", "seed", "records", "P", "R", "F1", "R of ceiling", "F1 of ceiling", "biggest",
    "customers of several", "two people's accounts, per 10,000", "households P", "R",
)  # fmt: skip


def main(
    noise: Annotated[
        list[str], typer.Option(help=f"Repeatable: {', '.join(world.LEVELS)}. A row each.")
    ],
    seed: Annotated[list[int], typer.Option(help="Repeatable: one world each.")],
    persons: int = world.DEFAULT_PERSONS,
    days: int = world.DEFAULT_DAYS,
    chaos: Annotated[int, typer.Option(min=0, max=3)] = 0,
) -> None:
    """Print precision and recall over pairs of records, alone and against what is possible."""
    if unknown := set(noise) - set(world.LEVELS):
        raise typer.BadParameter(f"no such noise: {', '.join(sorted(unknown))}")
    began = time.process_time()
    table = Table(title=f"{persons:,} people, {days} days, chaos {chaos}", box=SIMPLE_HEAD)
    sources = Table(title="Recall by source, and of its ceiling", box=SIMPLE_HEAD)
    for name in _COLUMNS:
        table.add_column(name, justify="right")
    for level in (level for level in world.LEVELS if level in noise):
        for number in seed:
            found = _measure(level, number, persons, days, chaos)
            table.add_row(level, str(number), *_cells(found))
            if not sources.columns:
                for name in ("noise", "seed", *found.sources):
                    sources.add_column(name, justify="right")
            sources.add_row(
                level,
                str(number),
                *(f"{r:.3f} {r / most:.1%}" for r, most in found.sources.values()),
            )
    console = Console(width=160)
    console.print(table, sources)
    console.print(f"{time.process_time() - began:.0f} s of CPU")


def _measure(
    noise: world.NoiseLevel, seed: int, persons: int, days: int, chaos: int
) -> IdentityScore:
    with tempfile.TemporaryDirectory(prefix="o2o-identity-") as home:
        files = build_world(
            Path(home),
            seed=seed,
            persons=persons,
            days=days,
            chaos=chaos,
            noise=noise,
            select=_MODELS,
        )
        with both(files.truth, files.warehouse) as connection:
            return score_identity(connection)


def _cells(found: IdentityScore) -> list[str]:
    reached, households = found.reached, found.households
    return [
        f"{found.records:,}",
        *(f"{value:.3f}" for value in (reached.precision, reached.recall, reached.f1)),
        f"{found.recall_of_ceiling:.1%}",
        f"{found.f1_of_ceiling:.1%}",
        str(reached.biggest),
        f"{found.over_merges.clusters:,}",
        f"{found.mixed.per_10_000:.1f}",
        *(
            (f"{households.precision:.3f}", f"{households.recall:.3f}")
            if households
            else ("not built", "")
        ),
    ]


if __name__ == "__main__":
    typer.run(main)

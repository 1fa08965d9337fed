"""``python -m benchmarks.clustering``: connected components against scipy and Splink, and
increments against full builds.

Each contender reads the same Parquet file in a process of its own, in turns; figures are medians.
What is measured of ours are the project's macros as dbt renders them, committed to a file; a
contender's start and imports are not, its memory is the peak of its whole process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.clustering_graphs import SHAPES, write_graph

console = Console()
Runs = dict[str, list[dict[str, Any]]]
FULL = ("ours", "scipy", "splink")


def run(contender: str, file: Path, memory: str, timeout: float) -> dict[str, Any] | None:
    """What one contender printed; None if it took longer than ``timeout`` seconds.
    Raises ``SystemExit`` with its own words if it failed."""
    module = "benchmarks.clustering_contenders"
    command = [sys.executable, "-m", module, contender, str(file), memory]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{contender} failed on {file}:\n{done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def middle(runs: list[dict[str, Any]], step: str, figure: str) -> float:
    return median(float(run["costs"][step][figure]) for run in runs)


def show_full(table: Table, label: str, runs: Runs) -> None:
    """A row per contender: its figures, and ours as a share of its."""
    for name in FULL:
        if not runs.get(name):
            if name in runs:
                table.add_row(label, name, "took too long")
            continue
        figures = [middle(runs[name], "build", key) for key in ("wall", "cpu", "memory")]
        ours = [middle(runs["ours"], "build", key) for key in ("wall", "memory")]
        shares = [f"{ours[0] / figures[0]:.2f}", f"{ours[1] / figures[2]:.2f}"]
        table.add_row(
            label, name, f"{figures[0]:.2f}", f"{figures[1]:.2f}", f"{figures[2]:,.0f}",
            *(shares if name != "ours" else ["", ""]), f"{runs[name][0]['components']:,}",
        )  # fmt: skip


def show_increments(table: Table, label: str, runs: list[dict[str, Any]]) -> None:
    for step in runs[0]["costs"]:
        shares = [
            median(one["costs"][step][key] / one["costs"]["build"][key] for one in runs)
            for key in ("wall", "cpu")
        ]
        table.add_row(
            label, step, f"{middle(runs, step, 'wall'):.2f}", f"{middle(runs, step, 'cpu'):.2f}",
            f"{middle(runs, step, 'memory'):,.0f}", *(f"{share:.1%}" for share in shares),
        )  # fmt: skip


def main(
    edges: Annotated[list[int], typer.Option(help="Repeatable: a graph of about so many edges.")],
    shape: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(SHAPES)}.")] = None,
    keys: Annotated[
        list[str] | None, typer.Option(help="text, as in the warehouse; bigint.")
    ] = None,
    contender: Annotated[
        list[str] | None, typer.Option(help="ours, scipy, splink, increments. Default: all.")
    ] = None,
    repeats: int = 3,
    memory: Annotated[str, typer.Option(help="DuckDB's memory limit for ours.")] = "2GB",
    timeout: Annotated[float, typer.Option(help="Seconds after which a run is given up.")] = 1800,
    home: Annotated[Path | None, typer.Option(help="Where graphs are kept and spilled to.")] = None,
) -> None:
    """Print one table of full builds and one of increments."""
    names = contender or [*FULL, "increments"]
    full = Table(title="Full build (ours/theirs: below 1 is better)", box=SIMPLE_HEAD)
    for column in ("graph", "", "wall s", "CPU s", "MB", "time", "memory", "components"):
        full.add_column(column, justify="left" if column in ("graph", "") else "right")
    changes = Table(title="Increments (shares of that run's full build)", box=SIMPLE_HEAD)
    for column in ("graph", "", "wall s", "CPU s", "MB", "of wall", "of CPU"):
        changes.add_column(column, justify="left" if column in ("graph", "") else "right")
    with tempfile.TemporaryDirectory(prefix="o2o-clustering-") as folder:
        place = home or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for size in edges:
            for form in shape or ["people"]:
                for key in keys or ["text"]:
                    file = place.resolve() / f"{form.replace(' ', '_')}_{size}_{key}.parquet"
                    count = write_graph(file, form, size, key)
                    label = f"{form}, {count:,} edges, {key}"
                    runs: Runs = {name: [] for name in names}
                    for turn in range(repeats):
                        for name in names:
                            console.log(f"{label}: {name}, {turn + 1} of {repeats}")
                            found = run(name, file, memory, timeout)
                            runs[name] += [found] if found else []
                    counts = {one["components"] for n in FULL for one in runs.get(n, ())}
                    if len(counts) > 1:
                        raise SystemExit(f"{label}: contenders differ: {counts} components")
                    show_full(full, label, runs)
                    if runs.get("increments"):
                        show_increments(changes, label, runs["increments"])
                    file.unlink()
    for table in (full, changes):
        if table.row_count:
            console.print(table)


if __name__ == "__main__":
    typer.run(main)

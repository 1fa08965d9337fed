"""``python -m benchmarks.attribution_command``: `o2o attribute` beside a plain pandas script.

Both read the same two files and compute the same fourteen models, each as a whole process, in
turns: CPU and wall seconds, and peak memory, as the system counts them.
"""

# What goes into a query is this module's own.
# ruff: noqa: S608
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Annotated

import duckdb
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.attribution import make_tables

console = Console(width=100)


def measured(command: list[str]) -> tuple[float, float, float]:
    """CPU s, wall s and peak MB of a process; raises if it fails."""
    wall = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return cpu, time.perf_counter() - wall, usage.ru_maxrss * 1024 / 1e6


def main(
    journeys: Annotated[int, typer.Option(help="Number of journeys.")] = 1_000_000,
    runs: Annotated[int, typer.Option(help="Number of runs of each.", min=1)] = 5,
) -> None:
    """Time `o2o attribute` and the script in turns, and hold their answers together."""
    script = Path(__file__).with_name("attribution_in_pandas.py")
    with tempfile.TemporaryDirectory(prefix="o2o-attribution-") as name:
        folder = Path(name)
        make_tables(folder, journeys)
        touches, sales = folder / "touchpoints.parquet", folder / "conversions.parquet"
        ours, theirs = folder / "ours.csv", folder / "theirs.csv"
        commands = {
            "o2o attribute": [
                sys.executable, "-m", "o2o.cli", "attribute", "--touchpoints", str(touches),
                "--conversions", str(sales), "--summary", str(ours),
            ],
            "pandas": [sys.executable, str(script), str(touches), str(sales), str(theirs)],
        }  # fmt: skip
        found: dict[str, list[tuple[float, float, float]]] = {title: [] for title in commands}
        for _ in range(runs):
            for title, command in commands.items():
                found[title].append(measured(command))
        apart = _apart(ours, theirs)
    table = Table(title=f"{journeys:,} journeys, median of {runs}", box=SIMPLE_HEAD)
    for column in ("", "CPU s", "from … to", "wall s", "peak MB"):
        table.add_column(column, justify="right" if column else "left")
    middle = {}
    for title, figures in found.items():
        cpu, wall, memory = zip(*figures, strict=True)
        middle[title] = median(cpu), median(wall), median(memory)
        spread = f"{min(cpu):.2f} … {max(cpu):.2f}"
        table.add_row(title, f"{median(cpu):.2f}", spread, f"{median(wall):.2f}",
                      f"{median(memory):,.0f}")  # fmt: skip
    ratio = [one / other for one, other in zip(*middle.values(), strict=True)]
    table.add_row("ratio", f"{ratio[0]:.2f}", "", f"{ratio[1]:.2f}", f"{ratio[2]:.2f}")
    console.print(table)
    console.print(
        f"Their credit differs by at most {apart:.4%} of all conversions: the script takes touches"
        " of the same moment in no order, the command by their ids",
        soft_wrap=True,
    )


def _apart(ours: Path, theirs: Path) -> float:
    """How far credit by model and channel differs at most, as a part of all conversions."""
    answers = duckdb.sql(
        f"""select count(*), max(abs(o.conversions - t.conversions)), sum(o.conversions)
        from '{ours}' as o join '{theirs}' as t using (attribution_model, channel)"""
    ).fetchall()
    count, most, total = answers[0]
    (models,) = duckdb.sql(f"select count(distinct attribution_model) from '{ours}'").fetchall()[0]
    if not count or models != 14:
        raise AssertionError(f"{models} models, {count} rows in both")
    return float(most / total * models)


if __name__ == "__main__":
    typer.run(main)

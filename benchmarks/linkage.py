"""``python -m benchmarks.linkage``: precision, recall and F1 of the linkage at one threshold."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from math import comb
from typing import Annotated, cast

import pyarrow as pa
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analytics.linkage.fields import recognise
from analytics.linkage.link import THRESHOLD, Linked, Mode, link
from benchmarks.linkage_sets import RecordSet, febrl, held_out

console = Console(width=120)  # one line per set, also in a file


def run(made: RecordSet) -> Linked:
    records = made.records
    fields = recognise(records.column_names)
    source = "source_dataset" if made.mode == "link" else None
    return link(records, fields, cast(Mode, made.mode), id_column="unique_id", source_column=source)


def scores(made: RecordSet, clusters: pa.Table) -> tuple[float, float, float, int]:
    """Precision, recall, F1 over pairs that the clusters imply, and the number of true pairs.

    With two sources, only pairs across count.
    """
    across = made.mode == "link"
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in clusters.to_pylist():
        source = row["source_dataset"] if across else "a"
        found[row["cluster_id"]].append((source, made.person[source, row["unique_id"]]))
    together = sum(_pairs(group, across) for group in found.values())
    right = sum(
        _pairs(records, across) for group in found.values() for records in _by_person(group)
    )
    everyone = [(source, person) for (source, _), person in made.person.items()]
    true = sum(_pairs(records, across) for records in _by_person(everyone))
    precision, recall = right / max(together, 1), right / max(true, 1)
    return precision, recall, 2 * right / max(together + true, 1), true


def _by_person(records: Iterable[tuple[str, str]]) -> Iterable[list[tuple[str, str]]]:
    grouped: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for source, person in records:
        grouped[person].append((source, person))
    return grouped.values()


def _pairs(records: list[tuple[str, str]], across: bool) -> int:
    inside = sum(comb(count, 2) for count in Counter(source for source, _ in records).values())
    return comb(len(records), 2) - (inside if across else 0)


def main(
    only: Annotated[str, typer.Option(help="Only the sets whose name contains this.")] = "",
) -> None:
    table = Table(box=SIMPLE_HEAD, title=f"Linked at a probability of {THRESHOLD}")
    for name in ("set", "mode"):
        table.add_column(name)
    for name in ("records", "true pairs", "precision", "recall", "F1", "compared", "CPU s"):
        table.add_column(name, justify="right")
    makers: list[Callable[[], RecordSet]] = [lambda n=n: febrl(n) for n in (1, 2, 3, 4)]  # type: ignore[misc]
    for make in [*makers, *held_out()]:
        made = make()
        if only not in made.name:
            continue
        begun = time.process_time()
        linked = run(made)
        seconds = time.process_time() - begun
        precision, recall, f1, true = scores(made, linked.clusters)
        table.add_row(
            made.name, made.mode, f"{made.records.num_rows:,}", f"{true:,}", f"{precision:.4f}",
            f"{recall:.4f}", f"{f1:.4f}", f"{linked.compared:,}", f"{seconds:.1f}",
        )  # fmt: skip
        console.print(f"[dim]{made.name}: {f1:.4f}, {seconds:.0f} s {linked.notes or ''}[/dim]")
    console.print(table)


if __name__ == "__main__":
    typer.run(main)

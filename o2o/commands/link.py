"""``o2o link``: which records of a file belong to one person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from analytics.errors import InputError
from analytics.linkage import records as files
from analytics.linkage.fields import FIELDS, recognise
from analytics.linkage.link import MODES, REVIEW, THRESHOLD, Linked, Mode, link
from o2o.commands.terminal import clear_errors, out

_IDS = "unique_id, id, rec_id, record_id"
HELP = f"""Find which records of a file belong to one person.

The file (CSV with a header, or Parquet) needs a column with a unique id and some of the fields
{", ".join(FIELDS)} (or another of their usual names, such as first_name, dob or zip). A column
source_dataset divides the records into sources: these are linked with each other, each person at
most once per source. Without it, duplicates are found.

Pairs with a probability of {THRESHOLD} or more are linked, down to {REVIEW} they are listed for
review; both thresholds are the same for all files. docs/linkage.md describes all columns.
"""


def command(
    records: Annotated[Path, typer.Option(help="File of records to link: .csv or .parquet.")],
    out_file: Annotated[
        Path, typer.Option("--out", help="File to write the pairs to: .csv or .parquet.")
    ],
    clusters: Annotated[
        Path | None,
        typer.Option(
            help="File to write each record's cluster to; by default <out>.clusters.<suffix>."
        ),
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            help="Records to compare: dedupe (all), link (of different sources) or both; by default"
            " link if there are several sources, else dedupe."
        ),
    ] = None,
    id_column: Annotated[
        str | None, typer.Option("--id", help=f"Column of the id; by default the first of {_IDS}.")
    ] = None,
    source_column: Annotated[
        str, typer.Option("--source", help="Column of the source.")
    ] = "source_dataset",
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="Column whose name is not recognised, as COLUMN=FIELD; repeat it for several."
        ),
    ] = None,
) -> None:
    """Read, link, write, and print a summary."""
    clusters = clusters or out_file.with_suffix(f".clusters{out_file.suffix}")
    with clear_errors():
        if mode is not None and mode not in MODES:
            raise InputError(f"--mode {mode}: choose from {', '.join(MODES)}.")
        table = files.read(records)
        identifier = _id_column(id_column, table.column_names, records)
        sources = len(table[source_column].unique()) if source_column in table.column_names else 1
        others = [name for name in table.column_names if name not in (identifier, source_column)]
        fields = recognise(others, _given(field or []))
        linked = link(
            table,
            fields,
            cast(Mode, mode or ("link" if sources > 1 else "dedupe")),
            id_column=identifier,
            source_column=source_column if source_column in table.column_names else None,
        )
        files.write(linked.pairs, out_file)
        files.write(linked.clusters, clusters)
    unused = [name for name in others if name not in fields.values()]
    _summary(linked, fields, unused)
    out.print(f"pairs: {out_file}\nclusters: {clusters}", highlight=False, soft_wrap=True)


def _id_column(asked: str | None, columns: list[str], file: Path) -> str:
    wanted = [asked] if asked else _IDS.split(", ")
    found = [name for name in wanted if name in columns]
    if not found:
        raise InputError(
            f"{file} has no column {' or '.join(wanted)}: name the one that identifies a record"
            f" (--id), out of {', '.join(columns)}."
        )
    return found[0]


def _given(options: list[str]) -> dict[str, str]:
    pairs = [option.partition("=") for option in options]
    for column, equals, known in pairs:
        if not (column and equals and known):
            raise InputError(f"--field {column}{equals}{known}: write COLUMN=FIELD.")
    return {column: known for column, _, known in pairs}


def _summary(linked: Linked, fields: dict[str, str], unused: list[str]) -> None:
    review = sum(linked.pairs["review"].to_pylist())
    persons = len(linked.clusters["cluster_id"].unique())
    table = Table(box=SIMPLE_HEAD, show_header=False)
    table.add_row("fields", ", ".join(fields))
    if unused:
        table.add_row("columns not used", ", ".join(unused))
    table.add_row("pairs compared", f"{linked.compared:,}")
    table.add_row("pairs linked", f"{linked.pairs.num_rows - review:,} (probability ≥ {THRESHOLD})")
    table.add_row("for review", f"{review:,} (down to {REVIEW})")
    table.add_row("clusters", f"{persons:,} of {linked.clusters.num_rows:,} records")
    for note in linked.notes:
        table.add_row("note", note)
    out.print(table)

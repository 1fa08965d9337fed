"""``o2o stores suggest``: which locations may be one store, for their owner to confirm."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from analytics.csv_file import write_rows
from o2o.commands.terminal import clear_errors, done, out
from o2o.company.store_matching import Location, suggest
from o2o.company.tables import TABLES
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths

app = typer.Typer(help="Say which location of which system is which store.", no_args_is_help=True)

QUERY = """
    select distinct connection, location_kind, location_id, location_name, city, store_id
    from intermediate.int_stores__locations
    order by connection, location_kind, location_id"""


@app.command("suggest")
def suggest_command(
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print lines for stores.csv, and nothing else.")
    ] = False,
) -> None:
    """List locations that no store is known of, each with the store that it may be.

    Names and cities are compared; nothing is decided: check the list, then add the lines of --csv
    to the company's stores.csv and build again.
    """
    with clear_errors(), open_warehouse(Paths.from_env()).reading() as reader:
        rows = reader.query(QUERY).to_pylist()
    found = suggest([_location(row) for row in rows])
    if as_csv:
        columns = list(TABLES["stores"].columns)
        text = io.StringIO()
        lines = [
            {
                "connection": one.location.connection,
                "location_id": one.location.id,
                "store_id": one.store_id,
            }
            for one in found
        ]
        write_rows(text, columns, lines, end="\n")
        typer.echo(text.getvalue(), nl=False)
        return
    if not found:
        done(f"all {len(rows):,} locations are known to be some store")
        return
    table = Table("connection", "kind", "location")
    table.add_column("may be", overflow="fold")
    for name in ("because of", "alike"):
        table.add_column(name)
    for one in found:
        place = one.location
        alike = f"{one.score:.0%}" if one.like else ""
        cells = (place.connection, place.kind, place.name or place.id, one.store_id)
        table.add_row(*map(escape, cells), escape(one.like) or "a store of its own", alike)
    out.print(table)
    out.print(
        "Nothing is decided: o2o stores suggest --csv prints these as lines for stores.csv.",
        highlight=False,
        soft_wrap=True,
    )


def _location(row: dict[str, str | None]) -> Location:
    location = Location(
        row["connection"] or "",
        row["location_kind"] or "",
        row["location_id"] or "",
        row["location_name"] or "",
        row["city"] or "",
        row["store_id"],
    )
    # A till that nobody says the store of is one under its own id.
    return replace(location, store_id=None) if location.store_id == location.own_id else location

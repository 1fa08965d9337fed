"""``o2o dictionary``: what the marts mean and promise, and whether what is published keeps it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.markup import escape
from rich.table import Table

from o2o import company
from o2o.commands.terminal import clear_errors, done, out
from o2o.company.currencies import exponents
from o2o.dictionary import marts
from o2o.errors import O2OError
from o2o.pipeline.paths import Paths

app = typer.Typer(help="The marts: what each means, promises and answers.", no_args_is_help=True)

To = Annotated[Path, typer.Option("--to", help="Folder to write into.", file_okay=False)]


@app.command("list")
def list_command() -> None:
    """List all marts by area."""
    with clear_errors():
        for area, found in groupby(marts.catalogue(), key=lambda mart: mart.area):
            table = Table(title=area.capitalize(), title_justify="left", box=None)
            table.add_column("mart", no_wrap=True)
            table.add_column("grain", overflow="fold")
            for mart in found:
                table.add_row(mart.name, escape(mart.grain))
            out.print(table)
            out.print()


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="A mart, as o2o dictionary list.")],
) -> None:
    """Say what a mart means, what is in it, and show queries to start from."""
    with clear_errors():
        mart = marts.find(name)
    out.print(f"[bold]{mart.name}[/bold]: {escape(mart.description)}")
    out.print(
        escape(f"Key: {', '.join(mart.key)}. Owner: {mart.owner}. {mart.freshness.capitalize()}.")
    )
    table = Table(box=None)
    table.add_column("column", no_wrap=True)
    table.add_column("type", no_wrap=True)
    table.add_column("meaning", overflow="fold")
    exponent = _exponent()
    for column in mart.columns:
        kind = column.published_type(exponent).lower()
        table.add_row(column.name, kind, escape(column.description))
    out.print(table)
    for example in mart.examples:
        out.print(f"\n[bold]{escape(example.question)}[/bold]")
        # As it stands, so that it can be copied.
        typer.echo(example.sql)


@app.command("check")
def check_command() -> None:
    """Hold what is published against the contracts; exit code 1 if it breaks one."""
    from o2o.dictionary import contracts

    with clear_errors():
        published = Paths.from_env().published
        if not published.exists():
            raise O2OError(f"Nothing is published at {published} yet: run the pipeline first.")
        with duckdb.connect(str(published), read_only=True) as con:
            faults = list(contracts.broken(con, _exponent()))
        if faults:
            raise O2OError(
                "What is published is not what the contracts promise:\n" + "\n".join(faults)
            )
    done(f"{published} is what {len(marts.catalogue())} contracts promise")


@app.command("contracts")
def contracts_command(to: To) -> None:
    """Write a contract per mart, in the Open Data Contract Standard."""
    from o2o.dictionary import contracts

    with clear_errors():
        files = contracts.write(to, _exponent())
    done(f"{len(files)} contracts in {to}")


@app.command("site")
def site_command(to: To) -> None:
    """Write the dictionary as one HTML file that opens offline."""
    from o2o.commands import dictionary_site as site

    with clear_errors():
        file = site.write(to, _exponent())
    done(f"{file}")


def _exponent() -> int:
    """Decimals of the reporting currency."""
    from o2o.company.schema import shipped

    currency = company.load().currency or str(shipped()["reporting_currency"])
    return exponents()[currency]

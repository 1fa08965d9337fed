"""``python -m demo``: a simulated retailer, its vendors' APIs, the warehouse that reads them."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from connectors.core.errors import UnknownName
from demo import companies
from demo.launch import run
from demo.serving import LOOPBACK
from demo.serving import serve as serve_world
from demo.vendors import connections as demo_connections
from demo.vendors.core.faults import CHOICES
from demo.vendors.core.wire import Problem
from demo.world import (
    DEFAULT_DAYS,
    DEFAULT_EXTRA_DAYS,
    DEFAULT_NOISE,
    DEFAULT_PERSONS,
    DEFAULT_SEED,
    DEFAULT_SHOPS,
    DEFAULT_START,
    NoiseLevel,
)
from demo.world import generate as generate_world

DEFAULT_END = datetime.combine(
    DEFAULT_START + timedelta(days=DEFAULT_DAYS + DEFAULT_EXTRA_DAYS), datetime.min.time()
)

app = typer.Typer(
    help="A simulated retailer, its vendors' APIs, and the warehouse that reads them.",
    no_args_is_help=True,
    add_completion=False,
)
app.command()(run)


def _fail(message: str) -> None:
    print(f"demo: {message}", file=sys.stderr)
    raise typer.Exit(2)


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="Folder to write world.duckdb and truth.duckdb to.")],
    persons: Annotated[int, typer.Option(help="Number of people.")] = DEFAULT_PERSONS,
    days: Annotated[int, typer.Option(help="Number of days of history.")] = DEFAULT_DAYS,
    extra_days: Annotated[
        int, typer.Option(help="Number of further days, generated but not yet visible.")
    ] = DEFAULT_EXTRA_DAYS,
    seed: Annotated[
        int, typer.Option(help="Seed: the same seed gives the same world.")
    ] = DEFAULT_SEED,
    start: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = str(DEFAULT_START),
    shops: Annotated[int, typer.Option(help="Number of shops.")] = DEFAULT_SHOPS,
    noise: Annotated[
        NoiseLevel, typer.Option(help="Level of errors in the records of people.")
    ] = DEFAULT_NOISE,
    company: Annotated[
        str, typer.Option(help=f"Company whose ads it has: {', '.join(companies.NAMES)}.")
    ] = companies.DEFAULT,
) -> None:
    """Make a demo world."""
    columns = (TextColumn("people"), BarColumn(), TextColumn("{task.completed:,.0f}"))
    with Progress(*columns, TimeElapsedColumn(), transient=True) as progress:
        task = progress.add_task("people", total=persons)
        try:
            generate_world(
                out,
                persons=persons,
                days=days,
                extra_days=extra_days,
                seed=seed,
                start=date.fromisoformat(start),
                shops=shops,
                noise=noise,
                **companies.Company(company).world,
                on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
        except (UnknownName, ValueError) as error:
            _fail(str(error))
    print(f"A world of {persons:,} people over {days} days is in {out}.")


@app.command()
def serve(
    world: Annotated[Path, typer.Option(help="Folder that holds world.duckdb.")],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes any free one.")] = 0,
    chaos: Annotated[int, typer.Option(min=0, max=3, help="Level of trouble: 0 none, 3 much.")] = 0,
    now: Annotated[
        str | None, typer.Option(help="Time in the world, ISO 8601; by default its last moment.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help=f"Fault to serve: {', '.join(sorted(CHOICES))}.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the chaos.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; others than loopback open it to a network.")
    ] = LOOPBACK,
) -> None:
    """Serve the vendors' APIs; prints the URL when ready."""
    try:
        serve_world(world, port, chaos, now, fault or (), seed, host)
    except (FileNotFoundError, OSError, ValueError) as error:
        _fail(str(error))
    except Problem as problem:
        _fail(problem.message)


@app.command()
def connections(
    url: Annotated[str, typer.Option(help="URL at which the APIs are served.")],
    until: Annotated[
        datetime, typer.Option(help="End of the world's data, UTC.", formats=["%Y-%m-%d"])
    ] = DEFAULT_END,
    company: Annotated[
        str, typer.Option(help=f"Company whose they are: {', '.join(companies.NAMES)}.")
    ] = companies.DEFAULT,
) -> None:
    """Print a company's connections as lines of .env, which a shell and compose read alike."""
    try:
        names = companies.Company(company).simulated
    except UnknownName as error:
        _fail(str(error))
    print(f"O2O_SOURCES={','.join(names)}")
    for source, connection in demo_connections(url, until.replace(tzinfo=UTC), names).items():
        # In single quotes all stands for itself but the quote, and to some readers these two.
        quoted = json.dumps(connection).replace("\\\\", "\\u005c")
        quoted = quoted.replace("'", "\\u0027").replace("$", "\\u0024")
        print(f"AIRFLOW_CONN_O2O_{source.upper()}='{quoted}'")


if __name__ == "__main__":
    app()

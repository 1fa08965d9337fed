"""``o2o quarantine``: what was set aside, and what is to become of it."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from connectors.connections import Connected
from o2o import company
from o2o.commands.terminal import clear_errors, done, out, warn
from o2o.pipeline import quarantine
from o2o.pipeline.engine import open_warehouse
from o2o.pipeline.paths import Paths
from o2o.pipeline.quarantine import NotSetAside, SetAside
from warehouse.engines.warehouse import WarehouseError
from warehouse.landing.zone import Landing

app = typer.Typer(
    help="Look after records that were set aside because they could not be read.",
    no_args_is_help=True,
)
CONNECTION = Annotated[str, typer.Argument(help="The connection that brought it.")]
STREAM = Annotated[str, typer.Argument(help="The stream.")]


@app.command("list")
def list_command(
    connection: Annotated[str, typer.Argument(help="Only of this connection.")] = "",
    stream: Annotated[str, typer.Argument(help="Only of this stream.")] = "",
) -> None:
    """List what was set aside, by stream and reason, with the number of records and since when."""
    with clear_errors():
        landing = Landing(Paths.from_env().landing_url)
        found = [one for one in _all(landing) if _is_of(one, connection, stream)]
    groups: dict[tuple[str, ...], list[SetAside]] = defaultdict(list)
    for one in found:
        groups[one.connection, one.stream, one.where, one.reason].append(one)
    table = Table(
        "connection", "stream", "set aside", "reason", "records", "accepted", "first", "last",
        "such as", box=SIMPLE_HEAD,
    )  # fmt: skip
    for (of, name, where, reason), group in sorted(groups.items()):
        at = sorted(one.at for one in group)
        table.add_row(
            of, name, f"at {where}" if where == "landing" else f"by {where}", escape(reason),
            f"{len(group):,}", f"{sum(one.is_accepted for one in group):,}",
            f"{at[0]:%Y-%m-%d %H:%M}", f"{at[-1]:%Y-%m-%d %H:%M}", escape(group[0].name),
        )  # fmt: skip
    if groups:
        out.print(table)
    else:
        done("nothing is set aside")


@app.command("show")
def show_command(
    connection: CONNECTION,
    stream: STREAM,
    record: Annotated[str, typer.Argument(help="Its key or name, as o2o quarantine list has it.")],
    payload: Annotated[
        bool,
        typer.Option("--payload", help="Print all that the vendor sent of it: it may be personal."),
    ] = False,
) -> None:
    """Show what is wrong with one record."""
    with clear_errors():
        landing = Landing(Paths.from_env().landing_url)
        found = _named(landing, connection, stream, [record])
        for one in found:
            accepted = ", accepted" if one.is_accepted else ""
            out.print(
                f"{one.at:%Y-%m-%d %H:%M} load {one.load_id}{accepted}: {one.reason}",
                markup=False, highlight=False, soft_wrap=True,
            )  # fmt: skip
        if payload:
            for text in dict.fromkeys(quarantine.payload(landing, one) for one in found):
                out.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command("accept")
def accept_command(
    connection: CONNECTION,
    stream: STREAM,
    records: Annotated[
        list[str] | None, typer.Argument(help="Keys or names of records; or say --all.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why they may be left out.")] = ...,  # type: ignore[assignment]
    by: Annotated[str, typer.Option(help="Who says so.")] = ...,  # type: ignore[assignment]
    everything: Annotated[
        bool, typer.Option("--all", help="All of the stream that is set aside now.")
    ] = False,
) -> None:
    """Say that records may be left out. Another version of one of them is told again."""
    with clear_errors():
        if bool(records) == everything:
            raise typer.BadParameter("name records, or say --all")
        landing = Landing(Paths.from_env().landing_url)
        found = _named(landing, connection, stream, records or [])
        count = quarantine.accept(landing, found, reason, by)
    done(f"{count:,} accepted; the next build and audit know of it")


@app.command("retry")
def retry_command(
    connection: CONNECTION,
    stream: Annotated[str, typer.Argument(help="Only this stream.")] = "",
) -> None:
    """Read once more what did not land, and land what can be read now.

    What staging set aside needs no retry: it is read anew when its record changes, and all of it
    by o2o build --full-refresh.
    """
    with clear_errors():
        source = company.load().connection(connection)
        if isinstance(source, Connected) and source.via:
            raise NotSetAside(f"{connection} is read via {source.via}: nothing lands of it here")
        landing = Landing(Paths.from_env().landing_url)
        wanted = [
            each
            for each in source.streams
            if stream in ("", each.name)
            and landing.stream(connection, each.name).quarantines()
            and (stream or not each.report)
        ]
        if not wanted:
            raise NotSetAside(f"{connection}/{stream or '*'}: nothing of it is in quarantine")
        for each in wanted:
            tried = quarantine.retry(landing, source, each)
            done(f"{tried.stream}: {tried.landed:,} landed, {tried.left:,} still set aside")


def _all(landing: Landing) -> list[SetAside]:
    found = list(quarantine.at_landing(landing))
    try:
        found += quarantine.by_staging(open_warehouse(Paths.from_env()), landing)
    except WarehouseError as error:
        warn(escape(f"What staging set aside is not told: {error}"))
    return found


def _is_of(one: SetAside, connection: str, stream: str) -> bool:
    return connection in ("", one.connection) and stream in ("", one.stream)


def _named(landing: Landing, connection: str, stream: str, records: list[str]) -> list[SetAside]:
    """What these names stand for; without names all of the stream. Raises NotSetAside."""
    found = [one for one in _all(landing) if _is_of(one, connection, stream)]
    missing = set(records) - {one.name for one in found}
    if missing or not found:
        raise NotSetAside(
            f"{connection}/{stream}: {', '.join(sorted(missing)) or 'nothing'} is not set aside;"
            " see o2o quarantine list"
        )
    return [one for one in found if not records or one.name in records]

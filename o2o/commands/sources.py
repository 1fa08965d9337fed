"""``o2o sources``, ``extract``, ``status``: list the connections, fetch them, show the lag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from connectors.connections import credentials_of
from connectors.core import times
from connectors.core.settings import Connection, from_env, variable
from connectors.extract import PUT_OFF, choose, extract
from connectors.registry import SOURCES
from o2o import company
from o2o.commands import alerts
from o2o.commands.landing import tell_unowned
from o2o.commands.terminal import clear_errors, done, err, moment, out, size, warn
from o2o.pipeline import alerting
from o2o.pipeline.paths import Paths
from o2o.pipeline.upkeep import free, space
from warehouse.landing.errors import SettingError
from warehouse.landing.zone import Landing


def sources() -> None:
    """List the connections in use, their streams and the settings they need."""
    with clear_errors():
        ours = company.load()
    table = Table("connection", "stream", "kind", "what it holds")
    settings = Table("credentials", "setting", "needed", "what it is")
    for connection in ours.connections.values():
        for stream in connection.streams:
            table.add_row(
                f"[bold]{connection.name}[/bold]" if stream is connection.streams[0] else "",
                stream.name,
                stream.kind,
                stream.description,
                end_section=stream is connection.streams[-1],
            )
        if connection.via:
            settings.add_row(
                connection.name, f"via {connection.via}", "", connection.tables, end_section=True
            )
        if connection.folder:
            settings.add_row(
                connection.name, "files in", "", escape(connection.folder), end_section=True
            )
        for number, setting in enumerate(connection.settings):
            settings.add_row(
                "" if number else f"o2o_{connection.name}\n[dim]{variable(connection.name)}[/dim]",
                setting.name,
                "yes" if setting.required else "",
                setting.help,
                end_section=number == len(connection.settings) - 1,
            )
    out.print(table)
    out.print(settings)
    if rest := sorted(set(SOURCES) - {each.vendor for each in ours.connections.values()}):
        out.print(f"not in use: {', '.join(rest)}", highlight=False, soft_wrap=True)
    tell_unowned(ours)


def extract_command(
    connection: Annotated[
        list[str], typer.Argument(help="Connections to fetch; `o2o sources` lists them.")
    ],
    stream: Annotated[
        list[str] | None, typer.Option(help="Fetch only this stream; repeat it for several.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Fetch from this time on (UTC); by default from the last load."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Fetch up to this time (UTC); by default up to now.")
    ] = None,
) -> None:
    """Fetch what is new at one or more connections and land it."""
    with clear_errors():
        # All that can be wrong with the request is found before anything is fetched.
        ours = company.load()
        asked = {name: ours.connection(name) for name in connection}
        for found in asked.values():
            if found.via:
                raise SettingError(f"{found.name} is read via {found.via}: load its tables there")
        begin = moment("--since", since) if since else None
        end = moment("--until", until) if until else datetime.now(UTC)
        credentials = {
            name: found.configured(credentials_of(found, from_env)) for name, found in asked.items()
        }
        chosen = {
            name: [item.name for item in choose(found, stream, credentials[name])]
            for name, found in asked.items()
        }
    worst = 0
    for name, streams in chosen.items():
        try:
            with clear_errors():
                _extract(ours, name, streams, credentials[name], begin, end)
        except typer.Exit as stop:  # said already; the other connections are still read
            worst = max(worst, stop.exit_code)
    if worst:
        raise typer.Exit(worst)


def _extract(
    ours: company.Company,
    name: str,
    streams: list[str],
    credentials: Connection,
    since: datetime | None,
    until: datetime,
) -> None:
    """Load one connection under a progress bar per stream, then print what each brought."""
    connected, accepted = ours.connection(name), partial(ours.accepts, name)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        bars = {
            name: progress.add_task(f"{connected.name}.{name}", total=None, start=False)
            for name in streams
        }

        def on_progress(_: str, name: str, rows: int) -> None:
            progress.start_task(bars[name])
            progress.update(bars[name], completed=rows)

        landing = Paths.from_env().landing_url
        results = extract(
            connected, credentials, landing, until, since, streams, on_progress, accepted
        )
    for result in results:
        noted = {
            "quarantined": result.quarantined,
            "with a time behind the window's end": result.ahead,
            "of days that were not asked for": result.outside,
        }
        said = "".join(
            f", [yellow]{count:,} {what}[/yellow]" for what, count in noted.items() if count
        )
        done(
            f"{connected.name}.{result.stream}: {result.rows:,} rows{said}, {result.seconds:.1f} s"
        )
        if result.unconfirmed:
            warn(
                f"{connected.name}.{result.stream}: no rows came of"
                f" {', '.join(result.unconfirmed)}, nor a word that there are none;"
                " what landed before stays"
            )
        if result.unseen:
            warn(
                f"{connected.name}.{result.stream}: the vendor does not show"
                f" {', '.join(result.unseen)} to our credentials"
            )
        if result.put_off:
            warn(
                f"{connected.name}.{result.stream}: what the vendor allows in a day is used up; the"
                f" next load goes on with {', '.join(result.put_off)}"
            )
        if result.out_of_reach:
            warn(
                f"{connected.name}.{result.stream}: the last load is longer ago than the vendor's"
                f" history: what happened on {result.out_of_reach} cannot be had"
            )


def status(
    now: Annotated[
        str | None, typer.Option(help="Show the lag as of this time (UTC); by default as of now.")
    ] = None,
) -> None:
    """Show each stream's last load, rows and lag, what is wrong now, and what takes disk."""
    with clear_errors():
        as_of = moment("--now", now) if now else datetime.now(UTC)
        paths = Paths.from_env()
        landing = Landing(paths.landing_url)
        table = Table(box=SIMPLE_HEAD)
        for name in ("stream", "last load"):
            table.add_column(name, no_wrap=True)
        for name in ("rows", "quarantined", "lag"):
            table.add_column(name, no_wrap=True, justify="right")
        put_off: dict[str, list[str]] = {}
        for connection in company.load().connections.values():
            by = f"via {connection.via}"
            table.add_row(f"[bold]{connection.name}[/bold]", by if connection.via else "")
            for stream in () if connection.via else connection.streams:
                place = landing.stream(connection.name, stream.name)
                loads = [place.read(load_id) for load_id in place.load_ids()]
                bad = sum(load.quarantined for load in loads)
                newest = _newest(loads[-1].state) if loads else None
                put_off[place.name] = list(loads[-1].state.get(PUT_OFF, ())) if loads else []
                table.add_row(
                    f"  {stream.name}",
                    _load_time(loads[-1].load_id) if loads else "[dim]never[/dim]",
                    f"{sum(load.rows for load in loads):,}",
                    f"[yellow]{bad:,}[/yellow]" if bad else "0",
                    _duration(as_of - newest) if newest else "",
                )
        out.print(table)
        for name, parts in put_off.items():
            if parts:
                warn(
                    escape(
                        f"{name}: what the vendor allows in a day was used up; the next load goes"
                        f" on with {', '.join(parts)}"
                    )
                )
        for ending in company.load().endings():
            warn(escape(ending))
        alerts.tell(alerting.incidents(paths).all())
        told = (f"{each.name} {size(each.bytes)} ({each.files:,} files)" for each in space(paths))
        out.print(
            f"disk: {', '.join(told)}; {size(free(paths))} free", highlight=False, soft_wrap=True
        )


def _newest(state: dict[str, str]) -> datetime | None:
    text = state.get("cursor") or state.get("day")
    return times.parse(text) if text else None


def _load_time(load_id: str) -> str:
    return f"{datetime.strptime(load_id[:15], '%Y%m%dT%H%M%S').replace(tzinfo=UTC):%Y-%m-%d %H:%M}"


def _duration(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"

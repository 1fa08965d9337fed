"""``o2o``: the warehouse from the command line.

Exit code 0: done. 1: it was tried and failed. 2: what was asked for is not possible (an unknown
name, a missing setting, a time that is none).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, cast

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from connectors.core import times
from connectors.core.errors import ConnectorError, SettingError, UnknownName
from connectors.core.landing import Landing
from connectors.core.settings import Connection, from_env, variable
from connectors.extract import choose, extract
from connectors.registry import SOURCES, find, in_use
from engines.warehouse import WarehouseError
from expectations import runner
from o2o import (
    attributing,
    audit,
    build,
    computed,
    experiment_plan,
    lifting,
    linking,
    person,
    publish,
    state,
)
from o2o.erasure.command import erase
from o2o.erasure.plan import ErasureError
from o2o.identity import UnknownPerson
from o2o.paths import Paths
from o2o.warehouse import open_warehouse

app = typer.Typer(
    help="The online-to-offline warehouse: fetch, build, judge, publish.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals hold secrets
)
lifting.register(app)
out = Console()
err = Console(stderr=True)
app.command(name="person")(person.command)
app.command()(erase)
app.command(name="link", help=linking.HELP)(linking.command)
app.command(name="attribute")(attributing.attribute_command)


@app.command()
def sources() -> None:
    """List the sources, their streams and the settings of their connections."""
    table = Table("source", "stream", "kind", "what it holds")
    for source in SOURCES.values():
        for number, stream in enumerate(source.streams):
            is_last = number == len(source.streams) - 1
            table.add_row(
                "" if number else f"[bold]{source.name}[/bold]",
                stream.name,
                stream.kind,
                stream.description,
                end_section=is_last,
            )
    out.print(table)
    settings = Table("connection", "setting", "needed", "what it is")
    for source in SOURCES.values():
        for number, setting in enumerate(source.settings):
            settings.add_row(
                "" if number else f"o2o_{source.name}\n[dim]{variable(source.name)}[/dim]",
                setting.name,
                "yes" if setting.required else "",
                setting.help,
                end_section=number == len(source.settings) - 1,
            )
    out.print(settings)


@app.command(name="extract")
def extract_command(
    source: Annotated[list[str], typer.Argument(help="Which; `o2o sources` lists them.")],
    stream: Annotated[list[str] | None, typer.Option(help="Only this stream; repeatable.")] = None,
    since: Annotated[str | None, typer.Option(help="Read again from this time (UTC) on.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this time (UTC); default: now.")] = None,
) -> None:
    """Fetch what is new at one or more sources and land it."""
    with clear_errors():
        # All that can be wrong with the request is found before anything is fetched.
        asked = {name: find(name) for name in source}
        begin = moment("--since", since) if since else None
        end = moment("--until", until) if until else datetime.now(UTC)
        connections = {name: from_env(name) for name in asked}
        chosen = {
            name: [item.name for item in choose(found, stream, connections[name])]
            for name, found in asked.items()
        }
    worst = 0
    for name, streams in chosen.items():
        try:
            with clear_errors():
                _extract(name, streams, connections[name], begin, end)
        except typer.Exit as stop:  # said already; the other sources are still read
            worst = max(worst, stop.exit_code)
    if worst:
        raise typer.Exit(worst)


@app.command(name="plan")
def plan_command() -> None:
    """Read the plan of experiments and land it, as each build does, too."""
    if not experiment_plan.is_planned():
        raise typer.BadParameter(f"{experiment_plan.SETTING} names no plan: see docs/lift.md")
    with clear_errors():
        landing = Landing(Paths.from_env().landing_url)
        landing.ensure_stream(computed.SOURCE, computed.PLAN)
        rows = computed.land(computed.PLAN, experiment_plan.plan(), landing)
    out.print(f"[green]✓[/green] {rows:,} rows of the plan", highlight=False)


def _extract(
    source: str,
    streams: list[str],
    connection: Connection,
    since: datetime | None,
    until: datetime,
) -> None:
    """Load one source under a progress bar per stream, then print what each brought."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed:,} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        bars = {
            name: progress.add_task(f"{source}.{name}", total=None, start=False) for name in streams
        }

        def on_progress(_: str, name: str, rows: int) -> None:
            progress.start_task(bars[name])
            progress.update(bars[name], completed=rows)

        landing = Paths.from_env().landing_url
        results = extract(find(source), connection, landing, until, since, streams, on_progress)
    for result in results:
        bad = f", [yellow]{result.quarantined:,} quarantined[/yellow]"
        out.print(
            f"[green]✓[/green] {source}.{result.stream}: {result.rows:,} rows"
            f"{bad if result.quarantined else ''}, {result.seconds:.1f} s",
            highlight=False,
        )


@app.command()
def status(
    now: Annotated[str | None, typer.Option(help="Tell the lag as of this time (UTC).")] = None,
) -> None:
    """Show each stream's last load, its rows, and how far its newest row lags behind."""
    with clear_errors():
        as_of = moment("--now", now) if now else datetime.now(UTC)
        landing = Landing(Paths.from_env().landing_url)
        table = Table(box=SIMPLE_HEAD)
        for name in ("stream", "last load"):
            table.add_column(name, no_wrap=True)
        for name in ("rows", "quarantined", "lag"):
            table.add_column(name, no_wrap=True, justify="right")
        for source in in_use().values():
            table.add_row(f"[bold]{source.name}[/bold]")
            for stream in source.streams:
                place = landing.stream(source.name, stream.name)
                loads = [place.read(load_id) for load_id in place.load_ids()]
                bad = sum(load.quarantined for load in loads)
                newest = _newest(loads[-1].state) if loads else None
                table.add_row(
                    f"  {stream.name}",
                    _load_time(loads[-1].load_id) if loads else "[dim]never[/dim]",
                    f"{sum(load.rows for load in loads):,}",
                    f"[yellow]{bad:,}[/yellow]" if bad else "0",
                    _duration(as_of - newest) if newest else "",
                )
        out.print(table)


@app.command(name="build")
def build_command(
    full_refresh: Annotated[
        bool, typer.Option(help="Rebuild every model from all that was ever landed.")
    ] = False,
    select: Annotated[str | None, typer.Option(help="Only these models (dbt's syntax).")] = None,
) -> None:
    """Build and test every model from what was landed."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with clear_errors(), Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("starting dbt", total=None)

        def on_node(node: build.NodeResult, total: int) -> None:
            progress.update(bar, description=node.name, total=total, advance=1)

        paths = Paths.from_env()
        result = build.build(paths, full_refresh=full_refresh, select=select, on_node=on_node)
    models, tests = result.count("model"), result.count("test", "pass")
    out.print(f"[green]✓[/green] {models} models built, {tests} tests passed", highlight=False)
    for node in result.nodes:
        if node.status == "warn":
            out.print(f"[yellow]![/yellow] test {node.name}: {node.message}", highlight=False)


@app.command(name="audit")
def audit_command(
    boundary: Annotated[str, typer.Argument(help="What to judge: landing or marts.")],
) -> None:
    """Judge the landed files or the marts, and write the owners' report."""
    if boundary not in audit.BOUNDARIES:
        raise typer.BadParameter(f"{boundary!r} is neither {' nor '.join(audit.BOUNDARIES)}")
    with clear_errors():
        paths = Paths.from_env()
        with state.kept(paths):
            result = audit.audit(paths, cast(audit.Boundary, boundary))
        for check in result.warned:
            out.print(f"[yellow]![/yellow] {check.title} ({check.name}; owner {check.owner})")
        passed = len(result.checks) - len(result.warned)
        out.print(f"[green]✓[/green] {passed} of {len(result.checks)} checks passed")
        out.print(f"report: {paths.reports / 'index.html'}", highlight=False, soft_wrap=True)


@app.command(name="publish")
def publish_command() -> None:
    """Hand the audited marts to their readers, in one atomic swap."""
    with clear_errors():
        paths = Paths.from_env()
        with state.kept(paths, publication=True):
            done = publish.publish(open_warehouse(paths), paths.reports, paths.published)
        _tell(done, paths)


@app.command(name="pull")
def pull_command() -> None:
    """Copy the reports and the publication from O2O_STATE_URL to this machine."""
    with clear_errors():
        paths = Paths.from_env()
        published = state.pull(paths)
        if published is None:
            out.print(f"nothing is published at {paths.state_url} yet", soft_wrap=True)
        else:
            _tell(published, paths)


def _tell(published: publish.Publication, paths: Paths) -> None:
    rows = sum(published.tables.values())
    out.print(
        f"[green]✓[/green] {len(published.tables)} marts with {rows:,} rows in {paths.published}",
        highlight=False,
        soft_wrap=True,
    )


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn an expected error into one red message and an exit code, without a traceback."""
    try:
        yield
    except (
        ConnectorError,
        build.BuildFailed,
        experiment_plan.PlanError,
        audit.AuditFailed,
        runner.AuditError,
        publish.PublishRefused,
        ErasureError,
        UnknownPerson,
        WarehouseError,
    ) as error:
        err.print(f"[bold red]error[/bold red] [red]{escape(str(error))}[/red]", soft_wrap=True)
        raise typer.Exit(2 if isinstance(error, SettingError | UnknownName) else 1) from None


def moment(option: str, text: str) -> datetime:
    """A time given on the command line; UTC unless it says otherwise. Raises BadParameter."""
    try:
        return times.parse(text)
    except ValueError:
        raise typer.BadParameter(
            f"{option}: {text!r} is not a time such as 2026-06-01 or 2026-06-01T12:00:00Z"
        ) from None


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


if __name__ == "__main__":
    app()

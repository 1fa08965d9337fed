"""``o2o metrics``: which metrics there are, what each means, and what it comes to."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from analytics.csv_file import write_rows
from o2o.commands.terminal import clear_errors, moment, out
from o2o.metrics import definitions
from o2o.metrics.definitions import Metric
from o2o.pipeline.paths import Paths

app = typer.Typer(help="The metrics: each defined once, asked for by name.", no_args_is_help=True)

By = Annotated[
    list[str] | None,
    typer.Option(
        "--by", help="Group by this dimension, e.g. metric_time__month, order__order_channel."
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        help="Keep what this says, e.g. \"{{ Dimension('store__store_name') }} = 'Main street'\".",
    ),
]


@app.command("list")
def list_command() -> None:
    """List all metrics by area."""
    with clear_errors():
        for area, metrics in groupby(definitions.catalogue(), key=lambda metric: metric.area):
            table = Table(title=area.capitalize(), title_justify="left", box=None)
            table.add_column("metric", no_wrap=True)
            table.add_column("meaning", overflow="fold")
            for metric in metrics:
                table.add_row(metric.name, escape(f"{metric.label}: {metric.description}"))
            out.print(table)
            out.print()


@app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="A metric, as o2o metrics list.")],
) -> None:
    """Say what a metric means, how it is computed, and what it can be grouped by."""
    from o2o.metrics import engine  # MetricFlow takes a second to import: no other command waits

    with clear_errors():
        metric = definitions.find(name)
        table = Table(show_header=False, box=None)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for title, text in told(metric):
            table.add_row(title, escape(text))
        with engine.published(Paths.from_env().published) as metrics:
            table.add_row("group by", escape(", ".join(metrics.dimensions([name]))))
        out.print(f"[bold]{escape(metric.label)}[/bold]: {escape(metric.description)}")
        out.print(table)


@app.command("query")
def query_command(
    names: Annotated[list[str], typer.Argument(help="One metric or more.")],
    by: By = None,
    where: Where = None,
    since: Annotated[str | None, typer.Option(help="First day, e.g. 2026-01-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, itself included.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many rows.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, and nothing else.")] = False,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL instead of the figures.")
    ] = False,
) -> None:
    """Compute metrics from what is published."""
    from o2o.metrics import engine

    with clear_errors():
        for name in names:
            definitions.find(name)
        with engine.published(Paths.from_env().published) as metrics:
            answer = metrics.query(
                names,
                by or (),
                where=where or (),
                since=_day("--since", since),
                until=_day("--until", until),
                limit=limit,
            )
    if sql:
        typer.echo(answer.sql)
        return
    if as_csv:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        write_rows(sys.stdout, answer.columns, rows, end="\n")
        return
    table = Table(box=None)
    for column in answer.columns:
        table.add_column(column, justify="right" if column in names else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*(escape(_shown(value)) for value in row))
    out.print(table)


def told(metric: Metric) -> list[tuple[str, str]]:
    """What there is to say of a metric, with its titles."""
    facts = [
        ("formula", metric.formula),
        ("unit", metric.unit),
        ("of the day", ", ".join(metric.days)),
        ("refunds", metric.refunds),
        ("from", ", ".join(metric.marts)),
        ("owner", metric.owner),
        ("meaning as in", metric.source),
    ]
    return [(title, text) for title, text in facts if text]


def _day(option: str, text: str | None) -> date | None:
    return moment(option, text).date() if text else None


def _shown(value: Any) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{value:,.4f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
    return "" if value is None else str(value)

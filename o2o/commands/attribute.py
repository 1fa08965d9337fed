"""``o2o attribute``: the attribution models over tables that are not the warehouse's."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.markup import escape

from analytics.attribution import journeys as reading
from analytics.attribution import models as library
from analytics.attribution.bootstrap import bootstrap as resample
from analytics.attribution.heuristics import RULES, Rule
from analytics.attribution.journeys import Journeys
from analytics.attribution.models import Answer
from analytics.errors import InputError
from o2o.commands import attribute_tables
from o2o.commands.attribute_output import SUMMARY, result_file, show
from o2o.commands.attribute_rows import SCHEMA
from o2o.commands.contract import Column, read
from o2o.commands.table_file import open_table
from o2o.commands.terminal import clear_errors, warn

SEED = 20_26
PATHS = (
    Column("path", "text"),
    Column("conversions", "number", least=0),
    Column("value", "number", False, 0.0),
    Column("nulls", "number", False, 0.0, least=0),
)


def command(
    touchpoints: Annotated[
        Path | None, typer.Option(help="File of touchpoints: .csv or .parquet.")
    ] = None,
    conversions: Annotated[
        Path | None, typer.Option(help="File of conversions: .csv or .parquet.")
    ] = None,
    paths: Annotated[
        Path | None,
        typer.Option(help="File of aggregated paths (`A > B > C`), instead of the two others."),
    ] = None,
    models: Annotated[
        str,
        typer.Option(
            help="Models to compute, separated by commas; by default all.", show_default=False
        ),
    ] = "",
    windows: Annotated[
        Path | None,
        typer.Option(help="File of look-back windows per conversion_type and touch_type."),
    ] = None,
    half_life_days: Annotated[
        float, typer.Option(min=0.001, help="Half-life of time decay, in days.")
    ] = 7.0,
    time_zone: Annotated[
        str, typer.Option(help="Time zone of the days in cash_date and accrual_date.")
    ] = "UTC",
    bootstrap: Annotated[
        int,
        typer.Option(min=0, help="Number of resamples for 95% intervals; 0 computes no intervals."),
    ] = 0,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out", help="File to write credit per touch and model to; with --paths, the summary."
        ),
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="File to write the printed summary to.")
    ] = None,
) -> None:
    """Credit touches for conversions, on tables of your own (docs/attribution.md has the
    columns)."""
    chosen = tuple(dict.fromkeys(name.strip() for name in models.split(",") if name.strip()))
    with clear_errors():
        _check_zone(time_zone)
        with ExitStack() as stack:
            if paths and not touchpoints and not conversions and not windows:
                files = [stack.enter_context(result_file(f, SUMMARY)) for f in (output, summary)]
                rows = _of_paths(paths, chosen, bootstrap, half_life_days)
            elif touchpoints and conversions and not paths:
                write = stack.enter_context(result_file(output, SCHEMA))
                files = [stack.enter_context(result_file(summary, SUMMARY))]
                found = attribute_tables.attribute(
                    touchpoints, conversions, windows, chosen, half_life_days, time_zone, write
                )
                for note in found.notes:
                    warn(escape(note))
                rows = _of_tables(found, chosen, bootstrap, half_life_days)
            else:
                raise InputError("Give --touchpoints and --conversions, or --paths alone")
            table = pa.Table.from_pylist(rows, SUMMARY)
            for write_summary in filter(None, files):
                write_summary(table)
    show(rows)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # what it raises for names of all kinds
        raise InputError(
            f"--time-zone {name!r} is not a time zone: write one such as Europe/Berlin or UTC"
        ) from None


def _of_paths(
    file: Path, chosen: tuple[str, ...], replicates: int, half_life_days: float
) -> list[dict[str, Any]]:
    opened = open_table(duckdb.connect(), "paths", file)
    table = read(opened, "paths", PATHS)
    gaps = pc.match_substring_regex(table["path"], r"^\s*>|>\s*>|>\s*$").to_numpy()
    for row in np.flatnonzero(gaps)[:1].tolist():
        text = table["path"][row].as_py()
        raise InputError(f"{opened.place(row)}: path {text!r} has an empty channel: name it")
    journeys = reading.from_paths(table)
    # Of a path nobody knows when its touches were.
    names = chosen or tuple(name for name in library.names() if name != "time_decay")
    answers, left_out = library.answers(names, journeys, half_life_days=half_life_days)
    for name, reason in left_out.items():
        if chosen:
            raise InputError(reason)
        warn(escape(f"{name} is left out: {reason}"))
    return _summary("all", journeys, answers, RULES, replicates, half_life_days, {})


def _of_tables(
    found: attribute_tables.Credits, chosen: tuple[str, ...], replicates: int, half_life_days: float
) -> list[dict[str, Any]]:
    names = tuple(name for name in chosen or found.models if name in found.models)
    rows = []
    for kind, journeys in found.journeys.items():
        mine = {(m, channel): (n, float(v)) for k, m, channel, n, v in found.summary if k == kind}
        answers = {name: found.answers[kind][name] for name in names}
        rows += _summary(kind, journeys, answers, found.rules, replicates, half_life_days, mine)
    rows += [
        {
            "conversion_type": kind, "attribution_model": model, "channel": channel,
            "conversions": n, "value": float(v), "path_conversions": n, "path_value": float(v),
        }
        for kind, model, channel, n, v in found.summary
        if channel == "unattributed"
    ]  # fmt: skip
    if len(found.currency_codes) > 1:
        codes = ", ".join(code or "none" for code in found.currency_codes)
        warn(f"Values are not added up over currencies: {escape(codes)}")
        rows = [{k: v for k, v in row.items() if "value" not in k} for row in rows]
    order = {name: place for place, name in enumerate(found.models)}
    return sorted(
        rows,
        key=lambda row: (
            row["conversion_type"], order[row["attribution_model"]], row["channel"]
        ),
    )  # fmt: skip


def _summary(
    kind: str,
    journeys: Journeys,
    answers: dict[str, Answer],
    rules: Sequence[Rule],
    replicates: int,
    half_life_days: float,
    credited: dict[tuple[str, str], tuple[float, float]],
) -> list[dict[str, Any]]:
    """What each model says of each channel and, from ``credited``, what its touches sum to."""
    spreads = (
        resample(journeys, tuple(answers), replicates, SEED, rules, half_life_days)
        if replicates
        else {}
    )
    rows: list[dict[str, Any]] = []
    for name, told in answers.items():
        ends: dict[str, Any] = {}
        if name in spreads:
            ends["conversions_low"], ends["conversions_high"] = spreads[name].interval()
            ends["value_low"], ends["value_high"] = spreads[name].value_interval()
        if told.removal_effects is not None:
            ends["removal_effect"] = told.removal_effects
        for place, channel in enumerate(journeys.channels):
            row = {
                "conversion_type": kind,
                "attribution_model": name,
                "channel": channel,
                "conversions": float(told.conversions[place]),
                "value": float(told.values[place]),
                "weight": float(told.weights[place]),
                "sampling_error": float(told.sampling_errors[place]),
                "is_negative": bool(told.is_negative[place]),
            }
            row |= {column: float(values[place]) for column, values in ends.items()}
            if (name, channel) in credited:
                row["path_conversions"], row["path_value"] = credited[name, channel]
            rows.append(row)
    return rows

"""``o2o attribute``: the attribution models over tables that are not the warehouse's."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from analytics.attribution import journeys as reading
from analytics.attribution import models as library
from analytics.attribution.bootstrap import bootstrap as resample
from analytics.attribution.journeys import Journeys
from analytics.errors import InputError
from o2o.commands import attribute_tables
from o2o.commands.terminal import clear_errors, out, warn

SEED = 20_26
SUMMARY = pa.schema(
    [
        ("conversion_type", pa.string()),
        ("attribution_model", pa.string()),
        ("channel", pa.string()),
        ("conversions", pa.float64()),
        ("conversions_low", pa.float64()),
        ("conversions_high", pa.float64()),
        ("value", pa.float64()),
        ("value_low", pa.float64()),
        ("value_high", pa.float64()),
        ("weight", pa.float64()),
        ("removal_effect", pa.float64()),
        ("sampling_error", pa.float64()),
        ("is_negative", pa.bool_()),
        ("path_conversions", pa.float64()),
        ("path_value", pa.float64()),
    ]
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
    chosen = tuple(name.strip() for name in models.split(",") if name.strip())
    with clear_errors():
        if paths and not touchpoints and not conversions and not windows:
            rows = _of_paths(paths, chosen, bootstrap, half_life_days)
            files = [output, summary]
        elif touchpoints and conversions and not paths:
            variables = {
                "time_decay_half_life_days": half_life_days,
                "reporting_time_zone": time_zone,
            }
            rows = _of_tables(
                touchpoints, conversions, windows, chosen, bootstrap, variables, output
            )
            files = [summary]
        else:
            raise InputError("Give --touchpoints and --conversions, or --paths alone")
        table = pa.Table.from_pylist(rows, SUMMARY)
        for file in filter(None, files):
            with _writer(file, SUMMARY) as write:
                write(table)
    _show(rows)


def _of_paths(
    file: Path, chosen: tuple[str, ...], replicates: int, half_life_days: float
) -> list[dict[str, Any]]:
    if not file.exists():
        raise InputError(f"The file of paths does not exist: {file}")
    try:
        read = pq.read_table if file.suffix == ".parquet" else pa.csv.read_csv
        table = read(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(f"{file} cannot be read: {error}") from error
    names = chosen or tuple(name for name in library.names() if name != "time_decay")
    return _summary("all", reading.from_paths(table), names, replicates, half_life_days, {})


def _of_tables(
    touchpoints: Path,
    conversions: Path,
    windows: Path | None,
    chosen: tuple[str, ...],
    replicates: int,
    variables: dict[str, Any],
    output: Path | None,
) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="o2o-attribute-") as folder:
        sink = _Sink(output)
        try:
            found = attribute_tables.attribute(
                Path(folder), touchpoints, conversions, windows, chosen, variables,
                sink.write if output else None,
            )  # fmt: skip
        finally:
            sink.close()
        for note in found.notes:
            warn(escape(note))
        credited = {(kind, model, channel): (n, v) for kind, model, channel, n, v in found.summary}
        names = tuple(dict.fromkeys(model for _, model, _, _, _ in found.summary))
        if chosen:
            names = tuple(name for name in chosen if name in names)
        rows = []
        for kind, journeys in found.journeys():
            mine = {key[1:]: amount for key, amount in credited.items() if key[0] == kind}
            rows += _summary(
                kind, journeys, names, replicates, variables["time_decay_half_life_days"], mine
            )
        rows += [
            {
                "conversion_type": kind, "attribution_model": model, "channel": channel,
                "conversions": n, "value": float(v), "path_conversions": n, "path_value": float(v),
            }
            for (kind, model, channel), (n, v) in credited.items()
            if channel == "unattributed"
        ]  # fmt: skip
        if len(found.currency_codes) > 1:
            codes = ", ".join(code or "none" for code in found.currency_codes)
            warn(f"Values are not added up over currencies: {codes}")
            rows = [{k: v for k, v in row.items() if "value" not in k} for row in rows]
        order = {name: place for place, name in enumerate(library.names())}
        return sorted(
            rows,
            key=lambda row: (
                row["conversion_type"],
                order.get(row["attribution_model"], len(order)),
                row["channel"],
            ),
        )


def _summary(
    kind: str,
    journeys: Journeys,
    names: tuple[str, ...],
    replicates: int,
    half_life_days: float,
    credited: dict[tuple[str, str], tuple[float, int]],
) -> list[dict[str, Any]]:
    """What each model says of each channel and, from ``credited``, what its touches sum to."""
    spreads = (
        resample(journeys, names, replicates, SEED, half_life_days=half_life_days)
        if replicates
        else {}
    )
    rows: list[dict[str, Any]] = []
    for name in names:
        told = library.answer(name, journeys, half_life_days=half_life_days)
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


@dataclass
class _Sink:
    """Takes credit rows as they come and writes them to one file."""

    file: Path | None
    writer: Any = None

    def write(self, reader: pa.RecordBatchReader) -> None:
        assert self.file is not None
        for batch in reader:
            self.writer = self.writer or _open(self.file, reader.schema)
            self.writer.write_batch(batch)

    def close(self) -> None:
        if self.writer:
            self.writer.close()


def _open(file: Path, schema: pa.Schema) -> Any:
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        return pq.ParquetWriter(file, schema)
    if file.suffix == ".csv":
        return pa.csv.CSVWriter(file, schema)
    raise InputError(f"{file}: the name of a file of results must end in .csv or .parquet")


class _writer:
    """A whole table into one file."""

    def __init__(self, file: Path, schema: pa.Schema) -> None:
        self.writer = _open(file, schema)

    def __enter__(self) -> Callable[[pa.Table], None]:
        return self.writer.write_table  # type: ignore[no-any-return]

    def __exit__(self, *_: object) -> None:
        self.writer.close()


def _show(rows: list[dict[str, Any]]) -> None:
    """Print the summary, one table per conversion type: channels down, models across."""
    for kind in dict.fromkeys(row["conversion_type"] for row in rows):
        mine = [row for row in rows if row["conversion_type"] == kind]
        table = Table(
            title=f"Conversions by channel: {kind}", box=SIMPLE_HEAD, title_justify="left"
        )
        names = list(dict.fromkeys(row["attribution_model"] for row in mine))
        cells = {(row["channel"], row["attribution_model"]): _cell(row) for row in mine}
        table.add_column("model")
        channels = list(dict.fromkeys(row["channel"] for row in mine))
        for channel in channels:
            table.add_column(channel, justify="right")
        for name in names:
            table.add_row(name, *(cells.get((channel, name), "") for channel in channels))
        out.print(table)
    if any(row.get("is_negative") for row in rows):
        out.print(
            "Below zero: there are fewer conversions with the channel than without it"
            " (docs/attribution.md)"
        )


def _cell(row: dict[str, Any]) -> str:
    text = f"{row['conversions']:,.4f}"
    if "conversions_low" in row:
        text += f"\n[dim]{row['conversions_low']:,.1f} … {row['conversions_high']:,.1f}[/dim]"
    return text

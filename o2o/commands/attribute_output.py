"""What `o2o attribute` prints and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from analytics.csv_file import write_table
from analytics.errors import InputError
from o2o.commands.terminal import out

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
NAME_WIDTH = 20  # of a channel; a longer name is folded


@contextmanager
def result_file(
    file: Path | None, schema: pa.Schema
) -> Iterator[Callable[[pa.Table], None] | None]:
    """Takes tables of the schema and, if all goes well, leaves them in the file; nothing for none.

    Raises ``InputError`` for a name that ends in neither .csv nor .parquet.
    """
    if file is None:
        yield None
        return
    if file.suffix not in (".csv", ".parquet"):
        raise InputError(f"{file}: the name of a file of results must end in .csv or .parquet")
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    try:
        with pq.ParquetWriter(part, schema) as writer:
            yield writer.write_table
        if file.suffix == ".csv":
            # Arrow writes a decimal of zero as 0E-9; DuckDB writes plain numbers.
            write_table(duckdb.connect().read_parquet(str(part)), file)
        else:
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def show(rows: list[dict[str, Any]]) -> None:
    """Print the summary, channels down, models across: as many beside each other as fit."""
    for kind in dict.fromkeys(row["conversion_type"] for row in rows):
        mine = [row for row in rows if row["conversion_type"] == kind]
        digits = 1 if max(abs(row["conversions"]) for row in mine) >= 1000 else 4
        cells = {(row["channel"], row["attribution_model"]): _cell(row, digits) for row in mine}
        channels = list(dict.fromkeys(row["channel"] for row in mine))
        models = list(dict.fromkeys(row["attribution_model"] for row in mine))
        out.print(f"[italic]Conversions by channel: {escape(kind)}[/italic]")
        for names in _blocks(models, cells):
            table = Table(box=SIMPLE_HEAD)
            table.add_column("channel", max_width=NAME_WIDTH, overflow="fold")
            for name in names:
                table.add_column(name, justify="right", no_wrap=True)
            for channel in channels:
                table.add_row(escape(channel), *(cells.get((channel, name), "") for name in names))
            out.print(table)
    if any(row.get("is_negative") for row in rows):
        out.print(
            "Below zero: there are fewer conversions with the channel than without it"
            " (docs/attribution.md)"
        )


def _blocks(models: list[str], cells: dict[tuple[str, str], str]) -> Iterator[list[str]]:
    """Models whose columns fit beside the channels' in the width of the terminal."""
    # Two blanks stand between columns, one at either end of the line.
    room = out.width - NAME_WIDTH - 4
    block: list[str] = []
    used = 0
    for model in models:
        lines = [line for (_, name), text in cells.items() if name == model
                 for line in text.split("\n")]  # fmt: skip
        width = max(map(len, [model, *lines])) + 2
        if block and used + width > room:
            yield block
            block, used = [], 0
        block.append(model)
        used += width
    yield block


def _cell(row: dict[str, Any], digits: int) -> str:
    text = f"{row['conversions']:,.{digits}f}"
    if "conversions_low" in row:
        text += f"\n{row['conversions_low']:,.1f} … {row['conversions_high']:,.1f}"
    return text

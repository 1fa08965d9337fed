"""The panel: one row per unit (shop, region, geo) and period (day, week, or a running number).

Columns (other names can be given; those in ``NAMES`` are found by themselves):

======== ==================================================================
unit     text or whole number; becomes text
period   a date, a timestamp at midnight, text such as 2026-03-01, or a whole number (1, 2, 3 …)
value    the metric: footfall, till sales in minor units, online orders …
spend    optional: advertising spend of the unit in the period, in minor units
======== ==================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from analytics.csv_file import SEPARATORS, open_text, raise_fault
from analytics.errors import InputError

Floats = npt.NDArray[np.float64]
Period = date | int
Missing = Literal["refuse", "zero"]

NAMES = {
    "unit": ("unit", "store", "store_id", "region", "geo", "location"),
    "period": ("period", "date", "day", "week", "time"),
}


@dataclass(frozen=True)
class Panel:
    """A complete table of units × periods.

    ``value`` and ``spend`` have one row per unit (sorted by name) and one column per period
    (ascending). ``notes`` say what was done to make the table complete.
    """

    units: tuple[str, ...]
    periods: tuple[Period, ...]
    value: Floats
    spend: Floats | None = None
    metric: str = "value"
    notes: tuple[str, ...] = field(default=())

    @property
    def last_day(self) -> Period:
        """The last day of the last period, which is as long as the shortest step from one period
        to the next: six days after its first in a panel of weeks. A number is its own last."""
        last = self.periods[-1]
        if not isinstance(last, date) or len(self.periods) < 2:
            return last
        days = [period.toordinal() for period in self.periods if isinstance(period, date)]
        return last + timedelta(days=int(np.diff(days).min()) - 1)

    def rows(self, names: Iterable[str]) -> npt.NDArray[np.intp]:
        """The rows of these units. Raises InputError for an unknown or doubled name."""
        wanted = [names] if isinstance(names, str) else [str(name) for name in names]
        place = {name: row for row, name in enumerate(self.units)}
        unknown = [name for name in wanted if name not in place]
        if unknown:
            lower = {name.lower(): name for name in self.units}
            meant = [
                lower[like]
                for name in unknown
                for like in get_close_matches(name.lower(), lower, n=1)
            ]
            there = f"the panel has {_some(self.units)}"
            hint = f"did you mean {_some(meant)}?" if meant else there
            raise InputError(f"no unit is called {_some(unknown)}; {hint}")
        if len(set(wanted)) < len(wanted):
            raise InputError(f"a unit is named twice in {_some(wanted)}")
        return np.array([place[name] for name in wanted], dtype=np.intp)

    def keep(
        self, units: Sequence[int] | npt.NDArray[np.intp] | None = None, stop: int | None = None
    ) -> Panel:
        """The same panel with only these rows and only the periods before column ``stop``."""
        chosen = range(len(self.units)) if units is None else units
        rows = np.array(sorted(int(row) for row in chosen), dtype=np.intp)
        return replace(
            self,
            units=tuple(self.units[row] for row in rows),
            periods=self.periods[:stop],
            value=self.value[rows, :stop],
            spend=None if self.spend is None else self.spend[rows, :stop],
        )


def read_panel(
    source: Any,
    *,
    metric: str = "value",
    spend: str | None = None,
    unit: str | None = None,
    period: str | None = None,
    missing: Missing = "refuse",
) -> Panel:
    """Make a panel of a CSV or Parquet file, or of any table that speaks Arrow.

    Args:
        source: a path, a ``pyarrow.Table``, anything with the Arrow stream interface (a pandas or
            polars frame, a DuckDB relation), a mapping of columns, or a ``Panel``, which is handed
            back as it is.
        metric, spend, unit, period: column names; unit and period are found by ``NAMES`` if None.
        missing: what to do where a unit has no row, or no value, in a period that others have:
            ``refuse`` (an error names the gaps) or ``zero`` (no row means nothing sold; noted).

    Periods that no unit has (days when all shops are closed) are no gaps; they are noted.
    Raises InputError: no such column, a doubled row, a gap, a value that is no number.
    """
    if isinstance(source, Panel):
        if metric not in ("value", source.metric):
            raise InputError(
                f"this panel was read with the metric {source.metric!r}, not {metric!r}"
            )
        if spend and source.spend is None:
            raise InputError("this panel was read without a spend column")
        return source
    table = read_table(source)
    unit = unit or _find(table, "unit")
    period = period or _find(table, "period")
    for name in filter(None, (unit, period, metric, spend)):
        if name not in table.column_names:
            raise InputError(f"no column {name!r}; there are {_some(table.column_names)}")
    if not table.num_rows:
        raise InputError("the panel has no rows")
    names, row = _distinct(_texts(table[unit], unit))
    periods, column = _distinct(_periods(table[period], period))
    cell = row * len(periods) + column
    twice = np.flatnonzero(np.bincount(cell, minlength=len(names) * len(periods)) > 1)
    if len(twice):
        where = [f"{names[c // len(periods)]} {periods[c % len(periods)]}" for c in twice]
        raise InputError(f"more than one row for {_some(where)}: sum them up first")
    shape = (len(names), len(periods))
    notes = _holes(periods)
    value, gaps = _matrix(table[metric], metric, cell, shape)
    if len(gaps):
        where = [f"{names[r]} {periods[c]}" for r, c in gaps]
        if missing == "refuse":
            raise InputError(
                f"{len(gaps):,} gaps: no {metric} for {_some(where)}. Complete the panel, leave "
                "those units out, or fill with 0 if no row means nothing happened (missing='zero', "
                "--missing zero)"
            )
        notes.append(f"{len(gaps):,} gaps filled with 0 ({_some(where)})")
    paid = None if spend is None else _matrix(table[spend], spend, cell, shape)[0]
    return Panel(tuple(names), tuple(periods), value, paid, metric, tuple(notes))


def read_table(source: Any) -> pa.Table:
    """A table of a CSV or Parquet file or of anything that speaks Arrow. Raises InputError."""
    if isinstance(source, pa.Table):
        return source
    if isinstance(source, Mapping) or hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    if not isinstance(source, str | Path):
        raise InputError(
            f"cannot read a table from {type(source).__name__}: give a path or a table"
        )
    path = Path(source)
    if not path.is_file():
        raise InputError(f"the file does not exist: {path}")
    separator, width = ",", 0
    try:
        if path.suffix == ".parquet":
            return pa.parquet.read_table(path)
        with open_text(path) as lines:
            header = lines.readline()
        separator = max(SEPARATORS, key=header.count)
        width = header.count(separator) + 1
        return pa.csv.read_csv(path, parse_options=pa.csv.ParseOptions(delimiter=separator))
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if path.suffix != ".parquet":
            raise_fault(path, separator, width)
        raise InputError(f"{path} is neither CSV nor Parquet: {error}") from None


def _find(table: pa.Table, what: str) -> str:
    found = [name for name in NAMES[what] if name in table.column_names]
    if not found:
        raise InputError(
            f"which column is the {what}? There are {_some(table.column_names)} (--{what} NAME)"
        )
    return found[0]


def _texts(column: pa.ChunkedArray, name: str) -> list[str]:
    if column.null_count:
        raise InputError(f"column {name!r}: {column.null_count:,} rows name no unit")
    texts = [str(value) for value in column.to_pylist()]
    if blank := sum(not text.strip() for text in texts):
        raise InputError(f"column {name!r}: {blank:,} rows name no unit")
    return texts


def _periods(column: pa.ChunkedArray, name: str) -> list[Any]:
    if column.null_count:
        raise InputError(f"column {name!r}: {column.null_count:,} rows have no period")
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_integer(column.type):
        return list(column.to_pylist())
    if column.type in (pa.string(), pa.large_string(), pa.string_view()):
        texts = [as_period(text, name) for text in column.to_pylist()]
        if len({type(period) for period in texts}) > 1:
            number = next(period for period in texts if isinstance(period, int))
            raise InputError(f"column {name!r} has dates and numbers such as {number}: keep to one")
        return texts
    if not pa.types.is_date(column.type) and not pa.types.is_timestamp(column.type):
        raise InputError(f"column {name!r} holds {column.type}, not dates or whole numbers")
    values = column.to_pylist()
    if any(isinstance(value, datetime) and value.time() != datetime.min.time() for value in values):
        raise InputError(f"column {name!r} has times of day: sum up by day or week first")
    return [value.date() if isinstance(value, datetime) else value for value in values]


def as_period(value: Period | str, name: str = "period") -> Period:
    """A period from what people write: a date, its text, or a whole number. Raises InputError."""
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.lstrip("-").isdigit() else date.fromisoformat(value[:10])
    except ValueError:
        raise InputError(
            f"{name}: {value!r} is neither a date such as 2026-03-01 nor a number"
        ) from None


def _distinct(values: list[Any]) -> tuple[list[Any], npt.NDArray[np.intp]]:
    """The distinct values in order, and for each row the place of its value."""
    names = sorted(set(values))
    place = {value: number for number, value in enumerate(names)}
    return names, np.array([place[value] for value in values], dtype=np.intp)


def _matrix(
    column: pa.ChunkedArray, name: str, cell: npt.NDArray[np.intp], shape: tuple[int, int]
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Rows scattered into units × periods, 0 where there is none; and where that was so."""
    try:
        values = np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        for row, value in enumerate(column.to_pylist(), start=1):
            if isinstance(value, str) and not _is_number(value):
                raise InputError(
                    f"column {name!r}, row {row:,}: {value!r} is not a number: write 1234.5, with a"
                    " point"
                ) from None
        raise InputError(f"column {name!r} holds {column.type}, not numbers") from None
    for row in np.flatnonzero(np.isinf(values))[:1]:
        raise InputError(f"column {name!r}, row {row + 1:,}: the value is infinite")
    flat = np.full(shape[0] * shape[1], np.nan)
    flat[cell] = values
    matrix = flat.reshape(shape)
    return np.nan_to_num(matrix, nan=0.0), np.argwhere(np.isnan(matrix))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _holes(periods: Sequence[Period]) -> list[str]:
    """A note about periods that the calendar has and no unit has."""
    numbers = [p.toordinal() if isinstance(p, date) else p for p in periods]
    steps = np.diff(numbers)
    if not len(steps):
        return []
    step = int(steps.min())
    absent = int(sum(gap // step - 1 for gap in steps))
    if not absent:
        return []
    first = periods[int(np.argmax(steps > step))]
    return [f"{absent:,} periods that no unit has are left out (the first after {first})"]


def _some(names: Iterable[object], most: int = 5) -> str:
    listed = [str(name) for name in names]
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more

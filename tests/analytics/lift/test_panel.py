"""Reading panels: names found, gaps and doubles refused, files and frames alike."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from analytics.errors import InputError
from analytics.lift import read_panel
from analytics.lift.panel import as_period

ROWS: dict[str, list[Any]] = {
    "store": ["b", "a", "a", "b"],
    "date": [date(2026, 3, 2), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 1)],
    "value": [4.0, 1.0, 2.0, 3.0],
    "spend": [0.0, 0.0, 9.0, 0.0],
}


def changed(**columns: list[Any]) -> pa.Table:
    return pa.table(ROWS | columns)


def test_rows_become_a_matrix_whatever_their_order() -> None:
    panel = read_panel(changed(), spend="spend")
    assert panel.units == ("a", "b")
    assert panel.periods == (date(2026, 3, 1), date(2026, 3, 2))
    assert panel.value.tolist() == [[1, 2], [3, 4]]
    assert panel.spend is not None
    assert panel.spend.tolist() == [[0, 9], [0, 0]]
    assert panel.notes == ()


@pytest.mark.parametrize("suffix", ["csv", "semicolon.csv", "parquet"])
def test_files_give_the_same_panel(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"panel.{suffix}"
    if suffix == "parquet":
        pa.parquet.write_table(changed(), path)
    else:
        delimiter = ";" if "semicolon" in suffix else ","
        pa.csv.write_csv(changed(), path, pa.csv.WriteOptions(delimiter=delimiter))
    read, made = read_panel(path), read_panel(changed())
    assert (read.units, read.periods) == (made.units, made.periods)
    assert np.array_equal(read.value, made.value)


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        (["2026-03-02", "2026-03-01", "2026-03-02", "2026-03-01"], date(2026, 3, 1)),
        ([datetime(2026, 3, d) for d in (2, 1, 2, 1)], date(2026, 3, 1)),  # noqa: DTZ001
        ([2, 1, 2, 1], 1),
    ],
)
def test_periods_are_dates_texts_or_numbers(periods: list[Any], expected: object) -> None:
    panel = read_panel(changed(date=periods))
    assert panel.periods[0] == expected
    assert panel.value.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), "dictionary"])
def test_texts_of_any_arrow_type_are_read(kind: Any) -> None:
    table = changed(date=["2026-03-02", "2026-03-01", "2026-03-02", "2026-03-01"])
    for place, name in enumerate(["store", "date"]):
        column = table[name]
        encoded = column.dictionary_encode() if kind == "dictionary" else column.cast(kind)
        table = table.set_column(place, name, encoded)
    panel = read_panel(table)
    assert panel.units == ("a", "b")
    assert panel.value.tolist() == [[1, 2], [3, 4]]


def test_columns_may_come_as_a_mapping() -> None:
    assert read_panel(ROWS).value.tolist() == [[1, 2], [3, 4]]


def test_a_gap_is_refused_or_filled_and_noted() -> None:
    gap = changed().slice(1)
    with pytest.raises(InputError, match=r"1 gaps: no value for b 2026-03-02"):
        read_panel(gap)
    panel = read_panel(gap, missing="zero")
    assert panel.value.tolist() == [[1, 2], [3, 0]]
    assert "filled with 0 (b 2026-03-02)" in panel.notes[0]
    null = changed(value=[None, 1.0, 2.0, 3.0])
    assert read_panel(null, missing="zero").value.tolist() == [[1, 2], [3, 0]]


def test_days_on_which_all_are_closed_are_noted_not_filled() -> None:
    days = [date(2026, 3, d) for d in (1, 2, 4, 1, 2, 4)]
    table = pa.table({"unit": list("aaabbb"), "day": days, "value": [1, 2, 3, 4, 5, 6]})
    panel = read_panel(table)
    assert panel.value.shape == (2, 3)
    assert panel.notes == ("1 periods that no unit has are left out (the first after 2026-03-02)",)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (changed(), {"metric": "visits"}, "no column 'visits'"),
        (changed().rename_columns(["x", "date", "value", "spend"]), {}, "which column is the unit"),
        (changed(store=["a", "a", "a", "b"]), {}, r"more than one row for a 2026-03-02"),
        (changed(value=[float("inf"), 1.0, 2.0, 3.0]), {}, "infinite"),
        (
            changed(value=["1", "many", "2", "3"]),
            {},
            "'value', row 2: 'many' is not a number",
        ),
        (changed(date=["May", "June", "May", "June"]), {}, "neither a date"),
        (changed(date=["2026-03-01", "2", "1", "2"]), {}, "dates and numbers such as 2"),
        (changed(store=["", "a", "a", " "]), {}, "2 rows name no unit"),
        (changed(date=[datetime(2026, 3, d, 5) for d in (2, 1, 2, 1)]), {}, "times of day"),  # noqa: DTZ001
        (changed(store=[None, "a", "a", "b"]), {}, "name no unit"),
        (changed().slice(0, 0), {}, "no rows"),
        ("nowhere.csv", {}, "the file does not exist"),
        (7, {}, "cannot read a table from int"),
    ],
)
def test_what_is_no_panel_is_refused(table: Any, options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_panel(table, **options)


def test_units_are_found_by_name_once() -> None:
    panel = read_panel(changed())
    assert panel.rows(["b", "a"]).tolist() == [1, 0]
    with pytest.raises(InputError, match="no unit is called c"):
        panel.rows(["c"])
    assert panel.rows("b").tolist() == [1]
    with pytest.raises(InputError, match="named twice"):
        panel.rows(["a", "a"])


def test_a_period_as_people_write_it() -> None:
    assert as_period("2026-03-01") == date(2026, 3, 1)
    assert as_period("91") == 91
    with pytest.raises(InputError, match="start: 'soon'"):
        as_period("soon", "start")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            b"store,date,value\na,2026-03-01\n",
            "line 2 has 2 values, and the header names 3",
        ),
        (
            b"store,date,value\na,2026-03-01,1,5\n",
            "line 2 has 4 values.*: put quotes around",
        ),
        (b"store,date,value\nK\xf6ln,2026-03-01,1\n", "line 2 is not in UTF-8: save the file as"),
        ("store,date,value\n".encode("utf-16"), "is in UTF-16: save it as UTF-8"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_with_the_line(
    tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "panel.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_panel(path)

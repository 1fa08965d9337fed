"""CSV files that people have: how they are opened, what is wrong with one that is not read, and how
one is written that a spreadsheet does not run.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import duckdb
import pyarrow as pa

from analytics.errors import InputError

SEPARATORS = ",;\t|"
WIDE = (b"\xff\xfe", b"\xfe\xff")  # how UTF-16 begins
# A spreadsheet takes a cell that begins so for a formula, and runs it; a plain number is none.
_FORMULA = r"[=+\-@\t\r\n＝＋－＠](?s:.*)"
_NUMBER = r"[+-]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?"


def open_text(path: Path) -> TextIO:
    """The text, without the mark that some tools put before it."""
    return path.open(encoding="utf-8-sig", newline="")


def records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, the header first, each with the line on which it begins."""
    begins = 1
    for record in reader:
        if record:
            yield begins, record
        begins = reader.line_num + 1


def guarded(value: Any) -> Any:
    """A cell as it may be written: a text that would be a formula has an apostrophe before it, by
    which spreadsheets know a text. Numbers, also those in texts, are as they were."""
    if isinstance(value, str) and re.fullmatch(_FORMULA, value):
        return value if re.fullmatch(_NUMBER, value) else f"'{value}"
    return value


def write_rows(
    file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]], end: str = "\r\n"
) -> None:
    """Write rows with a header, each cell guarded."""
    lines = csv.writer(file, lineterminator=end)
    lines.writerow([guarded(name) for name in columns])
    lines.writerows([guarded(row.get(name)) for name in columns] for row in rows)


def write_table(table: pa.Table | duckdb.DuckDBPyRelation, file: Path) -> None:
    """Write a table, of any size, with a header, each cell guarded."""
    relation = duckdb.from_arrow(table) if isinstance(table, pa.Table) else table
    cells = []
    for name, kind in zip(relation.columns, relation.types, strict=True):
        column, shown = (
            f'"{each.replace(chr(34), chr(34) * 2)}"' for each in (name, guarded(name))
        )
        if str(kind) == "VARCHAR":
            is_formula = (
                f"regexp_full_match({column}, $${_FORMULA}$$)"
                f" and not regexp_full_match({column}, $${_NUMBER}$$)"
            )
            column = f"case when {is_formula} then concat('''', {column}) else {column} end"
        cells.append(f"{column} as {shown}")
    relation.project(", ".join(cells)).write_csv(str(file), header=True)


def raise_fault(path: Path, separator: str, width: int) -> None:
    """Say of a file that could not be read as CSV of so many columns what is wrong, and where.

    Raises ``InputError`` for the first line with a fault; returns where none is found.
    """
    with path.open("rb") as raw:
        if raw.read(2) in WIDE:
            raise InputError(f"{path} is in UTF-16: save it as UTF-8 (in Excel: CSV UTF-8)")
    with path.open("rb") as raw:
        for number, content in enumerate(raw, start=1):
            try:
                content.decode()
            except UnicodeDecodeError:
                raise InputError(
                    f"{path}, line {number:,} is not in UTF-8: save the file as UTF-8"
                    " (in Excel: CSV UTF-8)"
                ) from None
    with open_text(path) as stream:
        reader = csv.reader(stream, delimiter=separator, strict=True)
        begins = 1
        try:
            for begins, record in records(reader):
                if len(record) != width:
                    advice = f"put quotes around a text that contains {separator!r}"
                    raise InputError(
                        f"{path}, line {begins:,} has {len(record)} values, and the header names"
                        f" {width} columns: {advice if len(record) > width else 'fill it up'}"
                    )
        except csv.Error as error:
            raise InputError(
                f"{path}, line {begins + 1:,} or after: {error}. Quotes stand around a whole value,"
                ' and one inside it is doubled ("")'
            ) from None

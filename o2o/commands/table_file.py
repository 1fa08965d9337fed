"""A user's own table in a file, CSV of any common dialect or Parquet, and where a row of it is."""

from __future__ import annotations

import csv
import glob
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import duckdb

from analytics.errors import InputError

SEPARATORS = ",;\t|"
WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True)
class TableFile:
    """An open table: ``columns`` maps a name, in lower case, to how a query over ``source`` calls
    it and to its DuckDB type; ``parameters`` are those of ``source``."""

    path: Path
    con: duckdb.DuckDBPyConnection
    source: str
    parameters: list[str]
    columns: dict[str, tuple[str, str]]
    separator: str = ""

    def line(self, row: int) -> str:
        """Where the row of that number stands, the first being 0: a line of CSV, or a row."""
        if not self.separator:
            return f"row {row + 1:,}"
        with _text(self.path) as stream:
            records = _records(csv.reader(stream, delimiter=self.separator))
            return f"line {next(islice(records, row + 1, None))[0]:,}"

    def place(self, row: int) -> str:
        """The same, with the file."""
        return f"{self.path}, {self.line(row)}"

    def complaint(self, error: duckdb.Error) -> InputError:
        """What is wrong with a file that DuckDB would not read."""
        if self.separator:
            _find_fault(self.path, self.separator, len(self.columns))
        return InputError(f"{self.path} cannot be read: {str(error).splitlines()[0]}")


def open_table(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> TableFile:
    """The table in a file; ``name`` says in errors what it holds. Raises ``InputError``."""
    if not path.exists():
        raise InputError(f"The file of {name} does not exist: {path}")
    if not path.is_file():
        raise InputError(f"{path} is not a file: name the file of {name}")
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise InputError(f"{path}: the name of a file of {name} must end in .csv or .parquet")
    if not path.stat().st_size:
        raise InputError(
            f"{path} is empty: a table of {name} has a line of column names, then rows"
        )
    literal = glob.escape(str(path))  # the name of one file, even with [ or * in it
    if path.suffix.lower() == ".csv":
        return _open_csv(con, path, literal)
    try:
        described = con.execute("describe from read_parquet(?)", [literal]).fetchall()
    except duckdb.Error as error:
        raise InputError(
            f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}"
        ) from error
    columns = {name.strip().lower(): (_quoted(name), kind) for name, kind, *_ in described}
    return TableFile(path, con, "read_parquet(?)", [literal], columns)


def _open_csv(con: duckdb.DuckDBPyConnection, path: Path, literal: str) -> TableFile:
    with path.open("rb") as raw:
        encoding = WIDE.get(raw.read(2))
    if encoding:
        raise InputError(f"{path} is in {encoding}: save it as UTF-8 (in Excel: CSV UTF-8)")
    try:
        with _text(path) as stream:
            line = stream.readline()
            separator = max(SEPARATORS, key=line.count)
            stream.seek(0)
            names = next(csv.reader(stream, delimiter=separator))
    except UnicodeDecodeError:
        _find_fault(path, ",", 0)
        raise
    header = [name.strip().lower() for name in names]
    for name in header:
        if name and header.count(name) > 1:
            raise InputError(f"{path}, line 1: there are two columns {name}: rename or drop one")
    # By place: so a name may be anything, or nothing at all.
    places = [f"c{place}" for place in range(len(header))]
    types = ", ".join(f"'{place}': 'varchar'" for place in places)
    delimiter = separator.replace("\t", "\\t")
    source = (
        f"read_csv(?, header = true, auto_detect = false, columns = {{{types}}},"
        f""" delim = '{delimiter}', quote = '"', escape = '"')"""
    )
    columns = {
        name or place: (place, "VARCHAR") for name, place in zip(header, places, strict=True)
    }
    return TableFile(path, con, source, [literal], columns, separator)


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _text(path: Path) -> TextIO:
    return path.open(encoding="utf-8-sig", newline="")


def _records(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, the header first, each with the line on which it begins."""
    begins = 1
    for record in reader:
        if record:
            yield begins, record
        begins = reader.line_num + 1


def _find_fault(path: Path, separator: str, width: int) -> None:
    """Raises ``InputError`` for the first line that is no CSV of this width."""
    with path.open("rb") as raw:
        for number, content in enumerate(raw, start=1):
            try:
                content.decode()
            except UnicodeDecodeError:
                raise InputError(
                    f"{path}, line {number:,} is not in UTF-8: save the file as UTF-8"
                    " (in Excel: CSV UTF-8)"
                ) from None
    with _text(path) as stream:
        reader = csv.reader(stream, delimiter=separator, strict=True)
        begins = 1
        try:
            for begins, record in _records(reader):
                if len(record) != width:
                    raise InputError(
                        f"{path}, line {begins:,} has {len(record)} values, and the header names"
                        f" {width} columns: put quotes around a text that contains {separator!r}"
                    )
        except csv.Error as error:
            raise InputError(
                f"{path}, line {begins + 1:,} or after: {error}. Quotes stand around a whole value,"
                ' and one inside it is doubled ("")'
            ) from None

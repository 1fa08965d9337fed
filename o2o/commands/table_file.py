"""A user's own table in a file, CSV of any common dialect or Parquet, and where a row of it is."""

from __future__ import annotations

import csv
import glob
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from analytics.csv_file import SEPARATORS, open_text, raise_fault, records
from analytics.errors import InputError


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
        with open_text(self.path) as stream:
            found = records(csv.reader(stream, delimiter=self.separator))
            return f"line {next(islice(found, row + 1, None))[0]:,}"

    def place(self, row: int) -> str:
        """The same, with the file."""
        return f"{self.path}, {self.line(row)}"

    def complaint(self, error: Exception) -> InputError:
        """What is wrong with a file that DuckDB would not read."""
        if self.separator:
            raise_fault(self.path, self.separator, len(self.columns))
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
    try:
        with open_text(path) as stream:
            line = stream.readline()
            separator = max(SEPARATORS, key=line.count)
            stream.seek(0)
            names = next(csv.reader(stream, delimiter=separator))
    except UnicodeDecodeError:
        raise_fault(path, ",", 0)
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

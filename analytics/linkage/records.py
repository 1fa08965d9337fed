"""Records from files that are not ours, and results into files: CSV or Parquet by the suffix."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.csv_file import write_table
from analytics.errors import InputError

SUFFIXES = (".csv", ".parquet")


def read(file: Path) -> pa.Table:
    """All columns of ``file`` as text (postcodes keep their zeros), dates of Parquet as dates.

    Raises InputError when the file is missing, empty or not what its suffix says.
    """
    _check_suffix(file)
    if not file.is_file():
        raise InputError(f"The file does not exist: {file}")
    try:
        if file.suffix.lower() == ".parquet":
            records = pq.read_table(file)
        else:
            with duckdb.connect() as con:
                records = con.read_csv(str(file), header=True, all_varchar=True).to_arrow_table()
    except (duckdb.Error, pa.ArrowException, UnicodeDecodeError) as error:
        kind = "Parquet" if file.suffix.lower() == ".parquet" else "CSV in UTF-8 with a header line"
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{file} cannot be read as {kind}: {reason}") from error
    if not records.num_rows:
        raise InputError(f"{file} holds no records.")
    nested = [field.name for field in records.schema if pa.types.is_nested(field.type)]
    return records.drop_columns(nested)


def write(table: pa.Table, file: Path) -> None:
    """Write ``table`` whole or not at all. Raises InputError when that is not possible."""
    _check_suffix(file)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix.lower() == ".parquet":
            pq.write_table(table, half)
        else:
            write_table(table, half)
        half.replace(file)
    except (OSError, duckdb.IOException) as error:
        half.unlink(missing_ok=True)
        raise InputError(f"{file} cannot be written: {error}") from error


def _check_suffix(file: Path) -> None:
    if file.suffix.lower() not in SUFFIXES:
        raise InputError(f"{file}: the name must end in {' or '.join(SUFFIXES)}.")

"""Where a value stands, in whatever file below a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb


def traces(folder: Path, needles: Iterable[str]) -> dict[str, set[str]]:
    """Files in which a value stands: as bytes, and in every column of Parquet and DuckDB files."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*"):
        if not file.is_file() or file.suffix == ".lock":
            continue
        # Each in lower case once: that takes longer than any search in it.
        content, texts = file.read_bytes().lower(), [text.lower() for text in columns(file)]
        if hits := {
            needle
            for needle in needles
            if needle.lower().encode() in content or any(needle.lower() in text for text in texts)
        }:
            found[str(file.relative_to(folder))] = hits
    return found


def columns(file: Path) -> Iterable[str]:
    if file.suffix == ".parquet":
        yield str(duckdb.sql(f"from read_parquet('{file}')").fetchall())
    if file.suffix == ".duckdb":
        with duckdb.connect(str(file), read_only=True) as con:
            for (table,) in con.execute(
                'select format(\'"{}"."{}"\', schema_name, table_name) from duckdb_tables()'
            ).fetchall():
                yield str(con.execute(f"from {table}").fetchall())

"""A published file without a build: tables as the contracts promise them, and rows by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from o2o.dictionary.marts import Mart, find

EXPONENT = 2
# What a column that is never null has where a row does not say.
ANY = {
    "VARCHAR": "'-'",
    "BOOLEAN": "false",
    "DATE": "date '2026-01-01'",
    "TIMESTAMP": "timestamp '2026-01-01'",
}


def create(con: duckdb.DuckDBPyConnection, marts: Sequence[Mart]) -> None:
    con.execute("create schema if not exists marts")
    for mart in marts:
        columns = ", ".join(
            f'"{column.name}" {column.published_type(EXPONENT)}'
            f"{' not null' if column.is_required else ''}"
            for column in mart.columns
        )
        key = ", ".join(mart.key)
        con.execute(f"create table marts.{mart.name} ({columns}, unique ({key}))")
        for column in mart.columns:
            text = column.description.replace("'", "''")
            con.execute(f"comment on column marts.{mart.name}.\"{column.name}\" is '{text}'")


def fill(con: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """What a row does not say is null where it may be; of the key, a number of its own."""
    mart = find(name)
    for number, row in enumerate(rows):
        said = dict(row)
        for column in mart.columns:
            if column.name in said or not (column.is_required or column.name in mart.key):
                continue
            kind = column.published_type(EXPONENT)
            if column.name == mart.key[-1] and kind == "VARCHAR":
                said[column.name] = f"{name} {number}"
            elif column.name == "time_zone":
                said[column.name] = "Europe/Berlin"
            else:
                said[column.name] = con.execute(f"select {ANY.get(kind, '0')}").fetchall()[0][0]
        names = ", ".join(f'"{column}"' for column in said)
        places = ", ".join("?" * len(said))
        con.execute(f"insert into marts.{name} ({names}) values ({places})", [*said.values()])


@contextmanager
def filled(
    con: duckdb.DuckDBPyConnection, rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterator[None]:
    """The marts that are named hold these rows for a while."""
    con.begin()
    try:
        for name, each in rows.items():
            fill(con, name, each)
        yield
    finally:
        con.rollback()


def joins(sql: str) -> int:
    return len([*sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.Join)])


def marts_read(sql: str) -> set[str]:
    return set(re.findall(r"\bmarts\.(\w+)", sql))

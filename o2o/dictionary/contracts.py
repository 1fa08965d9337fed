"""A contract per mart in the Open Data Contract Standard, and whether a published file keeps it.

They are made from what dbt enforces, whenever somebody wants them: a copy in the repository would
say something else one day.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb
import yaml

from o2o.dictionary.marts import SCHEMA, Column, Mart, catalogue
from warehouse.files import write_atomically

API_VERSION = "v3.1.0"
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_LOGICAL = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
}


def write(folder: Path, exponent: int) -> list[Path]:
    """Write ``<mart>.odcs.yaml`` for each; ``exponent``: decimals of the reporting currency."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for mart in catalogue():
        files.append(folder / f"{mart.name}.odcs.yaml")
        text = yaml.dump(
            contract(mart, exponent), Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120
        )
        write_atomically(files[-1], text)
    return files


def contract(mart: Mart, exponent: int) -> dict[str, Any]:
    """The contract of a mart as the standard has it."""
    return {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"o2o-warehouse.{SCHEMA}.{mart.name}",
        "name": mart.name,
        "version": metadata.version("o2o-warehouse"),
        "status": "active",
        "domain": mart.area,
        "dataProduct": "o2o-warehouse",
        "description": {
            "purpose": mart.description,
            "usage": "\n\n".join(f"-- {each.question}\n{each.sql}" for each in mart.examples),
        },
        "team": {"name": mart.owner},
        "servers": [
            {
                "server": "published",
                "type": "duckdb",
                "description": "The published file, swapped in whole; open it read-only.",
                "database": "published/o2o.duckdb",
                "schema": SCHEMA,
            }
        ],
        "slaProperties": [
            {"property": "frequency", "value": "build", "description": mart.freshness}
        ],
        "schema": [
            {
                "name": mart.name,
                "physicalName": f"{SCHEMA}.{mart.name}",
                "physicalType": "table",
                "logicalType": "object",
                "description": mart.description,
                "dataGranularityDescription": mart.grain,
                "properties": [_property(column, mart, exponent) for column in mart.columns],
            }
        ],
    }


def broken(con: duckdb.DuckDBPyConnection, exponent: int) -> Iterator[str]:
    """Where an open published file is not what the contracts promise, in words."""
    found: dict[str, dict[str, tuple[str, bool, str | None]]] = {}
    for table, column, kind, nullable, comment in con.execute(
        "select table_name, column_name, data_type, is_nullable, comment"
        " from duckdb_columns() where schema_name = $1 order by all",
        [SCHEMA],
    ).fetchall():
        found.setdefault(table, {})[column] = (kind, nullable, comment)
    marts = {mart.name: mart for mart in catalogue()}
    for name in sorted(set(found) - set(marts)):
        yield f"{name}: it is published without a contract"
    for name, mart in marts.items():
        if name not in found:
            yield f"{name}: it is not published"
            continue
        promised = {column.name: column for column in mart.columns}
        for column in sorted(set(found[name]) - set(promised)):
            yield f"{name}.{column}: it is published without a contract"
        for column in mart.columns:
            place = f"{name}.{column.name}"
            if column.name not in found[name]:
                yield f"{place}: it is not published"
                continue
            kind, nullable, comment = found[name][column.name]
            wanted = column.published_type(exponent)
            if kind != wanted:
                yield f"{place}: it is {kind}, promised is {wanted}"
            if column.is_required and nullable:
                yield f"{place}: it may be null, promised is that it never is"
            if not comment:
                yield f"{place}: it is published without its description"


def _property(column: Column, mart: Mart, exponent: int) -> dict[str, Any]:
    kind = column.published_type(exponent)
    told: dict[str, Any] = {
        "name": column.name,
        "logicalType": _LOGICAL.get(kind, "number"),
        "physicalType": kind,
        "description": column.description,
        "required": column.is_required or column.name in mart.key,
    }
    if column.name in mart.key:
        told |= {"primaryKey": True, "primaryKeyPosition": mart.key.index(column.name) + 1}
        if len(mart.key) == 1:
            told["unique"] = True
    if column.refers_to:
        told["relationships"] = [{"type": "foreignKey", "to": ".".join(column.refers_to)}]
    if column.values:
        told["quality"] = [
            {
                "type": "library",
                "metric": "invalidValues",
                "arguments": {"validValues": list(column.values)},
                "mustBe": 0,
            }
        ]
    return told

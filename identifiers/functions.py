"""The readings as SQL functions, for both engines: what the models of identity call."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from identifiers import names, reading

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import SparkSession

Row = dict[str, Any]
_LIKENESS: dict[str, Callable[[str], names.Likeness]] = {
    "given_name": names.given_likeness,
    "family_name": names.family_likeness,
    "birth_date": names.birth_date_likeness,
}


def read_identifier(kind: str | None, text: str | None, countries: str | None) -> str | None:
    """An identifier in its one spelling. ``countries``: parted by commas, likeliest first."""
    if not kind or text is None:
        return None
    return reading.identifier(kind, text, (countries or "").split(","))


def read_name(given: str | None, family: str | None) -> Row:
    """A name, folded, and which of a family's namesakes (:class:`identifiers.names.Name`)."""
    name = names.read(given, family)
    return {"given": name.given, "family": name.family, "generation": name.generation}


def read_birth_date(text: str | None) -> str | None:
    """YYYY-MM-DD, null where programs wrote a date for none."""
    return names.birth_date(text)


def likeness(kind: str | None, text: str | None, key: str | None) -> Row:
    """Keyed hashes (64 bits) of the keys that a name or birth date offers and accepts."""
    if not kind or text is None:
        return {"offered": [], "accepted": []}
    found = _LIKENESS[kind](text)
    # Given and family names stand in each other's fields: their keys are of one kind.
    about = "date" if kind == "birth_date" else "name"
    return {
        "offered": sorted(_hash(about, one, key or "") for one in found.offered),
        "accepted": sorted(_hash(about, one, key or "") for one in found.accepted),
    }


def matches(text: str | None, pattern: str | None) -> bool:
    """Whether a regular expression is found in a text. The engines' own compile one per row."""
    return text is not None and bool(_compiled(pattern or "").search(text))


# Under what name, of how many texts, with what result: as DuckDB and Spark both spell types.
_FUNCTIONS: list[tuple[str, Callable[..., Any], int, str]] = [
    ("o2o_read_identifier", read_identifier, 3, "string"),
    ("o2o_read_name", read_name, 2, "struct<given: string, family: string, generation: int>"),
    ("o2o_read_birth_date", read_birth_date, 1, "string"),
    ("o2o_matches", matches, 2, "boolean"),
    ("o2o_likeness", likeness, 3, "struct<offered: array<bigint>, accepted: array<bigint>>"),
]


def register_in_duckdb(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions known to a connection, and to all cursors of it."""
    from duckdb.func import FunctionNullHandling
    from duckdb.sqltypes import DuckDBPyType

    for name, function, count, returned in _FUNCTIONS:
        connection.create_function(
            name,
            function,
            [DuckDBPyType("VARCHAR")] * count,
            DuckDBPyType(_duckdb_type(returned)),
            # The functions know what to make of a null.
            null_handling=FunctionNullHandling.SPECIAL,
        )


def register_in_spark(session: SparkSession) -> None:
    """Make the functions known to a session. Its workers need this package, too."""
    for name, function, _, returned in _FUNCTIONS:
        session.udf.register(name, function, returned)


def _duckdb_type(type_: str) -> str:
    if type_.startswith("struct"):
        fields = [field.split(": ") for field in type_[len("struct<") : -1].split(", ")]
        return f"STRUCT({', '.join(f'{name} {_duckdb_type(inner)}' for name, inner in fields)})"
    if type_.startswith("array"):
        return f"{_duckdb_type(type_[len('array<') : -1])}[]"
    return type_


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _prefix(kind: str, key: str) -> Any:
    return hashlib.sha256(f"{key}|{kind}|".encode())


def _hash(kind: str, text: str, key: str) -> int:
    keyed = _prefix(kind, key).copy()
    keyed.update(text.encode())
    return int.from_bytes(keyed.digest()[:8], signed=True)

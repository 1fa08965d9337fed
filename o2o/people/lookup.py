"""The warehouse's identity, asked from outside of dbt: whose an identifier or a record is.

Who asks has the identifier in some spelling, and the tables know the hash of what was read of it
(:mod:`identifiers.reading`, as dbt reads it): so it is read again here.
"""

# Queries are put together from this project's own constants, ids of its own tables and quoted text.
# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.registry import shareable_kinds
from identifiers import reading
from o2o.errors import O2OError
from o2o.pipeline import identity_key
from warehouse.engines.warehouse import SCHEMAS, Reader, WarehouseError
from warehouse.landing.personal import SHORTEST


class UnknownPerson(O2OError):
    """Identity knows nobody by what was asked for; the message says what to try."""


@dataclass(frozen=True)
class Identity:
    """The warehouse's identity tables, and the key that identifiers are hashed with.

    Raises IdentityKeyError for a key that is not the warehouse's: with it nobody would be found.
    """

    reader: Reader
    key: str

    def __post_init__(self) -> None:
        identity_key.check(self.reader, self.key)

    def hash(self, value: str) -> str:
        """As the macro ``keyed_hash`` does it."""
        return identity_key.keyed_hash(self.key, value)

    def outward(self, value: str) -> str:
        """As the macro ``outward_hash`` does it for the marts."""
        return self.hash(f"marts|{value}")

    def rows(self, table: str, columns: str, where: str) -> list[tuple[Any, ...]]:
        found = self.reader.query(f"select {columns} from {self.place(table)} where {where}")
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))

    def place(self, table: str) -> str:
        for schema in SCHEMAS:
            if table in self.reader.tables(schema):
                return f"{schema}.{table}"
        raise WarehouseError(f"The warehouse has no table {table}: build it first (o2o build).")

    def records_of(self, customer: str) -> list[str]:
        where = f"customer_id = {quoted(customer)}"
        return [key for (key,) in self.rows("int_identity__persons", "record_key", where)]

    def find(self, identifier: str, kind: str | None) -> tuple[list[str], list[str]]:
        """Customers, and keys of records of nobody, that carry an identifier."""
        kinds = [kind] if kind else shareable_kinds()
        spelled = {one for each in kinds for one in forms(each, identifier)}
        carriers = self.rows(
            "int_identity__observations",
            "distinct record_key",
            f"identifier_hash in ({listed(map(self.hash, {*spelled, identifier.strip()}))})"
            + (f" and identifier_type = {quoted(kind)}" if kind else ""),
        )
        keys = {key for (key,) in carriers}
        rows = self.rows(
            "int_identity__persons",
            "record_key, customer_id",
            f"record_key in ({listed(keys)})"
            + ("" if kind else f" or record_id = {quoted(identifier.strip())}"),
        )
        owners = {customer for _, customer in rows if customer}
        return sorted(owners), sorted(keys - {key for key, customer in rows if customer})


def forms(kind: str, value: str) -> list[str]:
    """The forms that dbt may have given to a value before it hashed it; none for what is no
    identifier. A national phone number has one per country."""
    if kind == "phone":
        return reading.international(value)
    text = reading.identifier(kind, value) or ""
    return [text] if kind == "email" or len(text) >= SHORTEST else []


def listed(values: Iterable[str]) -> str:
    return ", ".join(map(quoted, sorted(values))) or "null"


def quoted(text: str, mark: str = "'") -> str:
    return mark + text.replace(mark, mark * 2) + mark

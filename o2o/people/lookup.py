"""The warehouse's identity, asked from outside of dbt: whose an identifier or a record is.

What dbt does to identifiers before it hashes them (macros/identity/normalise.sql) is done again
here, because who asks has the identifier in some spelling, and the tables know its hash.
"""

# Queries are put together from this project's own constants, ids of its own tables and quoted text.
# ruff: noqa: S608
from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from o2o.errors import O2OError
from warehouse.engines.warehouse import SCHEMAS, Reader, WarehouseError
from warehouse.landing.personal import SHAREABLE, SHORTEST, spellings


class UnknownPerson(O2OError):
    """Identity knows nobody by what was asked for; the message says what to try."""


@dataclass(frozen=True)
class Numbers:
    """Phone numbers by the countries' calling codes and trunk prefixes."""

    countries: Sequence[tuple[str, str]]

    def international(self, text: str) -> list[str]:
        """E.164 without the plus, as dbt's ``normalise_phone`` has it: one number if the text is
        international, else one per country that it may be of."""
        digits = re.sub(r"[^0-9]", "", text)
        if text.startswith("+"):
            found = [digits]
        elif digits.startswith("00"):
            found = [digits[2:]]
        else:
            found = [
                code + (digits.removeprefix(trunk) if trunk else digits)
                for code, trunk in self.countries
            ]
            # North America writes its own code without a plus.
            found += [digits] if len(digits) == 11 and digits.startswith("1") else []
        return sorted({number for number in found if 8 <= len(number) <= 15})

    def spelled(self, number: str) -> set[str]:
        """All that remains of an international number when somebody writes it nationally."""
        variants = {number}
        for code, trunk in self.countries:
            if number.startswith(code):
                rest = number.removeprefix(code)
                variants |= {rest, trunk + rest, code + trunk + rest}  # +49 (0) 170 …
        return {one for variant in variants for one in spellings("phone", variant)}


@dataclass(frozen=True)
class Identity:
    """The warehouse's identity tables, and the key that identifiers are hashed with."""

    reader: Reader
    key: str

    def hash(self, value: str) -> str:
        """As the macro ``keyed_hash`` does it."""
        return hashlib.sha256(f"{self.key}|{value}".encode()).hexdigest()

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

    def numbers(self) -> Numbers:
        rows = self.rows("calling_codes", "distinct calling_code, trunk_prefix", "true")
        return Numbers([(code, trunk or "") for code, trunk in rows])

    def records_of(self, customer: str) -> list[str]:
        where = f"customer_id = {quoted(customer)}"
        rows = self.rows("int_identity__persons", "record_type, record_id", where)
        return [f"{kind}:{record}" for kind, record in rows]

    def find(self, identifier: str, kind: str | None) -> tuple[list[str], list[str]]:
        """Customers, and keys of records of nobody, that carry an identifier."""
        numbers = self.numbers()
        kinds = [kind] if kind else SHAREABLE
        spelled = {one for each in kinds for one in forms(each, identifier, numbers)}
        carriers = self.rows(
            "int_identity__observations",
            "distinct record_key",
            f"identifier_hash in ({listed(map(self.hash, {*spelled, identifier.strip()}))})"
            + (f" and identifier_type = {quoted(kind)}" if kind else ""),
        )
        keys = {key for (key,) in carriers}
        rows = self.rows(
            "int_identity__persons",
            "concat(record_type, ':', record_id), customer_id",
            f"concat(record_type, ':', record_id) in ({listed(keys)})"
            + ("" if kind else f" or record_id = {quoted(identifier.strip())}"),
        )
        owners = {customer for _, customer in rows if customer}
        return sorted(owners), sorted(keys - {key for key, customer in rows if customer})


def forms(kind: str, value: str, numbers: Numbers) -> list[str]:
    """The forms that dbt may have given to a value before it hashed it; none for what is no
    identifier. A national phone number has one per country."""
    text = value.strip()
    if kind == "email":
        is_address = re.fullmatch(r"[^@ ]+@[^@ ]+[.][^@ ]+", text)
        return spellings(kind, text) if is_address else []
    if kind == "phone":
        return numbers.international(text)
    return [text] if len(text) >= SHORTEST else []


def listed(values: Iterable[str]) -> str:
    return ", ".join(map(quoted, sorted(values))) or "null"


def quoted(text: str, mark: str = "'") -> str:
    return mark + text.replace(mark, mark * 2) + mark

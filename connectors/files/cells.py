"""One row of a file as records of a contract, in the contract's words.

Each column is told by a cell of the description. What is wrong with a row is a Fault that names the
column and what is expected, never what it says.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from connectors.core.reading import CLOCKS
from connectors.files import words
from connectors.files.description import IDENTIFIERS, LINE, Cell, Column, Description, Rows
from connectors.files.reading import Fault, Raw, spelled

RECORD, CARRIES = "_record", "_carries"  # of a payload: kind and id of who it is; identifiers
Values = dict[str, Any]


@dataclass
class Record:
    """A record as it lands: ``values`` by the contract's column. ``at``: its place among versions
    of one key, a time in UTC; empty where none is told."""

    key: str
    line: int
    values: Values
    at: str = ""


@dataclass(frozen=True)
class Maker:
    """Makes records of rows."""

    description: Description

    def is_left_out(self, raw: Raw) -> bool:
        """Whether the description leaves the row out."""
        return any(
            (self._text(raw, name) or "") in told
            for name, told in self.description.leave_out.items()
        )

    def parts(self, raw: Raw) -> Iterator[str]:
        """The records of several rows that a row is a part of; none where their key is not told."""
        for rows in self.description.groups:
            try:
                values = {name: self._value(raw, rows, name, "") for name in rows.contract.key}
            except Fault:
                continue
            if None not in values.values():
                yield f"{rows.contract.name}|{_key(rows, values)}"

    def made(self, raw: Raw, rows: Rows, counts: Counter[bytes]) -> list[Record] | None:
        """The records of a row, None if it is not meant for the contract. Raises Fault."""
        if raw.fault:
            raise Fault(raw.fault)
        for name, told in rows.where.items():
            if (self._text(raw, name) or "") not in told:
                return None
        if not rows.each:
            return self._records(raw, rows, counts)
        found = raw.get(rows.each)
        if found is None:
            return []
        if not isinstance(found, list):
            raise Fault(f"{rows.each}: must be a list")
        return [
            record
            for number, each in enumerate(found)
            for record in self._records(
                replace(raw, cells={**raw.cells, "each": each}, text=f"{number}|{raw.text}"),
                rows,
                counts,
            )
        ]

    def _records(self, raw: Raw, rows: Rows, counts: Counter[bytes]) -> list[Record]:
        number = 0
        if rows.is_numbered:
            digest = sha256(raw.text.encode(errors="surrogateescape")).digest()
            counts[digest] += 1
            number = counts[digest]
        currency = self._currency(raw, rows, "currency_code")
        values: Values = {}
        for name in rows.cells:
            book = name.startswith("book_") and name != "book_currency_code"
            code = self._currency(raw, rows, "book_currency_code") if book else currency
            value = self._value(raw, rows, name, code, number)
            if rows.cells[name].record:
                values[RECORD] = {rows.cells[name].record: value} if value is not None else {}
            else:
                values[name] = value
        if currency and "currency_code" in rows.contract.columns:
            values["currency_code"] = currency
        if values.get("record_kind"):
            values[RECORD] = {values["record_kind"]: values.get("record_id")}
        at = self._at(raw)
        if rows.contract.name != IDENTIFIERS:
            return [Record(_key(rows, values), raw.line, values, at)]
        return list(self._identified(raw, rows, values, at))

    def _identified(self, raw: Raw, rows: Rows, values: Values, at: str) -> Iterator[Record]:
        """A record for each identifier that a row carries."""
        kind, name = values.get("record_kind"), values.get("record_id")
        for kind_of, cell in rows.identifiers.items():
            column = rows.contract.columns["identifier_value"]
            if (value := self._of(raw, column, cell, "", 0)) is None:
                continue
            told = {
                **values,
                "identifier_type": kind_of,
                "identifier_value": value,
                CARRIES: {kind_of: value},
            }
            mark = sha256(str(value).encode()).hexdigest()[:12]  # a key is no place for an address
            yield Record(f"{kind}|{name}|{kind_of}|{mark}", raw.line, told, at)

    def _at(self, raw: Raw) -> str:
        name = self.description.newest_by
        if name in ("", LINE):
            return ""
        text = self._text(raw, name)
        if text is None:
            raise Fault(f"column {name} (newest_by): is empty, and must not be")
        try:
            at = words.moment(text, Cell(), self.description)
        except Fault as fault:
            raise Fault(f"column {name} (newest_by): {fault}") from None
        if datetime.fromisoformat(at) > datetime.now(UTC) + CLOCKS:
            raise Fault(f"column {name} (newest_by): is in the future")
        return at

    def _currency(self, raw: Raw, rows: Rows, name: str) -> str:
        """The currency of a row's amounts; empty if nobody tells."""
        found = self._value(raw, rows, name, "") if name in rows.cells else None
        code = str(found or self.description.currency)
        if code and code not in self.description.exponents:
            raise Fault(f"{place(rows.cells.get(name), name)}: is no currency of ISO 4217")
        return code

    def _value(self, raw: Raw, rows: Rows, name: str, currency: str, number: int = 0) -> Any:
        """A contract's column as the row tells it; None if it does not. Raises Fault."""
        column = rows.contract.columns[name]
        cell = rows.cells.get(name)
        value = self._of(raw, column, cell, currency, number) if cell else None
        if value is None and (name in rows.contract.key or column.is_required):
            default = column.default
            if not default and name not in _summed(rows):
                raise Fault(f"{place(cell, name)}: is empty, and must not be")
        return value

    def _of(self, raw: Raw, column: Column, cell: Cell, currency: str, number: int) -> Any:
        try:
            text = self._told(raw, column, cell, number)
            if text is None:
                return None
            if column.kind not in ("minor", "micros", "whole", "number"):
                return _PLAIN[column.kind](text, cell, column, self.description)
            return self._number(raw, column, cell, currency, text)
        except Fault as fault:
            raise Fault(f"{place(cell, column.name)}: {fault}") from None

    def _told(self, raw: Raw, column: Column, cell: Cell, number: int) -> str | None:
        if cell.always is not None:
            return cell.always
        if cell.made_of == ("row",):
            text = raw.text.encode(errors="surrogateescape")
            return sha256(text).hexdigest()[:20] + (f"-{number}" if number > 1 else "")
        if cell.made_of:
            parts = [self._text(raw, name) for name in cell.made_of]
            return None if None in parts else sha256(json.dumps(parts).encode()).hexdigest()[:20]
        parts = [self._text(raw, name) for name in cell.columns]
        there = [part for part in parts if part is not None]
        if not there or (len(there) < len(parts) and (column.is_required or cell.record)):
            return None
        return cell.join.join(there)

    def _number(self, raw: Raw, column: Column, cell: Cell, currency: str, text: str) -> Any:
        if cell.always is not None:  # written in the description, not in a file
            found = words.decimal(text, replace(self.description, decimal=".", thousands=""))
        else:
            if cell.values is not None:
                text = cell.values.get(text, text)
            found = words.decimal(text, self.description)
        for name in cell.less:
            if (taken := self._text(raw, name)) is not None:
                found -= words.decimal(taken, self.description)
        found = -found if cell.is_negated else found
        if column.kind == "minor" and not cell.is_minor:
            if not currency:
                raise Fault("is an amount without a currency: say currency, or currency_code")
            return words.minor(found, self.description.exponents[currency], text)
        if column.kind == "micros" and not cell.is_minor:
            return words.whole(found.scaleb(6), text)
        if column.kind == "number":
            return Decimal(words.number(found, column, text))
        return words.whole(found, text, words.MOST_DIGITS if column.kind == "minor" else 18)

    def _text(self, raw: Raw, name: str) -> str | None:
        try:
            text = spelled(raw.get(name))
        except Fault as fault:
            raise Fault(f"column {name}: {fault}") from None
        text = text.strip() if text is not None else None
        return None if text in (None, "", *self.description.empty) else text


_PLAIN: Mapping[str, Callable[[str, Cell, Column, Description], Any]] = {
    "text": lambda text, cell, column, said: words.word(text, cell, column),
    "time": lambda text, cell, column, said: words.moment(text, cell, said),
    "day": lambda text, cell, column, said: words.day(text, cell, said),
    "flag": lambda text, cell, column, said: words.flag(words.word(text, cell, column)),
    "zone": lambda text, cell, column, said: words.zone(words.word(text, cell, column)),
}


def place(cell: Cell | None, name: str) -> str:
    columns = ", ".join((*cell.columns, *cell.less)) if cell else ""
    return f"column {columns} ({name})" if columns else name


def _key(rows: Rows, values: Values) -> str:
    return "|".join(str(values.get(name)) for name in rows.contract.key)


def _summed(rows: Rows) -> set[str]:
    return {name for whole, parts in rows.contract.sums.items() for name in (whole, *parts)}

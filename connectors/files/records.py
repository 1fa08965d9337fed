"""Rows of a file as records of one contract.

Several rows may be one record (the lines of a receipt are its order), and one row several (an
address and a phone number are two identifiers). What is wrong with one row costs that row, and the
record that it is a part of: an order without one of its lines would be a wrong sum.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from connectors.core.reading import CLOCKS
from connectors.files import words
from connectors.files.description import (
    IDENTIFIERS,
    LINE,
    Cell,
    Column,
    Description,
    Rows,
)
from connectors.files.reading import Fault, Raw, spelled

RECORD, CARRIES = "_record", "_carries"  # of a payload: kind and id of who it is; identifiers
_NEWEST_BY = Column("newest_by", "time")
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
class Refused:
    """A row that is set aside; ``text`` as it stands in the file."""

    line: int
    reason: str
    text: str


@dataclass
class Told:
    """What was left out of a file on purpose: rows of other contracts, rows that the description
    leaves out, rows that say again what another one says."""

    others: int = 0
    left_out: int = 0
    repeated: int = 0


@dataclass
class _Group:
    line: int
    values: Values
    at: str
    texts: list[tuple[int, str]]
    fault: str = ""


@dataclass
class _Survey:
    """``broken``: records with a row that is set aside, its line and why. ``keys``: of each key
    what its rows say, None where they do not say the same; or the last line of it."""

    broken: dict[str, tuple[int, str]] = field(default_factory=dict)
    keys: dict[str, str | int | None] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)


@dataclass
class Reader:
    """Reads a file's rows for one contract. ``open`` yields them, each time from the beginning."""

    description: Description
    rows: Rows
    open: Callable[[], Iterator[Raw]]
    told: Told = field(default_factory=Told)

    def read(self) -> Iterator[Record | Refused]:
        """Raises FileFault for a file that cannot be read."""
        survey = self._survey()
        groups: dict[str, _Group] = {}
        counts: Counter[bytes] = Counter()
        for raw in self.open():
            if not raw.fault and self._is_left_out(raw):
                self.told.left_out += 1
                continue
            try:
                made = self._made(raw, self.rows, counts)
                if made is not None:
                    self._whole(raw, survey)
            except Fault as fault:
                yield Refused(raw.line, str(fault), raw.text)
                continue
            if made is None:
                self.told.others += 1
            for record in made or ():
                if self.rows.is_grouped:
                    self._add(groups, record, raw)
                elif survey.keys.get(record.key, "") is None:
                    yield Refused(raw.line, _CONFLICT, raw.text)
                    break
                elif self._is_repeated(record, survey):
                    self.told.repeated += 1
                else:
                    yield from self._finished(record, [(raw.line, raw.text)])
        for key, group in groups.items():
            if group.fault:
                yield from (Refused(line, group.fault, text) for line, text in group.texts)
            else:
                record = Record(key, group.line, group.values, group.at)
                yield from self._finished(record, group.texts)

    def _is_repeated(self, record: Record, survey: _Survey) -> bool:
        """Whether another row says the same; or a later one of the key, if that is newer."""
        if self.description.newest_by == LINE:
            return survey.keys[record.key] != record.line
        if self.description.newest_by or record.key not in survey.written:
            survey.written.add(record.key)
            return False
        return True

    def _whole(self, raw: Raw, survey: _Survey) -> None:
        """Raises Fault if a record that the row is a part of lacks one of its rows."""
        for part in self._parts(raw) if survey.broken else ():
            if part in survey.broken:
                line, reason = survey.broken[part]
                other = "" if line == raw.line else f"line {line} of the same record is set aside: "
                raise Fault(f"{other}{reason}")

    def _survey(self) -> _Survey:
        """What can only be known when all rows have been read."""
        found = _Survey()
        if not self.description.groups and self.description.newest_by not in ("", LINE):
            return found
        counts = {name: Counter[bytes]() for name in self.description.rows}
        # Without groups nothing of the other contracts matters here.
        read = self.description.rows if self.description.groups else {"": self.rows}
        for raw in self.open():
            if raw.fault or self._is_left_out(raw):
                for part in self._parts(raw) if raw.fault and raw.cells else ():
                    found.broken.setdefault(part, (raw.line, raw.fault))
                continue
            for name, rows in read.items():
                try:
                    made = self._made(raw, rows, counts.get(name, Counter()))
                except Fault as fault:
                    for part in self._parts(raw):
                        found.broken.setdefault(part, (raw.line, str(fault)))
                    continue
                if rows is self.rows and not rows.is_grouped:
                    for record in made or ():
                        self._note(found.keys, record)
        return found

    def _note(self, keys: dict[str, str | int | None], record: Record) -> None:
        if self.description.newest_by == LINE:
            keys[record.key] = record.line
            return
        mark = sha256(repr(sorted(record.values.items(), key=str)).encode()).hexdigest()[:16]
        if keys.setdefault(record.key, mark) != mark:
            keys[record.key] = None

    def _is_left_out(self, raw: Raw) -> bool:
        return any(
            (self._text(raw, name) or "") in told
            for name, told in self.description.leave_out.items()
        )

    def _parts(self, raw: Raw) -> Iterator[str]:
        """The records of several rows that a row is a part of; none where their key is not told."""
        for rows in self.description.groups:
            try:
                values = {name: self._value(raw, rows, name, "") for name in rows.contract.key}
            except Fault:
                continue
            if None not in values.values():
                yield f"{rows.contract.name}|{_key(rows, values)}"

    def _made(self, raw: Raw, rows: Rows, counts: Counter[bytes]) -> list[Record] | None:
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
        if any(cell.made_of == ("row",) for cell in rows.cells.values()):
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
            raise Fault(f"{_place(rows.cells.get(name), name)}: is no currency of ISO 4217")
        return code

    def _value(self, raw: Raw, rows: Rows, name: str, currency: str, number: int = 0) -> Any:
        """A contract's column as the row tells it; None if it does not. Raises Fault."""
        column = rows.contract.columns[name]
        cell = rows.cells.get(name)
        value = self._of(raw, column, cell, currency, number) if cell else None
        if value is None and (name in rows.contract.key or column.is_required):
            default = column.default
            if not default and name not in _summed(rows):
                raise Fault(f"{_place(cell, name)}: is empty, and must not be")
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
            raise Fault(f"{_place(cell, column.name)}: {fault}") from None

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

    def _add(self, groups: dict[str, _Group], record: Record, raw: Raw) -> None:
        place = (raw.line, raw.text)
        group = groups.get(record.key)
        if group is None:
            groups[record.key] = _Group(record.line, record.values, record.at, [place])
            return
        group.texts.append(place)
        group.at = max(group.at, record.at)
        for name, value in record.values.items():
            cell = self.rows.cells.get(name)
            before = group.values.get(name)
            match cell.lines if cell else "same":
                case "sum":
                    group.values[name] = value if before is None else before + (value or 0)
                case "first":
                    group.values[name] = value if before is None else before
                case "least":
                    group.values[name] = min(
                        (v for v in (before, value) if v is not None), default=None
                    )
                case "greatest":
                    group.values[name] = max(
                        (v for v in (before, value) if v is not None), default=None
                    )
                case _ if value != before:
                    group.fault = group.fault or (
                        f"{_place(cell, name)}: line {raw.line} says something else than line"
                        f" {group.line} of the same record; say lines: sum, first, least or"
                        " greatest, or a longer key"
                    )

    def _finished(self, record: Record, texts: list[tuple[int, str]]) -> Iterator[Record | Refused]:
        try:
            record.values = finished(self.rows, record.values)
            yield record
        except Fault as fault:
            for line, text in texts:
                yield Refused(line, str(fault), text)


_CONFLICT = (
    "another line says something else of the same record: say lines: sum, first, least or greatest"
    " where lines add up, or newest_by (a column, or line) where the later one counts"
)
_PLAIN: Mapping[str, Callable[[str, Cell, Column, Description], Any]] = {
    "text": lambda text, cell, column, said: words.word(text, cell, column),
    "time": lambda text, cell, column, said: words.moment(text, cell, said),
    "day": lambda text, cell, column, said: words.day(text, cell, said),
    "flag": lambda text, cell, column, said: words.flag(words.word(text, cell, column)),
    "zone": lambda text, cell, column, said: words.zone(words.word(text, cell, column)),
}


def _place(cell: Cell | None, name: str) -> str:
    columns = ", ".join((*cell.columns, *cell.less)) if cell else ""
    return f"column {columns} ({name})" if columns else name


def _key(rows: Rows, values: Values) -> str:
    return "|".join(str(values.get(name)) for name in rows.contract.key)


def _summed(rows: Rows) -> set[str]:
    return {name for whole, parts in rows.contract.sums.items() for name in (whole, *parts)}


def finished(rows: Rows, values: Values) -> Values:
    """With what follows from the others, sums and defaults. Raises Fault where a sum is wrong."""
    contract = rows.contract
    for whole, parts in contract.sums.items():
        _add_up(contract.columns, whole, parts, values)
    for name, column in contract.columns.items():
        if values.get(name) is None and column.default:
            default = column.default
            values[name] = values.get(default) if default in contract.columns else _constant(column)
    return {name: value for name, value in values.items() if value is not None}


def _constant(column: Column) -> Any:
    if column.kind == "flag":
        return column.default == "true"
    return column.default if column.kind == "text" else int(column.default)


def _add_up(
    columns: Mapping[str, Column], whole: str, parts: Mapping[str, int], values: Values
) -> None:
    first, *rest = parts  # what the whole is of if nobody tells its parts
    others = sum(sign * (values.get(part) or 0) for part, sign in parts.items() if part != first)
    if values.get(whole) is None and values.get(first) is None:
        raise Fault(f"{whole}: is empty, and so is {first}: one of them must be there")
    if values.get(first) is None:
        values[first] = values[whole] - others
    for part in rest:
        values[part] = values.get(part) or 0
    come_to = parts[first] * values[first] + others
    if values.get(whole) is None:
        values[whole] = come_to
    if values[whole] != come_to:
        told = " ".join(f"{'+' if sign > 0 else '-'} {part}" for part, sign in parts.items())
        raise Fault(
            f"{whole}: differs by {values[whole] - come_to} minor units from {told.lstrip('+ ')}"
        )


def payload(record: Record, file: str, said_at: str) -> str:
    """What lands of a record, as JSON. Of two versions of a key that counts which was read by the
    newer description (``said_at``: since when it holds), then the one of the later ``_at``."""
    told = {"_said_at": said_at, "_at": record.at, "_file": file, "_line": record.line}
    values = {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name, value in record.values.items()
    }
    return json.dumps({**told, **values}, ensure_ascii=False)


def nth(moment: datetime, number: int) -> datetime:
    """When the file of that number counts as read: each a little later than the one before."""
    return moment + timedelta(microseconds=number)

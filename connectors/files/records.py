"""Rows of a file as records of one contract.

Several rows may be one record (the lines of a receipt are its order), and one row several (an
address and a phone number are two identifiers). What is wrong with one row costs that row, and the
record that it is a part of: an order without one of its lines would be a wrong sum.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.files.cells import Maker, Record, Values, place
from connectors.files.description import LINE, Column, Description, Rows
from connectors.files.reading import Fault, Raw
from connectors.files.survey import Survey, Surveys, survey


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
class Reader:
    """Reads a file's rows for one contract. ``open`` yields them, each time from the beginning.

    ``surveys`` is that of the readers of the other contracts, ``file`` what tells this file and
    its content from others.
    """

    description: Description
    rows: Rows
    open: Callable[[], Iterator[Raw]]
    surveys: Surveys = field(default_factory=Surveys)
    file: str = ""
    told: Told = field(default_factory=Told)

    def read(self) -> Iterator[Record | Refused]:
        """Raises FileFault for a file that cannot be read."""
        maker, survey, written = Maker(self.description), self._survey(), set[str]()
        keys = survey.keys.get(self.rows.contract.name, {})
        groups: dict[str, _Group] = {}
        counts: Counter[bytes] = Counter()
        for raw in self.open():
            if not raw.fault and maker.is_left_out(raw):
                self.told.left_out += 1
                continue
            try:
                made = maker.made(raw, self.rows, counts)
                if made is not None:
                    _whole(maker, raw, survey)
            except Fault as fault:
                yield Refused(raw.line, str(fault), raw.text)
                continue
            if made is None:
                self.told.others += 1
            for record in made or ():
                if self.rows.is_grouped:
                    self._add(groups, record, raw)
                elif keys.get(record.key, "") is None:
                    yield Refused(raw.line, _CONFLICT, raw.text)
                    break
                elif self._is_repeated(record, keys, written):
                    self.told.repeated += 1
                else:
                    yield from self._finished(record, [(raw.line, raw.text)])
        for key, group in groups.items():
            if group.fault:
                yield from (Refused(line, group.fault, text) for line, text in group.texts)
            else:
                record = Record(key, group.line, group.values, group.at)
                yield from self._finished(record, group.texts)

    def _survey(self) -> Survey:
        name = self.rows.contract.name
        if not self.description.groups:  # nothing of the other contracts matters here
            return survey(self.description, {name: self.rows}, self.open)
        every = self.description.rows
        return self.surveys.of(self.file, lambda: survey(self.description, every, self.open))

    def _is_repeated(
        self, record: Record, keys: Mapping[str, str | int | None], written: set[str]
    ) -> bool:
        """Whether another row says the same; or a later one of the key, if that is newer."""
        if self.description.newest_by == LINE:
            return keys[record.key] != record.line
        if self.description.newest_by or record.key not in written:
            written.add(record.key)
            return False
        return True

    def _add(self, groups: dict[str, _Group], record: Record, raw: Raw) -> None:
        here = (raw.line, raw.text)
        group = groups.get(record.key)
        if group is None:
            groups[record.key] = _Group(record.line, record.values, record.at, [here])
            return
        group.texts.append(here)
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
                        f"{place(cell, name)}: line {raw.line} says something else than line"
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


def _whole(maker: Maker, raw: Raw, survey: Survey) -> None:
    """Raises Fault if a record that the row is a part of lacks one of its rows."""
    for part in maker.parts(raw) if survey.broken else ():
        if part in survey.broken:
            line, reason = survey.broken[part]
            other = "" if line == raw.line else f"line {line} of the same record is set aside: "
            raise Fault(f"{other}{reason}")


_CONFLICT = (
    "another line says something else of the same record: say lines: sum, first, least or greatest"
    " where lines add up, or newest_by (a column, or line) where the later one counts"
)


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

"""What a company says of files that somebody else writes: which contracts their rows are, and how.

Whoever reads the configuration makes these (``o2o.company.files``); nothing here knows where a
contract's columns are written down.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

from warehouse.landing.personal import Personal

Kind = Literal["text", "time", "day", "whole", "minor", "micros", "number", "flag", "zone"]
Lines = Literal["same", "sum", "first", "least", "greatest"]
EachFile = Literal["adds", "corrects", "replaces"]
FORMATS = ("csv", "jsonl", "parquet")
RECORD_KEY = "record_key"
IDENTIFIERS = "person_identifiers"


@dataclass(frozen=True)
class Column:
    """A column of a contract. ``scale``: decimals of a number; None where any are kept.
    ``values``: the only ones allowed, if the contract lists them. ``default``: what it is where no
    row tells: a word, or the name of another column."""

    name: str
    kind: Kind
    is_required: bool = False
    scale: int | None = None
    digits: int = 18
    values: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Contract:
    """A contract as a file can fill it: without the columns that the connection itself tells.

    ``key``: columns that tell its rows apart. ``sums``: amounts that others make up, each with the
    sign of every part.
    """

    name: str
    description: str
    owner: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]
    sums: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    personal: Personal | None = None


@dataclass(frozen=True)
class Cell:
    """How a column of a contract is told by a row of a file.

    ``columns``: those of the file, joined by ``join`` where there are several; or ``always``, the
    same in every row; or ``made_of``, columns that a digest is made of (``("row",)``: the whole
    row, and the how-manieth of its like in the file it is).
    ``values`` maps words of the file to those of the contract, ``otherwise`` is for any other.
    ``format``: of a time or day, as strptime reads it, ``unix`` or ``unix_ms``. ``is_minor``:
    amounts are in minor units already. ``less``: columns that are taken off the amount. ``lines``:
    what becomes of it where several rows are one record. ``record``: the kind of record that it is
    the id of. ``is_optional``: not every file has the column.
    """

    columns: tuple[str, ...] = ()
    join: str = "-"
    always: str | None = None
    made_of: tuple[str, ...] = ()
    values: Mapping[str, str] | None = None
    otherwise: str | None = None
    format: str = ""
    is_minor: bool = False
    is_negated: bool = False
    less: tuple[str, ...] = ()
    lines: Lines = "same"
    record: str = ""
    is_optional: bool = False


@dataclass(frozen=True)
class Rows:
    """How a file's rows fill one contract.

    ``cells`` by the contract's column. ``where``: only rows with one of these words in each of
    these columns. ``each``: the path of a list in the row, each element of which is a row.
    ``identifiers``: of person_identifiers, the cell of each type; every one that is there is a row.
    """

    contract: Contract
    cells: Mapping[str, Cell]
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    each: str = ""
    identifiers: Mapping[str, Cell] = field(default_factory=dict)

    @cached_property
    def is_grouped(self) -> bool:
        """Whether several rows of a file make one record."""
        return any(cell.lines != "same" for cell in self.cells.values())

    @cached_property
    def is_numbered(self) -> bool:
        """Whether rows that say the same are told apart by their number."""
        return any(cell.made_of == ("row",) for cell in self.cells.values())

    def read(self) -> dict[str, bool]:
        """The columns of the file that are read, and whether each must be in every file."""
        found: dict[str, bool] = dict.fromkeys(self.where, True)
        for cell in (*self.cells.values(), *self.identifiers.values()):
            made = () if cell.made_of == ("row",) else cell.made_of
            for name in (*cell.columns, *cell.less, *made):
                found[name] = found.get(name, False) or not cell.is_optional
        return found


@dataclass(frozen=True)
class Description:
    """What a folder's files hold, and how they are written.

    ``files``: pattern of their names. ``format``: empty for what the name's ending says.
    ``header``: names of the columns where the files have no line of them. ``empty``: words for no
    value. ``each_file``: whether a file adds rows, also takes out what it had before and has no
    more, or takes out all that it lacks. ``most_gone``: the largest share of what was there that a
    file may take out. ``newest_by``: the column that tells which of two rows of one key is newer;
    ``line``: the later one. ``rests_days``: how long no file may come.
    """

    rows: Mapping[str, Rows]
    exponents: Mapping[str, int]
    files: str = "*"
    format: str = ""
    delimiter: str = ""
    quote: str = '"'
    escape: str = ""
    encoding: str = "utf-8"
    skip_lines: int = 0
    header: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    time_zone: str = ""
    time_format: str = ""
    date_format: str = ""
    currency: str = ""
    empty: tuple[str, ...] = ()
    leave_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    each_file: EachFile = "corrects"
    most_gone: float = 0.5
    newest_by: str = ""
    rests_days: int = 3

    @property
    def groups(self) -> tuple[Rows, ...]:
        return tuple(rows for rows in self.rows.values() if rows.is_grouped)

    def read(self) -> dict[str, bool]:
        """The columns of the file that are read, and whether each must be in every file."""
        found: dict[str, bool] = dict.fromkeys(self.leave_out, True)
        if self.newest_by and self.newest_by != LINE:
            found[self.newest_by] = True
        for rows in self.rows.values():
            for name, is_needed in rows.read().items():
                found[name] = found.get(name, False) or is_needed
        return found

    def digest(self, contract: str) -> str:
        """Another one means that files must be read again for this contract."""
        told: dict[str, Any] = {
            **{name: getattr(self, name) for name in _READ_BY},
            "rows": [asdict(rows) for name, rows in self.rows.items() if name == contract],
            "groups": [asdict(rows) for rows in self.groups],
        }
        return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:12]


LINE = "line"  # newest_by: the later of two rows is the newer one
_READ_BY = (
    "format", "delimiter", "quote", "escape", "encoding", "skip_lines", "header", "decimal",
    "thousands", "time_zone", "time_format", "date_format", "currency", "empty", "leave_out",
    "newest_by",
)  # fmt: skip

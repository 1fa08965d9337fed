"""What a company's description of files says, checked as a whole: ``docs/files.md``."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args
from zoneinfo import available_timezones

from connectors.core.errors import near
from connectors.files.description import (
    FORMATS,
    IDENTIFIERS,
    RECORD_KEY,
    Cell,
    Contract,
    Description,
    EachFile,
    Lines,
    Rows,
)
from o2o.company.contracts import contracts, identifier_types
from o2o.company.currencies import exponents
from o2o.company.reading import CompanyError, Document, Key, dotted, read

RECORDS = ("customer", "contact", "lead", "loyalty_account", "browser", "app_device")
_TEXTS = (
    "files", "format", "delimiter", "quote", "escape", "encoding", "decimal", "thousands",
    "time_zone", "time_format", "date_format", "currency", "newest_by", "each_file",
)  # fmt: skip
_ONE_SIGN = ("delimiter", "quote", "escape", "decimal", "thousands")
_LISTS = ("header", "empty")
_NUMBERS = ("skip_lines", "most_gone", "rests_days")
_WORDS = ("leave_out",)
KEYS = ("contracts", *_TEXTS, *_LISTS, *_NUMBERS, *_WORDS)
ROWS_KEYS = ("where", "each", "identifiers")
_RENAMED = {
    "column": "columns", "columns": "columns", "times": "", "always": "always", "join": "join",
    "made_of": "made_of", "values": "values", "otherwise": "otherwise", "format": "format",
    "unit": "is_minor", "negate": "is_negated", "less": "less", "lines": "lines",
    "record": "record", "optional": "is_optional",
}  # fmt: skip
CELL_KEYS = tuple(name for name, meant in _RENAMED.items() if meant)


def described(file: Path) -> Description:
    """What a file says. Raises CompanyError with every fault: file, line, key, what is allowed."""
    if not file.is_file():
        raise CompanyError(f"{file}: there is no such description; docs/files.md has an example")
    document = read(file)
    reading = _Reading(document)
    found = reading.description()
    if reading.faults:
        raise CompanyError("\n".join(dict.fromkeys(reading.faults)))
    return found


@dataclass
class _Reading:
    document: Document
    faults: list[str] = field(default_factory=list)

    def fault(self, key: Key, what: str, allowed: str) -> None:
        place = self.document.place(key)
        self.faults.append(f"{place}: {dotted(key) or 'contracts'}: {what}; allowed: {allowed}")

    def one_of(self, key: Key, kind: str, name: Any, names: Iterable[str]) -> bool:
        known = [*names]
        if name in known:
            return True
        allowed = ", ".join(known) if len(known) <= 60 else f"any of {len(known)} names"
        self.fault(key, f"there is no {kind} {name!r}{near(str(name), known)}", allowed)
        return False

    def description(self) -> Description:
        data = self.document.data
        for name in data:
            self.one_of((name,), "key", name, KEYS)
        told: dict[str, Any] = {
            name: self.text((name,), data[name]) for name in _TEXTS if name in data
        }
        told |= {name: self.texts((name,), data[name]) for name in _LISTS if name in data}
        told |= {name: self.number((name,), data[name]) for name in _NUMBERS if name in data}
        if "leave_out" in data:
            told["leave_out"] = self.words(("leave_out",), data["leave_out"])
        for name in _ONE_SIGN:
            if len(told.get(name, "")) > 1 or (name == "decimal" and told.get(name) == ""):
                self.fault((name,), f"{told[name]!r} is not allowed", "one sign, in quotes")
        for name, kind, names in (
            ("format", "format", FORMATS),
            ("each_file", "way", get_args(EachFile)),
            ("time_zone", "time zone", sorted(available_timezones())),
            ("currency", "currency", exponents()),
        ):
            if told.get(name):
                self.one_of((name,), kind, told[name], names)
        if told.get("encoding") and not _is_encoding(told["encoding"]):
            self.fault(
                ("encoding",),
                f"there is none called {told['encoding']!r}",
                "utf-8, windows-1252, …",
            )
        if not 0 <= told.get("most_gone", 0) <= 1:
            self.fault(("most_gone",), f"{told['most_gone']!r} is not allowed", "a number, 0 to 1")
        if told.get("decimal", ".") == told.get("thousands"):
            self.fault(("thousands",), "it is the decimal sign", "another sign")
        listed = data.get("contracts")
        if not isinstance(listed, dict) or not listed:
            self.fault(
                ("contracts",),
                "it says of no contract what its columns are",
                "contracts with their columns",
            )
            listed = {}
        rows = {}
        for name, columns in listed.items():
            if self.one_of(("contracts", name), "contract", name, contracts()):
                rows[name] = self.rows(("contracts", name), contracts()[name], columns, told)
        return Description(rows, exponents(), **told)

    def rows(self, key: Key, contract: Contract, said: Any, told: Mapping[str, Any]) -> Rows:
        if not isinstance(said, dict):
            self.fault(key, f"{said!r} is not allowed", "the contract's columns, each with its own")
            return Rows(contract, {})
        where = self.words((*key, "where"), said["where"]) if "where" in said else {}
        each = self.text((*key, "each"), said["each"]) if "each" in said else ""
        columns = contract.columns
        cells = {}
        for name, cell in said.items():
            if name in ROWS_KEYS and name != "identifiers":
                continue
            if name == "identifiers" and contract.name == IDENTIFIERS:
                continue
            if self.one_of((*key, name), f"column of {contract.name}", name, columns):
                cells[name] = self.cell((*key, name), name, cell)
        identifiers = {}
        if contract.name == IDENTIFIERS:
            for kind, cell in (said.get("identifiers") or {}).items():
                if self.one_of((*key, "identifiers", kind), "identifier", kind, identifier_types()):
                    identifiers[kind] = self.cell((*key, "identifiers", kind), "", cell)
            if not identifiers:
                self.fault(
                    (*key, "identifiers"), "it is missing", "email: a column, phone: a column, …"
                )
        self.complete(key, contract, cells, told)
        return Rows(contract, cells, where, each, identifiers)

    def complete(
        self, key: Key, contract: Contract, cells: Mapping[str, Cell], told: Mapping[str, Any]
    ) -> None:
        """Whether all is said without which there is no row."""
        ours = ("identifier_type", "identifier_value") if contract.name == IDENTIFIERS else ()
        reckoned = {name for whole, parts in contract.sums.items() for name in (whole, *parts)}
        for name, column in contract.columns.items():
            needed = name in contract.key or column.is_required
            if (
                needed
                and name not in cells
                and name not in (*ours, *reckoned)
                and not column.default
            ):
                values = f": one of {', '.join(column.values)}" if column.values else ""
                self.fault((*key, name), "it is missing", f"a column{values}, or {{always: …}}")
        for whole, parts in contract.sums.items():
            if whole not in cells and next(iter(parts)) not in cells:
                self.fault(
                    (*key, whole), "it is missing", f"a column, or one for {next(iter(parts))}"
                )
        if (
            "location_id" in cells
            and "location_kind" in contract.columns
            and "location_kind" not in cells
        ):
            kinds = ", ".join(contract.columns["location_kind"].values)
            self.fault((*key, "location_kind"), "it is missing", f"{{always: one of {kinds}}}")
        amounts = [name for name in cells if name.endswith("_minor") and not cells[name].is_minor]
        is_told = "currency_code" in cells or told.get("currency")
        if amounts and not is_told:
            self.fault(
                (*key, amounts[0]), "nobody tells the currency", "currency, or currency_code"
            )

    def cell(self, key: Key, name: str, said: Any) -> Cell:
        if isinstance(said, str | list):
            said = {"column": said}
        if not isinstance(said, dict):
            self.fault(
                key, f"{said!r} is not allowed", "a column's name, in quotes if it is a number"
            )
            return Cell()
        told: dict[str, Any] = {}
        for part, value in said.items():
            if not self.one_of((*key, part), "key", part, CELL_KEYS):
                continue
            told[_RENAMED[part]] = self.part((*key, part), part, value)
        sources = [part for part in ("columns", "always", "made_of") if part in told]
        if len(sources) != 1:
            self.fault(key, "it tells no column", "one of column, always, made_of")
        if (name == RECORD_KEY) != ("record" in told):
            what = (
                "it does not tell whose id it is"
                if name == RECORD_KEY
                else "there is no record here"
            )
            self.fault(key, what, f"record, one of {', '.join(RECORDS)}, for record_key alone")
        if "otherwise" in told and "values" not in told:
            self.fault((*key, "otherwise"), "there are no values", "values beside it")
        return Cell(**{k: v for k, v in told.items() if k in {f.name for f in fields(Cell)}})

    def part(self, key: Key, part: str, value: Any) -> Any:
        match part:
            case "column" | "made_of" | "less":
                return self.texts(key, value)
            case "values":
                if not isinstance(value, dict):
                    self.fault(
                        key, f"{value!r} is not allowed", "words of the file, each with ours"
                    )
                    return {}
                return {_plain(word): _plain(meant) for word, meant in value.items()}
            case "always" | "otherwise":
                return _plain(value)
            case "unit":
                self.one_of(key, "unit", value, ("minor", "major"))
                return value == "minor"
            case "negate" | "optional":
                if not isinstance(value, bool):
                    self.fault(key, f"{value!r} is not allowed", "true, false")
                return bool(value)
            case "lines":
                self.one_of(key, "way", value, get_args(Lines))
                return value
            case "record":
                self.one_of(key, "kind of record", value, RECORDS)
                return value
            case _:
                return self.text(key, value)

    def text(self, key: Key, value: Any) -> str:
        if not isinstance(value, str):
            self.fault(
                key, f"{value!r} is not allowed", "text; in quotes, if it looks like a number"
            )
            return ""
        return value

    def texts(self, key: Key, value: Any) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        return tuple(self.text(key, each) for each in values)

    def number(self, key: Key, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            self.fault(key, f"{value!r} is not allowed", "a number, 0 or more")
            return 0
        number: int | float = value
        return number

    def words(self, key: Key, value: Any) -> dict[str, tuple[str, ...]]:
        """Columns, each with the words that are meant."""
        if not isinstance(value, dict):
            self.fault(key, f"{value!r} is not allowed", "columns of the file, each with its words")
            return {}
        return {
            str(name): tuple(map(_plain, words if isinstance(words, list) else [words]))
            for name, words in value.items()
        }


def _plain(value: Any) -> str:
    """A word of a file as the file has it: YAML takes yes, 1 and 1.50 for something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _is_encoding(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False


def summary(description: Description) -> Iterator[str]:
    """In a line for each contract, what its rows are."""
    for name, rows in description.rows.items():
        yield f"{name}: {', '.join(rows.cells)}"

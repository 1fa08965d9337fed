"""The rows of one file, as they stand in it: CSV, JSON lines or Parquet, each with its line.

A row that cannot be read is told with its line, and the next one is read. A file that cannot be
read as a whole is a FileFault: nobody can say what of it is missing.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs as pafs

from connectors.core.errors import near
from connectors.files.description import FORMATS, Description

SEPARATORS = (",", ";", "\t", "|")
LONGEST_CELL = (
    1_000_000  # characters; a quote that is never closed ends here, not at the file's end
)
ENDINGS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl",
    ".parquet": "parquet",
}  # fmt: skip
PACKED = (".gz", ".bz2", ".zst")
_SURROGATES = "\udc80", "\udcff"


class FileFault(Exception):
    """Nothing of the file can be taken; says what is wrong and what to do."""


class Fault(Exception):
    """A row is not what it should be; says the column and what is expected, and no value."""


@dataclass
class Raw:
    """A row as it stands in its file. ``fault`` says why it is none."""

    line: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    text: str = ""

    def get(self, name: str) -> Any:
        """What is in a column, or at a path (``a.b``); None if there is nothing."""
        if name in self.cells:
            return self.cells[name]
        found: Any = self.cells
        for part in name.split("."):
            if isinstance(found, str) and found[:1] in "{[":
                found = _json(found)
            if isinstance(found, list) and part.isdigit():
                found = found[int(part)] if int(part) < len(found) else None
            elif isinstance(found, Mapping):
                found = found.get(part)
            else:
                return None
        return found


def format_of(name: str, description: Description) -> str:
    """How a file of this name is written; empty for an ending that nobody reads."""
    if description.format:
        return description.format
    plain = name.lower()
    for ending in PACKED:
        plain = plain.removesuffix(ending)
    return next((kind for ending, kind in ENDINGS.items() if plain.endswith(ending)), "")


def rows(
    filesystem: pafs.FileSystem, path: str, description: Description, wanted: Mapping[str, bool]
) -> Iterator[Raw]:
    """The rows of a file. ``wanted``: columns that are read, and whether each must be there.

    Raises FileFault for a file that is not what the description says, OSError for one that is gone.
    """
    kind = format_of(path, description)
    if kind == "parquet":
        yield from _parquet(filesystem, path, wanted)
        return
    packed = "detect" if path.lower().endswith(PACKED) else None
    with filesystem.open_input_stream(path, compression=packed) as stream:
        try:
            if kind == "jsonl":
                yield from _json_lines(stream, description)
            elif kind == "csv":
                yield from _csv(stream, description, wanted)
            else:
                raise FileFault(
                    f"its name does not tell what it is; say format: {', '.join(FORMATS)}"
                )
        except (EOFError, pa.ArrowInvalid) as error:
            raise FileFault(f"it is cut off or damaged ({error})") from None
        except OSError as error:
            if packed:
                raise FileFault(f"it is cut off or damaged ({error})") from None
            raise


def _text(stream: Any, description: Description) -> io.TextIOWrapper:
    """The text of a file. What is not UTF-8 stays visible, so that its row can be told."""
    encoding = description.encoding.lower().replace("_", "-")
    name = "utf-8-sig" if encoding in ("utf-8", "utf8") else encoding
    errors = "surrogateescape" if name == "utf-8-sig" else "strict"
    return io.TextIOWrapper(io.BufferedReader(_Readable(stream)), name, errors, newline="")


class _Readable(io.RawIOBase):
    """pyarrow's stream, as Python's text layer reads it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self._stream.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)


def _is_foreign(text: str) -> bool:
    return not text.isascii() and any(_SURROGATES[0] <= sign <= _SURROGATES[1] for sign in text)


def _not_in(encoding: str) -> str:
    return f"not all of it is {encoding}; is it windows-1252 or iso-8859-1? Say so in encoding"


def _csv(stream: Any, description: Description, wanted: Mapping[str, bool]) -> Iterator[Raw]:
    lines = _text(stream, description)
    try:
        yield from _csv_rows(lines, description, wanted)
    except UnicodeDecodeError:
        raise FileFault(_not_in(description.encoding)) from None


def _csv_rows(
    lines: io.TextIOWrapper, description: Description, wanted: Mapping[str, bool]
) -> Iterator[Raw]:
    reader, names, skipped, delimiter = _opened(lines, description)
    places = _places(names, wanted, delimiter)
    end = skipped + reader.line_num
    while True:
        begin = end + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            end = skipped + reader.line_num
            if "end of data" in str(error) or "field larger" in str(error):
                raise FileFault(
                    f"line {begin}: a quote is opened and not closed; rows behind it cannot be told"
                    " apart"
                ) from None
            yield Raw(begin, fault=f"its quotes cannot be read ({error})")
            continue
        end = skipped + reader.line_num
        if not cells or cells == [""]:
            continue
        if len(cells) > len(names) and not any(map(str.strip, cells[len(names) :])):
            cells = cells[: len(names)]
        row = Raw(begin, {name: cells[at] for name, at in places.items() if at < len(cells)})
        row.text = delimiter.join(cells)
        if len(cells) != len(names):
            row.fault = f"it has {len(cells)} cells, and the line of column names has {len(names)}"
            if end > begin:
                row.fault += f"; a quote that is not closed joins lines {begin} to {end}"
        elif _is_foreign(row.text):
            row.fault = _not_in(description.encoding)
        elif "\0" in row.text:
            row.fault = "it holds a NUL"
        yield row


def _opened(lines: io.TextIOWrapper, description: Description) -> tuple[Any, list[str], int, str]:
    """A reader of a file's rows, the names of its columns, how many lines stand above those that
    the reader counts, and what is between cells."""
    above = [lines.readline() for _ in range(description.skip_lines)]
    head = lines.readline()
    skipped, delimiter = len(above), description.delimiter
    if head.lower().startswith("sep=") and len(head.strip()) == 5:  # Excel's own word
        delimiter, head, skipped = delimiter or head.strip()[4], lines.readline(), skipped + 1
    if not head.strip():
        raise FileFault("it is empty: there is no line of column names")
    if head.startswith(("PK\x03\x04", "\xd0\xcf\x11\xe0")):
        raise FileFault("it is a workbook: save the sheet as CSV")
    delimiter = delimiter or max(SEPARATORS, key=head.count)
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(
        _again(head, lines),
        delimiter=delimiter,
        quotechar=description.quote or None,
        quoting=csv.QUOTE_MINIMAL if description.quote else csv.QUOTE_NONE,
        escapechar=description.escape or None,
        strict=True,
    )
    names = [name.strip() for name in description.header]
    if not names:
        try:
            names = [name.strip() for name in next(reader)]
        except csv.Error as error:
            raise FileFault(f"line {skipped + 1}: the line of column names: {error}") from None
        if any(map(_is_foreign, names)):
            raise FileFault(f"line {skipped + 1}: {_not_in(description.encoding)}")
    return reader, names, skipped, delimiter


def names(filesystem: pafs.FileSystem, path: str, description: Description) -> list[str]:
    """The columns of a CSV file. Raises FileFault."""
    packed = "detect" if path.lower().endswith(PACKED) else None
    with filesystem.open_input_stream(path, compression=packed) as stream:
        found: list[str] = _opened(_text(stream, description), description)[1]
        return found


def _again(head: str, lines: Iterable[str]) -> Iterator[str]:
    yield head
    yield from lines


def _places(names: list[str], wanted: Mapping[str, bool], delimiter: str = "") -> dict[str, int]:
    """Where each wanted column is; raises FileFault for those that are missing or there twice."""
    folded = [" ".join(name.split()).casefold() for name in names]
    found: dict[str, int] = {}
    missing = []
    for name, is_needed in wanted.items():
        plain = " ".join(name.split()).casefold()
        hits = [at for at, one in enumerate(names) if one == name] or [
            at for at, one in enumerate(folded) if one == plain
        ]
        if len(hits) > 1:
            raise FileFault(f"there are {len(hits)} columns called {name!r}: rename or drop one")
        if hits:
            found[name] = hits[0]
        elif is_needed:
            missing.append(f"{name!r}{near(name, names)}")
    if missing:
        cut = f", cut at {delimiter!r}" if delimiter else ""
        told = ", ".join(map(repr, names[:40]))
        raise FileFault(f"there is no column {', '.join(missing)}; its columns{cut} are {told}")
    return found


def _json(text: str) -> Any:
    """Numbers as they are spelled. Raises ValueError for what is no JSON."""
    return json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number)


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _json_lines(stream: Any, description: Description) -> Iterator[Raw]:
    lines = _text(stream, description)
    try:
        first = lines.readline()
        if first.lstrip()[:1] == "[":
            yield from _json_list(first + lines.read())
            return
        for number, line in enumerate(_again(first, lines), start=1):
            if line.strip():
                yield _json_row(number, line)
    except UnicodeDecodeError:
        raise FileFault(_not_in(description.encoding)) from None


def _json_row(number: int, line: str) -> Raw:
    if _is_foreign(line):
        return Raw(number, fault="it is not UTF-8", text=line)
    try:
        found = _json(line)
        line.encode()
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return Raw(number, fault="it holds half of a surrogate pair")
    except (ValueError, RecursionError):
        return Raw(number, fault="it is not one JSON document", text=line)
    if not isinstance(found, dict):
        return Raw(number, fault="it is no JSON object", text=line)
    return Raw(number, found, text=line)


def _json_list(text: str) -> Iterator[Raw]:
    try:
        found = _json(text)
    except (ValueError, RecursionError) as error:
        raise FileFault(f"it begins as a JSON list and is none to its end ({error})") from None
    for number, each in enumerate(found, start=1):
        yield _json_row(number, json.dumps(each, ensure_ascii=True))


def _parquet(filesystem: pafs.FileSystem, path: str, wanted: Mapping[str, bool]) -> Iterator[Raw]:
    try:
        with filesystem.open_input_file(path) as file:
            table = pq.ParquetFile(file)
            names = table.schema_arrow.names
            tops = {name: name if name in names else name.split(".")[0] for name in wanted}
            _places(names, {top: wanted[name] for name, top in tops.items()})
            columns = sorted({top for top in tops.values() if top in names})
            number = 0
            for batch in table.iter_batches(10_000, columns=columns):
                for cells in batch.to_pylist():
                    number += 1
                    yield Raw(number, cells, text=json.dumps(cells, default=str))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise FileFault(f"it is not whole Parquet ({str(error).splitlines()[0]})") from None


def spelled(value: Any) -> str | None:
    """A value as text: numbers with all their digits, times as ISO 8601; None for none.

    Raises Fault for a list or an object.
    """
    if value is None or value.__class__ is str:
        return value  # type: ignore[no-any-return]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return None if math.isnan(value) else format(Decimal(repr(value)), "f")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping | list):
        raise Fault("is a list or an object, and must be one value")
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)

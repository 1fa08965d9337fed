"""Take a page of JSON apart and keep each row's own text.

Landed payloads are the vendor's bytes. Parsing a row and writing it again would turn ``1.10`` into
``1.1`` and long decimals into the nearest float. So msgspec cuts the page's array into rows without
making objects of them, and of each row only the few fields that somebody asks for are read.

msgspec takes what both engines read, and refuses a page as a whole. One that it refuses is cut by
its brackets, and each row is tried alone: those that are no valid JSON are marked, to be set aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import repeat
from typing import Any, TypeVar

import msgspec
import pyarrow as pa

from warehouse.landing.picking import TOO_DEEP, Array, columns, cutters, picker, pickers, whole

Path = tuple[str, ...]
Span = tuple[int, int]
Read = TypeVar("Read")

MISSING = "is missing"
WRONG = "is not an array"

NOT_THE_END_OF_A_VALUE = "{ \t\r\n"
_HALF = "half of a surrogate pair"

_any = msgspec.json.Decoder()
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw = msgspec.json.Decoder(msgspec.Raw)
_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:"]|[^\s\[\]{},:"]+', re.DOTALL)


@dataclass(frozen=True)
class Unread:
    """Stands for a row that is not valid JSON, and says why."""

    reason: str


@dataclass
class _Whole:
    """The rows as one array, as long as they are these. What is called as one of ``added`` stands
    in the rows alone."""

    array: Array
    rows: list[str]
    added: frozenset[str] = frozenset()


@dataclass
class Page:
    """One page: the text of its rows, and everything around them.

    ``unread`` says of rows, by their number, why they are no valid JSON. ``gap`` is MISSING or
    WRONG where the document has no array of rows; ``envelope`` is then the whole document.
    ``made`` are rows that the source made itself, one for each of ``raw``. ``is_last``: no page
    follows, as far as the vendor tells.
    """

    raw: list[str] = field(default_factory=list)
    envelope: Any = None
    total: int | None = None  # rows of the whole query, where the vendor says so
    unread: dict[int, str] = field(default_factory=dict)
    gap: str = ""
    made: list[Any] | None = None
    is_last: bool = False
    _whole: _Whole | None = field(default=None, repr=False, compare=False)

    @property
    def items(self) -> list[Any]:
        """The rows, parsed; Unread in place of those that are not valid JSON."""
        return self._read(whole)

    def pick(self, *paths: str) -> list[Any]:
        """The rows with only what is at these paths (``a.b``): much cheaper than ``items``."""
        found = None if self.made is not None else self._together(pickers(paths), *paths)
        return self._read(picker(paths)) if found is None else found

    def columns(
        self, paths: tuple[str, ...], optional: tuple[str, ...] = ()
    ) -> list[list[Any]] | None:
        """For each path what the rows have there, much cheaper again. None unless each of them has
        a text or a whole number on every path; on an optional one, which are the last, maybe
        nothing."""
        if self.made is not None:
            return None
        return self._together(columns(paths, optional), *paths, *optional)

    def members(self, *names: str) -> list[list[str | None]]:
        """For each name the rows' members that are called so, as their own text; None for a row
        that has none."""
        found = self._together(cutters(names), *names)
        if found is not None:
            return found
        rows = list(self.each(_members_of))
        return [
            [
                str(row[name], "utf-8") if isinstance(row, dict) and name in row else None
                for row in rows
            ]
            for name in names
        ]

    def add(self, members: str | Sequence[str], *names: str) -> None:
        """Add members to each row that is an object (see :func:`extend`): the same to all of them,
        or to each its own (empty: none). ``names`` is how they are called: what else the rows have
        is then read as fast as before."""
        before, known = self.raw, self._known
        self.raw = [
            f"{raw[:-1]},{more}}}"
            if more
            and raw[:1] == "{"
            and raw[-1:] == "}"
            and raw[-2:-1] not in NOT_THE_END_OF_A_VALUE
            else _extended(raw, more)
            for raw, more in zip(
                before,
                repeat(members, len(before)) if isinstance(members, str) else members,
                strict=True,
            )
        ]
        for number in self.unread:
            self.raw[number] = before[number]
        if known and names:
            self._whole = replace(known, rows=[*self.raw], added=known.added.union(names))

    def add_to_all(self, values: Mapping[str, Any]) -> None:
        """Add the same values to each row that is an object. Where nobody could read them, those
        rows are unread."""
        said = _written(values)
        if said is not None:
            self.add(said, *values)
            return
        for number, raw in enumerate(self.raw):
            if raw[:1] == "{":
                self.unread.setdefault(number, _HALF)

    @property
    def _known(self) -> _Whole | None:
        """None where a row was changed since. Texts that are still the same compare at once."""
        return self._whole if self._whole and self._whole.rows == self.raw else None

    def _together(self, reader: Callable[[Array, int], Read | None], *paths: str) -> Read | None:
        """What a reader of these paths makes of all rows; None where they are read one by one."""
        if self.unread:
            return None
        known = self._known
        if not known or not known.added.isdisjoint(path.partition(".")[0] for path in paths):
            known = self._whole = _Whole(f"[{','.join(self.raw)}]", [*self.raw])
        return reader(known.array, len(self.raw))

    def _read(self, one: Callable[[str], Any]) -> list[Any]:
        return list(self.each(one)) if self.made is None else self.made

    def add_to(self, number: int, name: str, value: Any) -> None:
        """Add a member to a row's object, its own text left alone. A row that is no object stays
        as it is; one whose new member nobody could read is unread."""
        raw = self.raw[number]
        if number in self.unread or not raw.lstrip().startswith("{"):
            return
        said = _written({name: value})
        if said is None:
            self.unread[number] = _HALF
        else:
            self.raw[number] = extend(raw, said)

    def take(self, other: Page) -> None:
        """Take another page's rows behind one's own."""
        behind = len(self.raw)
        self.raw += other.raw
        self.unread |= {behind + number: why for number, why in other.unread.items()}

    def each(self, one: Callable[[str], Any]) -> Iterator[Any]:
        """The rows as ``one`` reads their text, one after the other: what is not kept costs little.
        Unread in place of those that it cannot read."""
        for number, raw in enumerate(self.raw):
            if number in self.unread:
                yield Unread(self.unread[number])
                continue
            try:
                found = one(raw)
            except (ValueError, RecursionError) as error:
                # How deeply a text may be nested depends on how deep the reading program stands.
                found = Unread(_reason(raw.encode(), error))
            yield found


def split(body: bytes | str, path: Path | None) -> Page:
    """The page of a JSON document whose rows are the array at ``path`` (``()``: the document
    itself; None: it has no rows).

    The envelope is the document with that array left empty. Raises ValueError when the body is not
    one whole JSON document.
    """
    body = (body.encode() if isinstance(body, str) else body).removeprefix(_BOM)
    if path is None:
        return Page(envelope=_envelope(body))
    try:
        found = _cutter(path).decode(body)
        for _ in path:
            found = found.inner
    except msgspec.ValidationError:
        return Page(envelope=_envelope(body), gap=WRONG)
    except (msgspec.DecodeError, RecursionError):
        return _careful(body, path)
    except AttributeError:
        found = msgspec.UNSET
    if found is msgspec.UNSET:
        return Page(envelope=_envelope(body), gap=MISSING)
    if not found:
        return Page(envelope=_envelope(body))
    begin = _offset(found[0], body)
    end = _offset(found[-1], body) + len(memoryview(found[-1]))
    page = Page(envelope=_envelope(body[:begin] + body[end:]))
    try:
        page.raw = list(map(str, found, repeat("utf-8")))
    except UnicodeDecodeError:
        _take(page, map(bytes, found))
    else:
        page._whole = _Whole(b"[%b]" % body[begin:end], [*page.raw])
    return page


def extend(raw: str, members: str) -> str:
    """Add members (``"name":value,…``) to the end of a row's object, leaving its own text alone."""
    if raw.endswith("}") and raw[-2:-1] not in NOT_THE_END_OF_A_VALUE:
        return f"{raw[:-1]},{members}}}"
    body = raw.rstrip()[:-1].rstrip()
    return f"{body}{'' if body == '{' else ','}{members}}}"


def _extended(raw: str, members: str) -> str:
    return extend(raw, members) if members and raw[:1] == "{" else raw


def _written(values: Mapping[str, Any]) -> str | None:
    """The members of an object, as text; None for what is no UTF-8."""
    said = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    try:
        said.encode()
    except UnicodeEncodeError:
        return None
    return said[1:-1]


@cache
def _cutter(path: Path) -> msgspec.json.Decoder[Any]:
    kind: Any = list[msgspec.Raw]
    for name in reversed(path):
        kind = msgspec.defstruct("Level", [("inner", kind, msgspec.UNSET)], rename={"inner": name})
    return msgspec.json.Decoder(kind)


def _offset(row: msgspec.Raw, body: bytes) -> int:
    """Where a row begins: it is a view of the body."""
    return int(pa.py_buffer(row).address - pa.py_buffer(body).address)


def _envelope(body: bytes) -> Any:
    try:
        return _any.decode(body)
    except (msgspec.DecodeError, RecursionError):
        pass  # what a vendor says around its rows need not be as strict as they
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def _take(page: Page, rows: Iterable[bytes]) -> None:
    """Take rows one by one, with a mark on those that are not valid JSON."""
    for number, row in enumerate(rows):
        try:
            page.raw.append(row.decode())
            _raw.decode(row)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            page.unread[number] = _reason(row, error)
            if isinstance(error, UnicodeDecodeError):
                page.raw.append(row.decode(errors="backslashreplace"))


def _members_of(raw: str) -> dict[str, msgspec.Raw] | None:
    """None for what is no object."""
    try:
        return _object.decode(raw)
    except msgspec.ValidationError:
        return None


def _reason(row: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError) or str(error) == TOO_DEEP:
        return TOO_DEEP
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    try:
        json.dumps(json.loads(row), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return _HALF
    except (ValueError, RecursionError):
        pass
    return "not valid JSON"


def _careful(body: bytes, path: Path) -> Page:
    """The page of a document that is not valid JSON, if only its rows are at fault."""
    begin = _begin(body, 0)
    if _TOKEN.search(body, _end(body, begin)):
        raise ValueError("text after the end of the JSON document")
    for name in path:
        members = dict(_members(body, begin)) if body[begin : begin + 1] == b"{" else {}
        if name not in members:
            return Page(envelope=_envelope(body), gap=MISSING)
        begin = members[name]
    if body[begin : begin + 1] != b"[":
        return Page(envelope=_envelope(body), gap=WRONG)
    spans = list(_elements(body, begin))
    page = Page(envelope=_envelope(body[: begin + 1] + body[_end(body, begin) - 1 :]))
    _take(page, (body[start:end] for start, end in spans))
    return page


def _members(body: bytes, at: int) -> Iterator[tuple[str, int]]:
    """The name of each member of the object that begins at ``at``, and where its value begins."""
    at = _begin(body, at + 1)
    while body[at : at + 1] != b"}":
        end = _end(body, at)
        name, colon = _any.decode(body[at:end]), _begin(body, end)
        if not isinstance(name, str) or body[colon : colon + 1] != b":":
            raise ValueError("expected a name and a colon")
        value = _begin(body, colon + 1)
        yield name, value
        at = _next(body, _end(body, value), b"}")


def _elements(body: bytes, at: int) -> Iterator[Span]:
    """Where each element of the array that begins at ``at`` begins and ends."""
    at = _begin(body, at + 1)
    while body[at : at + 1] != b"]":
        end = _end(body, at)
        yield at, end
        at = _next(body, end, b"]")


def _next(body: bytes, at: int, closing: bytes) -> int:
    at = _begin(body, at)
    if body[at : at + 1] == closing:
        return at
    if body[at : at + 1] != b",":
        raise ValueError("expected a comma")
    return _begin(body, at + 1)


def _begin(body: bytes, at: int) -> int:
    """Where the next token begins."""
    found = _TOKEN.search(body, at)
    if not found:
        raise ValueError("the JSON document is cut off")
    return found.start()


def _end(body: bytes, at: int) -> int:
    """The end of the value that begins at ``at``, by its brackets."""
    depth = 0
    for token in _TOKEN.finditer(body, at):
        sign = token[0]
        if sign == b'"':
            break
        depth += (sign in (b"{", b"[")) - (sign in (b"}", b"]"))
        if depth <= 0:
            return token.end()
    raise ValueError("the JSON document is cut off")

"""What the suite of behaviours has to know of one vendor.

A vendor's shape is a stub that serves one of its streams as the vendor does: how it pages, what it
says of a dead page token, how it refuses. The suite (`test_behaviours.py`) plays on it, and the
vendor's own tests start from it. What a vendor does not have is `Impossible`, with the reason.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.vendor_stub import Answer, Request, Vendor

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
TOKEN = Answer({"access_token": "t", "expires_in": 3600})
# Numbers that a parser and a printer would not give back as they were.
DIGITS = ("1.10", "12345678901234567.890")
# A number that is to be sent as it is written stands in a row as "~1.10~".
_BARE = re.compile(rb'"~([^"]*)~"')


@dataclass(frozen=True)
class Impossible:
    """What cannot be asked of a vendor, and why."""

    reason: str


def number_of(text: str) -> int:
    """Vendors' ids are numbers; the tags of the suite are taken for such."""
    return int(text) if text.isdigit() else int.from_bytes(text.encode())


class Shape(ABC):
    """A vendor that serves the rows that a test gives it, and the trouble that it is to meet."""

    source: ClassVar[str]
    stream: ClassVar[str]
    """The stream that the suite loads, unless a behaviour needs another."""
    counted: ClassVar[str | Impossible]
    """A stream whose answers tell how many rows there are."""
    expired: ClassVar[Answer | Impossible]
    """The answer to a page token that is dead."""
    busy: ClassVar[Answer]
    """The answer to who asks too much."""
    error_in_200: ClassVar[Answer]
    """An error that comes as a success."""
    renews: ClassVar[bool | Impossible]
    """Credentials are traded for a token that ends."""
    tokens_work_once: ClassVar[bool] = False
    """A token that is traded is worth nothing any more."""
    late: ClassVar[timedelta]
    """How far behind the newest row another one may still appear."""
    day_edges: ClassVar[tuple[str, tuple[tuple[str, str], ...]] | Impossible]
    """A stream of days, and moments with the newest day that it covers then."""
    beyond_the_cap: ClassVar[Callable[..., str] | Impossible]
    """Holds more than one query may bring, and tells in which stream."""
    take_back: ClassVar[Callable[..., tuple[str, str]] | Impossible]
    """Takes a record back; tells the stream that says so, and what its payload then holds."""
    shifts: ClassVar[bool | Impossible]
    """Pages move when a row is edited: the page token counts rows."""
    rows_at: ClassVar[tuple[str, ...] | Impossible]
    """Where the rows of a page are."""
    torn: ClassVar[Any | Impossible]
    """A page that says that there are more, without the token of the next."""
    capped: ClassVar[bool | Impossible] = Impossible("no query is capped by a number of rows")
    """`beyond_the_cap` is a number of rows."""
    more_fields: ClassVar[bool | Impossible] = True
    """A record has other fields than those that `row` gives it."""

    def __init__(self, vendor: Vendor, page_size: int = 10_000) -> None:
        self.vendor = vendor
        self.page_size = page_size
        self.records: dict[str, tuple[datetime, dict[str, Any]]] = {}
        self.claimed = 0  # rows that it says it has beyond those it has
        self.troubles: dict[int, Answer] = {}  # by the number of the request for rows
        self.lasting: Answer | None = None  # from the second request on
        self.asked = 0
        self.strays: list[bytes] = []  # elements as text, which come on the first page
        self.turns = False  # page tokens lead in a circle
        self.spoil: Callable[[int, bytes], bytes | Answer] = lambda number, body: body
        self.meanwhile: Callable[[int], None] = lambda number: None  # before each answer
        self.tokens = 0
        self.connection = self.serve()

    @abstractmethod
    def serve(self) -> Connection:
        """Answer the vendor's routes; returns the connection that leads there."""

    @abstractmethod
    def row(self, tag: str, at: datetime, text: str) -> dict[str, Any]:
        """A record of the stream at a moment, with a text in one of its fields."""

    @abstractmethod
    def tag(self, payload: Any) -> str:
        """The tag of a landed record."""

    def told(self, text: str) -> str:
        """What a landed record shows of a text in one of its fields."""
        return text

    @abstractmethod
    def page(self, request: Request) -> Any:
        """The page that a request asks for."""

    def add(self, tag: str, at: datetime, text: str = "as first told", **more: Any) -> None:
        """Add a record, or replace the one with this tag."""
        self.records[tag] = at, {**self.row(tag, at, text), **more}

    def fill(self, moments: list[timedelta], begin: datetime = JUNE - timedelta(days=1)) -> None:
        """Records called 0, 1, 2 … in the order of their times."""
        for number, after in enumerate(sorted(moments)):
            self.add(str(number), begin + after)

    def between(self, since: str, until: str) -> list[dict[str, Any]]:
        """Records from one time to another, both included and written alike, oldest first."""
        first, last = times.parse(since), times.parse(until)
        found = [each for each in self.records.values() if first <= each[0] <= last]
        return [row for _, row in sorted(found, key=lambda each: each[0])]

    def cut(self, rows: list[Any], token: Any, size: int = 10_000) -> tuple[list[Any], str | None]:
        """One page of rows, and the token of the next."""
        at = int(token or 0)
        if self.turns:
            return rows[: self.page_size], "0" if at else str(self.page_size)
        end = at + min(size, self.page_size)
        return rows[at:end], str(end) if end < len(rows) else None

    def needs(self, name: str) -> Any:
        """What a vendor declares; where that is impossible, the test ends here and says why."""
        declared = getattr(self, name)
        if isinstance(declared, Impossible):
            pytest.skip(f"impossible with {self.source}: {declared.reason}")
        return declared

    def answer(self, request: Request) -> Answer:
        """Answer a request for rows: with the trouble that it is to meet, or with a page."""
        number = self.asked
        self.asked += 1
        self.meanwhile(number)
        if trouble := self.troubles.get(number) or (number and self.lasting):
            return trouble
        found = self.page(request)
        if isinstance(found, Answer):
            spoilt = self.spoil(number, found.body)
            return spoilt if isinstance(spoilt, Answer) else replace(found, body=spoilt)
        body = _BARE.sub(rb"\1", json.dumps(found).encode())
        if self.strays and not number:
            listed = json.dumps(self.rows_of(found)).encode()
            assert body.count(listed) == 1
            strayed = b"[" + b",".join(filter(None, [listed[1:-1], *self.strays])) + b"]"
            body = body.replace(listed, strayed)
        spoilt = self.spoil(number, body)
        return spoilt if isinstance(spoilt, Answer) else Answer(spoilt)

    def rows_of(self, page: Any) -> list[Any]:
        for name in self.needs("rows_at"):
            page = page[name]
        return page

    def odd(self, tag: str, text: bytes) -> bytes:
        """A record, as text, of which one field is not as it should be."""
        return (
            json.dumps(self.row(tag, JUNE - timedelta(hours=1), "MARK"))
            .encode()
            .replace(b"MARK", text)
        )

    def token(self, request: Request) -> Any:
        """Every token is another one: t1, t2, …"""
        self.tokens += 1
        return {"access_token": f"t{self.tokens}", "expires_in": 3600}


def run(folder: Path, source: str, stream: str, connection: Connection, **how: Any) -> list[Any]:
    """Load one stream and return its payloads."""
    extract(SOURCES[source], connection, str(folder), JUNE, streams=[stream], **how)
    rows = pq.read_table(folder / source / stream).to_pylist()
    return [json.loads(row["_payload"]) for row in rows if row["_payload"]]

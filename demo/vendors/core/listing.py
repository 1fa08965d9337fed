"""Lists of a vendor, page by page, without ever counting through the rows already served.

The first page of a list fixes its ordered keys (one query, kept compactly); pages then render
only their own keys, in blocks, because planning such a query costs as
much as rendering a thousand rows.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from demo.vendors.core.wire import Problem, Whims

BLOCK = 5_000
KEPT_BLOCKS = 2

Query = Callable[..., list[tuple[Any, ...]]]
FetchKeys = Callable[[str], Any]


@dataclass(frozen=True)
class Stream:
    """How one list is found and written.

    ``index(view, **filters)`` is SQL giving one column, the keys in serving order.
    ``render(view, **filters)`` is SQL giving (key, JSON text) for the keys in ``$keys``, or
    (key, columns …) where ``write`` makes the JSON text of such a row.
    """

    name: str
    index: Callable[..., str]
    render: Callable[..., str]
    write: Callable[[tuple[Any, ...]], str] = itemgetter(1)


@dataclass(frozen=True)
class Page:
    """Rows as JSON text, where the next page starts (None: this was the last), and the total."""

    rows: list[str]
    next_offset: int | None
    total: int


class Listing:
    """One ordered list as of one moment."""

    def __init__(
        self,
        keys: Any,
        query: Query,
        render_sql: str,
        write: Callable[[tuple[Any, ...]], str],
    ) -> None:
        self._keys = keys
        self._query = query
        self._render_sql = render_sql
        self._write = write
        self._blocks: OrderedDict[int, list[str]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._keys)

    def rows(self, start: int, stop: int) -> list[str]:
        stop = min(stop, len(self))
        rows: list[str] = []
        with self._lock:
            while start < stop:
                block, within = divmod(start, BLOCK)
                part = self._block(block)[within : within + stop - start]
                rows += part
                start += len(part)
        return rows

    def _block(self, number: int) -> list[str]:
        if number not in self._blocks:
            keys = self._keys.slice(number * BLOCK, BLOCK).to_pylist()
            found = self._query(self._render_sql, {"keys": keys})
            written = {row[0]: self._write(row) for row in found}
            self._blocks[number] = [written[key] for key in keys]
            if len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        return self._blocks[number]


class Listings:
    """The most recently used lists. One that was dropped is found again, the same, by its key."""

    def __init__(self, query: Query, fetch_keys: FetchKeys, kept: int = 12) -> None:
        self._query = query
        self._fetch_keys = fetch_keys
        self._kept = kept
        self._listings: OrderedDict[tuple[Any, ...], Listing] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, stream: Stream, view: Any, filters: dict[str, Any]) -> Listing:
        key = (stream.name, view, repr(sorted(filters.items())))
        with self._lock:
            if key in self._listings:
                self._listings.move_to_end(key)
                return self._listings[key]
        listing = Listing(
            self._fetch_keys(stream.index(view, **filters)),
            self._query,
            stream.render(view, **filters),
            stream.write,
        )
        with self._lock:
            listing = self._listings.setdefault(key, listing)
            while len(self._listings) > self._kept:
                self._listings.popitem(last=False)
        return listing


def cut_page(listing: Listing, offset: int, limit: int, whims: Whims) -> Page:
    """One page, with the whims that concern rows applied so that no row is ever lost."""
    if whims.duplicate_row and limit > 1:
        # A row slipped back over the page break: the page starts one row earlier, none is skipped.
        offset = max(0, offset - 1)
    rows = listing.rows(offset, offset + limit)
    end = offset + len(rows)
    if whims.shuffle:
        random.Random(whims.seed).shuffle(rows)
    return Page(rows, end if end < len(listing) else None, len(listing))


def with_new_field(rows: list[str], whims: Whims, name: str) -> list[str]:
    """The rows with a field that the vendor has never documented, when chaos says so."""
    if not whims.new_field:
        return rows
    return ["{" + f'"{name}":{{"preview":true}},' + row[1:] for row in rows]


def digest(*parts: Any) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def write_cursor(offset: int, now: datetime, query_digest: str) -> str:
    text = json.dumps([offset, now.isoformat(), query_digest], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, query_digest: str) -> tuple[int, datetime]:
    """Offset and moment of the list; a cursor of another query is refused as vendors do."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        offset, now, of_query = json.loads(text)
        moment = datetime.fromisoformat(now)
    except (ValueError, TypeError) as error:
        raise Problem("invalid_cursor", "The cursor is not one that was issued.") from error
    if of_query != query_digest or not isinstance(offset, int) or offset < 0:
        raise Problem("invalid_cursor", "The cursor belongs to another query.")
    return offset, moment

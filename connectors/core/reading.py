"""Make rows of a page's elements, and set aside what is none.

Where all elements of a page are as a stream's usually are, they are read together, at a fraction of
the cost. Otherwise each is judged alone. Both make the same of the same page.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from connectors.core import times
from connectors.core.errors import ODD
from connectors.core.paging import Batch, member
from connectors.core.verbatim import Page, Unread

if TYPE_CHECKING:
    from connectors.core.source import Stream, Window

Function = Callable[[Any], str | None]
Field = str | Function


@dataclass(frozen=True)
class Derived:
    """A key or cursor that a function makes of the values on these paths (None: there is nothing),
    and of nothing else: then no row is read whole for it."""

    function: Callable[..., str | None]
    paths: tuple[str, ...]

    def __call__(self, item: Any) -> str | None:
        return self.function(*[member(path)(item) for path in self.paths])

    @property
    def __name__(self) -> str:
        return self.function.__name__


def derived(*paths: str) -> Callable[[Callable[..., str | None]], Derived]:
    """What a function is marked with that takes the values on these paths."""
    return lambda function: Derived(function, paths)


# The spelling of a time that the warehouse's engines read, too; there are more of ISO 8601.
PLAIN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?)?"
_plain = re.compile(PLAIN).fullmatch
_shapes = str.maketrans("123456789", "000000000")
_first_moment = re.compile(r"[T ]00:00(:00(\.0+)?)?Z?").fullmatch
# How far clocks may differ; also of who writes the local time as if it were UTC.
CLOCKS = timedelta(days=1)


class Reader:
    """A function from the pages of one load of a stream to batches."""

    def __init__(self, stream: Stream, window: Window) -> None:
        self._key, self._cursor = stream.key, stream.cursor
        self._needed = _needed(stream.key), _needed(stream.cursor)
        asked = dict(zip((stream.key, stream.cursor), self._needed, strict=True))
        self._required = _paths(asked, is_made=False)
        made = _paths(asked, is_made=True)
        self._optional = tuple(path for path in made if path not in self._required)
        self._fixed = times.text(window.until) if stream.kind == "snapshot" else ""
        self._is_entity = stream.kind == "entity"
        self._is_report = stream.report is not None
        self._days = {day.isoformat() for day in window.days}
        self._filters = self._is_entity and not stream.is_filtered_by_vendor
        self._since = min([window.since, *map(window.since_of, (*window.fresh, *window.put_off))])
        self._until = window.until
        self._latest = latest(window.until)

    def __call__(self, page: Page) -> Batch:
        return self._together(page) or self._one_by_one(page)

    def _together(self, page: Page) -> Batch | None:
        """None unless all elements are rows of this load."""
        found = self._fields(page)
        if found is None:
            return None
        names, positions = found
        batch, moments = Batch(), []
        if self._is_entity:
            try:
                moments = times.parse_all(positions)
            except ValueError:
                return None
            newest = max(moments)
            if newest > self._latest or (
                self._filters and not self._since <= min(moments) <= newest <= self._until
            ):
                return None
            if newest > self._until:
                batch.ahead = sum(moment > self._until for moment in moments)
            positions = _spelled(positions, moments)
        elif self._is_report:
            days = {position: _day_of(position) for position in {*positions}}
            if not self._days.issuperset(days.values()):
                return None
            positions = [days[position] for position in positions]
        batch.rows = list(zip(names, positions, page.raw, strict=True))
        self._settle(batch, moments)
        return batch

    def _fields(self, page: Page) -> tuple[list[str], list[str]] | None:
        """The key and the cursor of all elements; None unless each has both."""
        keys, cursors = self._needed
        if not page.raw or keys is None or cursors is None:
            return None
        found = page.columns(self._required, self._optional)
        if not found:
            return None
        columns = dict(zip((*self._required, *self._optional), found, strict=True))
        names = _told(self._key, [columns[path] for path in keys])
        if not self._cursor:
            return (names, [self._fixed] * len(names)) if names else None
        positions = _told(self._cursor, [columns[path] for path in cursors])
        return (names, positions) if names and positions else None

    def _one_by_one(self, page: Page) -> Batch:
        batch = Batch()
        moments: list[datetime] = []
        keys, cursors = self._needed
        key, cursor = _text_of(self._key), _text_of(self._cursor or (lambda item: None))
        items = page.items if keys is None or cursors is None else page.pick(*keys, *cursors)
        for item, raw in zip(items, page.raw, strict=True):
            if item.__class__ is not dict:
                reason = item.reason if isinstance(item, Unread) else "not an object"
                batch.bad.append((reason, raw))
                continue
            try:
                name, position = key(item), self._fixed or cursor(item)
                moment = times.parse(position) if self._is_entity and position else None
            except ValueError:
                batch.bad.append((f"cursor is not a timestamp ({_name(self._cursor)})", raw))
                continue
            except ODD as error:
                batch.bad.append((f"unexpected shape ({type(error).__name__})", raw))
                continue
            if not name:
                batch.bad.append((f"no key ({_name(self._key)})", raw))
                continue
            if not position:
                batch.bad.append((f"no cursor ({_name(self._cursor)})", raw))
                continue
            if moment:
                if moment > self._latest:
                    batch.bad.append((f"cursor is in the future ({_name(self._cursor)})", raw))
                    continue
                if self._filters and not self._since <= moment <= self._until:
                    continue
                moments.append(moment)
                batch.ahead += moment > self._until
            elif self._is_report and (position := _day_of(position)) not in self._days:
                # A day that this load does not cover must not look as if it did.
                if _is_day(position):
                    batch.outside += 1
                else:
                    batch.bad.append((f"cursor is not a day ({_name(self._cursor)})", raw))
                continue
            batch.rows.append((name, position, raw))
        if moments:  # one of each row
            names, positions, raws = zip(*batch.rows, strict=True)
            batch.rows = list(zip(names, _spelled(list(positions), moments), raws, strict=True))
        self._settle(batch, moments)
        return batch

    def _settle(self, batch: Batch, moments: list[datetime]) -> None:
        """Find the newest cursor of a batch."""
        if moments:
            # The state never passes the window's end, whatever the rows say.
            batch.newest = times.exact(min(max(moments), self._until))
            batch.last = tuple(moments[-2:])
        elif batch.rows:
            newest = max(map(itemgetter(1), batch.rows))
            batch.newest = times.exact(self._until) if self._fixed else newest


def latest(until: datetime) -> datetime:
    """The latest time that a record can have in a load that ends at ``until``, maybe long ago."""
    return max(until, datetime.now(UTC)) + CLOCKS


def _needed(field: Field | None) -> tuple[str, ...] | None:
    """The paths that are enough to read it; None where all may be needed."""
    if field is None:
        return ()
    if isinstance(field, str):
        return tuple(field.split("|"))
    return field.paths if isinstance(field, Derived) else None


def _paths(asked: dict[Field | None, tuple[str, ...] | None], is_made: bool) -> tuple[str, ...]:
    """The paths of those keys and cursors that a function makes, or of the others."""
    of = (paths or () for field, paths in asked.items() if isinstance(field, Derived) is is_made)
    return tuple(dict.fromkeys(chain.from_iterable(of)))


def _told(field: Field, columns: list[list[Any]]) -> list[str] | None:
    """The key or cursor of all elements, by what is on its paths; None unless each has one."""
    if not isinstance(field, Derived):
        texts = _joined(columns)
        return None if "" in texts else texts
    try:
        made = list(map(field.function, *columns))
    except (*ODD, ValueError):
        return None
    texts = [each for each in made if each.__class__ is str and each]
    return texts if len(texts) == len(made) else None


def _joined(columns: list[list[Any]]) -> list[str]:
    texts = [
        column if {*map(type, column)} == {str} else list(map(str, column)) for column in columns
    ]
    return texts[0] if len(texts) == 1 else list(map("|".join, zip(*texts, strict=True)))


def _spelled(positions: list[str], moments: list[datetime]) -> list[str]:
    """The times as both engines read them."""
    # ISO 8601 writes UTC without colons, too.
    texts = "\n".join(positions)
    if "+0000" in texts:
        texts = f"{texts}\n".replace("+0000\n", "Z\n")[:-1]
        told = texts.split("\n")
        positions = told if len(told) == len(positions) else positions  # not a break within a time
    if all(map(_plain, {*texts.translate(_shapes).split("\n")})):
        return positions
    if times.are_milliseconds(positions):
        return times.exact_milliseconds(positions)
    return [
        position if _plain(position) else times.exact(moment)
        for position, moment in zip(positions, moments, strict=True)
    ]


def _day_of(text: str) -> str:
    """The day that a text is the first moment of, by the vendor's clock; else the text."""
    return text[:10] if _first_moment(text[10:]) else text


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _name(field: Field | None) -> str:
    return field if isinstance(field, str) else getattr(field, "__name__", "")


def _text_of(field: Field) -> Callable[[Any], str | None]:
    """A function from an element to a text, None where a part is missing or not a plain value."""
    if not isinstance(field, str):
        return field
    parts = [member(part) for part in field.split("|")]

    def one(item: Any) -> str | None:
        value = parts[0](item)
        if value.__class__ is str:
            return value or None
        return None if value is None or isinstance(value, dict | list) else str(value)

    def joined(item: Any) -> str | None:
        values = [part(item) for part in parts]
        return None if None in values else "|".join(map(str, values))

    return one if len(parts) == 1 else joined

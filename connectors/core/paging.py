"""Read a page run to its end, whatever the vendor does on the way.

A *run* is one query that is answered in pages. Several things end a run early or leave a hole in
it, and none may lose a row: the page token expires, the vendor caps how deep a query can be paged,
pages shift while they are read, the number of rows changes meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.core.errors import CapReached, CursorExpired, IncompleteLoad, VendorError
from connectors.core.seen import Seen
from connectors.core.verbatim import Page
from warehouse.landing.rows import Bad, Row

WHOLE_RUNS = 4  # times a run is read again when rows are missing
STUCK = 12  # expired tokens in a row without one new page


@dataclass(frozen=True)
class Instant:
    """How the rows of one and the same cursor are read where they are more than a query brings.

    ``pages(start, key)`` asks for the rows whose cursor is ``start`` and whose key is behind
    ``key`` (empty: all of them), in the order of keys. ``following(start)`` is the next start.
    """

    pages: Callable[[str, str], Iterator[Page]]
    following: Callable[[str], str]


@dataclass(frozen=True)
class Run:
    """One query, answered in pages.

    ``pages(start)`` asks the query from ``start`` on and yields its pages. Where the query is
    sorted by the cursor, ``resume(moment)`` spells a row's cursor as the start of a query that
    loses nothing after that row (edges are inclusive); without it a run starts over.
    ``shifts`` is True where pages are counted by rows: one that is edited meanwhile would move
    all later ones over the page break, so that each page is asked for by the newest cursor.
    ``cap`` is how many rows the vendor hands out for one query; where one cursor has more, or page
    tokens die before its rows are read, ``instant`` tells how to go on. ``is_keyed`` is False where
    two different rows may share a key: then rows are held against the vendor's total, not keys.
    ``part``: what of a report or a snapshot this run alone asks for (a counter). Where it cannot be
    read, the others land all the same, and the load tells so; the days of a report are asked for
    again.
    """

    pages: Callable[[str], Iterator[Page]]
    start: str = ""
    resume: Callable[[datetime], str] | None = None
    cap: int | None = None
    label: str = ""
    is_keyed: bool = True
    shifts: bool = False
    instant: Instant | None = None
    part: str = ""

    def each(self, change: Callable[[Page], Page]) -> Run:
        """The same with each page changed before it is read."""
        pages, instant = self.pages, self.instant

        def changed(start: str) -> Iterator[Page]:
            return map(change, pages(start))

        if instant:
            by_key = instant.pages
            instant = replace(instant, pages=lambda *at: map(change, by_key(*at)))
        return replace(self, pages=changed, instant=instant)


@dataclass
class Batch:
    """Rows ready to land, and elements that are not rows.

    ``newest`` is the newest cursor, as the state keeps it; ``last`` are the moments of the last two
    rows. ``ahead`` counts rows behind the window's end, ``outside`` those of days that were not
    asked for, which do not land.
    """

    rows: list[Row] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    newest: str = ""
    last: tuple[datetime, ...] = ()
    ahead: int = 0
    outside: int = 0


@dataclass
class _Query:
    """One question of a run: what the vendor said it has, and what came so far. The rows of the
    newest page are ``held`` back: most questions have one page, and are never counted."""

    is_whole: bool
    is_keyed: bool
    total: int | None = None
    count: int = 0
    keys: Seen = field(default_factory=Seen)
    held: list[Row] = field(default_factory=list)
    bad: Counter[str] = field(default_factory=Counter)

    def take(self, page: Page, batch: Batch) -> None:
        if page.total is not None:
            # The total may change while pages are read: a row that leaves is one that was moved.
            self.total = max(page.total, self.total or 0)
        self.count += len(batch.rows)
        if not self.is_whole:  # of a whole one the run knows
            self.keys.fresh(self.held)
            self.held = batch.rows

    def found(self) -> int:
        self.keys.fresh(self.held)
        self.held = []
        return (len(self.keys) if self.is_keyed else self.count) + self.bad.total()


def complete(run: Run, read: Callable[[Page], Batch]) -> Iterator[Batch]:
    """Yield every row of a run, each version once.

    The same row may come on two pages, or again after a restart: it is recognised by key and text.
    Raises IncompleteLoad when the vendor keeps reporting more rows than it hands out.
    """
    landed = Seen()
    set_aside: Counter[str] = Counter()
    for _ in range(WHOLE_RUNS):
        total: int | None = None
        query: _Query | None = None
        for query, batch in _read(run, read):
            batch.rows = landed.fresh(batch.rows)
            fresh: list[Bad] = []
            for bad in batch.bad:
                query.bad[bad[1]] += 1
                if query.bad[bad[1]] > set_aside[bad[1]]:
                    set_aside[bad[1]] += 1
                    fresh.append(bad)
            batch.bad = fresh
            if query.is_whole:
                total = query.total
            yield batch
        if query is None:
            raise VendorError(f"no page was asked for{f' of {run.label}' if run.label else ''}")
        # A query that went on half-way tells only what was left, so each is held to its own.
        if not query.is_whole and query.total is not None and query.found() < query.total:
            total, found = query.total, query.found()
        elif total is None or (run.shifts and not query.is_whole):
            return
        else:
            # What was read before and has left the query since is missing to nobody.
            found = len(landed) + set_aside.total() if run.is_keyed else query.found()
            if found >= total:
                return
    where = f" for {run.label}" if run.label else ""
    raise IncompleteLoad(
        f"the vendor reports {total} rows{where} and handed over {found}, "
        f"{WHOLE_RUNS} times. Nothing was committed; run it again."
    )


def _read(run: Run, read: Callable[[Page], Batch]) -> Iterator[tuple[_Query, Batch]]:
    """All pages of a run across expired tokens, shifting pages and the vendor's cap."""
    start, newest, stuck, furthest = run.start, None, 0, 0
    by_key: tuple[datetime | None, ...] = ()  # the newest cursor when rows were last read by key
    while True:
        query = _Query(start == run.start, run.is_keyed)
        again, pages, seen = start, 0, 0
        try:
            for page in run.pages(start):
                batch = read(page)
                query.take(page, batch)
                at = _settled(run, batch)
                yield query, batch
                pages, seen = pages + 1, seen + len(page.raw)
                if run.resume and at and (newest is None or at > newest):
                    again, newest = run.resume(at), at
                if page.is_last:
                    return
                if run.shifts and at:
                    break
                if run.cap and seen + len(page.raw) > run.cap:
                    break
            else:
                return
        except CursorExpired:
            moved = again != start or pages > furthest
            if not moved and run.instant and newest is not None and by_key != (newest,):
                # Tokens die sooner than the rows of one moment are read.
                yield from _by_key(run, run.instant, start, read)
                again, by_key, moved = run.instant.following(start), (newest,), True
            stuck = 0 if moved else stuck + 1
            if stuck > STUCK:
                raise VendorError(
                    "page tokens keep expiring before the next page is read"
                ) from None
        else:
            if again == start:
                if not run.instant:
                    raise CapReached(
                        f"more than {run.cap} rows share the cursor {start or '(none)'}: the "
                        f"vendor's cap cannot be passed and the window cannot be split further"
                    )
                if by_key == (newest,):
                    raise VendorError(
                        f"the vendor does not keep to the cursor: asked for rows from {start} on,"
                        f" it answers with older ones. Nothing was committed"
                    )
                yield from _by_key(run, run.instant, start, read)
                again, by_key = run.instant.following(start), (newest,)
        furthest = 0 if again != start else max(furthest, pages)
        start = again


def _settled(run: Run, batch: Batch) -> datetime | None:
    """The moment from which a query that is sorted by the cursor can go on after a page."""
    if run.shifts:
        # A row may show a newer version than the one by which it was sorted. If it is the last one,
        # going on from there would leave out all rows in between.
        return min(batch.last, default=None)
    return batch.last[-1] if batch.last else None


def _by_key(
    run: Run, instant: Instant, start: str, read: Callable[[Page], Batch]
) -> Iterator[tuple[_Query, Batch]]:
    """The rows of one cursor, page by page in the order of their keys."""
    key, stuck = "", 0
    while True:
        query = _Query(False, run.is_keyed)
        try:
            for page in instant.pages(start, key):
                batch = read(page)
                query.take(page, batch)
                last = batch.rows[-1][0] if batch.rows else key
                yield query, batch
                if page.is_last:
                    return
                if last != key:
                    key, stuck = last, 0
                    break
            else:
                return
        except CursorExpired:
            stuck += 1
            if stuck > STUCK:
                raise VendorError(
                    "page tokens keep expiring before the next page is read"
                ) from None


def follow(
    ask: Callable[[Any], Page], next_token: Callable[[Page], Any], first: Any = None
) -> Iterator[Page]:
    """Pages linked by a token: ``ask(token)`` gets one page, ``next_token(page)`` finds the next
    token in it, and a falsy token ends the run.

    Raises VendorError for a token that leads back to a page that was read.
    """
    token = first
    seen = {str(first)}
    while True:
        page = ask(token)
        token = next_token(page)
        page.is_last = not token
        yield page
        if not token:
            return
        if str(token) in seen:
            raise VendorError(
                "the vendor's next-page token leads back to a page just read: its pages turn in a"
                " circle. Nothing was committed; run it again"
            )
        seen.add(str(token))


def promised(has_more: Any, token: Any) -> str | None:
    """The token of the next page, None if the vendor says that there is none.

    Raises VendorError where there is a next page and no token: the rest would be lost in silence.
    """
    if not has_more:
        return None
    if not token:
        raise VendorError(
            "the vendor says that there are more pages, and gives no token for the next one."
            " Nothing was committed; run it again"
        )
    return str(token)


def member(path: str) -> Callable[[Any], Any]:
    """A getter for ``a.b.c`` in nested objects; None where a step is missing."""
    names = path.split(".")
    if len(names) == 1:
        name = names[0]
        return lambda item: item.get(name)

    def get(item: Any) -> Any:
        for name in names:
            if not isinstance(item, dict):
                return None
            item = item.get(name)
        return item

    return get

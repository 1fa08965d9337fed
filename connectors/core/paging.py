"""Read a page run to its end, whatever the vendor does on the way.

A *run* is one query that is answered in pages. Three things end a run early, and none may lose a
row: the page token expires, the vendor caps how deep a query can be paged, or pages shift while
they are read so that fewer rows arrive than the vendor reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from connectors.core.errors import CapReached, CursorExpired, IncompleteLoad, VendorError
from connectors.core.verbatim import Page
from warehouse.landing.rows import Bad, Row

WHOLE_RUNS = 4  # times a run is read again when rows are missing
STUCK = 12  # expired tokens in a row without one new page


@dataclass(frozen=True)
class Run:
    """One query, answered in pages.

    ``pages(start)`` asks the query from ``start`` on and yields its pages. Where the query is
    sorted by the cursor, ``resume(page)`` gives the start from which a new query loses nothing
    after that page (its newest cursor: edges are inclusive); without it a run starts over.
    ``cap`` is how many rows the vendor hands out for one query. ``is_keyed`` is False where two
    different rows may share a key: then rows are held against the vendor's total, not keys.
    """

    pages: Callable[[str], Iterator[Page]]
    start: str = ""
    resume: Callable[[Page], str] | None = None
    cap: int | None = None
    label: str = ""
    is_keyed: bool = True


@dataclass
class Batch:
    """Rows ready to land, and elements that are not rows."""

    rows: list[Row] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def complete(run: Run, read: Callable[[Page], Batch]) -> Iterator[Batch]:
    """Yield every row of a run, each version once.

    The same row may come on two pages, or again after a restart: it is recognised by key and text.
    Raises IncompleteLoad when the vendor keeps reporting more rows than it hands out.
    """
    landed: dict[str, int] = {}
    for _ in range(WHOLE_RUNS):
        present: set[str] = set()
        total: int | None = None
        count = 0
        for page, is_whole_query in _pages(run):
            # A query resumed half-way reports only what is left.
            total = page.total if page.total is not None and is_whole_query else total
            batch = read(page)
            present.update(key for key, _, _ in batch.rows)
            present.update(raw for _, raw in batch.bad)
            count += len(batch.rows) + len(batch.bad)
            yield Batch(
                [row for row in batch.rows if _is_new(landed, row[0], row[2])],
                [bad for bad in batch.bad if _is_new(landed, bad[1], bad[1])],
            )
        found = len(present) if run.is_keyed else count
        if total is None or found >= total:
            return
    where = f" for {run.label}" if run.label else ""
    raise IncompleteLoad(
        f"the vendor reports {total} rows{where} and handed over {found}, "
        f"{WHOLE_RUNS} times. Nothing was committed; run it again."
    )


def _is_new(landed: dict[str, int], key: str, raw: str) -> bool:
    mark = hash(raw)
    if landed.get(key) == mark:
        return False
    landed[key] = mark
    return True


def _pages(run: Run) -> Iterator[tuple[Page, bool]]:
    """All pages of a run across expired tokens and the vendor's cap; with each page, whether it
    belongs to the query from the run's own start."""
    start, stuck, furthest = run.start, 0, 0
    while True:
        again, read, count = start, 0, 0
        try:
            for page in run.pages(start):
                yield page, start == run.start
                read, count = read + 1, count + len(page.items)
                if page.items and run.resume:
                    again = run.resume(page)
                if run.cap and count + len(page.items) > run.cap:
                    break
            else:
                return
        except CursorExpired:
            moved = again != start or read > furthest
            stuck = 0 if moved else stuck + 1
            if stuck > STUCK:
                raise VendorError(
                    "page tokens keep expiring before the next page is read"
                ) from None
        else:
            if again == start:
                raise CapReached(
                    f"more than {run.cap} rows share the cursor {start or '(none)'}: the vendor's "
                    f"cap cannot be passed and the window cannot be split further"
                )
        furthest = 0 if again != start else max(furthest, read)
        start = again


def follow(
    ask: Callable[[Any], Page], next_token: Callable[[Page], Any], first: Any = None
) -> Iterator[Page]:
    """Pages linked by a token: ``ask(token)`` gets one page, ``next_token(page)`` finds the next
    token in it, and a falsy token ends the run."""
    token = first
    while True:
        page = ask(token)
        yield page
        following = next_token(page)
        if not following:
            return
        if following == token:
            raise VendorError("the vendor's next-page token is the page just read")
        token = following


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

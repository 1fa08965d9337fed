"""Behaviours 1, 2, 4 and 6: page runs lose nothing, whatever happens between two pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.errors import CapReached, CursorExpired, IncompleteLoad, VendorError
from connectors.core.paging import Batch, Instant, Run, complete, follow, member, promised
from connectors.core.verbatim import Page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Rows = list[tuple[str, int]]  # id, second


def page_of(rows: Rows, total: int | None = None) -> Page:
    items = [{"id": key, "at": at} for key, at in rows]
    return Page([json.dumps(item) for item in items], None, total)


def read(page: Page) -> Batch:
    rows, bad, last = [], [], []
    for item, raw in zip(page.items, page.raw, strict=True):
        if item is None:
            bad.append(("not an object", raw))
            continue
        rows.append((item["id"], str(item["at"]), raw))
        last.append(EPOCH + timedelta(seconds=item["at"]))
    return Batch(rows, bad, last=tuple(last[-2:]))


def newest(moment: datetime) -> str:
    return str((moment - EPOCH).seconds)


def keys(run: Run) -> list[str]:
    return [row[0] for batch in complete(run, read) for row in batch.rows]


class SortedApi:
    """Rows by second, inclusive edges, small pages; page tokens may expire, depth may be capped."""

    def __init__(self, rows: Rows, size: int, expire_at: set[int], cap: int | None = None) -> None:
        self.rows = sorted(rows, key=lambda row: row[1])
        self.size, self.expire_at, self.cap = size, set(expire_at), cap
        self.asked = 0

    def pages(self, start: str) -> Iterator[Page]:
        found = [row for row in self.rows if row[1] >= int(start)]
        for at in range(0, max(1, len(found)), self.size):
            self.asked += 1
            if at and self.asked in self.expire_at:
                raise CursorExpired
            if self.cap and at + self.size > self.cap:
                raise AssertionError("asked beyond the cap")
            yield page_of(found[at : at + self.size], len(found))


rows_of_few_seconds = st.lists(st.integers(0, 4), max_size=40).map(
    lambda seconds: [(f"k{number}", second) for number, second in enumerate(seconds)]
)


@given(
    rows=rows_of_few_seconds,
    size=st.integers(1, 5),
    expire_at=st.sets(st.integers(1, 60), max_size=8),
)
def test_behaviour_1_and_6_many_rows_of_one_second_over_page_breaks_and_expired_tokens(
    rows: Rows, size: int, expire_at: set[int]
) -> None:
    api = SortedApi(rows, size, expire_at)
    found = keys(Run(api.pages, "0", newest))
    assert sorted(found) == sorted(key for key, _ in rows)  # each once, none lost


@given(
    rows=rows_of_few_seconds,
    size=st.integers(1, 5),
    expire_at=st.sets(st.integers(1, 60), max_size=5),
)
def test_behaviour_6_a_run_that_cannot_resume_starts_over(
    rows: Rows, size: int, expire_at: set[int]
) -> None:
    api = SortedApi(rows, size, expire_at)
    assert sorted(keys(Run(api.pages, "0"))) == sorted(key for key, _ in rows)


@given(
    seconds=st.lists(st.integers(0, 30), min_size=1, max_size=60),
    expire_at=st.sets(st.integers(1, 60), max_size=5),
)
def test_behaviour_4_a_cap_continues_from_the_last_cursor(
    seconds: list[int], expire_at: set[int]
) -> None:
    rows = [(f"k{number}", second) for number, second in enumerate(seconds)]
    api = SortedApi(rows, 4, expire_at, cap=20)
    if max(seconds.count(second) for second in seconds) < 16:
        found = keys(Run(api.pages, "0", newest, cap=20))
        assert sorted(found) == sorted(key for key, _ in rows)


def test_behaviour_4_a_cap_that_cannot_be_split_raises() -> None:
    api = SortedApi([(f"k{number}", 7) for number in range(50)], 5, set(), cap=20)
    with pytest.raises(CapReached, match="more than 20 rows share the cursor 7"):
        keys(Run(api.pages, "7", newest, cap=20))


@given(
    rows=rows_of_few_seconds,
    size=st.integers(1, 5),
    longest=st.integers(1, 3),
)
def test_behaviour_6_tokens_that_die_within_one_moment_are_done_without(
    rows: Rows, size: int, longest: int
) -> None:
    """However few pages a token lives, the rows of one moment are read by their keys."""

    def pages(start: str) -> Iterator[Page]:
        found = sorted((row for row in rows if row[1] >= int(start)), key=lambda row: row[1])
        for number, at in enumerate(range(0, max(1, len(found)), size)):
            if number == longest:
                raise CursorExpired
            yield page_of(found[at : at + size], len(found))

    def of_one_second(start: str, key: str) -> Iterator[Page]:
        found = sorted(row for row in rows if row[1] == int(start) and row[0] > key)
        page = page_of(found[:size], len(found))
        page.is_last = len(found) <= size
        yield page

    instant = Instant(of_one_second, lambda start: str(int(start) + 1))
    found = keys(Run(pages, "0", newest, instant=instant))
    assert sorted(found) == sorted(key for key, _ in rows)


def test_tokens_that_always_expire_end_in_an_error() -> None:
    api = SortedApi([(f"k{number}", 7) for number in range(50)], 5, set(range(1000)))
    with pytest.raises(VendorError, match="keep expiring"):
        keys(Run(api.pages, "7", newest))


def test_behaviour_2_fewer_rows_than_reported_is_an_error() -> None:
    run = Run(lambda start: iter([page_of([("a", 1), ("b", 1)], total=3)]), label="day one")
    with pytest.raises(IncompleteLoad, match="reports 3 rows for day one and handed over 2"):
        keys(run)


def test_behaviour_2_a_duplicate_does_not_hide_a_missing_row() -> None:
    run = Run(lambda start: iter([page_of([("a", 1), ("b", 1), ("b", 1)], total=3)]))
    with pytest.raises(IncompleteLoad):
        keys(run)


def test_behaviour_2_rows_that_shifted_between_pages_are_found_when_read_again() -> None:
    attempts = iter([[("a", 1), ("b", 1)], [("a", 1), ("b", 1), ("c", 1)]])
    run = Run(lambda start: iter([page_of(next(attempts), total=3)]))
    assert keys(run) == ["a", "b", "c"]


def test_a_row_that_changed_while_reading_comes_in_both_versions() -> None:
    run = Run(lambda start: iter([page_of([("a", 1)]), page_of([("a", 2), ("b", 2)])]))
    assert keys(run) == ["a", "a", "b"]


class ShiftingApi:
    """Rows by second whose page token is an offset, and edits between two pages."""

    def __init__(self, rows: Rows, size: int, edits: dict[int, int]) -> None:
        self.at = dict(rows)
        self.size, self.edits = size, edits
        self.asked, self.latest = 0, 100

    def pages(self, start: str) -> Iterator[Page]:
        return self._pages(lambda key, at: int(start) <= at <= 100, lambda row: (row[1], row[0]))

    def of_one_second(self, start: str, key: str) -> Iterator[Page]:
        return self._pages(lambda name, at: at == int(start) and name > key, lambda row: row[0])

    def _pages(self, fits: Callable[[str, int], bool], by: Callable[..., Any]) -> Iterator[Page]:
        def ask(offset: int | None) -> Page:
            self.asked += 1
            if (edited := self.edits.get(self.asked)) is not None and self.asked > 1:
                self.latest += 1
                self.at[f"k{edited:02}"] = self.latest
            found = sorted((row for row in self.at.items() if fits(*row)), key=by)
            at = offset or 0
            page = page_of(found[at : at + self.size], len(found))
            page.envelope = at + self.size if at + self.size < len(found) else None
            return page

        return follow(ask, lambda page: page.envelope)

    def run(self) -> Run:
        following = Instant(self.of_one_second, lambda start: str(int(start) + 1))
        return Run(self.pages, "0", newest, shifts=True, instant=following)


@given(
    seconds=st.lists(st.integers(0, 4), min_size=1, max_size=40),
    size=st.integers(1, 5),
    edits=st.dictionaries(st.integers(2, 40), st.integers(0, 39), max_size=8),
)
def test_behaviour_1_edits_between_pages_hide_no_row(
    seconds: list[int], size: int, edits: dict[int, int]
) -> None:
    """A row is read, or was edited after the window's end, where the next load finds it."""
    rows = [(f"k{number:02}", second) for number, second in enumerate(seconds)]
    edits = {page: number for page, number in edits.items() if number < len(rows)}
    api = ShiftingApi(rows, size, edits)
    found = keys(api.run())
    assert len(set(found)) == len(found)
    assert {key for key, _ in rows} - set(found) <= {k for k, at in api.at.items() if at > 100}


def test_behaviour_2_a_total_that_shrinks_hides_no_row() -> None:
    """Offsets without a cursor: a row that leaves moves another one over the page break."""
    first = [page_of([("a", 1), ("b", 2)], 4), page_of([("d", 4)], 3)]
    again = [page_of([("b", 2), ("c", 3)], 3), page_of([("d", 4)], 3)]
    attempts = iter([first, again])
    assert keys(Run(lambda start: iter(next(attempts)))) == ["a", "b", "d", "c"]


def test_behaviour_2_a_total_that_grows_is_met_or_read_again() -> None:
    first = [page_of([("a", 1), ("b", 2)], 3), page_of([("c", 3)], 4)]
    again = [page_of([("a", 1), ("b", 2)], 4), page_of([("c", 3), ("d", 4)], 4)]
    attempts = iter([first, again])
    assert keys(Run(lambda start: iter(next(attempts)))) == ["a", "b", "c", "d"]


def test_elements_that_are_none_count_each_and_are_set_aside_each() -> None:
    page = Page(["null", '{"id": "a", "at": 1}', "null"], None, 3)
    (batch,) = complete(Run(lambda start: iter([page])), read)
    assert (len(batch.rows), len(batch.bad)) == (1, 2)


def test_a_vendor_that_does_not_keep_to_the_cursor_is_an_error() -> None:
    def pages(start: str) -> Iterator[Page]:
        tokens = iter("xyz")
        page = page_of([("a", 1), ("b", 1)], 5)
        return follow(lambda token: page, lambda page: next(tokens, None))

    run = Run(pages, "7", newest, shifts=True, instant=Instant(lambda *at: pages(""), str))
    with pytest.raises(VendorError, match="keep to the cursor"):
        keys(run)


@pytest.mark.parametrize("tokens", ["a", "ab", "abc"])
def test_a_token_that_leads_back_is_an_error(tokens: str) -> None:
    following = iter(tokens * 3)
    with pytest.raises(VendorError, match="page just read"):
        list(follow(lambda token: Page(), lambda page: next(following)))


def test_more_pages_without_a_token_are_an_error() -> None:
    assert promised(False, "x") is None
    assert promised(True, 7) == "7"
    with pytest.raises(VendorError, match="gives no token"):
        promised(True, None)


@pytest.mark.parametrize(
    ("path", "found"), [("a", {"b": 1}), ("a.b", 1), ("a.x", None), ("x.y", None), ("a.b.c", None)]
)
def test_member(path: str, found: object) -> None:
    assert member(path)({"a": {"b": 1}}) == found


def test_a_run_without_any_page_is_not_an_empty_one() -> None:
    with pytest.raises(VendorError, match="no page was asked for of shops"):
        keys(Run(lambda start: iter(()), label="shops"))

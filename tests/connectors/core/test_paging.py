"""Behaviours 1, 2, 4 and 6: page runs lose nothing, whatever happens between two pages."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.errors import CapReached, CursorExpired, IncompleteLoad, VendorError
from connectors.core.paging import Batch, Run, complete, follow, member
from connectors.core.verbatim import Page

Rows = list[tuple[str, int]]  # id, second


def page_of(rows: Rows, total: int | None = None) -> Page:
    items = [{"id": key, "at": at} for key, at in rows]
    return Page(items, [json.dumps(item) for item in items], None, total)


def read(page: Page) -> Batch:
    rows = zip(page.items, page.raw, strict=True)
    return Batch([(item["id"], str(item["at"]), raw) for item, raw in rows])


def newest(page: Page) -> str:
    return str(max(item["at"] for item in page.items))


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


def test_a_token_that_points_at_its_own_page_is_an_error() -> None:
    with pytest.raises(VendorError, match="page just read"):
        list(follow(lambda token: Page(), lambda page: "same"))


@pytest.mark.parametrize(
    ("path", "found"), [("a", {"b": 1}), ("a.b", 1), ("a.x", None), ("x.y", None), ("a.b.c", None)]
)
def test_member(path: str, found: object) -> None:
    assert member(path)({"a": {"b": 1}}) == found

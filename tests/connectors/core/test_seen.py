"""What came already is known as by a dictionary of all rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core import seen
from warehouse.landing.rows import Row

PAGES = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 2)), max_size=12), max_size=25
)


@given(pages=PAGES, recent=st.integers(1, 30))
def test_rows_are_known_as_by_a_dictionary(pages: list[list[tuple[int, int]]], recent: int) -> None:
    known: dict[str, str] = {}
    ours = seen.Seen()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seen, "RECENT", recent)
        for page in pages:
            rows: list[Row] = [(f"k{key}", "", f"text {text}") for key, text in page]
            expected = []
            for row in rows:
                if known.get(row[0]) != row[2]:
                    expected.append(row)
                    known[row[0]] = row[2]
            assert ours.fresh(rows) == expected
            assert len(ours) == len(known)
    assert len(ours.recent) < recent


def test_its_parts_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "RECENT", 10)
    ours = seen.Seen()
    for page in range(500):
        ours.fresh([(f"{page}-{row}", "", "") for row in range(20)])
    assert len(ours) == 10_000
    assert len(ours.settled) <= 12
    assert len(ours.recent) < 10

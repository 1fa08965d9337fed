"""Pages are taken apart without changing a byte of a row."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.verbatim import extend, split

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    rows=st.lists(values, max_size=5),
    around=st.dictionaries(st.text(), values, max_size=3),
    indent=st.sampled_from([None, 0, 2]),
    is_ascii=st.booleans(),
)
def test_rows_keep_their_own_text(rows, around, indent, is_ascii) -> None:
    around.pop("rows", None)
    document = {**around, "data": {"before": 1, "rows": rows, "after": None}}
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)
    page = split(text, ("data", "rows"))
    assert page.items == rows
    assert [json.loads(raw) for raw in page.raw] == rows
    assert all(raw in text for raw in page.raw)
    assert page.envelope == {**around, "data": {"before": 1, "rows": [], "after": None}}


def test_numbers_keep_their_digits() -> None:
    page = split('{"rows": [{"a":1.10}, {"a":0.1234567890123456789}, {"a":1E2}]}', ("rows",))
    assert page.raw == ['{"a":1.10}', '{"a":0.1234567890123456789}', '{"a":1E2}']


def test_an_array_may_be_the_whole_document() -> None:
    assert split(' [1, {"a": 2}] ', ()).raw == ["1", '{"a": 2}']


@pytest.mark.parametrize("text", ["{}", '{"data": null}', '{"data": {"rows": null}}', '"x"', "1"])
def test_a_document_without_the_array_has_no_rows(text: str) -> None:
    page = split(text, ("data", "rows"))
    assert page.items == []
    assert page.envelope == json.loads(text)


@given(rows=st.lists(values, min_size=1, max_size=4), data=st.data())
def test_a_truncated_document_is_refused(rows, data) -> None:
    text = json.dumps({"rows": rows, "next": "x"})
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError):  # noqa: PT011 - every kind of broken JSON is one error
        split(text[:cut], ("rows",))


@pytest.mark.parametrize("text", ['{"rows": [1 2]}', '{"rows" [1]}', '{"a": 1 "b": 2}', "{} {}"])
def test_malformed_documents_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        split(text, ("rows",))


@pytest.mark.parametrize(
    ("raw", "extended"),
    [('{"a":1}', '{"a":1,"b":2}'), ("{}", '{"b":2}'), ('{ "a": 1 }', '{ "a": 1,"b":2}')],
)
def test_members_are_added_at_the_end(raw: str, extended: str) -> None:
    assert extend(raw, '"b":2') == extended

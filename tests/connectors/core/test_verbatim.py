"""Pages are taken apart without changing a byte of a row."""

from __future__ import annotations

import json

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.core.paging import member
from connectors.core.verbatim import MISSING, WRONG, Unread, extend, split

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
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


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("{}", MISSING),
        ('{"data": {}}', MISSING),
        ('{"data": null}', WRONG),
        ('{"data": {"rows": null}}', WRONG),
        ('{"data": {"rows": {}}}', WRONG),
        ('"x"', WRONG),
        ("1", WRONG),
        ('{"data": {"rows": []}}', ""),
    ],
)
def test_a_document_without_the_array_is_told_from_one_without_rows(text: str, gap: str) -> None:
    for body in (text, f'{text[:-1]}, "x": NaN}}' if text.startswith('{"') else text):
        page = split(body, ("data", "rows"))
        assert (page.items, page.gap) == ([], gap)
        assert page.envelope == json.loads(body) or "NaN" in body


ODD = {
    r'{"a": "\ud83d"}': "half of a surrogate pair",
    '{"a": NaN}': "not valid JSON",
    '{"a": "line\nbreak"}': "not valid JSON",
    '{"a": "\x00"}': "not valid JSON",
    '{"a": 01}': "not valid JSON",
    '{"a": "\xff"}': "not UTF-8",
    # Deeper than any Python reads: 1,000 in 3.11, 10,000 in 3.13.
    f'{{"a": {"[" * 20_000}{"]" * 20_000}}}': "nested too deeply",
}


@pytest.mark.parametrize("odd", ODD, ids=list(ODD.values()))
@pytest.mark.parametrize("path", [(), ("data", "rows")], ids=["bare", "within"])
def test_a_row_that_is_not_valid_json_stops_no_other(odd: str, path: tuple[str, ...]) -> None:
    rows = b", ".join([b'{"id": 1.10}', odd.encode("latin-1"), b'{"id": "{\\"[,"}'])
    body = b"[%b]" % rows
    for name in reversed(path):
        body = b'{"more": {"x": [1]}, "%b" : %b, "next": "t"}' % (name.encode(), body)
    page = split(body, path)
    assert page.unread == {1: ODD[odd]}
    assert (page.raw[0], page.raw[2]) == ('{"id": 1.10}', '{"id": "{\\"[,"}')
    assert page.items == [{"id": 1.1}, Unread(ODD[odd]), {"id": '{"[,'}]
    assert page.pick("id")[1] == Unread(ODD[odd])
    assert not path or page.envelope["next"] == "t"


STRANGE = [
    r'"x\ud83d"', r'"\ud83d\ude00"', r'"\u0000"', '"\x00"', '"\t"', r'"\x"', '"\u2028\uffff"',
    "NaN", "1e999", "9" * 5000, "-", "01", "1.", "tru", "'x'", "/*x*/ 1",
    "[1,]", "[1 2]", "{1:2}", "[" * 2000 + "]" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("value", STRANGE, ids=range(len(STRANGE)))
def test_what_is_not_set_aside_is_what_the_warehouse_reads(value: str) -> None:
    page = split(f'[{{"a": {value}}}, {{"a": 1}}]', ())
    for number, raw in enumerate(page.raw):
        if number not in page.unread:
            assert duckdb.execute("""select from_json(?, '{"a":"varchar"}')""", [raw]).fetchone()
    assert page.items[-1] == {"a": 1}


def test_a_byte_order_mark_and_numbers_of_any_length_are_read() -> None:
    digits = "9" * 5000
    page = split(b'\xef\xbb\xbf[{"a": %b}]' % digits.encode(), ())
    assert page.raw == [f'{{"a": {digits}}}']
    assert page.items == page.pick("a") == [{"a": digits}]


paths = st.lists(st.sampled_from(["a", "b", "a.b", "b.c.d", "a.b.c"]), min_size=1, max_size=3)


@given(
    rows=st.lists(
        st.recursive(
            st.none() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4)
            ),
        ),
        max_size=4,
    ),
    paths=paths,
)
def test_what_is_picked_is_what_is_there(rows, paths) -> None:
    page = split(json.dumps(rows), ())
    for whole, picked in zip(page.items, page.pick(*paths), strict=True):
        assert isinstance(whole, dict) == isinstance(picked, dict)
        for path in paths if isinstance(whole, dict) else ():
            assert member(path)(picked) == member(path)(whole)


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


def test_a_member_is_added_to_what_is_an_object() -> None:
    page = split(b'[{"a": 1.10}, [1], null, {"b": "\\ud83d"}]', ())
    assert page.unread.keys() == {3}
    for number in range(4):
        page.add_to(number, "of", {"x": "Zoë"})
    assert page.raw[:3] == ['{"a": 1.10,"of":{"x":"Zoë"}}', "[1]", "null"]
    assert "of" not in page.raw[3]


def test_a_member_that_nobody_can_read_sets_its_row_aside() -> None:
    page = split(b'[{"a": 1}, {"a": 2}]', ())
    page.add_to(1, "of", "\ud83d")
    assert page.raw == ['{"a": 1}', '{"a": 2}']
    assert page.unread == {1: "half of a surrogate pair"}


def test_members_are_added_to_all_objects_of_a_page() -> None:
    page = split(b'[{"a": 1.10}, {}, [1], { }, {"b": "\\ud83d"}, {"c":[]} ]', ())
    page.add('"of":1')
    assert page.raw == [
        '{"a": 1.10,"of":1}', '{"of":1}', "[1]", '{"of":1}', '{"b": "\\ud83d"}', '{"c":[],"of":1}',
    ]  # fmt: skip
    page.add(['"by":2', "", '"by":2', "", '"by":2', '"by":3'])
    assert page.raw[0] == '{"a": 1.10,"of":1,"by":2}'
    assert page.raw[1:5] == ['{"of":1}', "[1]", '{"of":1}', '{"b": "\\ud83d"}']
    assert page.raw[5] == '{"c":[],"of":1,"by":3}'


def test_values_are_added_to_all_objects_or_set_them_aside() -> None:
    page = split(b'[{"a": 1}, null]', ())
    page.add_to_all({"of": "Zoë", "by": None})
    assert page.raw == ['{"a": 1,"of":"Zoë","by":null}', "null"]
    page.add_to_all({"to": "\ud83d"})
    assert page.unread == {0: "half of a surrogate pair"}


@pytest.mark.parametrize("odd", ["", ', {"b": "\\ud83d"}', ", null", ', "text"'])
def test_members_are_cut_out_as_they_came(odd: str) -> None:
    """Whether the rows of a page are cut together or, where one is odd, each alone."""
    body = f'[{{"a": 1.10, "c": {{"d": [ ]}}}}, {{"c": null, "c": "Zoë"}}, {{}}{odd}]'
    without = [None] if odd else []
    assert split(body, ()).members("c", "a") == [
        ['{"d": [ ]}', '"Zoë"', None, *without],
        ["1.10", None, None, *without],
    ]


def test_rows_of_several_pages_are_one_page() -> None:
    page, other = split(b'[{"a": 1}]', ()), split(b'[{"a": 2}, {"a": "\\ud83d"}]', ())
    page.take(other)
    assert [item if isinstance(item, dict) else "unread" for item in page.items] == [
        {"a": 1}, {"a": 2}, "unread",
    ]  # fmt: skip


names = st.sampled_from(["id", "at", "added", "é"])
plain = st.text(max_size=3) | st.integers(-9, 9)
changes = st.lists(
    st.tuples(st.just("add"), names, plain)
    | st.tuples(st.just("add to each"), names, plain)
    | st.tuples(st.just("change"), names, plain)
    | st.tuples(st.just("leave out"), names, plain),
    max_size=4,
)


@given(
    rows=st.lists(st.dictionaries(names, plain, max_size=3), min_size=1, max_size=4),
    changes=changes,
)
def test_what_is_read_at_once_is_what_the_rows_have_now(rows, changes) -> None:
    """However many members were added and rows changed since the page came."""
    page = split(json.dumps(rows, ensure_ascii=False), ())
    for change, name, value in changes:
        page.columns(("id",))
        member = f"{json.dumps(name)}:{json.dumps(value)}"
        if change == "add":
            page.add(member, name)
        elif change == "add to each":
            page.add(["", *[member] * (len(page.raw) - 1)], name)
        elif change == "change":
            page.raw[0] = json.dumps({name: value})
        elif len(page.raw) > 1:
            page.raw = page.raw[1:]
        now = [json.loads(raw) for raw in page.raw]
        for each in ("id", "at", "added", "é"):
            told = [row.get(each) for row in now]
            is_there = all(each in row for row in now)
            assert page.columns((each,)) == ([told] if is_there else None)
            assert page.columns((), (each,)) == [told]
            assert page.pick(each) == [{each: row[each]} if each in row else {} for row in now]
            cut = [None if text is None else json.loads(text) for text in page.members(each)[0]]
            assert cut == told


def test_an_optional_path_may_lead_nowhere() -> None:
    rows = [{"id": 1, "a": {"b": "x"}}, {"id": 2, "a": None}, {"id": 3}, {"id": 4, "a": {}}]
    page = split(json.dumps(rows), ())
    assert page.columns(("id",), ("a.b",)) == [[1, 2, 3, 4], ["x", None, None, None]]
    assert split(json.dumps([*rows, {"id": 5, "a": "x"}]), ()).columns(("id",), ("a.b",)) is None
    assert page.columns(("id", "a.b")) is None

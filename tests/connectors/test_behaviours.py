"""The behaviours that every connector must get right, and each source's proof of them.

1. **Edges are read again.** A window includes its edges and overlaps the one before it. Many rows
   of one second over a page break lose nothing, and each row counts once.
2. **Nothing is missing in silence.** The state stays where it was when the vendor reports more
   rows than were landed.
3. **What is read again replaces what was there**: a newer version its record, a restated day that
   day.
4. **A cap is got around, or raises.** What is beyond the rows, days or places that one query may
   bring is asked for by another query; nothing is cut off in silence.
5. **An error is an error with HTTP 200, too**, never an empty answer.
6. **What ends on the way is renewed.** A token that is refused is traded for another one, a page
   token that is dead restarts or resumes the query; a load that cannot go on commits nothing.
7. **What comes late, or is taken back, is found**: late rows, refunds, returns, archived records.
8. **Amounts keep their digits, and days are the vendor's own.** Staging makes integer minor units
   of the digits that landed.
9. **Trouble is waited out.** Rate limits, failing servers, cut connections and truncated bodies are
   tried again, a bounded number of times; a budget keeps requests below the limit to begin with.

And, whatever the vendor does on the way:

10. **Pages that move lose nothing**, and tokens that lead in a circle, or to nothing, are errors.
11. **No array is no empty array.** An answer of another shape than was promised is an error.
12. **A clock that runs ahead moves no state.** A record of the future is set aside and counted.
13. **One odd record stops no other.** It is set aside with its reason.
14. **Credentials stay with the vendor**: no redirect takes them along, no error tells them.
15. **An answer has bounds**: in size, also when it is unpacked.

A vendor's `shape.py` says what these mean there. A test that a vendor makes impossible is skipped
with the reason. What lies beneath all sources is tested once, in `core/` and `test_extract.py`.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.extract import LoadResult, extract
from connectors.registry import SOURCES
from tests.connectors.shape import DIGITS, JUNE, Shape
from tests.connectors.vendor_stub import Answer, Vendor
from warehouse.landing.zone import Landing, StreamLanding

HOUR = timedelta(hours=1)
TAGS = ("a", "b", "c", "d", "e")


def shape_of(source: str) -> type[Shape]:
    """The shape that a source's tests declare."""
    name = f"tests.connectors.{source}.shape"
    if not find_spec(f"tests.connectors.{source}") or not find_spec(name):
        pytest.fail(
            f"{source} is not held to the behaviours: write {name.replace('.', '/')}.py with "
            f"a Shape of the vendor, called SHAPE (see tests/connectors/shape.py)",
            pytrace=False,
        )
    return import_module(name).SHAPE


@pytest.fixture(params=SOURCES)
def shape(request: pytest.FixtureRequest, vendor: Vendor) -> Shape:
    """A vendor that serves pages of two rows."""
    return shape_of(request.param)(vendor, page_size=2)


def load(shape: Shape, folder: Path, stream: str = "", **how: Any) -> LoadResult:
    (result,) = extract(
        SOURCES[shape.source],
        shape.connection,
        str(folder),
        how.pop("until", JUNE),
        streams=[stream or shape.stream],
        **how,
    )
    return result


def landing(shape: Shape, folder: Path, stream: str = "") -> StreamLanding:
    return Landing(str(folder)).stream(shape.source, stream or shape.stream)


def staged(shape: Shape, folder: Path, stream: str = "") -> dict[str, str]:
    """What staging makes of a stream: by tag the newest payload, or those of each newest day."""
    if not landing(shape, folder, stream).load_ids():
        return {}
    name = stream or shape.stream
    (declared,) = [each for each in SOURCES[shape.source].streams if each.name == name]
    rows = pq.read_table(folder / shape.source / name).to_pylist()
    newest: dict[str, tuple[str, str]] = {}
    group = "_cursor" if declared.report else "_key"
    for row in rows:
        row["_version"] = ("" if declared.report else row["_cursor"], row["_load_id"])
        newest[row[group]] = max(newest.get(row[group], ("", "")), row["_version"])
    kept = [row["_payload"] for row in rows if row["_version"] == newest[row[group]]]
    found = [(shape.tag(json.loads(payload)), payload) for payload in kept if payload]
    assert len(dict(found)) == len(found), "each row counts once"
    return dict(found)


def test_a_source_without_a_shape_is_told_what_to_write() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"write tests/connectors/acme/shape\.py"):
        shape_of("acme")


def test_a_shape_declares_everything(shape: Shape) -> None:
    assert SOURCES[shape.source].name in type(shape).__module__
    undeclared = [name for name in Shape.__annotations__ if not hasattr(shape, name)]
    assert not undeclared, f"{type(shape).__module__}: say it, or why it is Impossible"


def test_1_rows_at_the_edge_of_a_window_are_read_again_and_count_once(
    shape: Shape, tmp_path: Path
) -> None:
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    assert load(shape, tmp_path).rows == 5
    shape.add("seen later", JUNE - HOUR)
    load(shape, tmp_path, until=JUNE + HOUR)
    assert staged(shape, tmp_path).keys() == {*TAGS, "seen later"}


def test_2_the_state_stays_where_rows_are_missing(shape: Shape, tmp_path: Path) -> None:
    stream = shape.needs("counted")
    place = landing(shape, tmp_path, stream)
    shape.add("a", JUNE - 2 * HOUR)
    load(shape, tmp_path, stream)
    before = place.state(), place.load_ids()
    shape.add("b", JUNE - HOUR)
    shape.claimed = 1
    with pytest.raises(ExtractFailed, match=r"the vendor reports 3 rows .*handed over 2"):
        load(shape, tmp_path, stream)
    assert (place.state(), place.load_ids()) == before


def test_3_what_is_read_again_replaces_what_was_there(shape: Shape, tmp_path: Path) -> None:
    """And a window that is read again by hand changes nothing any more."""
    shape.add("a", JUNE - HOUR, "as first told")
    shape.add("b", JUNE - HOUR)
    first = load(shape, tmp_path)
    if is_report := "day" in landing(shape, tmp_path).state():
        shape.records.pop("b")
    shape.add("a", JUNE - HOUR / 2, "as told later")
    load(shape, tmp_path, until=JUNE + HOUR)
    found = staged(shape, tmp_path)
    assert first.rows == 2
    assert found.keys() == ({"a"} if is_report else {"a", "b"})
    assert shape.told("as told later") in found["a"]
    load(shape, tmp_path, until=JUNE + HOUR, since=JUNE - 24 * HOUR)
    assert staged(shape, tmp_path) == found


def test_4_a_cap_is_got_around(
    shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = shape.needs("beyond_the_cap")(monkeypatch)
    load(shape, tmp_path, stream)
    assert len(shape.records) > 5
    assert staged(shape, tmp_path, stream).keys() == shape.records.keys()


@pytest.mark.parametrize("page", [0, 1], ids=["first page", "second page"])
def test_5_an_error_that_comes_as_a_success_is_an_error(
    shape: Shape, tmp_path: Path, waits: list[float], page: int
) -> None:
    """Either it is waited out, or the load fails and the next one finds everything."""
    shape.troubles[page] = shape.error_in_200
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    try:
        load(shape, tmp_path)
    except ExtractFailed:
        assert landing(shape, tmp_path).load_ids() == []
        load(shape, tmp_path)
    assert staged(shape, tmp_path).keys() == set(TAGS)


def test_6_a_token_that_is_refused_on_the_way_is_renewed(shape: Shape, tmp_path: Path) -> None:
    assert shape.needs("renews")
    shape.troubles[1] = Answer({"message": "the token has expired"}, 401)
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    assert load(shape, tmp_path).rows == 5
    assert shape.tokens == 2
    assert any("t2" in value for value in shape.vendor.requests[-1].headers.values())


def test_6_a_page_token_that_is_dead_restarts_or_resumes_the_query(
    shape: Shape, tmp_path: Path
) -> None:
    expired = shape.needs("expired")
    shape.troubles = {1: expired, 3: expired}
    for number, tag in enumerate(TAGS):
        shape.add(tag, JUNE - HOUR + timedelta(minutes=number // 2))
    assert load(shape, tmp_path).rows == 5, "each row lands once"
    assert staged(shape, tmp_path).keys() == set(TAGS)


def test_6_page_tokens_that_keep_dying_commit_nothing(shape: Shape, tmp_path: Path) -> None:
    shape.lasting = shape.needs("expired")
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    with pytest.raises(ExtractFailed, match="page tokens keep expiring"):
        load(shape, tmp_path)
    assert landing(shape, tmp_path).load_ids() == []
    assert landing(shape, tmp_path).state() == {}


def test_7_rows_that_come_late_are_found(shape: Shape, tmp_path: Path) -> None:
    shape.add("newest", JUNE - HOUR)
    load(shape, tmp_path)
    shape.add("late", JUNE - HOUR - shape.late)
    load(shape, tmp_path, until=JUNE + HOUR)
    assert staged(shape, tmp_path).keys() == {"newest", "late"}


def test_7_what_is_taken_back_is_told(shape: Shape, tmp_path: Path) -> None:
    take_back = shape.needs("take_back")
    shape.add("a", JUNE - HOUR)
    load(shape, tmp_path)
    stream, said = take_back("a", JUNE)
    load(shape, tmp_path, stream, until=JUNE + HOUR)
    payloads = pq.read_table(tmp_path / shape.source / stream)["_payload"].to_pylist()
    assert any(said in payload for payload in payloads if payload)


def test_8_amounts_land_digit_by_digit(shape: Shape, tmp_path: Path) -> None:
    assert shape.needs("more_fields")
    shape.add("a", JUNE - HOUR, **{f"number{digits}": f"~{digits}~" for digits in DIGITS})
    load(shape, tmp_path)
    payload = staged(shape, tmp_path)["a"].replace(": ", ":")
    assert all(f":{digits}" in payload for digits in DIGITS)


def test_8_days_end_where_the_vendors_days_end(shape: Shape, tmp_path: Path) -> None:
    stream, edges = shape.needs("day_edges")
    for until, last_day in edges:
        folder = tmp_path / until.replace(":", "")
        load(shape, folder, stream, until=times.parse(until))
        covered = pq.read_table(folder / shape.source / stream)["_cursor"].to_pylist()
        assert max(covered) == last_day, until


TROUBLES = {
    "the vendor's own": None,
    "HTTP 500": Answer({"message": "internal"}, 500),
    "HTTP 503 with Retry-After": Answer({}, 503, {"Retry-After": "7"}),
    "a cut connection": Answer({"results": ["x"] * 100}, cut=True),
    "half a body": Answer(b'{"results": ['),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_9_trouble_is_waited_out(
    shape: Shape, tmp_path: Path, waits: list[float], trouble: str
) -> None:
    shape.troubles[1] = TROUBLES[trouble] or shape.busy
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    assert load(shape, tmp_path).rows == 5
    assert len(waits) == 1
    assert "Retry-After" not in trouble or waits == [7.0]


def test_9_trouble_that_lasts_is_one_clear_error(
    shape: Shape, tmp_path: Path, waits: list[float]
) -> None:
    shape.lasting = Answer({"message": "internal"}, 500)
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    with pytest.raises(ExtractFailed, match="failed 8 times, last: HTTP 500"):
        load(shape, tmp_path)
    assert len(waits) == 7
    assert landing(shape, tmp_path).load_ids() == []


def test_9_a_budget_keeps_requests_below_the_limit(shape: Shape) -> None:
    api = SOURCES[shape.source].open(shape.connection)
    assert api.client.budget is not None
    api.close()


def test_4_more_rows_of_one_moment_than_a_query_brings_are_read(
    shape: Shape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shape.needs("capped")
    stream = shape.needs("beyond_the_cap")(monkeypatch)
    for tag in list(shape.records):
        shape.add(tag, JUNE - HOUR)
    shape.add("before", JUNE - 2 * HOUR)
    shape.add("after", JUNE - HOUR / 2)
    load(shape, tmp_path, stream)
    assert staged(shape, tmp_path, stream).keys() == shape.records.keys()


@pytest.mark.parametrize("page", range(1, 5))
def test_10_rows_that_are_edited_while_they_are_read_hide_no_other(
    shape: Shape, tmp_path: Path, page: int
) -> None:
    """An edited row leaves the window: another one stands at each place behind it."""
    assert shape.needs("shifts")
    shape.fill([timedelta(seconds=number) for number in range(9)])
    shape.meanwhile = lambda number: shape.add("0", JUNE + HOUR) if number == page else None
    load(shape, tmp_path)
    assert staged(shape, tmp_path).keys() == shape.records.keys()


def test_10_page_tokens_in_a_circle_are_an_error(shape: Shape, tmp_path: Path) -> None:
    shape.needs("expired")
    shape.turns = True
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    with pytest.raises(ExtractFailed, match="leads back to a page just read"):
        load(shape, tmp_path)
    assert landing(shape, tmp_path).load_ids() == []


def test_10_more_pages_without_a_token_are_an_error(shape: Shape, tmp_path: Path) -> None:
    shape.troubles[0] = Answer(shape.needs("torn"))
    with pytest.raises(ExtractFailed, match="gives no token"):
        load(shape, tmp_path)
    assert landing(shape, tmp_path).load_ids() == []


SHAPELESS = {
    "null": Answer(None),
    "an array": Answer([]),
    "a text": Answer("maintenance"),
    "errors alone": Answer({"errors": [{"code": "INTERNAL"}]}),
    "an error": Answer({"error": "internal"}),
    "a web page": Answer(b"<html>Log in</html>", headers={"Content-Type": "text/html"}),
    "nothing": Answer(b""),
}


@pytest.mark.parametrize("answer", SHAPELESS)
def test_11_an_answer_of_another_shape_is_no_empty_one(
    shape: Shape, tmp_path: Path, waits: list[float], answer: str
) -> None:
    """Neither the first page nor a later one; it is asked for again."""
    shape.troubles = dict.fromkeys((0, 2), SHAPELESS[answer])
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    for _ in range(3):
        try:
            load(shape, tmp_path)
            break
        except ExtractFailed:
            assert landing(shape, tmp_path).load_ids() == []
    assert staged(shape, tmp_path).keys() == set(TAGS)


def test_11_another_shape_for_good_is_one_clear_error(
    shape: Shape, tmp_path: Path, waits: list[float]
) -> None:
    shape.lasting = SHAPELESS["errors alone"]
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    with pytest.raises(ExtractFailed, match=r"INTERNAL|not what was asked for"):
        load(shape, tmp_path)
    assert landing(shape, tmp_path).load_ids() == []


@pytest.mark.parametrize(
    "ahead", [JUNE + timedelta(days=400), datetime(9999, 12, 31, tzinfo=UTC)], ids=str
)
def test_12_a_clock_that_runs_ahead_moves_no_state(
    shape: Shape, tmp_path: Path, ahead: datetime
) -> None:
    """Neither is the next load's window empty, nor is the record lost without a word."""
    shape.needs("rows_at")
    shape.add("a", JUNE - HOUR)
    shape.strays = [json.dumps(shape.row("ahead", ahead, "as first told")).encode()]
    result = load(shape, tmp_path)
    assert result.rows == 1
    assert result.quarantined + result.outside == 1
    state = landing(shape, tmp_path).state()
    assert (state.get("cursor") or state["day"]) <= times.exact(JUNE)
    shape.add("b", JUNE + HOUR)
    load(shape, tmp_path, until=JUNE + 2 * HOUR)
    assert staged(shape, tmp_path).keys() == {"a", "b"}


ELEMENTS = {
    "null": b"null",
    "a number": b"17",
    "a text": b'"x"',
    "an array": b"[]",
    "an empty object": b"{}",
}
TEXTS = {
    "half of a surrogate pair": b"\\ud83d",
    "a NUL": b"\x00",
    "a line break": b"a\nb",
    "not UTF-8": b"\xff\xfe",
    "no number": b'", "y": NaN, "x": "',
    "nested too deeply": b'", "y": %b, "x": "' % (b"[" * 2000 + b"]" * 2000),
}


def test_13_odd_records_stop_no_other(shape: Shape, tmp_path: Path) -> None:
    shape.needs("rows_at")
    for tag in TAGS:
        shape.add(tag, JUNE - HOUR)
    texts = [shape.odd("odd", text) for text in TEXTS.values()]
    shape.strays = [*ELEMENTS.values(), *texts, b"null"]
    result = load(shape, tmp_path)
    assert (result.rows, result.quarantined) == (5, len(shape.strays))
    assert staged(shape, tmp_path).keys() == set(TAGS)
    found = pq.read_table(tmp_path / "_quarantine" / shape.source / shape.stream).to_pylist()
    assert len(found) == len(shape.strays)
    assert all(row["_reason"] and row["_raw"] for row in found)
    # The record that is mended lands.
    shape.add("odd", JUNE - HOUR)
    load(shape, tmp_path, until=JUNE + HOUR)
    assert staged(shape, tmp_path).keys() == {*TAGS, "odd"}


def test_13_a_number_of_thousands_of_digits_lands(shape: Shape, tmp_path: Path) -> None:
    assert shape.needs("more_fields")
    digits = "9" * 5000
    shape.add("a", JUNE - HOUR, much=f"~{digits}~")
    assert load(shape, tmp_path).rows == 1
    folder = tmp_path / shape.source / shape.stream
    payloads = filter(None, pq.read_table(folder)["_payload"].to_pylist())
    assert all(digits in text or "much" not in text for text in payloads)


def test_14_a_redirect_takes_no_credentials_along(
    shape: Shape, tmp_path: Path, waits: list[float]
) -> None:
    elsewhere = Vendor()
    shape.add("a", JUNE - HOUR)
    try:
        moved = Answer({}, 307, {"Location": f"{elsewhere.url}/here"})
        shape.troubles = dict.fromkeys(range(4), moved)
        with pytest.raises(ExtractFailed, match=r"is redirected to http://127\.0\.0\.1"):
            load(shape, tmp_path)
        assert elsewhere.requests == []
    finally:
        elsewhere.close()
    assert waits == []


def test_14_no_error_tells_a_credential(shape: Shape, tmp_path: Path, waits: list[float]) -> None:
    extra = {**shape.connection.extra, "api_key": "s3cret-of-the-extra"}
    shape.connection = replace(shape.connection, password="s3cret-word", extra=extra)
    echo = {"message": "not s3cret-word, nor s3cret-of-the-extra"}
    shape.troubles = dict.fromkeys(range(9), Answer({"error": echo, "errors": [echo]}, 400))
    shape.add("a", JUNE - HOUR)
    with pytest.raises(ExtractFailed) as failed:
        load(shape, tmp_path)
    assert "s3cret" not in str(failed.value)


def test_15_an_answer_is_capped_unpacked(shape: Shape, tmp_path: Path, waits: list[float]) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    shape.troubles = dict.fromkeys(range(4), Answer(bomb, headers={"Content-Encoding": "gzip"}))
    extra = {**shape.connection.extra, "largest_answer_mb": 2}
    shape.connection = replace(shape.connection, extra=extra)
    shape.add("a", JUNE - HOUR)
    with pytest.raises(ExtractFailed, match=r"more than 2 MB unpacked.*largest_answer_mb"):
        load(shape, tmp_path)

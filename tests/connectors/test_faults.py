"""Faults of vendors, played to every source: none ends in silence.

After each fault the load has landed what a calm load lands; or it has set aside and counted what it
has not; or it has failed with one clear error, has committed nothing, and the next load finds all.
What no connector can notice (a hole that the vendor says nothing of) is the audit's.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.core import paging
from connectors.core.errors import ExtractFailed
from connectors.registry import SOURCES
from tests.connectors.shape import JUNE, Impossible, Shape
from tests.connectors.test_behaviours import HOUR, TAGS, landing, load, shape_of, staged
from tests.connectors.vendor_stub import Answer, Vendor

Fault = Callable[[Shape], None]
NEVER = "Fri, 1 Jan 99999 00:00:00 GMT"
PACKED = {"Content-Encoding": "gzip"}
SOON = "Wed, 21 Oct 2015 07:28:00"  # without a zone, and long ago


def said(status: int, body: object = None, **headers: str) -> Fault:
    """The second request for rows is answered so, once."""
    answer = Answer(body, status, {name.replace("_", "-"): text for name, text in headers.items()})

    def play(shape: Shape) -> None:
        shape.troubles[1] = answer

    return play


def spoilt(change: Callable[[bytes], bytes | Answer], page: int = 0) -> Fault:
    """A page that is right arrives changed, once."""

    def play(shape: Shape) -> None:
        shape.spoil = lambda number, body: change(body) if number == page else body

    return play


def stray(element: bytes) -> Fault:
    def play(shape: Shape) -> None:
        if not isinstance(shape.rows_at, Impossible):
            shape.strays = [element]

    return play


def odd(text: bytes) -> Fault:
    def play(shape: Shape) -> None:
        if not isinstance(shape.rows_at, Impossible):
            shape.strays = [shape.odd("odd", text)]

    return play


def claims(rows: int) -> Fault:
    def play(shape: Shape) -> None:
        shape.claimed = rows

    return play


def lasts(answer: Answer) -> Fault:
    """The second request for rows and all later ones are answered so."""

    def play(shape: Shape) -> None:
        shape.lasting = answer

    return play


def ahead(moment: datetime) -> Fault:
    def play(shape: Shape) -> None:
        shape.add("ahead", moment)

    return play


def circle(shape: Shape) -> None:
    shape.turns = True


def expired(shape: Shape) -> None:
    if not isinstance(shape.expired, Impossible):
        shape.troubles[1] = shape.expired


def edited(shape: Shape) -> None:
    """A record is edited while the pages are read, and leaves the window."""
    if shape.shifts is True:
        shape.meanwhile = lambda number: shape.add("a", JUNE + HOUR) if number == 1 else None


def torn(shape: Shape) -> None:
    if not isinstance(shape.torn, Impossible):
        shape.troubles[0] = Answer(shape.torn)


FAULTS: dict[str, Fault] = {
    "HTTP 400": said(400, {"message": "no"}),
    "HTTP 401 once": said(401),
    "HTTP 401 for good": lasts(Answer(None, 401)),
    "HTTP 403": said(403),
    "HTTP 404": said(404),
    "HTTP 408": said(408),
    "HTTP 410": said(410),
    "HTTP 413": said(413),
    "HTTP 425": said(425),
    "HTTP 429": said(429),
    "HTTP 429 with a date without zone": said(429, Retry_After=SOON),
    "HTTP 429 with a date of the year 99999": said(
        429, Retry_After="Fri, 1 Jan 99999 00:00:00 GMT"
    ),
    "HTTP 429 for a day": said(429, Retry_After="86400"),
    "HTTP 500": said(500),
    "HTTP 500 for good": lasts(Answer(None, 500)),
    "HTTP 502 of a gateway": said(502, b"<html>Bad Gateway</html>"),
    "HTTP 503": said(503),
    "HTTP 520": said(520),
    "redirect to another host": said(302, Location="https://elsewhere.example/"),
    "redirect that turns": said(307, Location="//127.0.0.1/"),
    "HTTP 204": said(204, b""),
    "an empty body": spoilt(lambda body: b""),
    "null": spoilt(lambda body: b"null"),
    "an empty array": spoilt(lambda body: b"[]", 1),
    "a login page": spoilt(lambda body: Answer(b"<html>", headers={"Content-Type": "text/html"})),
    "an error in a 200": spoilt(lambda body: b'{"error": {"message": "internal"}}'),
    "errors in a 200": spoilt(lambda body: b'{"errors": [{"code": "INTERNAL"}]}', 1),
    "half a body": spoilt(lambda body: body[: len(body) // 2]),
    "a cut connection": spoilt(lambda body: Answer(body, cut=True)),
    "a body twice": spoilt(lambda body: body + body),
    "a byte order mark": spoilt(lambda body: b"\xef\xbb\xbf" + body),
    "UTF-16": spoilt(lambda body: body.decode("latin-1").encode("utf-16")),
    "not packed as it says": spoilt(lambda body: Answer(body, headers=PACKED)),
    "packed": spoilt(lambda body: Answer(gzip.compress(body), headers=PACKED)),
    "a null among the rows": stray(b"null"),
    "an array among the rows": stray(b"[1, 2]"),
    "a row without anything": stray(b"{}"),
    "half of a surrogate pair": odd(b"\\udc00"),
    "a NUL": odd(b"\x00"),
    "not UTF-8": odd(b"\xc3\x28"),
    "nested too deeply": odd(b'", "y": %b, "x": "' % (b"[" * 3000 + b"]" * 3000)),
    "a number that is none": odd(b'", "y": -Infinity, "x": "'),
    "more rows claimed": claims(1),
    "fewer rows claimed": claims(-1),
    "a clock ahead": ahead(JUNE + timedelta(days=3)),
    "the end of time": ahead(datetime(9999, 12, 31, tzinfo=UTC)),
    "a circle of tokens": circle,
    "a page token that dies": expired,
    "a row edited meanwhile": edited,
    "more pages without a token": torn,
}


@pytest.mark.parametrize("source", SOURCES)
def test_no_fault_ends_in_silence(
    source: str, vendor: Vendor, tmp_path: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "WHOLE_RUNS", 2)
    assert len(FAULTS) >= 40
    silent = []
    for name, play in FAULTS.items():
        folder = tmp_path / name.replace(" ", "_")
        shape = shape_of(source)(vendor, page_size=2)
        for tag in TAGS:
            shape.add(tag, JUNE - HOUR)
        play(shape)
        error = ""
        try:
            result = load(shape, folder)
        except ExtractFailed as failed:
            error = str(failed)
        if error:
            # One line that names the stream, and nothing half done. The fault over, all is there.
            assert error.count("\n") == 1, name
            assert f"{source}.{shape.stream}: " in error, name
            assert "unexpected shape" not in error, (name, error)
            assert landing(shape, folder).load_ids() == [], name
            shape.troubles, shape.lasting, shape.claimed, shape.turns = {}, None, 0, False
            shape.spoil = lambda number, body: body
            result = load(shape, folder)
        if not staged(shape, folder).keys() >= set(TAGS):
            silent.append(name)
        assert error or result.quarantined == len(shape.strays), name
    assert not silent

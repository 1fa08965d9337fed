"""Rows of a page are the same, whether its elements are read together or each alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.core.days import Report
from connectors.core.reading import Reader, derived
from connectors.core.source import Stream, Window
from connectors.core.verbatim import split

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = Window(datetime(2026, 2, 1, tzinfo=UTC), NOON, (date(2026, 3, 1),), date(2020, 1, 1))


@derived("at", "shop.no")
def when(at: Any, shop: Any) -> str | None:
    return at if at != "soon" else shop["name"]


ENTITY = Stream("orders", "", lambda api, window: iter(()), "id|shop.no", "at")
STREAMS = {
    "entity": ENTITY,
    "filtered": replace(ENTITY, is_filtered_by_vendor=False),
    "snapshot": replace(ENTITY, cursor=None),
    "derived": replace(ENTITY, cursor=when),
    "a function of the whole": replace(ENTITY, cursor=lambda item: when(item)),
    "derived key": replace(ENTITY, key=when, cursor=None),
    "report": replace(ENTITY, report=Report(look_back_days=3, history_days=30)),
}
TIMES = (
    "2026-03-01T11:00:00Z", "2026-03-01 11:00:00", "2026-03-01T11:00:00.000+0000",
    "2026-03-01T12:00:00.5+01:00", "2026-03-01T13:00:00Z", "2026-03-01", 1772362800000,
    "2026-03-01T00:00:00", "2025-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "soon", "", None, True,
)  # fmt: skip


def item(at: Any, **other: Any) -> dict[str, Any]:
    return {"id": "A1", "shop": {"no": 7}, "at": at, **other}


PAGES = [
    *([item("2026-03-01T11:30:00Z"), item(at)] for at in TIMES),
    *([item(at)] for at in TIMES),
    [item("2026-03-01"), None],
    [item(at) for at in ("1772362800000", "1772362800999", "1772359200001")],
    [item(at) for at in (1772362800000, 1772359200001)],
    [item(at) for at in ("1772362800000", "253402300800000")],
    [item("2026-03-01T11:00:00+0000"), item("2026-03-01\n11:00:00+0000")],
    [item("2026-03-01T11:00:00+0000"), item("2026-03-01T10:00:00.25+0000")],
    [item("2026-03-01"), item("2026-03-01", id=None), item("2026-03-01", shop=[])],
    [],
]


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS.keys())
@pytest.mark.parametrize("rows", PAGES, ids=str)
def test_read_together_or_alone_is_the_same(
    stream: Stream, rows: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = split(json.dumps(rows), ())
    together = Reader(stream, WINDOW)(page)
    monkeypatch.setattr(Reader, "_together", lambda reader, page: None)
    assert together == Reader(stream, WINDOW)(page)


@pytest.mark.parametrize("stream", [ENTITY, STREAMS["derived"]], ids=["plain", "derived"])
@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-03-01T11:00:00Z", "2026-03-01T11:00:00Z"),
        ("2026-03-01T11:00:00.000+0000", "2026-03-01T11:00:00.000Z"),
        ("1772362800999", "2026-03-01T11:00:00.999000Z"),
    ],
)
def test_a_page_as_usual_is_read_together(
    stream: Stream, told: str, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Reader, "_one_by_one")
    page = split(json.dumps([item(told)]), ())
    assert Reader(stream, WINDOW)(page).rows == [("A1|7", at, page.raw[0])]

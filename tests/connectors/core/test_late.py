"""Records that appear days after the time that they bear are found, and nothing lands twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.core import times
from connectors.core.http import Client
from connectors.core.late import LookBack
from connectors.core.paging import Run
from connectors.core.settings import Connection
from connectors.core.source import Api, Source, Stream, Window
from connectors.core.verbatim import split
from connectors.extract import LoadResult, extract

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Counter:
    """A vendor of events, each by its name with the time that it bears."""

    events: dict[str, str] = field(default_factory=dict)
    text: str = "as first told"
    asked: list[datetime] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def happened(self, api: Api, window: Window) -> Iterator[Run]:
        self.asked.append(window.since)
        rows = [
            {"id": name, "at": at, "text": self.text}
            for name, at in self.events.items()
            if window.since <= times.parse(at) <= window.until
        ]
        yield Run(lambda start: iter([split(json.dumps(rows), ())]))

    def load(self, folder: Path, until: datetime, **how: Any) -> LoadResult:
        stream = Stream(
            "events", "", self.happened, "id", "at", overlap=HOUR, look_back=LookBack(DAY, 20)
        )
        source = Source(
            name="counter", title="Counter", owner="tests", schedule="0 * * * *", provides=(),
            settings=(), connect=lambda connection: Api(Client(""), connection), streams=(stream,),
        )  # fmt: skip
        (result,) = extract(source, Connection(extra=self.extra), str(folder), until, **how)
        return result


@pytest.fixture
def counter() -> Counter:
    days = {f"{n} days ago": times.text(JUNE - n * DAY) for n in range(1, 15)}
    return Counter({**days, "now": times.text(JUNE - HOUR / 2)})


def test_what_appears_days_late_is_found_on_the_next_day(counter: Counter, tmp_path: Path) -> None:
    assert counter.load(tmp_path, JUNE).rows == 15
    counter.events["late"] = times.text(JUNE - 17 * DAY)
    assert counter.load(tmp_path, JUNE + HOUR).rows == 1, "the overlap"
    assert counter.load(tmp_path, JUNE + DAY).rows == 1, "what was late, and nothing else"
    assert counter.load(tmp_path, JUNE + 25 * HOUR).rows == 1
    assert counter.asked[1:] == [
        JUNE - 1.5 * HOUR,
        JUNE - 19 * DAY,
        JUNE - 1.5 * HOUR,
    ]


def test_what_changed_since_it_landed_lands(counter: Counter, tmp_path: Path) -> None:
    counter.load(tmp_path, JUNE)
    counter.text = "as told later"
    assert counter.load(tmp_path, JUNE + DAY).rows == 15
    assert counter.load(tmp_path, JUNE + 2 * DAY).rows == 0


@pytest.mark.parametrize("at", ["2026-05-13T23:30:00-12:00", "2026-05-13 00:30:00+14:00"])
def test_a_time_of_another_zone_is_known_again(counter: Counter, tmp_path: Path, at: str) -> None:
    """Both are of the first moments that the look back of the next day asks for, or before."""
    counter.events = {"there": at, "now": times.text(JUNE)}
    counter.load(tmp_path, JUNE)
    assert counter.load(tmp_path, JUNE + DAY).rows == 0


def test_nothing_before_the_start_date_is_asked_for(counter: Counter, tmp_path: Path) -> None:
    counter.extra = {"start_date": "2026-05-25"}
    counter.load(tmp_path, JUNE)
    counter.load(tmp_path, JUNE + DAY)
    assert counter.asked == [JUNE - 7 * DAY] * 2


def test_a_backfill_looks_back_no_further_and_lands_what_it_reads(
    counter: Counter, tmp_path: Path
) -> None:
    counter.load(tmp_path, JUNE)
    assert counter.load(tmp_path, JUNE + DAY, since=JUNE - 2.5 * DAY).rows == 3
    counter.events["late"] = times.text(JUNE - 10 * DAY)
    assert counter.load(tmp_path, JUNE + DAY).rows == 1, "the look back is still due"

"""Records that are gone: only the vendor's word for each key makes it so."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed, VendorError
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.settings import Connection
from connectors.core.source import Api, Source, Stream, Window
from connectors.core.sweeps import Sweep
from connectors.core.verbatim import split
from connectors.extract import LoadResult, extract

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Shop:
    """A vendor of numbered records, which lists some, and has some."""

    records: dict[str, str] = field(default_factory=dict)  # by number: when each was changed
    hidden: set[str] = field(default_factory=set)  # exist, and are missing from the list
    asked: list[list[str]] = field(default_factory=list)
    lists: int = 0
    has_reach: bool = False

    def changed(self, api: Api, window: Window) -> Iterator[Run]:
        low, high = times.text(window.since), times.text(window.until)
        rows = [{"id": n, "at": at} for n, at in self.records.items() if low <= at <= high]
        yield Run(lambda start: iter([split(json.dumps(rows), ())]))

    def present(self, api: Api, window: Window) -> Iterator[Run]:
        self.lists += 1
        rows = [{"id": number} for number in self.records if number not in self.hidden]
        yield Run(lambda start: iter([split(json.dumps(rows), ())]))

    def gone(self, api: Api, keys: list[str]) -> list[str]:
        self.asked.append(keys)
        return [key for key in keys if key not in self.records]

    def sweep(self) -> Sweep:
        return Sweep(DAY, self.present, self.gone, int if self.has_reach else None)

    def load(self, folder: Path, until: datetime, **how: Any) -> LoadResult:
        source = Source(
            name="shop", title="Shop", owner="tests", schedule="0 * * * *", provides=(),
            settings=(), connect=lambda connection: Api(Client(""), connection),
            streams=(Stream("records", "", self.changed, "id", "at", sweep=self.sweep()),),
        )  # fmt: skip
        (result,) = extract(source, Connection(), str(folder), until, **how)
        return result


def staged(folder: Path) -> dict[str, bool]:
    """By record whether it is deleted, as staging would have it."""
    rows = pq.read_table(folder / "shop" / "records").to_pylist()
    rows.sort(key=lambda row: (times.parse(row["_cursor"]), row["_load_id"]))
    return {row["_key"]: json.loads(row["_payload"]).get("deleted", False) for row in rows}


@pytest.fixture
def shop() -> Shop:
    return Shop({str(n): times.text(JUNE - n * DAY) for n in range(1, 6)})


def test_what_the_vendor_says_is_gone_is_deleted_once(shop: Shop, tmp_path: Path) -> None:
    shop.load(tmp_path, JUNE)
    assert (shop.lists, shop.asked) == (0, []), "before anything has landed nothing can be gone"
    del shop.records["2"], shop.records["3"]
    shop.load(tmp_path, JUNE + DAY / 2)
    assert not any(staged(tmp_path).values()), "a day has not passed since the last list"
    shop.load(tmp_path, JUNE + DAY)
    assert staged(tmp_path) == {"1": False, "2": True, "3": True, "4": False, "5": False}
    payload = [
        row["_payload"]
        for row in pq.read_table(tmp_path / "shop" / "records").to_pylist()
        if row["_key"] == "2"
    ]
    assert payload[-1] == payload[0][:-1] + ',"deleted":true}', "else it is as it was last seen"
    assert shop.load(tmp_path, JUNE + 2 * DAY).rows == 1, "the overlap, and no second deletion"
    assert shop.asked == [["2", "3"]]


def test_a_list_with_a_hole_deletes_nothing_and_is_told(
    shop: Shop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop.load(tmp_path, JUNE)
    shop.hidden = {"2", "4"}
    with caplog.at_level(logging.WARNING):
        shop.load(tmp_path, JUNE + DAY)
    assert not any(staged(tmp_path).values())
    assert "the list of all records lacked 2 that exist" in caplog.text
    shop.hidden = set(shop.records)
    shop.load(tmp_path, JUNE + 2 * DAY)
    assert not any(staged(tmp_path).values())
    assert "the list of all records is empty: not believed" in caplog.text


def test_records_out_of_the_credentials_reach_are_not_judged(shop: Shop, tmp_path: Path) -> None:
    """A vendor may serve the last weeks only, and say of the rest that it does not exist."""
    shop.has_reach = True
    shop.load(tmp_path, JUNE)
    del shop.records["1"], shop.records["2"], shop.records["4"]
    shop.load(tmp_path, JUNE + DAY)
    assert staged(tmp_path) == {"1": False, "2": False, "3": False, "4": True, "5": False}


def test_a_record_that_comes_back_and_changes_is_there_again(shop: Shop, tmp_path: Path) -> None:
    shop.load(tmp_path, JUNE)
    del shop.records["3"]
    shop.load(tmp_path, JUNE + DAY)
    assert staged(tmp_path)["3"]
    shop.records["3"] = times.text(JUNE + DAY + timedelta(hours=1))
    shop.load(tmp_path, JUNE + 2 * DAY)
    assert not staged(tmp_path)["3"]
    del shop.records["3"]
    shop.load(tmp_path, JUNE + 3 * DAY)
    assert staged(tmp_path)["3"], "and may be deleted again"


def test_a_backfill_lists_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.load(tmp_path, JUNE)
    shop.load(tmp_path, JUNE + 2 * DAY, since=JUNE - 9 * DAY)
    assert shop.lists == 0


@pytest.mark.parametrize("trouble", [VendorError, KeyError])
def test_a_list_that_fails_is_told_and_keeps_no_change_back(
    shop: Shop, tmp_path: Path, trouble: type[Exception]
) -> None:
    shop.load(tmp_path, JUNE)

    def broken(api: Api, window: Window) -> Iterator[Run]:
        raise trouble("no list")

    listing, shop.present = shop.present, broken  # type: ignore[method-assign]
    shop.records["9"] = times.text(JUNE + DAY)
    del shop.records["3"]
    with pytest.raises(ExtractFailed, match=r"what is gone could not be found out: .*no list"):
        shop.load(tmp_path, JUNE + DAY)
    assert staged(tmp_path) == dict.fromkeys("123459", False)
    shop.present = listing  # type: ignore[method-assign]
    shop.load(tmp_path, JUNE + DAY)
    assert staged(tmp_path)["3"], "the list is due until it was read"


@dataclass
class Untimely(Shop):
    """Its records carry a price, whose change it tells by no time; the list has them whole."""

    prices: dict[str, int] = field(default_factory=dict)

    def page(self, keep: Any) -> Iterator[Run]:
        rows = [
            {"id": number, "at": at, "price": self.prices.get(number, 1)}
            for number, at in self.records.items()
            if keep(at)
        ]
        yield Run(lambda start: iter([split(json.dumps(rows), ())]))

    def changed(self, api: Api, window: Window) -> Iterator[Run]:
        low, high = times.text(window.since), times.text(window.until)
        return self.page(lambda at: low <= at <= high)

    def present(self, api: Api, window: Window) -> Iterator[Run]:
        return self.page(lambda at: True)

    def sweep(self) -> Sweep:
        return replace(super().sweep(), is_whole=True)


def priced(folder: Path) -> dict[str, Any]:
    """By record its price as staging would have it; None where it is gone."""
    rows = pq.read_table(folder / "shop" / "records").to_pylist()
    rows.sort(key=lambda row: (times.parse(row["_cursor"]), row["_load_id"]))
    payloads = {row["_key"]: json.loads(row["_payload"]) for row in rows}
    return {key: None if "deleted" in each else each["price"] for key, each in payloads.items()}


def test_a_whole_list_tells_what_no_update_time_does(tmp_path: Path) -> None:
    shop = Untimely({str(n): times.text(JUNE - n * DAY) for n in range(1, 4)})
    shop.load(tmp_path, JUNE)
    shop.prices = {"2": 5, "3": 7}
    shop.records["9"] = times.text(JUNE - 9 * DAY)  # taken over from another system
    assert shop.load(tmp_path, JUNE + DAY / 2).rows == 1, "the overlap: no list is due"
    assert shop.load(tmp_path, JUNE + DAY).rows == 4
    assert priced(tmp_path) == {"1": 1, "2": 5, "3": 7, "9": 1}
    assert shop.load(tmp_path, JUNE + 2 * DAY).rows == 1, "and lands once"
    shop.prices["2"], shop.records["2"] = 6, times.text(JUNE + DAY * 2.5)
    shop.load(tmp_path, JUNE + DAY * 2.9)
    assert priced(tmp_path)["2"] == 6, "a change that is told is newer"


def test_a_record_of_a_whole_list_that_was_gone_is_there_again(tmp_path: Path) -> None:
    shop = Untimely({str(n): times.text(JUNE - n * DAY) for n in range(1, 4)})
    shop.load(tmp_path, JUNE)
    taken = shop.records.pop("2")
    shop.load(tmp_path, JUNE + DAY)
    assert priced(tmp_path) == {"1": 1, "2": None, "3": 1}
    shop.records["2"] = taken
    shop.load(tmp_path, JUNE + 2 * DAY)
    assert priced(tmp_path)["2"] == 1


def test_a_whole_list_brings_nothing_beyond_the_history(tmp_path: Path) -> None:
    shop = Untimely({str(n): times.text(JUNE - n * DAY) for n in range(1, 4)})
    old = times.text(JUNE - 4000 * DAY)
    shop.load(tmp_path, JUNE)
    shop.records["4"] = old
    shop.load(tmp_path, JUNE + DAY)
    assert "4" not in priced(tmp_path), "beyond the history that is asked for"

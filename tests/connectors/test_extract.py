"""Windows, state and failures of whole streams, against a vendor that lives in this file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow.parquet as pq
import pytest

from connectors.connections import connected
from connectors.core import times
from connectors.core.errors import ExtractFailed, IncompleteLoad, UnknownName, VendorError
from connectors.core.http import Client
from connectors.core.paging import Run
from connectors.core.settings import Connection, Setting, from_env
from connectors.core.source import Api, Report, Source, Stream, Window
from connectors.core.verbatim import Page, split
from connectors.extract import LoadResult, extract
from warehouse.landing.errors import SettingError, SourceError
from warehouse.landing.zone import Landing

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Shop:
    """A vendor: records by update time, figures per day, and what it is asked."""

    records: list[Any] = field(default_factory=list)
    figures: dict[str, list[Any]] = field(default_factory=dict)
    reported: int | None = None
    asked: list[Window] = field(default_factory=list)
    trouble: type[Exception] | None = None
    said: str = ""

    def add(self, key: str, at: datetime, **more: Any) -> None:
        self.records.append({"id": key, "updated": times.text(at), **more})

    def entities(self, api: Api, window: Window) -> Iterator[Run]:
        self.asked.append(window)

        def pages(start: str) -> Iterator[Any]:
            if self.trouble:
                raise self.trouble(self.said)
            rows = [r for r in self.records if not isinstance(r, dict) or self._in(r, window)]
            page = split(json.dumps(rows), ())
            page.total = self.reported
            yield page

        yield Run(pages)

    def _in(self, record: dict[str, Any], window: Window) -> bool:
        text = record.get("updated") or times.text(JUNE)
        return times.text(window.since) <= text <= times.text(window.until)

    def days(self, api: Api, window: Window) -> Iterator[Run]:
        self.asked.append(window)
        for day in window.days:
            rows = self.figures.get(day.isoformat(), [])
            yield Run(lambda start, rows=rows: iter([split(json.dumps(rows), ())]))  # type: ignore[misc]

    @property
    def source(self) -> Source:
        zone = ZoneInfo("Europe/Berlin")
        return Source(
            name="shop",
            title="Shop",
            owner="tests",
            schedule="0 * * * *",
            provides=(),
            settings=(Setting("password", "the key"), Setting("extra.start_date", "", False)),
            streams=(
                Stream("records", "", self.entities, "id", "updated"),
                Stream("list", "", self.entities, "id"),
                Stream(
                    "figures",
                    "",
                    self.days,
                    "campaign|day",
                    "day",
                    report=Report(look_back_days=3, history_days=10, zone=lambda api: zone),
                ),
            ),
            connect=lambda connection: Api(Client(""), connection),
        )

    def load(
        self, folder: Path, until: datetime, stream: str = "records", **how: Any
    ) -> LoadResult:
        (result,) = extract(
            self.source, Connection(password="k"), str(folder), until, streams=[stream], **how
        )
        return result


def state_of(folder: Path, stream: str) -> dict[str, Any]:
    return Landing(str(folder)).stream("shop", stream).state()


def newest_per_key(folder: Path, stream: str) -> dict[str, Any]:
    """What staging makes of an entity stream."""
    table = pq.read_table(folder / "shop" / stream).to_pylist()
    table.sort(key=lambda row: (row["_cursor"], row["_load_id"]))
    return {row["_key"]: json.loads(row["_payload"]) for row in table if row["_key"]}


def newest_per_day(folder: Path, stream: str) -> dict[str, list[Any]]:
    """What staging makes of a report stream."""
    table = pq.read_table(folder / "shop" / stream).to_pylist()
    newest: dict[str, str] = {}
    for row in table:
        newest[row["_cursor"]] = max(newest.get(row["_cursor"], ""), row["_load_id"])
    found: dict[str, list[Any]] = {day: [] for day in newest}
    for row in table:
        if row["_load_id"] == newest[row["_cursor"]] and row["_payload"]:
            found[row["_cursor"]].append(json.loads(row["_payload"]))
    return found


def test_behaviour_1_the_next_load_overlaps_and_staging_sees_each_row_once(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE - timedelta(hours=1))
    shop.add("b", JUNE)
    first = shop.load(tmp_path, JUNE)
    assert (first.rows, first.source, first.stream) == (2, "shop", "records")
    shop.add("c", JUNE)  # of the same second, visible only now
    shop.add("a", JUNE + timedelta(hours=1), name="new")
    second = shop.load(tmp_path, JUNE + timedelta(hours=2))
    assert shop.asked[1].since == JUNE - timedelta(minutes=5)
    assert second.rows == 3  # b again, c, and the new a
    assert sorted(newest_per_key(tmp_path, "records")) == ["a", "b", "c"]
    assert newest_per_key(tmp_path, "records")["a"]["name"] == "new"
    assert state_of(tmp_path, "records") == {"cursor": "2026-06-01T01:00:00.000000Z"}


def test_two_connections_to_a_vendor_land_apart_each_with_its_own_state(tmp_path: Path) -> None:
    shops = {"shop__de": Shop(), "shop__uk": Shop()}
    for number, (name, shop) in enumerate(shops.items()):
        shop.add("a", JUNE - timedelta(days=number))
        shop.records.append("no object")
        connection = connected(name, shop.source)
        results = extract(connection, Connection(password="k"), str(tmp_path), JUNE)
        assert {result.source for result in results} == {name}
    landing = Landing(str(tmp_path))
    assert landing.connections() == ["shop__de", "shop__uk"]
    for number, name in enumerate(shops):
        state = landing.stream(name, "records").state()
        assert state == {"cursor": f"2026-0{6 - number}-{1 + 30 * number:02}T00:00:00.000000Z"}
        assert (tmp_path / "_quarantine" / name / "records").is_dir()
    # A load of one goes on from its own state, whatever the other has.
    connection = connected("shop__uk", shops["shop__uk"].source)
    extract(connection, Connection(password="k"), str(tmp_path), JUNE, streams=["records"])
    assert shops["shop__uk"].asked[-1].since == JUNE - timedelta(days=1, minutes=5)
    with pytest.raises(SettingError, match=r"^shop__uk: .*AIRFLOW_CONN_O2O_SHOP__UK"):
        extract(connection, Connection(), str(tmp_path), JUNE)


def test_a_company_skips_streams_and_begins_where_it_likes(tmp_path: Path) -> None:
    shop = Shop()
    connection = connected("shop", shop.source, start_date=JUNE.date(), skip_streams=["list"])
    credentials = connection.configured(Connection(password="k", extra={"skip_streams": "records"}))
    results = extract(connection, credentials, str(tmp_path), JUNE + timedelta(days=2))
    assert [result.stream for result in results] == ["records", "figures"]
    assert shop.asked[0].since == JUNE
    assert [stream.name for stream in connection.streams if stream.is_expected] == [
        "records",
        "figures",
    ]


def test_a_second_run_with_nothing_new_lands_only_the_overlap(tmp_path: Path) -> None:
    shop = Shop()
    for minutes in range(0, 600, 5):
        shop.add(str(minutes), JUNE - timedelta(minutes=minutes))
    assert shop.load(tmp_path, JUNE).rows == 120
    assert shop.load(tmp_path, JUNE).rows == 2


def test_a_run_that_finds_nothing_leaves_no_file(tmp_path: Path) -> None:
    result = Shop().load(tmp_path, JUNE)
    assert (result.rows, result.load_id) == (0, "")
    assert Landing(str(tmp_path)).stream("shop", "records").load_ids() == []


def test_the_state_is_the_newest_row_not_the_end_of_the_window(tmp_path: Path) -> None:
    """A feed that stalls delivers later what it held back: the window has to reach back for it."""
    shop = Shop()
    shop.add("a", JUNE)
    shop.load(tmp_path, JUNE + timedelta(days=4))
    shop.add("late", JUNE + timedelta(days=1))
    shop.load(tmp_path, JUNE + timedelta(days=5))
    assert "late" in newest_per_key(tmp_path, "records")


def test_times_of_different_precision_and_zone_are_compared_as_times(tmp_path: Path) -> None:
    shop = Shop()
    shop.records = [
        {"id": "a", "updated": "2026-05-31T12:00:00.5Z"},
        {"id": "b", "updated": "2026-05-31T12:00:00Z"},
        {"id": "c", "updated": "2026-05-31T13:00:00+02:00"},
    ]
    shop.load(tmp_path, JUNE)
    assert state_of(tmp_path, "records") == {"cursor": "2026-05-31T12:00:00.500000Z"}


@pytest.mark.parametrize(
    "spelled", ["20260531T120000Z", "2026-05-31 12:00:00,5+0200", "2026-W22-7T12:00:00Z"]
)
def test_a_time_lands_as_the_warehouse_reads_it(tmp_path: Path, spelled: str) -> None:
    """Staging takes the newest version by it."""
    shop = Shop()
    shop._in = lambda record, window: True  # type: ignore[method-assign]
    shop.records = [{"id": "a", "updated": spelled}]
    shop.load(tmp_path, JUNE)
    (row,) = pq.read_table(tmp_path / "shop" / "records").to_pylist()
    assert duckdb.execute("select ?::timestamptz is not null", [row["_cursor"]]).fetchone()
    assert json.loads(row["_payload"]) == shop.records[0]


def test_behaviour_2_the_state_stays_when_rows_are_missing(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE)
    shop.load(tmp_path, JUNE)
    shop.add("b", JUNE + timedelta(hours=1))
    shop.reported = 3
    with pytest.raises(ExtractFailed) as failed:
        shop.load(tmp_path, JUNE + timedelta(hours=1))
    (error,) = failed.value.errors
    assert isinstance(error, IncompleteLoad)
    assert "shop.records: the vendor reports 3 rows and handed over 2" in str(failed.value)
    assert state_of(tmp_path, "records") == {"cursor": "2026-06-01T00:00:00.000000Z"}
    assert len(Landing(str(tmp_path)).stream("shop", "records").load_ids()) == 1


def figure(day: str, cost: int) -> dict[str, Any]:
    return {"campaign": 1, "day": day, "cost": cost}


def test_behaviour_3_a_window_that_is_read_again_replaces_its_days(tmp_path: Path) -> None:
    shop = Shop()
    shop.figures = {d: [figure(d, 10)] for d in ("2026-05-29", "2026-05-30", "2026-05-31")}
    shop.load(tmp_path, JUNE, "figures")
    shop.figures["2026-05-30"] = [figure("2026-05-30", 12)]  # restated
    shop.load(tmp_path, JUNE, "figures")
    found = newest_per_day(tmp_path, "figures")
    assert found["2026-05-29"] == [figure("2026-05-29", 10)]
    assert found["2026-05-30"] == [figure("2026-05-30", 12)]
    assert state_of(tmp_path, "figures") == {
        "day": "2026-05-31",
        "open": {
            "2026-05-29": "2026-06-02",
            "2026-05-30": "2026-06-03",
            "2026-05-31": "2026-06-04",
        },
        "first": "2026-05-29",
        "silent": ["2026-05-22/2026-05-28", "2026-06-01"],
    }


def test_behaviour_3_a_day_is_read_until_its_restatement_has_ended(tmp_path: Path) -> None:
    shop = Shop()
    history = [f"2026-05-{day}" for day in range(22, 32)]
    shop.figures = {day: [figure(day, 1)] for day in history}
    for days in (0, 4, 5):
        shop.load(tmp_path, JUNE + timedelta(days=days), "figures")
    assert [window.first_day.isoformat() for window in shop.asked] == [
        "2026-05-22",  # all of the history
        "2026-05-29",  # nothing was read while it could still be restated
        "2026-06-01",  # it was read after that; no row came of this one yet
    ]


def test_a_day_that_comes_without_its_rows_keeps_them_and_is_told(tmp_path: Path) -> None:
    """Until it has rows again, however long that takes, or the owner accepts that it has none."""
    shop = Shop()
    held = figure("2026-05-31", 10)
    shop.figures = {"2026-05-30": [figure("2026-05-30", 9)], "2026-05-31": [held]}
    shop.load(tmp_path, JUNE, "figures")
    shop.figures["2026-05-31"] = []
    for days in (1, 8):
        result = shop.load(tmp_path, JUNE + timedelta(days=days), "figures")
        assert result.unconfirmed == ("2026-05-31",)
        assert newest_per_day(tmp_path, "figures")["2026-05-31"] == [held]
        assert state_of(tmp_path, "figures")["doubtful"] == ["2026-05-31"]
    shop.figures["2026-05-31"] = [held, figure("2026-05-31", 11)]
    assert shop.load(tmp_path, JUNE + timedelta(days=9), "figures").unconfirmed == ()
    assert len(newest_per_day(tmp_path, "figures")["2026-05-31"]) == 2
    assert "doubtful" not in state_of(tmp_path, "figures")


def test_a_day_is_emptied_when_its_owner_accepts_that(tmp_path: Path) -> None:
    shop = Shop()
    shop.figures = {d: [figure(d, 10)] for d in ("2026-05-29", "2026-05-30", "2026-05-31")}
    shop.load(tmp_path, JUNE, "figures")
    shop.figures["2026-05-30"] = shop.figures["2026-05-31"] = []
    accepted = [("figures", date(2026, 5, 31))]
    result = shop.load(
        tmp_path, JUNE, "figures", accepted=lambda stream, day, part: (stream, day) in accepted
    )
    assert result.unconfirmed == ("2026-05-30",)
    found = newest_per_day(tmp_path, "figures")
    assert (len(found["2026-05-30"]), found["2026-05-31"]) == (1, [])


def test_a_backfill_of_days_that_are_not_served_any_more_takes_nothing_away(
    tmp_path: Path,
) -> None:
    shop = Shop()
    days = [f"2026-05-2{number}" for number in range(2, 9)]
    shop.figures = {day: [figure(day, 10)] for day in days}
    shop.load(tmp_path, JUNE, "figures")
    before = newest_per_day(tmp_path, "figures"), state_of(tmp_path, "figures")
    shop.figures = {days[-1]: shop.figures[days[-1]]}
    result = shop.load(tmp_path, JUNE, "figures", since=JUNE - timedelta(days=12))
    assert result.unconfirmed == ("2026-05-22/2026-05-27",)
    assert (newest_per_day(tmp_path, "figures"), state_of(tmp_path, "figures")) == before


def test_after_a_pause_longer_than_the_history_it_goes_on_and_says_what_cannot_be_had(
    tmp_path: Path,
) -> None:
    shop = Shop()
    shop.figures = {"2026-05-31": [figure("2026-05-31", 10)]}
    assert shop.load(tmp_path, JUNE, "figures").out_of_reach == ""
    later = JUNE + timedelta(days=30)
    shop.figures["2026-07-01"] = [figure("2026-07-01", 11)]
    # The history is ten days.
    assert shop.load(tmp_path, later, "figures").out_of_reach == "2026-06-02/2026-06-20"
    assert len(newest_per_day(tmp_path, "figures")["2026-07-01"]) == 1
    assert shop.load(tmp_path, later, "figures").out_of_reach == "", "said once"


def test_a_state_of_an_older_release_goes_on(tmp_path: Path) -> None:
    shop = Shop()
    place = Landing(str(tmp_path)).stream("shop", "figures")
    place.ensure()
    with place.lock(), place.begin({}) as load:
        load.add([("1|2026-05-30", "2026-05-30", json.dumps(figure("2026-05-30", 10)))])
        load.commit({"day": "2026-05-30"})
    shop.figures = {"2026-05-31": [figure("2026-05-31", 1)]}
    result = shop.load(tmp_path, JUNE, "figures")
    assert shop.asked[0].first_day == date(2026, 5, 27)
    assert result.unconfirmed == ("2026-05-30",)
    assert newest_per_day(tmp_path, "figures")["2026-05-30"] == [figure("2026-05-30", 10)]


@pytest.mark.parametrize(
    ("until", "last_day"),
    [
        ("2026-03-28T22:59:00Z", "2026-03-28"),  # 23:59 in Berlin, the day before the clock change
        ("2026-03-28T23:00:00Z", "2026-03-29"),
        ("2026-03-29T21:59:00Z", "2026-03-29"),  # a day of 23 hours
        ("2026-03-29T22:00:00Z", "2026-03-30"),
        ("2026-10-25T22:59:00Z", "2026-10-25"),  # a day of 25 hours
        ("2026-10-25T23:00:00Z", "2026-10-26"),
    ],
)
def test_behaviour_8_days_end_in_the_accounts_time_zone(
    tmp_path: Path, until: str, last_day: str
) -> None:
    shop = Shop()
    shop.load(tmp_path, times.parse(until), "figures")
    assert shop.asked[0].last_day.isoformat() == last_day


def test_a_row_of_a_day_that_was_not_asked_for_does_not_replace_that_day(tmp_path: Path) -> None:
    shop = Shop()
    shop.figures = {"2026-05-31": [figure("2026-05-31", 1), figure("2020-01-01", 1)]}
    assert shop.load(tmp_path, JUNE, "figures").rows == 1
    assert "2020-01-01" not in newest_per_day(tmp_path, "figures")


def test_a_snapshot_is_read_whole_every_time(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE)
    assert [shop.load(tmp_path, JUNE, "list").rows for _ in range(2)] == [1, 1]


def test_a_list_that_has_become_empty_is_a_load_of_nothing(tmp_path: Path) -> None:
    shop = Shop()
    assert shop.load(tmp_path, JUNE, "list").load_id == ""
    shop.add("a", JUNE)
    shop.load(tmp_path, JUNE, "list")
    shop.records.clear()
    assert shop.load(tmp_path, JUNE, "list").load_id


def test_a_backfill_never_moves_the_state_backwards(tmp_path: Path) -> None:
    shop = Shop()
    for days in range(10):
        shop.add(str(days), JUNE - timedelta(days=days))
    shop.load(tmp_path, JUNE)
    before = state_of(tmp_path, "records")
    result = shop.load(tmp_path, JUNE - timedelta(days=5), since=JUNE - timedelta(days=7))
    assert result.rows == 3
    assert state_of(tmp_path, "records") == before


def test_a_backfill_beyond_a_gap_leaves_the_gap_to_the_next_load(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE)
    shop.load(tmp_path, JUNE)
    shop.add("gap", JUNE + timedelta(days=1))
    shop.add("b", JUNE + timedelta(days=3))
    shop.load(tmp_path, JUNE + timedelta(days=3), since=JUNE + timedelta(days=2))
    shop.load(tmp_path, JUNE + timedelta(days=3))
    assert sorted(newest_per_key(tmp_path, "records")) == ["a", "b", "gap"]


def test_a_backfill_that_joins_the_state_moves_it_on(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE)
    shop.load(tmp_path, JUNE)
    shop.add("b", JUNE + timedelta(days=1))
    shop.load(tmp_path, JUNE + timedelta(days=1), since=JUNE - timedelta(days=1))
    assert state_of(tmp_path, "records") == {"cursor": "2026-06-02T00:00:00.000000Z"}


def test_elements_that_are_no_rows_are_quarantined_and_counted(tmp_path: Path) -> None:
    shop = Shop()
    shop.records = [
        17,
        {"id": "a", "updated": "2026-05-31T00:00:00Z"},
        {"updated": "2026-05-31T00:00:00Z"},
        {"id": "c"},
        {"id": "d", "updated": "yesterday"},
        {"id": {"nested": 1}, "updated": "2026-05-31T00:00:00Z"},
    ]
    # The vendor's filter lets these through only in part; hand them all over.
    shop._in = lambda record, window: True  # type: ignore[method-assign]
    result = shop.load(tmp_path, JUNE)
    assert (result.rows, result.quarantined) == (1, 5)
    found = pq.read_table(tmp_path / "_quarantine" / "shop" / "records").to_pylist()
    assert [row["_reason"] for row in found] == [
        "not an object",
        "no key (id)",
        "no cursor (updated)",
        "cursor is not a timestamp (updated)",
        "no key (id)",
    ]
    assert found[0]["_raw"] == "17"


def test_one_failed_stream_does_not_stop_the_others(tmp_path: Path) -> None:
    shop = Shop(trouble=VendorError, said="HTTP 500")
    shop.figures = {"2026-05-31": [figure("2026-05-31", 1)]}
    with pytest.raises(ExtractFailed) as failed:
        extract(shop.source, Connection(password="k"), str(tmp_path), JUNE)
    assert str(failed.value) == (
        "shop: 2 of 3 streams failed:\n  - shop.records, shop.list: HTTP 500"
    )
    assert state_of(tmp_path, "figures")["day"] == "2026-05-31"


def test_a_surprising_shape_is_an_error_that_names_the_stream(tmp_path: Path) -> None:
    shop = Shop(trouble=KeyError, said="pageInfo")
    with pytest.raises(ExtractFailed, match=r"shop\.records: .* unexpected shape .*pageInfo"):
        shop.load(tmp_path, JUNE)


@pytest.mark.parametrize(
    "trouble", [OverflowError, RecursionError, ZeroDivisionError, MemoryError, AssertionError]
)
def test_no_surprise_of_one_stream_stops_another(tmp_path: Path, trouble: type[Exception]) -> None:
    shop = Shop(trouble=trouble, said="at k3y-of-the-shop, oh")
    shop.figures = {"2026-05-31": [figure("2026-05-31", 1)]}
    connection = Connection(password="k3y-of-the-shop")
    with pytest.raises(ExtractFailed, match=r"2 of 3 streams failed") as failed:
        extract(shop.source, connection, str(tmp_path), JUNE)
    assert f"({trouble.__name__}: at ***, oh)" in str(failed.value)
    assert state_of(tmp_path, "figures")["day"] == "2026-05-31"


AHEAD = {
    "2026-06-01T00:00:01Z": (1, 0),  # a clock that differs
    "2026-11-01T00:00:00Z": (1, 0),  # a window that ended before
    "9999-12-31T00:00:00Z": (0, 1),
    "9999-12-31T00:00:00-12:00": (0, 1),  # beyond what a time can be
    "0001-01-01T00:00:00+14:00": (0, 1),
}


@pytest.mark.parametrize("at", AHEAD)
def test_the_state_never_passes_the_end_of_the_window(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, at: str
) -> None:
    shop = Shop()
    shop.add("a", JUNE - timedelta(hours=1))
    shop.records.append({"id": "ahead", "updated": at})
    shop._in = lambda record, window: True  # type: ignore[method-assign]
    result = shop.load(tmp_path, JUNE)
    assert (result.ahead, result.quarantined) == AHEAD[at]
    assert result.rows + result.quarantined == 2
    assert "ahead" not in caplog.text or "behind the window's end" in caplog.text
    assert state_of(tmp_path, "records")["cursor"] <= times.exact(JUNE)


def test_a_state_of_the_future_is_not_believed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A landing zone in which a wrong time has moved it there heals by itself."""
    shop = Shop()
    place = Landing(str(tmp_path)).stream("shop", "records")
    with place.begin({}) as load:
        load.commit({"cursor": "9999-12-31T00:00:00.000000Z"})
    shop.add("a", JUNE - timedelta(days=40))
    assert shop.load(tmp_path, JUNE).rows == 1
    assert "its state is in the future" in caplog.text
    assert state_of(tmp_path, "records") == {"cursor": "2026-04-22T00:00:00.000000Z"}


def test_a_record_that_its_own_functions_cannot_read_is_set_aside(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE)
    shop.records += [{"id": "b", "updated": 17}, {"id": [], "updated": None}]
    shop._in = lambda record, window: True  # type: ignore[method-assign]
    (records, *rest) = shop.source.streams
    odd = replace(records, cursor=lambda item: item["updated"][:20] + "Z")
    source = replace(shop.source, streams=(odd, *rest))
    (result,) = extract(source, Connection(password="k"), str(tmp_path), JUNE, streams=["records"])
    assert (result.rows, result.quarantined) == (1, 2)


def test_no_depth_of_nesting_stops_a_stream(tmp_path: Path) -> None:
    """Neither around the depth at which the reader gives up."""
    shop = Shop()
    shop._in = lambda record, window: True  # type: ignore[method-assign]
    depths = [*range(800, 1050, 5), 5_000]
    rows = [
        f'{{"id": "{depth}", "updated": "2026-05-31T00:00:00Z", "x": {"[" * depth}{"]" * depth}}}'
        for depth in depths
    ]
    page = f"[{','.join(rows)}]"
    records = replace(
        shop.source.streams[0], read=lambda *_: iter([Run(lambda start: iter([split(page, ())]))])
    )
    source = replace(shop.source, streams=(records,))
    (result,) = extract(source, Connection(password="k"), str(tmp_path), JUNE)
    assert result.rows > 0
    assert result.quarantined > 0
    assert result.rows + result.quarantined == len(depths)


def test_rows_of_days_that_were_not_asked_for_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop()
    shop.figures = {"2026-05-31": [figure("2026-05-31", 1), figure("2020-01-01", 1)]}
    assert shop.load(tmp_path, JUNE, "figures").outside == 1
    assert "1 rows are of days that were not asked for" in caplog.text


def test_an_unknown_stream_is_named_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no stream called nope; its streams are records, list"):
        Shop().load(tmp_path, JUNE, "nope")


def test_streams_of_what_a_company_does_not_use_are_skipped(tmp_path: Path) -> None:
    shop = Shop()

    def loaded(skipped: str, *names: str) -> list[str]:
        connection = Connection(password="k", extra={"skip_streams": skipped})
        results = extract(shop.source, connection, str(tmp_path), JUNE, streams=names)
        return [result.stream for result in results]

    assert loaded("list, figures") == ["records"]
    assert loaded("list, figures", "list") == ["list"], "whoever names a stream wants it"
    with pytest.raises(UnknownName, match=r"extra\.skip_streams: no stream called lists;"):
        loaded("lists")


def test_a_missing_setting_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as error:
        extract(Shop().source, Connection(), str(tmp_path), JUNE)
    assert str(error.value) == (
        "shop: missing setting password (the key). Add it to the connection o2o_shop "
        "(environment variable AIRFLOW_CONN_O2O_SHOP)."
    )


def test_history_begins_at_the_start_date(tmp_path: Path) -> None:
    shop = Shop()
    connection = Connection(password="k", extra={"start_date": "2026-05-30"})
    extract(shop.source, connection, str(tmp_path), JUNE, streams=["records", "figures"])
    assert shop.asked[0].since == datetime(2026, 5, 30, tzinfo=UTC)
    assert shop.asked[1].first_day == date(2026, 5, 30)
    bad = Connection(password="k", extra={"start_date": "30.5.2026"})
    with pytest.raises(ExtractFailed, match="start_date must be YYYY-MM-DD"):
        extract(shop.source, bad, str(tmp_path), JUNE)


def test_nothing_is_asked_for_beyond_the_connections_end(tmp_path: Path) -> None:
    """Days that a source cannot have would be taken for days without rows, for ever."""
    shop = Shop()
    shop.figures = {"2026-05-30": [figure("2026-05-30", 1)]}
    end = datetime(2026, 5, 31, 12, tzinfo=UTC)

    def load(until: datetime, **how: Any) -> None:
        connection = Connection(password="k", extra={"until": "2026-05-31T12:00:00Z"})
        extract(shop.source, connection, str(tmp_path), until, streams=["figures"], **how)

    load(JUNE + timedelta(days=180))
    load(JUNE + timedelta(days=181))
    for window in shop.asked:
        assert (window.until, window.last_day) == (end, end.date())
    load(datetime(2026, 5, 30, tzinfo=UTC))
    assert shop.asked[-1].last_day == date(2026, 5, 30), "a limit, not a clock"
    with pytest.raises(SourceError, match=r"shop: since is later than until \(2026-05-31T12:00:00"):
        load(JUNE + timedelta(days=180), since=JUNE)
    bad = Connection(password="k", extra={"until": "the end"})
    with pytest.raises(SettingError, match=r"shop: extra\.until must be an ISO time .*'the end'"):
        extract(shop.source, bad, str(tmp_path), JUNE)


def test_the_window_must_run_forward(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="since is later than until"):
        Shop().load(tmp_path, JUNE, since=JUNE + timedelta(days=1))
    with pytest.raises(ValueError, match="time zone"):
        Shop().load(tmp_path, datetime(2026, 6, 1))  # noqa: DTZ001


def test_progress_is_told_page_by_page(tmp_path: Path) -> None:
    shop = Shop()
    shop.add("a", JUNE)
    told: list[tuple[str, str, int]] = []
    shop.load(tmp_path, JUNE, on_progress=lambda *what: told.append(what))
    assert told == [("shop", "records", 1)]


@pytest.mark.parametrize("extra", ['{"a": 1}', '"{\\"a\\": 1}"'])
def test_a_connection_from_the_environment(monkeypatch, extra: str) -> None:
    text = f'{{"conn_type": "http", "host": "https://x", "login": null, "extra": {extra}}}'
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOP", text)
    assert from_env("shop") == Connection("https://x", "", "", {"a": 1})


def test_a_connection_never_shows_its_secrets(monkeypatch) -> None:
    connection = Connection("https://x", "me", "s3cret", {"refresh_token": "s3cret"})
    assert "s3cret" not in repr(connection)
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOP", '{"password": "s3cret"')
    with pytest.raises(SettingError, match="AIRFLOW_CONN_O2O_SHOP is not a connection") as error:
        from_env("shop")
    assert "s3cret" not in str(error.value)
    assert error.value.__cause__ is None
    monkeypatch.delenv("AIRFLOW_CONN_O2O_SHOP")
    with pytest.raises(SettingError, match=r"shop: no connection configured. Set .*O2O_SHOP"):
        from_env("shop")


@pytest.mark.parametrize(("stream", "lands"), [("records", False), ("list", True)])
def test_a_part_that_cannot_be_read_costs_no_other_its_load_unless_they_share_a_cursor(
    tmp_path: Path, stream: str, lands: bool
) -> None:
    """The cursor of the others would go past what it has."""
    shop = Shop()
    rows = [{"id": "a", "updated": times.text(JUNE)}]

    def read(api: Api, window: Window) -> Iterator[Run]:
        def broken(start: str) -> Iterator[Page]:
            raise VendorError("it does not answer")

        yield Run(broken, part="north")
        yield Run(lambda start: iter([split(json.dumps(rows), ())]), part="south")

    shop.entities = read  # type: ignore[method-assign]
    said = "what the others have has landed; 1 could not be read" if lands else "does not answer"
    with pytest.raises(ExtractFailed, match=said):
        shop.load(tmp_path, JUNE, stream)
    assert bool(Landing(str(tmp_path)).stream("shop", stream).load_ids()) == lands
    assert bool(state_of(tmp_path, stream)) == lands


@dataclass
class Rationed:
    """A vendor that allows so many requests a day; three accounts with a record each."""

    left: int
    asked: list[tuple[str, datetime]] = field(default_factory=list)

    def read(self, api: Api, window: Window) -> Iterator[Run]:
        def pages(account: str) -> Iterator[Page]:
            since = window.since_of(account)
            if not self.left:
                api.put_off.setdefault("records", {})[account] = since
                yield Page(is_last=True)
                return
            self.left -= 1
            self.asked.append((account, since))
            updated = times.text(window.until - timedelta(hours=1))
            yield split(json.dumps([{"id": account, "updated": updated}]), ())

        for account in window.in_turn:
            yield Run(lambda _, account=account: pages(account))  # type: ignore[misc]

    def load(self, folder: Path, until: datetime, **how: Any) -> LoadResult:
        stream = Stream("records", "", self.read, "id", "updated", parts=lambda api: "abc")
        source = Source(
            "shop", "Shop", "tests", "0 * * * *", (), (), (stream,),
            lambda connection: Api(Client(""), connection),
        )  # fmt: skip
        (result,) = extract(source, Connection(), str(folder), until, **how)
        return result


def test_parts_that_were_put_off_come_first_and_from_where_they_were_left(tmp_path: Path) -> None:
    """However often; the others go on from the newest row, and nothing is asked for twice."""
    vendor = Rationed(left=3)
    assert vendor.load(tmp_path, JUNE).put_off == ()
    begun = JUNE - timedelta(hours=1, minutes=5)
    vendor.left = 1
    assert vendor.load(tmp_path, JUNE + timedelta(days=1)).put_off == ("b", "c")
    assert state_of(tmp_path, "records")["put_off"] == {
        "b": times.exact(begun),
        "c": times.exact(begun),
    }
    vendor.left, vendor.asked = 1, []
    assert vendor.load(tmp_path, JUNE + timedelta(days=2)).put_off == ("c", "a")
    assert vendor.asked == [("b", begun)]
    vendor.left, vendor.asked = 9, []
    result = vendor.load(tmp_path, JUNE + timedelta(days=3))
    assert (result.put_off, result.rows) == ((), 3)
    assert dict(vendor.asked)["c"] == begun
    assert dict(vendor.asked)["a"] == begun + timedelta(days=1)
    assert "put_off" not in state_of(tmp_path, "records")


def test_a_backfill_that_is_put_off_commits_nothing(tmp_path: Path) -> None:
    vendor = Rationed(left=2)
    with pytest.raises(ExtractFailed, match="used up, and c not read to the end"):
        vendor.load(tmp_path, JUNE, since=JUNE - timedelta(days=1))
    assert Landing(str(tmp_path)).stream("shop", "records").load_ids() == []

"""A folder of files over many loads: each file once, replaced ones again, nothing lost silently."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.connections import filed
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.files.description import Cell, Column, Contract, Description, Rows
from tests.object_store import ObjectStore
from warehouse.landing.zone import Landing

EVENTS = Contract(
    "store_events",
    "One row per thing. More.",
    "store-operations",
    {
        "event_id": Column("event_id", "text", is_required=True),
        "event_kind": Column("event_kind", "text"),
        "seconds": Column("seconds", "whole"),
    },
    ("event_id",),
)
CELLS = {
    "event_id": Cell(("id",)),
    "event_kind": Cell(("kind",)),
    "seconds": Cell(("s",), is_optional=True),
}
TAPS = Description({"store_events": Rows(EVENTS, CELLS)}, {}, files="*.csv")


@dataclass
class Shop:
    """A folder and its landing zone. Each file is older than the one before the last load."""

    home: Path
    said: Description = TAPS
    at: datetime = datetime(2026, 3, 1, tzinfo=UTC)
    written: int = field(default=0)

    def write(self, name: str, *rows: str, head: str = "id,kind,s") -> Path:
        return self.put(name, "\n".join((head, *rows, "")).encode())

    def put(self, name: str, content: bytes) -> Path:
        file = self.home / "drop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        self.written += 1
        moment = self.at.timestamp() + self.written
        os.utime(file, (moment, moment))
        return file

    def load(self, **since: Any) -> LoadResult:
        source = filed("taps", str(self.home / "drop"), self.said)
        (result,) = extract(source, Connection(), str(self.home / "landing"), self.now(), **since)
        return result

    def refused(self) -> str:
        with pytest.raises(ExtractFailed) as caught:
            self.load()
        return str(caught.value)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def records(self) -> dict[str, Any]:
        """What counts by the rule of macros/via/files.sql: kind by id."""
        files = f"{self.home}/landing/taps/store_events/*.parquet"
        rows = duckdb.sql(
            f"""select _key, _payload from '{files}' qualify row_number() over (
            partition by _key order by _payload ->> '_said_at' desc, _payload ->> '_at' desc,
            _cursor desc, _load_id desc, _payload desc) = 1"""
        ).fetchall()
        payloads = {key: json.loads(text) for key, text in rows}
        return {key: row.get("event_kind") for key, row in payloads.items() if "deleted" not in row}

    def reasons(self) -> list[str]:
        place = Landing(str(self.home / "landing")).stream("taps", "store_events")
        return [
            r for load in place.quarantines() for r in place.refused(load)["_reason"].to_pylist()
        ]

    def loads(self) -> int:
        return len(Landing(str(self.home / "landing")).stream("taps", "store_events").load_ids())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_each_file_is_read_once(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5", "2,tap,6")
    assert shop.load().rows == 2
    assert shop.load().rows == 0
    assert shop.loads() == 1
    shop.write("sub/b.csv", "3,tap,7")
    assert shop.load().rows == 1
    assert shop.records() == {"1": "tap", "2": "tap", "3": "tap"}


def test_nothing_new_leaves_no_trace(shop: Shop) -> None:
    (shop.home / "drop").mkdir()
    shop.load()
    shop.load()
    assert shop.loads() == 1  # that it was looked for once
    shop.write("a.csv", "1,tap,5")
    for _ in range(3):
        shop.load()
    assert shop.loads() == 2


def test_a_file_of_the_same_second_is_read(shop: Shop) -> None:
    first = shop.write("a.csv", "1,tap,5")
    shop.load()
    second = shop.write("b.csv", "2,tap,5")
    os.utime(second, ns=(first.stat().st_atime_ns, first.stat().st_mtime_ns))
    assert shop.load().rows == 1


def test_a_file_whose_time_moved_alone_changes_nothing(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5", "2,tap,6")
    shop.load()
    shop.write("a.csv", "1,tap,5", "2,tap,6")
    shop.load()
    assert shop.records() == {"1": "tap", "2": "tap"}


def test_an_old_file_that_comes_late_is_read(shop: Shop) -> None:
    shop.write("b.csv", "2,tap,6")
    shop.load()
    file = shop.write("a.csv", "1,tap,5")
    os.utime(file, (1_500_000_000, 1_500_000_000))
    assert shop.load().rows == 1
    assert shop.records().keys() == {"1", "2"}


def test_a_replaced_file_takes_out_what_it_has_no_more(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5", "2,tap,6", "3,tap,7")
    shop.write("b.csv", "9,tap,1")
    shop.load()
    shop.write("a.csv", "1,tap,5", "2,kiosk,6")
    assert shop.load().rows == 3  # two, and one that is gone
    assert shop.records() == {"1": "tap", "2": "kiosk", "9": "tap"}
    shop.write("a.csv", "1,tap,5", "2,kiosk,6", "3,back,7")
    shop.load()
    assert shop.records()["3"] == "back"


def test_a_row_that_moves_to_another_file_stays(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5", "2,tap,6", "3,tap,7")
    shop.load()
    shop.write("a.csv", "1,tap,5", "2,tap,6")
    shop.write("b.csv", "3,moved,7")
    shop.load()
    assert shop.records() == {"1": "tap", "2": "tap", "3": "moved"}


def test_what_an_older_file_says_counts_again(shop: Shop) -> None:
    shop.write("a.csv", "1,old,5")
    shop.write("b.csv", "1,new,5", "2,tap,6", "3,tap,6")
    shop.load()
    assert shop.records()["1"] == "new"
    shop.write("b.csv", "2,tap,6", "3,tap,6")
    shop.load()
    assert shop.records() == {"1": "old", "2": "tap", "3": "tap"}


def test_a_file_of_other_rows_under_the_same_name_takes_out_nothing_unasked(shop: Shop) -> None:
    shop.write("export.csv", "1,tap,5", "2,tap,6", "3,tap,6")
    shop.load()
    shop.write("export.csv", "4,tap,5", "5,tap,6")
    told = shop.refused()
    assert "export.csv: 3 of the 3 records that were there" in told
    assert "each_file: adds" in told
    assert shop.records().keys() == {*"12345"}
    loads = shop.loads()
    assert "3 of the 3" in shop.refused()  # as long as nobody has said
    assert shop.loads() == loads
    shop.said = replace(TAPS, each_file="adds")
    shop.load()
    shop.write("export.csv", "6,tap,5")
    shop.load()
    assert shop.records().keys() == {*"123456"}


def test_most_of_a_file_may_go_if_somebody_says_so(shop: Shop) -> None:
    shop.write("export.csv", "1,tap,5", "2,tap,6", "3,tap,6")
    shop.load()
    shop.write("export.csv", "1,tap,5")
    shop.refused()
    shop.said = replace(TAPS, most_gone=1)
    shop.load()
    assert shop.records() == {"1": "tap"}


def test_files_that_each_hold_everything(shop: Shop) -> None:
    shop.said = replace(TAPS, each_file="replaces")
    shop.write("monday.csv", "1,tap,5", "2,tap,6", "3,tap,6")
    shop.write("tuesday.csv", "1,tap,5", "2,tap,6", "4,tap,6")
    assert shop.load().rows == 3
    shop.write("wednesday.csv", "2,tap,5", "4,tap,6")
    shop.load()
    assert shop.records() == {"2": "tap", "4": "tap"}
    shop.write("thursday.csv")
    assert "2 of the 2 records" in shop.refused()
    assert shop.records() == {"2": "tap", "4": "tap"}


def test_the_later_file_wins_and_newest_by_wins_over_it(shop: Shop) -> None:
    shop.write("a.csv", "1,first,5")
    shop.write("b.csv", "1,second,5")
    shop.load()
    assert shop.records() == {"1": "second"}
    shop.said = replace(TAPS, newest_by="at", each_file="adds")
    head = "id,kind,at"
    shop.write("a.csv", "1,newer,2026-03-02T00:00:00Z", head=head)
    shop.write("b.csv", "1,older,2026-03-01T00:00:00Z", head=head)
    shop.load()
    assert shop.records() == {"1": "newer"}


def test_a_row_at_fault_is_told_until_its_file_is_mended(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5", "2,tap,x", ",tap,7")
    result = shop.load()
    assert (result.rows, result.quarantined) == (1, 2)
    assert shop.reasons() == [
        "a.csv, line 3: column s (seconds): must be a number with '.' before decimals and nothing"
        " between thousands (thousands: says otherwise), not of the form 'a'",
        "a.csv, line 4: column id (event_id): is empty, and must not be",
    ]
    shop.write("a.csv", "1,tap,5", "2,tap,6", ",tap,7")
    shop.load()
    assert shop.records() == {"1": "tap", "2": "tap"}
    assert [reason.split(":")[0] for reason in shop.reasons()] == ["a.csv, line 4"]


def test_a_file_at_fault_costs_nobody_else_and_is_told_until_it_is_mended(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5")
    shop.write("b.csv", "2,tap", head="id,knd")
    shop.write("c.csv", "3,tap,5")
    for _ in range(2):
        told = shop.refused()
        assert "b.csv: there is no column 'kind' (did you mean knd?)" in told
        assert shop.records().keys() == {"1", "3"}
    shop.write("b.csv", "2,tap,5")
    shop.load()
    assert shop.records().keys() == {"1", "2", "3"}


def test_another_description_reads_all_files_again(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5", "2,tap,x")
    shop.load()
    cells = {"event_id": Cell(("kind", "id")), "event_kind": Cell(always="nfc_tap")}
    shop.said = replace(TAPS, rows={"store_events": Rows(EVENTS, cells)})
    shop.load()
    assert shop.records() == {"tap-1": "nfc_tap", "tap-2": "nfc_tap"}
    assert shop.reasons() == []
    assert shop.load().rows == 0


def test_a_file_that_is_gone_leaves_its_rows(shop: Shop) -> None:
    file = shop.write("a.csv", "1,tap,5")
    shop.load()
    file.unlink()
    shop.load()
    assert shop.records() == {"1": "tap"}
    shop.write("a.csv", "1,tap,5")
    shop.load()
    assert shop.records() == {"1": "tap"}


def test_what_is_not_read_is_told(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    for name in (".a.csv", "b.csv.part", "c.xlsx", "d.txt"):
        shop.put(name, b"id,kind,s\n1,tap,1\n")
    (shop.home / "drop" / "new.csv").write_text("id,kind,s\n1,tap,1\n")
    with caplog.at_level(logging.WARNING):
        assert shop.load().rows == 0
    for name in (".a.csv", "b.csv.part", "c.xlsx", "d.txt", "new.csv"):
        assert f"{name} (" in caplog.text
    assert "5 files are not read" in caplog.text
    assert "it has just changed" in caplog.text


def test_a_file_that_changes_while_it_is_read_waits(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write("a.csv", "1,tap,5")
    with monkeypatch.context() as patched:
        patched.setattr("connectors.files.folder.Folder.is_same", lambda folder, found: False)
        assert "it has changed while it was read" in shop.refused()
    shop.load()
    assert shop.records() == {"1": "tap"}


def test_there_is_no_such_folder(shop: Shop) -> None:
    with pytest.raises(ExtractFailed, match=r"there is no folder .*: make it"):
        shop.load()


def test_a_time_to_read_again_from(shop: Shop) -> None:
    shop.write("a.csv", "1,tap,5")
    shop.write("b.csv", "2,tap,5")
    shop.load()
    result = shop.load(since=shop.at + timedelta(seconds=2))
    assert result.rows == 1


def test_files_of_a_webhook_receiver(shop: Shop) -> None:
    shop.said = Description(
        {
            "store_events": Rows(
                EVENTS,
                {"event_id": Cell(("id",)), "event_kind": Cell(("data.kind",))},
                where={"type": ("tap.created", "tap.updated")},
            )
        },
        {},
        newest_by="sent_at",
    )
    lines = [
        {
            "id": "1",
            "type": "tap.updated",
            "sent_at": "2026-03-02T00:00:00Z",
            "data": {"kind": "b"},
        },
        {
            "id": "1",
            "type": "tap.created",
            "sent_at": "2026-03-01T00:00:00Z",
            "data": {"kind": "a"},
        },
        {"id": "2", "type": "ping", "sent_at": "2026-03-01T00:00:00Z"},
    ]
    shop.put("h1.jsonl", "\n".join(map(json.dumps, lines)).encode() + b'\n{"id": "3", "ty')
    shop.put("h2.jsonl", json.dumps(lines[1]).encode())  # delivered twice, the older one last
    result = shop.load()
    assert shop.records() == {"1": "b"}
    assert result.quarantined == 1
    assert shop.reasons() == ["h1.jsonl, line 4: it is not one JSON document"]


def test_an_object_store(
    shop: Shop, bucket: str, object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = filed("taps", f"{bucket}/in/taps", TAPS)
    landing = str(shop.home / "landing")

    def load() -> int:
        (result,) = extract(source, Connection(), landing, shop.now())
        return result.rows

    def put(name: str, *rows: str) -> None:
        body = "\n".join(("id,kind,s", *rows))
        object_store.client().put_object(
            Bucket=bucket.removeprefix("s3://"), Key=f"in/{name}", Body=body.encode()
        )

    assert load() == 0
    put("taps/a.csv", "1,tap,5", "2,tap,5")
    put("other/b.csv", "9,tap,5")
    assert load() == 0  # it has just changed
    monkeypatch.setattr("connectors.files.folder.SETTLED", timedelta(0))
    assert load() == 2
    put("taps/a.csv", "1,kiosk,50")
    assert load() == 2
    assert shop.records() == {"1": "kiosk"}


@pytest.mark.parametrize(
    ("cell", "provided"),
    [
        (Cell(always="till"), ("till_orders",)),
        (Cell(("kind",), values={"Kasse": "till", "Tel": "till"}), ("till_orders",)),
        (Cell(("kind",), values={"Kasse": "till"}, otherwise="web"), ("web_orders", "till_orders")),
        (Cell(("kind",)), ("web_orders", "till_orders")),  # any that the files may say
    ],
)
def test_checks_miss_no_web_orders_where_files_have_tickets_alone(
    cell: Cell, provided: tuple[str, ...]
) -> None:
    """A hotel's invoices failed the check that web shop and tills know the same stores."""
    orders = replace(EVENTS, name="orders")
    said = Description({"orders": Rows(orders, {**CELLS, "sales_channel": cell})}, {})
    assert filed("invoices", "/data", said).provides == provided
    assert filed("taps", "/data", TAPS).provides == ()

"""The requests of GA4's BigQuery export, and how its cells become objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import LoadResult, extract
from connectors.ga4 import source as ga4
from connectors.registry import SOURCES
from tests.connectors.ga4.shape import FIELDS, TABLES, cells, param, settings
from tests.connectors.shape import JUNE, TOKEN, run
from tests.connectors.vendor_stub import Answer, Vendor


def event(day: str, at: int) -> dict[str, Any]:
    params = [param("value", number="12.50"), param("page", 'ü"\n')]
    return cells(day, str(at), "page_view", params, "true")


def test_ga4_values_are_zipped_with_the_schema_digits_kept() -> None:
    assert written(FIELDS, event("20260531", 17)) == (
        '{"event_date":"20260531","event_timestamp":"17","event_name":"page_view",'
        '"event_params":[{"key":"value","value":{"double_value":12.50}},'
        '{"key":"page","value":{"string_value":"ü\\"\\n"}}],"is_active_user":true}'
    )
    assert written(FIELDS, cells(None, None, None, [], None)) == '{"event_params":[]}'


def test_a_day_is_read_by_the_columns_of_its_own_table(vendor: Vendor, tmp_path: Path) -> None:
    """The export's schema grows: a column is new between two days, in front of others."""
    new = [{"name": "batch_page_id", "type": "INTEGER"}, *FIELDS]
    tables: dict[str, tuple[Any, Any]] = {
        "events_20260530": (FIELDS, event("20260530", 1)),
        "events_20260531": (new, {"f": [{"v": "9"}, *event("20260531", 2)["f"]]}),
    }
    listed = [{"tableReference": {"tableId": name}} for name in tables]
    vendor.on("POST", "/token", TOKEN)
    vendor.on("GET", TABLES, Answer({"tables": listed}))
    for name, (fields, row) in tables.items():
        vendor.on("GET", f"{TABLES}/{name}", Answer({"schema": {"fields": fields}}))
        vendor.on("GET", f"{TABLES}/{name}/data", Answer({"totalRows": "1", "rows": [row]}))
    connection = Connection(vendor.url, extra=settings(vendor))
    first, second = run(tmp_path, "ga4", "events", connection)
    assert "batch_page_id" not in first
    assert (second["batch_page_id"], second["event_date"]) == ("9", "20260531")


@pytest.mark.parametrize(
    ("sent", "told"),
    [("-1.50", "-1.50"), ("1e21", "1e21"), ("NaN", '"NaN"'), ("-Inf", '"-Inf"')],
)
def test_ga4_floats_are_json_numbers_where_json_has_them(sent: str, told: str) -> None:
    fields = [{"name": "value", "type": "FLOAT"}]
    assert written(fields, cells(sent)) == f'{{"value":{told}}}'


def written(fields: list[Any], row: Any) -> str | None:
    """The row of a table as it lands."""
    return ga4._record(fields)(ga4._read(json.dumps(row)))


def test_behaviour_3_ga4_prefers_the_final_table_and_reads_four_days_again(
    vendor: Vendor, tmp_path: Path
) -> None:
    days = ["20260527", "20260528", "20260529", "20260530", "20260531"]
    names = [f"events_{day}" for day in days] + [
        "events_intraday_20260531",
        "events_intraday_20260601",
        "pseudonymous_users_20260531",
    ]
    listed = [{"tableReference": {"tableId": name}} for name in names]
    first = Answer({"tables": listed[:3], "nextPageToken": "n"})
    vendor.on("GET", TABLES, first, Answer({"tables": listed[3:]}))
    vendor.on("POST", "/token", TOKEN)
    for name in names[:7]:
        rows = [event(name[-8:], number) for number in range(2)]
        vendor.on("GET", f"{TABLES}/{name}", Answer({"schema": {"fields": FIELDS}}))
        vendor.on("GET", f"{TABLES}/{name}/data", Answer({"totalRows": "2", "rows": rows}))
    connection = Connection(vendor.url, extra=settings(vendor))
    assert len(run(tmp_path, "ga4", "events", connection)) == 12  # six days, intraday for one
    assert not vendor.seen(f"{TABLES}/events_intraday_20260531/data")
    before = len(vendor.requests)
    vendor.on("GET", TABLES, Answer({"tables": listed}))
    run(tmp_path, "ga4", "events", connection)
    read = [r.path for r in vendor.requests[before:] if r.path.endswith("/data")]
    assert [path.split("/")[-2][-8:] for path in read] == [*days[1:], "20260601"]


def test_a_ga4_row_of_another_shape_is_quarantined(vendor: Vendor, tmp_path: Path) -> None:
    vendor.on("POST", "/token", TOKEN)
    vendor.on(
        "GET", TABLES, Answer({"tables": [{"tableReference": {"tableId": "events_20260531"}}]})
    )
    vendor.on("GET", f"{TABLES}/events_20260531", Answer({"schema": {"fields": FIELDS}}))
    rows = [event("20260531", 1), {"f": [{"v": "20260531"}]}, {"f": [{}] * 5}, 17]
    vendor.on("GET", f"{TABLES}/events_20260531/data", Answer({"totalRows": "4", "rows": rows}))
    connection = Connection(vendor.url, extra=settings(vendor))
    assert len(run(tmp_path, "ga4", "events", connection)) == 1
    found = pq.read_table(tmp_path / "_quarantine" / "ga4" / "events")["_raw"].to_pylist()
    assert [json.loads(raw) for raw in found] == rows[1:]


def test_behaviour_2_a_ga4_table_with_rows_missing(vendor: Vendor, tmp_path: Path) -> None:
    vendor.on("POST", "/token", TOKEN)
    vendor.on(
        "GET", TABLES, Answer({"tables": [{"tableReference": {"tableId": "events_20260531"}}]})
    )
    vendor.on("GET", f"{TABLES}/events_20260531", Answer({"schema": {"fields": FIELDS}}))
    rows = [event("20260531", 1)]
    vendor.on("GET", f"{TABLES}/events_20260531/data", Answer({"totalRows": "2", "rows": rows}))
    connection = Connection(vendor.url, extra=settings(vendor))
    with pytest.raises(ExtractFailed, match="reports 2 rows for events_20260531 and handed over 1"):
        run(tmp_path, "ga4", "events", connection)


class Dataset:
    """An export of tables, by name, that a test changes."""

    def __init__(self, vendor: Vendor) -> None:
        self.tables: dict[str, list[Any]] = {}
        self.vendor = vendor
        vendor.on("POST", "/token", TOKEN)
        vendor.on("GET", TABLES, lambda request: {"tables": self._listed()})
        self.connection = Connection(vendor.url, extra=settings(vendor))

    def _listed(self) -> list[Any]:
        for name, rows in self.tables.items():
            self.vendor.on("GET", f"{TABLES}/{name}", Answer({"schema": {"fields": FIELDS}}))
            answer = {"totalRows": str(len(rows)), "rows": rows}
            self.vendor.on("GET", f"{TABLES}/{name}/data", Answer(answer))
        return [{"tableReference": {"tableId": name}} for name in self.tables]

    def load(self, folder: Path, until: datetime, **how: Any) -> LoadResult:
        (result,) = extract(SOURCES["ga4"], self.connection, str(folder), until, **how)
        return result


def staged_days(folder: Path) -> dict[str, int]:
    """How many events staging finds on each covered day."""
    rows = pq.read_table(folder / "ga4" / "events").to_pylist()
    newest: dict[str, str] = {}
    for row in rows:
        newest[row["_cursor"]] = max(newest.get(row["_cursor"], ""), row["_load_id"])
    found = dict.fromkeys(sorted(newest), 0)
    for row in rows:
        if row["_key"] and row["_load_id"] == newest[row["_cursor"]]:
            found[row["_cursor"]] += 1
    return found


def a_list_that_is_empty_once(data: Dataset) -> None:
    data.tables.clear()


def a_list_without_a_day_in_the_middle(data: Dataset) -> None:
    del data.tables["events_20260530"]


def a_list_that_ends_too_early(data: Dataset) -> None:
    for day in ("30", "31"):
        del data.tables[f"events_202605{day}"]


@pytest.mark.parametrize(
    "hide",
    [
        a_list_that_is_empty_once,
        a_list_without_a_day_in_the_middle,
        a_list_that_ends_too_early,
    ],
)
def test_a_table_that_is_not_listed_wipes_no_day(
    vendor: Vendor, tmp_path: Path, hide: Callable[[Dataset], None]
) -> None:
    data = Dataset(vendor)
    data.tables = {f"events_202605{day}": [event(f"202605{day}", 1)] for day in range(27, 32)}
    data.load(tmp_path, JUNE)
    before, whole = staged_days(tmp_path), dict(data.tables)
    hide(data)
    assert data.load(tmp_path, JUNE).unconfirmed
    assert staged_days(tmp_path) == before
    data.tables = whole
    assert data.load(tmp_path, JUNE).unconfirmed == ()
    assert staged_days(tmp_path) == before


def test_a_backfill_beyond_tables_that_have_expired_wipes_no_day(
    vendor: Vendor, tmp_path: Path
) -> None:
    data = Dataset(vendor)
    data.tables = {f"events_202605{day}": [event(f"202605{day}", 1)] for day in range(11, 32)}
    data.load(tmp_path, JUNE)
    before = staged_days(tmp_path)
    for day in range(11, 20):
        del data.tables[f"events_202605{day}"]
    result = data.load(tmp_path, JUNE, since=JUNE - timedelta(days=20))
    assert result.unconfirmed == ("2026-05-12/2026-05-19",)
    assert staged_days(tmp_path) == before


def test_a_table_that_is_there_and_empty_is_an_answer(vendor: Vendor, tmp_path: Path) -> None:
    data = Dataset(vendor)
    data.tables = {f"events_202605{day}": [event(f"202605{day}", 1)] for day in range(29, 32)}
    data.load(tmp_path, JUNE)
    data.tables["events_20260530"] = []
    assert data.load(tmp_path, JUNE).unconfirmed == ()
    assert staged_days(tmp_path) == {"2026-05-29": 1, "2026-05-30": 0, "2026-05-31": 1}


def test_a_day_that_is_exported_five_days_late_is_read(vendor: Vendor, tmp_path: Path) -> None:
    """And is read again as long after that as any other day."""
    data = Dataset(vendor)
    late = "events_20260529"
    for days in range(8):
        now = JUNE + timedelta(days=days)
        day = f"{now - timedelta(days=1):%Y%m%d}"
        data.tables[f"events_{day}"] = [event(day, 1)]
        if days == 5:
            data.tables[late] = [event("20260529", 1)]
        if days == 0:
            data.tables["events_20260528"] = [event("20260528", 1)]
        data.load(tmp_path, now)
        assert staged_days(tmp_path).get("2026-05-29") == (1 if days >= 5 else None)
    data.tables[late] += [event("20260529", 2)]
    data.load(tmp_path, JUNE + timedelta(days=8))
    assert staged_days(tmp_path)["2026-05-29"] == 2


def test_events_that_come_72_hours_late_are_read(vendor: Vendor, tmp_path: Path) -> None:
    """By the streaming export: days stay in the list while newer ones come."""
    data = Dataset(vendor)
    day = "20260531"
    data.tables[f"events_{day}"] = [event(day, 1)]
    for days in range(4):
        data.tables[f"events_intraday_{JUNE + timedelta(days=days):%Y%m%d}"] = []
        data.load(tmp_path, JUNE + timedelta(days=days, hours=6))
    # 72 hours after the end of the day, and after that morning's load.
    data.tables[f"events_{day}"] = [event(day, 1), event(day, 2)]
    data.load(tmp_path, JUNE + timedelta(days=4, hours=6))
    assert staged_days(tmp_path)["2026-05-31"] == 2

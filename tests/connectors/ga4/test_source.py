"""The requests of GA4's BigQuery export, and how its cells become objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.ga4 import source as ga4
from tests.connectors.ga4.shape import FIELDS, TABLES, cells, param, settings
from tests.connectors.shape import TOKEN, run
from tests.connectors.vendor_stub import Answer, Vendor


def event(day: str, at: int) -> dict[str, Any]:
    params = [param("value", number="12.50"), param("page", 'ü"\n')]
    return cells(day, str(at), "page_view", params, "true")


def test_ga4_values_are_zipped_with_the_schema_digits_kept() -> None:
    write = ga4._record(FIELDS)
    assert write(event("20260531", 17)) == (
        '{"event_date":"20260531","event_timestamp":"17","event_name":"page_view",'
        '"event_params":[{"key":"value","value":{"double_value":12.50}},'
        '{"key":"page","value":{"string_value":"ü\\"\\n"}}],"is_active_user":true}'
    )
    assert write(cells(None, None, None, [], None)) == '{"event_params":[]}'


@pytest.mark.parametrize(
    ("sent", "written"),
    [("-1.50", "-1.50"), ("1e21", "1e21"), ("NaN", '"NaN"'), ("-Inf", '"-Inf"')],
)
def test_ga4_floats_are_json_numbers_where_json_has_them(sent: str, written: str) -> None:
    write = ga4._record([{"name": "value", "type": "FLOAT"}])
    assert write(cells(sent)) == f'{{"value":{written}}}'


def test_behaviour_3_ga4_prefers_the_final_table_and_reads_three_days_again(
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
    assert [path.split("/")[-2][-8:] for path in read] == [*days[2:], "20260601"]


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

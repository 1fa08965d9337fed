"""The checks on landed files, over loads written by the connectors' own landing code."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.connections import connected
from connectors.registry import SOURCES
from expectations import catalogue, context, runner
from warehouse.engines.duckdb import DuckDBWarehouse
from warehouse.landing.compaction import merge
from warehouse.landing.zone import Landing

Payloads = dict[tuple[str, str], list[tuple[str, str, dict[str, Any]]]]

DAYS = ("2026-03-01", "2026-03-02", "2026-03-03")


def payloads() -> Payloads:
    """Three sound records of every stream, as (key, cursor, payload)."""

    def order(i: int) -> dict[str, Any]:
        return {
            "id": f"gid://shopify/Order/{i}",
            "name": f"#{i}",
            "createdAt": f"2026-03-0{i}T09:00:00Z",
            "updatedAt": f"2026-03-0{i}T09:00:00Z",
            "totalPriceSet": {"presentmentMoney": {"amount": "10.10", "currencyCode": "EUR"}},
        }

    def ping(i: int) -> dict[str, Any]:
        return {
            "_id": f"p{i}",
            "actualCreatedAt": f"2026-03-0{i}T10:00:00Z",
            "user": {"deviceId": "d"},
        }

    return {
        ("shopify", "orders"): [(str(i), f"2026-03-0{i}T09:00:00Z", order(i)) for i in (1, 2, 3)],
        ("store_sensors", "pings"): [(f"p{i}", f"2026-03-0{i}", ping(i)) for i in (1, 2, 3)],
    }


def land(
    folder: Path,
    source: str,
    stream: str,
    rows: list[tuple[str | None, str, Any]],
    days: tuple[str, ...] = (),
    refused: int = 0,
    state: dict[str, Any] | None = None,
) -> None:
    """Land one load of a stream by the connectors' own writer."""
    landing = Landing(str(folder))
    landing.ensure_stream(source, stream)
    target = landing.stream(source, stream)
    with target.lock(), target.begin({}) as load:
        load.add(
            [
                (key, cursor, payload if isinstance(payload, str) else json.dumps(payload))
                for key, cursor, payload in rows
            ]
        )
        for day in days:
            load.cover(day)
        load.quarantine([("not an object", "[]")] * refused)
        load.commit(state or {})


def test_sound_landing_passes_and_is_summed_up(sound_warehouse: Path, tmp_path: Path) -> None:
    folder = tmp_path / "landing"
    for (source, stream), rows in payloads().items():
        land(folder, source, stream, rows, days=DAYS if source == "store_sensors" else ())
    # A later load restates the last day, and finds nothing for it.
    land(folder, "store_sensors", "pings", [], days=DAYS[2:])
    # What an older release called a theme is gone from the Data Docs, below.
    older = tmp_path / "reports" / "gx" / "gx" / "expectations" / "landed.json"
    older.parent.mkdir(parents=True)
    older.write_text('{"name": "landed", "expectations": []}')
    result = runner.run_landing(Landing(str(folder)), tmp_path / "reports", SOURCES)
    # Two streams of the twenty that we know: that is a warning, and the only one.
    assert [c.name for c in result.checks if c.status != "passed"] == ["landed_streams_present"]
    assert result.verdict == "warned"
    assert [(s["source"], s["stream"], s["rows"], s["loads"]) for s in result.landed] == [
        ("shopify", "orders", 3, 1),
        ("store_sensors", "pings", 3, 1),
    ]
    assert result.landed[0]["newest"] == "2026-03-03T09:00:00Z"
    assert runner.load(tmp_path / "reports", "landing") == result

    # The other boundary shares the reports folder and its Data Docs, in either order.
    assert (
        runner.run_marts(DuckDBWarehouse(sound_warehouse), tmp_path / "reports", SOURCES).verdict
        == "passed"
    )
    again = runner.run_landing(Landing(str(folder)), tmp_path / "reports", SOURCES)
    assert again.subject == result.subject
    docs = context.data_docs(tmp_path / "reports" / "gx").parent
    assert {p.stem for p in (docs / "expectations").iterdir()} == {
        "landing",
        "advertising",
        "attribution",
        "experiments",
        "identity",
        "orders",
        "records",
        "rows",
        "shops",
        "silos",
    }


def test_nothing_is_expected_of_a_source_that_is_not_in_use(tmp_path: Path) -> None:
    folder = tmp_path / "landing"
    for (source, stream), rows in payloads().items():
        land(folder, source, stream, rows, days=DAYS if source == "store_sensors" else ())
    result = runner.run_landing(
        Landing(str(folder)), tmp_path / "reports", {"shopify": SOURCES["shopify"]}
    )
    present = next(check for check in result.checks if check.name == "landed_streams_present")
    assert {culprit.place for culprit in present.culprits} == {
        "shopify/customers",
        "shopify/inventory_levels",
        "shopify/locations",
        "shopify/products",
    }
    assert [row["source"] for row in result.landed] == ["shopify"]


def test_two_connections_to_a_vendor_are_judged_apart(tmp_path: Path) -> None:
    folder = tmp_path / "landing"
    names = ("shopify__de", "shopify__uk")
    orders = payloads()["shopify", "orders"]
    land(folder, names[0], "orders", orders)
    land(folder, names[1], "orders", [(None, *row[1:]) for row in orders])
    skipped = ["customers", "inventory_levels", "products"]
    used = {name: connected(name, skip_streams=skipped) for name in names}
    result = runner.run_landing(Landing(str(folder)), tmp_path / "reports", used)
    off = {c.name: [each.place for each in c.culprits] for c in result.checks if c.off}
    assert off == {
        "landed_rows_keyed": ["shopify__uk/orders"],
        "landed_streams_present": ["shopify__de/locations", "shopify__uk/locations"],
    }
    assert [row["title"] for row in result.landed] == ["Shopify (de)", "Shopify (uk)"]


@pytest.mark.parametrize("left_out_by", ["2", "1, 2"])
def test_a_field_that_may_be_left_out_is_missed_only_when_no_record_has_it(
    tmp_path: Path, left_out_by: str
) -> None:
    at = "2026-03-07T12:00:00Z"
    amounts = {name: None if name in left_out_by else "10.00" for name in ("1", "2")}
    deals = [
        (name, at, {"id": name, "properties": {"amount": amount}})
        for name, amount in amounts.items()
    ]
    land(tmp_path / "landing", "hubspot", "deals", deals)
    result = runner.run_landing(Landing(str(tmp_path / "landing")), tmp_path / "reports", SOURCES)
    check = next(c for c in result.checks if c.name == "landed_fields_present")
    missed = [("hubspot/deals · properties.amount", 2, 0, "1, 2")]
    found = [(c.place, c.left, c.right, c.ids) for c in check.culprits]
    assert found == (missed if left_out_by == "1, 2" else [])


def test_a_version_that_was_corrected_is_forgiven(tmp_path: Path) -> None:
    """Whichever file it lies in: the vendor's clock decides, as in staging."""
    folder = tmp_path / "landing"
    old, new = "2026-03-07T12:00:00Z", "2026-03-07T13:00:00Z"
    land(folder, "hubspot", "archived_contacts", [("1", new, {"id": "1"}), ("2", old, {"id": "2"})])
    odd = [("1", old, {}), ("2", new, {}), ("3", old, "cut {"), ("4", new, "cut {"), ("5", old, {})]
    land(folder, "hubspot", "archived_contacts", odd)
    land(folder, "hubspot", "archived_contacts", [(name, new, {"id": name}) for name in ("3", "5")])
    # Of a day, the newest load counts.
    rate = {"date": DAYS[0], "currency": "USD", "rate": 1.1}
    land(folder, "ecb", "rates", [("old", DAYS[0], {}), ("gone", DAYS[0], {})], days=DAYS[:1])
    land(folder, "ecb", "rates", [("old", DAYS[0], rate)], days=DAYS[:1])
    result = runner.run_landing(Landing(str(folder)), tmp_path / "reports", SOURCES)
    off = {c.name: [(e.place, e.left, e.right, e.ids) for e in c.culprits] for c in result.checks}
    assert off["landed_payload_is_json"] == [("hubspot/archived_contacts", 9, 8, "4")]
    assert off["landed_fields_present"] == [("hubspot/archived_contacts · id", 8, 7, "2")]


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, runner.CheckResult]:
    """The audit of a landing zone in which every check of this theme meets its fault once."""
    folder = tmp_path_factory.mktemp("landing")
    at = "2026-03-07T12:00:00Z"
    land(folder, "shopify", "orders", payloads()["shopify", "orders"])
    nameless = payloads()["shopify", "orders"][0][2]
    nameless["totalPriceSet"]["presentmentMoney"]["amount"] = None
    newer = {**payloads()["shopify", "orders"][1][2], "brandNew": "an unknown field is welcome"}
    land(folder, "shopify", "orders", [("1", at, nameless), ("2", at, newer)])
    # Half of the records without a field are its vendor's doing.
    land(
        folder,
        "hubspot",
        "archived_contacts",
        [("1", at, {}), ("2", at, {"id": "2"}), ("3", at, {})],
    )
    # Streams that nobody declared are judged all the same.
    land(folder, "shop", "unkeyed", [("1", at, {}), (None, at, {})])
    land(folder, "shop", "texts", [("1", at, {}), ("2", at, '{"id": '), ("3", at, "[1]")])
    land(folder, "shop", "renamed", [("1", at, {})])
    load = max((folder / "shop" / "renamed").glob("*.parquet"))
    load.rename(load.with_name("20991231T000000.000000Z.parquet"))
    land(folder, "shop", "cut", [("1", at, {}), ("2", at, {}), ("3", at, {})])
    load = max((folder / "shop" / "cut").glob("*.parquet"))
    cut = load.with_suffix(".cut")
    duckdb.execute(
        f"copy (from '{load}' limit 2) to '{cut}' (format parquet, kv_metadata {{'o2o.rows': '3'}})"
    )
    cut.replace(load)
    land(folder, "shop", "some_refused", [(str(i), at, {}) for i in range(99)], refused=1)
    land(folder, "shop", "many_refused", [(str(i), at, {}) for i in range(90)], refused=10)
    land(folder, "store_sensors", "pings", payloads()["store_sensors", "pings"], days=DAYS)
    land(folder, "store_sensors", "pings", [], days=("2026-03-06",))
    for number in range(4):
        land(folder, "shop", "gone", [(str(number), at, {})])
    first, second, *_ = sorted((folder / "shop" / "gone").glob("2*.parquet"))
    second.unlink()
    land(folder, "shop", "copied", [("1", at, {})])
    shutil.copy(first, folder / "shop" / "copied")
    counts = [(f"A|{day}{n}", day, {}) for day in DAYS for n in range(40)]
    land(folder, "shop", "figures", counts, days=DAYS)
    # The first day lost five in forty rows, the last one all; the load after that changes nothing.
    for _ in range(2):
        land(folder, "shop", "figures", counts[5:80], days=DAYS)
    told = {"missing": ["2026-03-04/2026-03-06"], "doubtful": ["2026-03-02"]}
    state = {**told, "left_out": ["2026-03-01 B2"], "first": "2026-03-03"}
    state["missing"].insert(0, "2026-02-27/2026-02-28")  # before its first day
    land(folder, "shop", "late", [], days=DAYS[:1], state={"doubtful": ["2026-02-02"]})
    land(folder, "shop", "late", [], days=("2026-03-07",), state=state)
    for number in (3, 3, 0):
        rows = [(str(n), at, {"id": str(n), "name": ""}) for n in range(number)]
        land(folder, "shopify", "locations", rows)
    sources = SOURCES | {"shop": replace(SOURCES["shopify"], name="shop", streams=())}
    result = runner.run_landing(Landing(str(folder)), tmp_path_factory.mktemp("reports"), sources)
    assert result.verdict == "failed"
    return {check.name: check for check in result.checks}


# Check, and all culprits it must name: place, left, right, records named.
CULPRITS: list[tuple[str, list[tuple[str, int, int, str | None]]]] = [
    ("landed_rows_keyed", [("shop/unkeyed", 2, 1, "20")]),
    ("landed_payload_is_json", [("shop/texts", 3, 1, "2, 3")]),
    (
        "landed_fields_present",
        [
            ("hubspot/archived_contacts · id", 3, 1, "1, 3"),
            ("shopify/orders · totalPriceSet.presentmentMoney.amount", 5, 4, "1"),
        ],
    ),
    ("landed_fields_share", [("hubspot/archived_contacts · id", 3, 1, "1, 3")]),
    ("landed_labels_match", [("shop/renamed", 1, 0, None)]),
    ("landed_files_whole", [("shop/cut", 3, 2, "20")]),
    ("landed_loads_there", [("shop/gone", 4, 3, "20")]),
    ("landed_files_ours", [("shop/copied", 2, 1, "20")]),
    (
        "landed_nothing_quarantined",
        [("shop/many_refused", 10, 0, None), ("shop/some_refused", 1, 0, None)],
    ),
    ("landed_quarantine_share", [("shop/many_refused", 10, 0, None)]),
    (
        "landed_days_complete",
        [
            ("store_sensors/pings", 6, 4, "2026-03-04, 2026-03-05"),
            ("shop/late", 7, 6, "2026-03-03"),
        ],
    ),
    (
        "landed_days_answered",
        [
            ("shop/late · B2", 1, 0, "what landed before stays"),
            ("shop/late", 1, 0, "what landed before stays"),
            ("shop/late", 1, 0, "nothing landed yet"),
            ("shop/late", 1, 0, "nothing landed yet"),
        ],
    ),
    ("landed_days_kept", [("shop/figures", 40, 0, "load 20")]),
    (
        "landed_days_steady",
        [
            ("shop/figures", 40, 0, "load 20"),
            ("shop/figures", 40, 35, "load 20"),
        ],
    ),
    ("landed_lists_kept", [("shopify/locations", 3, 0, "load 20")]),
    ("landed_sources_fresh", [("store_sensors", 108, 0, "2026-03-03 00:00 UTC")]),
]


@pytest.mark.parametrize(("name", "expected"), CULPRITS, ids=[c[0] for c in CULPRITS])
def test_fault_is_caught_and_named(
    spoiled: dict[str, runner.CheckResult],
    name: str,
    expected: list[tuple[str, int, int, str | None]],
) -> None:
    check = spoiled[name]
    assert check.status == "failed"
    assert [(c.place, c.left, c.right) for c in check.culprits] == [e[:3] for e in expected]
    for culprit, (_, _, _, ids) in zip(check.culprits, expected, strict=True):
        assert ids is None or ids in (culprit.ids or "")


def test_a_source_that_rests_over_holidays_may_lag_so_much_longer(tmp_path: Path) -> None:
    def rate(day: str) -> list[tuple[str | None, str, Any]]:
        return [(f"{day}|USD", day, {"date": day, "currency": "USD", "rate": 1.1})]

    land(tmp_path / "landing", "shopify", "orders", [("1", "2026-04-07T12:00:00Z", {})])
    land(tmp_path / "landing", "ecb", "rates", rate("2026-04-02"))  # Good Friday is the 3rd
    land(tmp_path / "landing", "square", "orders", [("1", "2026-04-02T12:00:00Z", {})])
    result = runner.run_landing(Landing(str(tmp_path / "landing")), tmp_path / "reports", SOURCES)
    check = next(c for c in result.checks if c.name == "landed_sources_fresh")
    assert [culprit.place for culprit in check.culprits] == ["square"]


FILES = "landed_files_ours"  # counts files, and there are fewer of them


def test_merged_loads_are_judged_as_before(tmp_path: Path) -> None:
    folder = tmp_path / "landing"
    counts = [(f"p{day}{n}", day, {"_id": "1"}) for day in DAYS for n in range(40)]
    for loads in range(4):
        land(folder, "shopify", "orders", payloads()["shopify", "orders"])
        # The same days again and again; the last load has lost some of them.
        land(folder, "store_sensors", "pings", counts[: 120 - 20 * (loads == 3)], days=DAYS)
        land(folder, "store_sensors", "counters", [("1", DAYS[0], {})] * (4 - loads))
    before = runner.run_landing(Landing(str(folder)), tmp_path / "reports", SOURCES)
    assert {"landed_days_steady", "landed_lists_kept"} <= {c.name for c in before.checks if c.off}
    for place in Landing(str(folder)).streams("store_sensors"):
        assert merge(place, datetime.now(UTC) + timedelta(days=1)).after == 2
    after = runner.run_landing(Landing(str(folder)), tmp_path / "reports", SOURCES)
    assert after.landed == before.landed
    told = [
        [(c.name, c.status, c.totals, c.culprits) for c in audit.checks if c.name != FILES]
        for audit in (before, after)
    ]
    assert told[0] == told[1]


def test_missing_streams_are_named(spoiled: dict[str, runner.CheckResult]) -> None:
    check = spoiled["landed_streams_present"]
    assert check.severity == "warn"
    streams = [stream for source in SOURCES.values() for stream in source.streams]
    assert check.compared == sum(stream.is_expected for stream in streams) < len(streams)
    assert check.off == check.compared - 4
    assert "adobe_commerce/orders" in {c.place for c in check.culprits}


def test_every_check_has_a_fault() -> None:
    names = {name for name, _ in CULPRITS} | {"landed_streams_present"}
    assert names == {check.name for check in catalogue.suites("landing", SOURCES)["landing"]}


def test_nothing_landed_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(runner.AuditError, match="run the extracts first"):
        runner.run_landing(Landing(str(tmp_path / "landing")), tmp_path, SOURCES)

"""Every source end to end against the simulated vendors: calm and in trouble, twice each."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.core.source import Source
from connectors.extract import LoadResult, extract
from connectors.registry import SOURCES
from connectors.shopify import source as shopify
from demo.serving import running
from demo.vendors import connections
from demo.world import generate
from o2o.cli import app

START = date(2026, 3, 23)  # the clocks change in Europe on the 29th
DAYS = 11
NOW = datetime(2026, 4, 3, tzinfo=UTC)
# A world as small as this one may have none.
RARE = {
    "archived_contacts",
    "creditmemos",
    "credits",
    "gift_card_activities",
    "gift_cards",
    "partial_responses",
    "refunds",
}
NEW_FIELDS = ("Preview", "_preview", "is_preview_user")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    generate(folder, persons=500, days=DAYS, seed=11, start=START)
    return folder


@pytest.fixture(scope="module")
def url(world: Path) -> Iterator[str]:
    with running(world, now=NOW.replace(tzinfo=None)) as address:
        yield address


def control(url: str, what: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(f"{url}/_sim/{what}", json.dumps(body).encode(), method="PUT")
    urllib.request.urlopen(request).close()


def connection_to(url: str, source: str, **changed: Any) -> Connection:
    given = connections(url)[source]
    extra = {**given["extra"], "start_date": START.isoformat(), "searches_per_second": 1000}
    settings = {"host": given["host"], "login": given["login"], "password": given["password"]}
    return Connection(**{**settings, "extra": extra, **changed})


def load(url: str, source: Source, folder: Path, until: datetime = NOW) -> dict[str, LoadResult]:
    results = extract(source, connection_to(url, source.name), str(folder), until)
    return {result.stream: result for result in results}


def staged(folder: Path, source: Source) -> dict[str, dict[str, Any]]:
    """What staging makes of the landed rows: the newest payload per key, or per day and key."""
    found = {}
    for stream in source.streams:
        group = "_cursor" if stream.report else "_key"
        order = "" if stream.report else "_cursor::timestamptz desc,"
        rows = duckdb.sql(f"""
            from read_parquet('{folder}/{source.name}/{stream.name}/*.parquet')
            select _cursor, _key, _payload
            qualify rank() over (partition by {group} order by {order} _load_id desc) = 1
        """).fetchall()
        found[stream.name] = {
            f"{cursor if stream.report else ''}|{key}": without_new_fields(json.loads(payload))
            for cursor, key, payload in rows
            if payload
        }
    # The search goes on without a contact that was archived, or merged into another, since the last
    # load; what is left of it says so.
    contacts = found.get("contacts", {}) if source.name == "hubspot" else {}
    merged = (contact["properties"]["hs_merged_object_ids"] or "" for contact in contacts.values())
    gone = {f"|{number}" for numbers in merged for number in numbers.split(";")}
    for key in gone | found.get("archived_contacts", {}).keys():
        contacts.pop(key, None)
    return found


def without_new_fields(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: without_new_fields(inner)
            for name, inner in value.items()
            if not name.endswith(NEW_FIELDS)
        }
    if isinstance(value, list):
        return [without_new_fields(inner) for inner in value]
    return value


@pytest.fixture(scope="module")
def calm(url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What every source has when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("calm")
    control(url, "chaos", {"level": 0})
    found = {}
    for source in SOURCES.values():
        load(url, source, folder)
        found[source.name] = staged(folder, source)
    return found


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_a_second_load_lands_little_and_changes_nothing(
    url: str, calm: dict[str, Any], source: Source, tmp_path: Path
) -> None:
    control(url, "chaos", {"level": 0})
    first = load(url, source, tmp_path)
    second = load(url, source, tmp_path)
    assert staged(tmp_path, source) == calm[source.name]
    for stream in source.streams:
        assert first[stream.name].rows > 0 or stream.name in RARE, stream.name
        assert first[stream.name].quarantined == 0
        if stream.kind == "entity":
            assert second[stream.name].rows <= 5 + first[stream.name].rows // 10, stream.name


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_two_loads_in_the_worst_chaos_find_what_a_calm_load_finds(
    url: str, calm: dict[str, Any], source: Source, tmp_path: Path, waits: list[float]
) -> None:
    seeds = iter(range(20))
    while not waits:  # a source with few requests may be lucky with one seed
        control(url, "chaos", {"level": 3, "seed": next(seeds)})
        load(url, source, tmp_path)
        load(url, source, tmp_path)
        assert staged(tmp_path, source) == calm[source.name]


def test_behaviour_1_and_7_day_by_day_finds_what_one_load_finds(
    url: str, calm: dict[str, Any], tmp_path: Path
) -> None:
    """Late till sales, restated days and rewritten tables, as the clock moves on."""
    control(url, "chaos", {"level": 0})
    try:
        for back in (2, 0):
            now = NOW - timedelta(days=back)
            control(url, "clock", {"now": now.isoformat()})
            for source in SOURCES.values():
                load(url, source, tmp_path, now)
    finally:
        control(url, "clock", {"now": NOW.isoformat()})
    for source in SOURCES.values():
        for name, rows in staged(tmp_path, source).items():
            expected = calm[source.name][name]
            assert rows.keys() == expected.keys(), f"{source.name}.{name}"
            different = [key for key in rows if rows[key] != expected[key]]
            assert not different, f"{source.name}.{name}: {rows[different[0]]}"


def test_behaviour_4_lines_that_do_not_come_with_their_order_are_read_too(
    url: str, calm: dict[str, Any], tmp_path: Path
) -> None:
    """The world's orders have few lines, so only one of them is let through with its order."""
    control(url, "chaos", {"level": 0})
    orders = replace(
        shopify.SOURCE.streams[0], read=shopify.orders(replace(shopify.LINES, first=1))
    )
    source = replace(shopify.SOURCE, streams=(orders,))
    load(url, source, tmp_path)
    found = staged(tmp_path, source)["orders"]
    whole = calm["shopify"]["orders"]
    assert found.keys() == whole.keys()
    assert sum("moreLineItems" in order for order in found.values()) > 1
    for key, order in found.items():
        assert len(order["lineItems"]["nodes"]) == 1
        lines = order["lineItems"]["nodes"] + order.get("moreLineItems", [])
        assert lines == whole[key]["lineItems"]["nodes"]


def test_what_was_deleted_archived_or_linked_later_is_found_by_the_next_days_load(
    url: str, world: Path, tmp_path: Path
) -> None:
    control(url, "chaos", {"level": 0})
    names = ("hubspot", "shopify", "square", "salesforce")
    for name in names:
        load(url, SOURCES[name], tmp_path)
    try:
        faults = [
            "deleted_web_orders",
            "deleted_till_customers",
            "archived_deals",
            "later_links",
        ]
        control(url, "faults", {"faults": faults})
        with urllib.request.urlopen(f"{url}/_sim/faults") as answer:
            told = {fault["name"]: fault for fault in json.load(answer)["faults"]}
        for name in names:
            load(url, SOURCES[name], tmp_path, NOW + timedelta(days=1))
    finally:
        control(url, "faults", {"faults": []})
    hubspot, orders, square, salesforce = (staged(tmp_path, SOURCES[name]) for name in names)
    deleted = {key[1:] for key, row in square["customers"].items() if "deleted" in row}
    known = {key[1:] for key in square["customers"]}  # since the start date
    assert deleted == set(told["deleted_till_customers"]["gone"]) & known != set()
    deleted = {key.rpartition("/")[2] for key, row in orders["orders"].items() if "deleted" in row}
    assert deleted == {str(number) for number in told["deleted_web_orders"]["gone"]} != set()
    assert not any("deleted" in row for row in orders["customers"].values())
    archived = {int(key[1:]) for key, row in hubspot["deals"].items() if "deleted" in row}
    assert archived == set(told["archived_deals"]["gone"])
    relinked = set(told["later_links"]["relinked"]) - archived
    contact = str(told["later_links"]["contact_no"])
    for key, row in hubspot["deal_contacts"].items():
        linked = [each["toObjectId"] for each in row["associations"]["contacts"]]
        assert int(key[1:]) not in relinked or linked == [contact]
    # The deal of an order on which sales people work is their opportunity, which stays.
    with duckdb.connect(str(world / "world.duckdb"), read_only=True) as database:
        kept = database.sql("""select deal_no from crm_deals
            where order_name in (select order_name from crm_opportunities)""").fetchall()
    deleted = {key for key, row in salesforce["opportunities"].items() if "deleted" in row}
    assert (
        {int(key[5:16], 16) for key in deleted}
        == archived - {number for (number,) in kept}
        != set()
    )
    roles = salesforce["opportunity_contact_roles"].values()
    assert {f"|{row['OpportunityId']}" for row in roles if "deleted" in row} <= deleted
    assert any("deleted" in row for row in roles)


def test_what_landed_is_what_the_world_holds(world: Path, calm: dict[str, Any]) -> None:
    with duckdb.connect(str(world / "world.duckdb"), read_only=True) as database:
        visible = {
            ("square", "orders"): "till_orders where visible_at <= $now",
            ("square", "payments"): "payments where visible_at <= $now",
            ("store_sensors", "pings"): "pings where received_at <= $now",
            ("radar", "events"): "pings where received_at <= $now"
            " and signal in ('beacon', 'app_location')",
            ("shopify", "orders"): "web_orders where created_at <= $now",
            ("meta_ads", "campaign_insights"): "ad_daily_as_of($now) as d join campaigns using"
            " (campaign_no) where platform = 'meta_ads' and d.impressions + d.conversions > 0",
            ("tiktok_ads", "campaign_reports"): "ad_daily_as_of($now) as d join campaigns using"
            " (campaign_no) where platform = 'tiktok_ads' and d.impressions + d.conversions > 0",
        }
        for (source, stream), rows in visible.items():
            count = database.execute(
                f"select count(*) from {rows}", {"now": NOW.replace(tzinfo=None)}
            ).fetchone()
            assert count == (len(calm[source][stream]),), f"{source}.{stream}"


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("google_ads", {"password": "wrong"}),
        ("meta_ads", {"password": "wrong"}),
        ("tiktok_ads", {"password": "wrong"}),
        ("microsoft_ads", {"password": "wrong"}),
        ("shopify", {"password": "wrong"}),
        ("hubspot", {"password": "wrong"}),
        ("square", {"login": "wrong"}),
        ("ga4", {}),
        ("ga4_reports", {}),
        ("store_sensors", {"password": "wrong"}),
        ("calendly", {"password": "wrong"}),
        ("radar", {"password": "prj_live_sk_wrong"}),
        ("axis", {"password": "wrong"}),
    ],
)
def test_wrong_credentials_end_in_one_clear_error(
    url: str, source: str, changed: dict[str, str], tmp_path: Path, waits: list[float]
) -> None:
    control(url, "chaos", {"level": 0})
    connection = connection_to(url, source, **changed)
    if "service_account" in connection.extra:
        account = {**connection.extra["service_account"], "client_email": "other@example.com"}
        connection = connection_to(
            url, source, extra={**connection.extra, "service_account": account}
        )
    with pytest.raises(ExtractFailed, match="refused our credentials") as failed:
        extract(SOURCES[source], connection, str(tmp_path), NOW)
    assert len(failed.value.errors) == len(SOURCES[source].streams)
    assert waits == []


def test_the_command_line_extracts_and_tells_the_status(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control(url, "chaos", {"level": 0})
    monkeypatch.setenv("O2O_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    connection = json.dumps(connections(url)["shopify"])
    monkeypatch.setenv("AIRFLOW_CONN_O2O_SHOPIFY", connection)
    arguments = ["extract", "shopify", "--stream", "locations", "--until", NOW.isoformat()]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "shopify.locations: 12 rows" in result.stdout
    status = CliRunner().invoke(app, ["status", "--now", "2026-04-03T05:00:00Z"])
    assert "5 h" in status.stdout
    assert status.exit_code == 0

"""Nothing is served before its time, and what has changed shows only once it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from demo.serving import running
from tests.demo.vendors.api_support import TABLES, Client, ask_world, flat, world

EARLY, LATE = "2026-02-11T00:00:00Z", "2026-02-19T00:00:00Z"


@pytest.fixture
def client() -> Iterator[Client]:
    with running(world(), now=EARLY) as url:
        yield Client(url)


def test_the_clock_is_told_and_set(client: Client) -> None:
    assert requests.get(f"{client.url}/_sim/clock").json() == {"now": "2026-02-11T00:00:00Z"}
    assert client.control("clock", now="2026-02-12T01:00:00+01:00") == {
        "now": "2026-02-12T00:00:00Z"
    }
    refused = requests.put(f"{client.url}/_sim/clock", json={"now": "tomorrow"})
    assert refused.status_code == 400
    assert "tomorrow" in refused.json()["error"]


def test_nothing_comes_from_the_future(client: Client) -> None:
    assert max(item["updatedAt"] for item in flat(client.shopify("orders", "updatedAt"))) < EARLY
    assert max(item["updated_at"] for item in flat(client.square_orders())) < EARLY
    assert max(item["updated_at"] for item in flat(client.square("payments"))) < EARLY
    assert max(item["updatedAt"] for item in flat(client.hubspot("contacts"))) < EARLY
    assert max(item["createdAt"] for item in flat(client.pings())) < EARLY
    days = flat(
        client.google_ads(
            "SELECT segments.date, metrics.clicks FROM campaign"
            " WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-28'"
        )
    )
    assert max(row["segments"]["date"] for row in days) == "2026-02-10"


def test_a_refund_shows_once_it_has_happened(client: Client) -> None:
    ((number, refunded_at),) = ask_world(
        "SELECT order_no, created_at FROM web_refunds WHERE created_at BETWEEN '2026-02-12' AND"
        " '2026-02-18' AND order_no IN (SELECT order_no FROM web_orders"
        " WHERE created_at < '2026-02-10 20:00:00') ORDER BY refund_no LIMIT 1"
    )
    fields = "id updatedAt displayFinancialStatus cancelledAt refunds { createdAt }"

    def order() -> dict[str, object]:
        orders = {item["id"]: item for item in flat(client.shopify("orders", fields))}
        return orders[f"gid://shopify/Order/{number}"]

    before = order()
    assert before["refunds"] == []
    assert before["displayFinancialStatus"] == "PAID"
    assert before["cancelledAt"] is None
    client.control("clock", now=LATE)
    after = order()
    assert after["refunds"] == [{"createdAt": f"{refunded_at:%Y-%m-%dT%H:%M:%SZ}"}]
    assert "REFUNDED" in str(after["displayFinancialStatus"])
    assert str(after["updatedAt"]) >= f"{refunded_at:%Y-%m-%dT%H:%M:%SZ}" > str(before["updatedAt"])


def test_offline_tills_show_up_late_with_their_old_time(client: Client) -> None:
    before = {order["id"] for order in flat(client.square_orders())}
    client.control("clock", now=LATE)
    new = [order for order in flat(client.square_orders()) if order["id"] not in before]
    late = [order for order in new if order["created_at"] < EARLY]
    assert all(order["updated_at"] > EARLY for order in new)
    expected = ask_world(
        "SELECT count(*) FROM till_orders WHERE created_at < '2026-02-11'"
        " AND visible_at > '2026-02-11' AND visible_at <= '2026-02-19'"
    )[0][0]
    assert len(late) == expected


def test_ad_spend_restates_until_it_is_settled(client: Client) -> None:
    query = (
        "SELECT campaign.id, segments.date, metrics.cost_micros FROM campaign"
        " WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-10'"
    )

    def spend() -> dict[tuple[str, str], int]:
        return {
            (row["campaign"]["id"], row["segments"]["date"]): int(row["metrics"]["costMicros"])
            for row in flat(client.google_ads(query))
        }

    first = spend()
    client.control("clock", now=LATE)
    second = spend()
    assert first.keys() == second.keys()
    assert first != second
    for campaign, day, initial, final, settled in ask_world(
        "SELECT campaign_no::VARCHAR, date::VARCHAR, cost_micros_initial, cost_micros_final,"
        " settled_on::VARCHAR FROM ad_daily JOIN campaigns USING (campaign_no)"
        " WHERE platform = 'google_ads' AND date <= '2026-02-10'"
    ):
        assert first[campaign, day] == (final if settled <= "2026-02-11" else initial)
        assert second[campaign, day] == (final if settled <= "2026-02-19" else initial)


def test_ga4_days_overlap_intraday_and_are_rewritten(client: Client) -> None:
    tables = client.ga4_tables()
    # 00:00 UTC is 01:00 in the property's zone: yesterday is over, its intraday table still there.
    assert {"events_20260210", "events_intraday_20260210", "events_intraday_20260211"} <= set(
        tables
    )
    assert "events_20260211" not in tables
    assert "events_intraday_20260209" not in tables

    def size(table: str) -> int:
        return int(client.call("ga4", "GET", f"{TABLES}/{table}")["numRows"])

    everything = dict(
        ask_world("SELECT strftime(event_date, '%Y%m%d'), count(*) FROM web_events GROUP BY 1")
    )
    first = {day: size(f"events_{day}") for day in ("20260208", "20260209", "20260210")}
    assert sum(first.values()) < sum(everything[day] for day in first)
    client.control("clock", now="2026-02-13T00:00:00Z")
    assert {day: size(f"events_{day}") for day in first} == {day: everything[day] for day in first}


def test_a_contact_can_be_deleted_later(client: Client) -> None:
    params = {"archived": "true", "limit": 100}
    path = "/crm/objects/2026-09/contacts"

    def archived() -> set[str]:
        answer = client.call("hubspot", "GET", path, params=params)
        return {item["id"] for item in answer["results"]}

    before = archived()
    client.control("clock", now=LATE)
    gone = archived()
    assert before < gone
    assert gone.isdisjoint(item["id"] for item in flat(client.hubspot("contacts")))


def test_a_renamed_shop_keeps_its_code(client: Client) -> None:
    def names() -> set[tuple[str, str]]:
        places = client.call("square", "GET", "/v2/locations")["locations"]
        return {
            *((item["id"], item["name"]) for item in flat(client.shopify("locations", "id name"))),
            *((item["id"], item["name"]) for item in places),
        }

    before = names()
    client.control("clock", now="2026-02-21T00:00:00Z")
    now = names()
    assert {name for _, name in before - now} == {"Northwind & Vale Paris S002"}
    assert {name for _, name in now - before} == {"N&V Studio Paris S002"}
    assert len(before - now) == 2

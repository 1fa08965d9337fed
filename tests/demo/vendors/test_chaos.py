"""Every kind of trouble happens, is bounded, and loses nothing to a patient client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo.serving import running
from demo.vendors import shopify
from demo.vendors.core.chaos import FAILURES, LEVELS, MOST_FAILURES_IN_A_ROW, Chaos
from tests.demo.vendors.api_support import NOW, SEARCH, TABLES, Client, flat, world


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(world(), now=NOW) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    client = Client(url)
    yield client
    client.control("chaos", level=0)


@pytest.fixture
def certain(monkeypatch: pytest.MonkeyPatch) -> None:
    """At level 3 everything that can go wrong does."""
    monkeypatch.setitem(LEVELS, 3, 1.0)


def everything(client: Client) -> dict[str, set[str]]:
    """The keys of all rows of every vendor."""
    query = (
        "SELECT campaign.id, segments.date, metrics.cost_micros FROM campaign"
        " WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-18'"
    )
    serial = client.call("store_sensors", "GET", "/counters")[0]["serial"]
    found: dict[str, list[Any]] = {
        "ads": [
            (row["campaign"]["id"], row["segments"]["date"], row["metrics"]["costMicros"])
            for row in flat(client.google_ads(query))
        ],
        "ga4": [json.dumps(row["f"][:3]) for row in flat(client.ga4("events_20260205", limit=20))],
        "counts": [json.dumps([row["start"], row["in"]]) for row in client.counts(serial)],
        "pings": [event["_id"] for event in flat(client.pings())],
        "till_orders": [order["id"] for order in flat(client.square_orders(limit=40))],
    }
    for root in ("orders", "customers", "locations"):
        found[f"shopify_{root}"] = [row["id"] for row in flat(client.shopify(root, "id", first=30))]
    for kind in ("contacts", "deals"):
        pages = client.hubspot(kind, limit=50, sorts=["createdate"])
        found[f"hubspot_{kind}"] = [row["id"] for row in flat(pages)]
    for name in ("payments", "refunds", "customers", "loyalty_accounts", "bookings"):
        found[f"square_{name}"] = [row["id"] for row in flat(client.square(name))]
    return {name: {str(row) for row in rows} for name, rows in found.items()}


def test_two_extracts_at_the_highest_level_lose_nothing(client: Client) -> None:
    calm = everything(client)
    client.control("chaos", level=3, seed=5)
    first, second = everything(client), everything(client)
    together = {name: first[name] | second[name] for name in calm}
    assert together == calm
    # Only the search index may lag, and only in the first pass.
    behind = {name for name in calm if first[name] != calm[name]}
    assert behind <= {"hubspot_contacts", "hubspot_deals"}
    assert second == calm
    assert len(set(client.failures)) >= 5


def test_the_same_seed_makes_the_same_trouble() -> None:
    def run(seed: int) -> list[Any]:
        chaos = Chaos(level=3, seed=seed)
        return [chaos.draw("square", f"r{i % 40}", is_token_endpoint=False) for i in range(200)]

    assert run(1) == run(1) != run(2)


def test_the_same_request_fails_at_most_three_times_in_a_row(certain: None) -> None:
    chaos = Chaos(level=3)
    longest = run = 0
    for _ in range(500):
        whims = chaos.draw("square", "one request", is_token_endpoint=False)
        run = run + 1 if whims.failure else 0
        longest = max(longest, run)
    assert longest == MOST_FAILURES_IN_A_ROW


def test_level_zero_is_calm_and_levels_rise() -> None:
    def failures(level: int) -> int:
        chaos = Chaos(level=level)
        drawn = [chaos.draw("v", str(i), is_token_endpoint=False) for i in range(1000)]
        return sum(whims.failure is not None for whims in drawn)

    counts = [failures(level) for level in range(4)]
    assert counts[0] == 0
    assert counts == sorted(set(counts))


def test_chaos_is_set_and_told(client: Client) -> None:
    told = client.control("chaos", level=2, seed=9, only=["cut"])
    assert told == {"level": 2, "seed": 9, "only": ["cut"]}
    assert requests.get(f"{client.url}/_sim/chaos").json() == told
    refused = requests.put(f"{client.url}/_sim/chaos", json={"level": 4})
    assert refused.status_code == 400


@pytest.mark.parametrize("kind", FAILURES)
def test_each_failure_shows_and_passes(client: Client, certain: None, kind: str) -> None:
    client.control("chaos", level=3, only=[kind])
    # Square has all of them: short-lived tokens, expiring cursors, everything HTTP can do.
    client.square_orders(limit=150)
    assert set(client.failures) == {kind}


@pytest.mark.parametrize("kind", ["rate_limited", "server_error"])
def test_each_vendor_words_trouble_its_own_way(client: Client, certain: None, kind: str) -> None:
    places = {
        "google_ads": ("POST", SEARCH),
        "shopify": ("POST", "/admin/api/2026-10/graphql.json"),
        "hubspot": ("POST", "/crm/objects/2026-09/contacts/search"),
        "square": ("GET", "/v2/locations"),
        "ga4": ("GET", TABLES),
        "store_sensors": ("GET", "/v1/events"),
    }
    for vendor, (method, path) in places.items():
        client._auth(vendor)
        client.control("chaos", level=3, only=[kind])
        answer = client.raw(vendor, method, path, json={"query": "{ orders(first: 1) { nodes"})
        body = answer.json()
        if kind == "server_error":
            assert answer.status_code in (500, 502, 503)
        elif vendor == "shopify":
            assert answer.status_code == 200
            assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
        else:
            assert answer.status_code == 429
        if vendor == "google_ads":
            assert body["error"]["details"][0]["errors"][0]["errorCode"]
        elif vendor == "hubspot":
            assert ("policyName" in body) == (kind == "rate_limited")
        elif vendor == "square":
            assert body["errors"][0]["category"] in ("RATE_LIMIT_ERROR", "API_ERROR")
        client.control("chaos", level=0)


def test_a_row_may_come_again_on_the_next_page(client: Client, certain: None) -> None:
    calm = [order["id"] for order in flat(client.square_orders(limit=30))]
    client.control("chaos", level=3, only=["duplicate_row"])
    found = [order["id"] for order in flat(client.square_orders(limit=30))]
    assert len(found) > len(calm)
    assert set(found) == set(calm)


def test_rows_of_a_page_may_change_places(client: Client, certain: None) -> None:
    calm = client.square("customers")
    client.control("chaos", level=3, only=["shuffle"])
    found = client.square("customers")
    assert [row["id"] for row in found[0]] != [row["id"] for row in calm[0]]
    for page, calm_page in zip(found, calm, strict=True):
        assert sorted(row["id"] for row in page) == sorted(row["id"] for row in calm_page)


def test_a_row_that_is_edited_hides_another_where_pages_are_counted_by_rows(
    client: Client, certain: None
) -> None:
    """The fault of whoever follows the search's page token: nothing tells that a row is missing."""
    calm = [row["id"] for row in flat(client.hubspot("contacts", limit=37))]
    client.control("chaos", level=3, only=["edited"])
    found = [row["id"] for row in flat(client.hubspot("contacts", limit=37))]
    assert len(found) == len(calm) + (37 - len(calm)) // 38
    assert set(found) < set(calm)


def test_an_undocumented_field_may_turn_up(client: Client, certain: None) -> None:
    client.control("chaos", level=3, only=["new_field"])
    assert "square_preview" in next(flat(client.square("payments")))
    assert "objectPreview" in next(flat(client.hubspot("deals")))
    assert "fraudPreview" in next(flat(client.pings()))
    schema = client.call("ga4", "GET", f"{TABLES}/events_20260205")["schema"]["fields"]
    assert schema[-1]["name"] == "is_preview_user"
    assert len(next(flat(client.ga4("events_20260205")))["f"]) == len(schema)


def test_the_search_index_lags_one_pass_after_the_clock_moves(client: Client) -> None:
    (newest,) = sorted(item["updatedAt"] for item in flat(client.hubspot("deals")))[-1:]
    just_after = newest[:-5] + ".999Z"
    client.control("clock", now=just_after)
    client.control("chaos", level=3, only=["index_lag"])
    try:

        def seen() -> set[str]:
            return {item["updatedAt"] for item in flat(client.hubspot("deals", limit=50))}

        assert newest not in seen()
        assert newest in seen()
    finally:
        client.control("clock", now=NOW)


def test_token_endpoints_fail_too(client: Client, certain: None) -> None:
    client.control("chaos", level=3, only=["server_error"])
    form = {
        "grant_type": "client_credentials",
        "client_id": shopify.CLIENT_ID,
        "client_secret": shopify.CLIENT_SECRET,
    }
    path = f"{client.url}/shopify/admin/oauth/access_token"
    answers = [requests.post(path, data=form).status_code for _ in range(4)]
    assert answers[0] >= 500
    assert 200 in answers

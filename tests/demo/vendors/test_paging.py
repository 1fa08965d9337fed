"""Page by page, every row arrives once, also where many rows share one second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from demo.serving import running
from demo.vendors import shopify
from tests.demo.vendors.api_support import (
    BUSY_ORDERS,
    BUSY_SECOND,
    GRAPHQL,
    NOW,
    Client,
    ask_world,
    flat,
    world,
)

AS_OF = "(TIMESTAMP '2026-02-19')"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with running(world(), now=NOW) as url:
        yield Client(url)


def count(relation: str) -> int:
    return int(ask_world(f"SELECT count(*) FROM {relation}")[0][0])


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("payments", f"payments_as_of{AS_OF}"),
        ("refunds", f"till_refunds_as_of{AS_OF}"),
        ("customers", f"till_customers_as_of{AS_OF}"),
        ("loyalty_accounts", f"loyalty_accounts_as_of{AS_OF}"),
        ("bookings", f"bookings_as_of{AS_OF}"),
    ],
)
def test_square_lists_are_complete(client: Client, name: str, relation: str) -> None:
    ids = [item["id"] for item in flat(client.square(name))]
    assert len(ids) == len(set(ids)) == count(relation) > 0


def test_square_orders_in_one_second_survive_page_breaks(client: Client) -> None:
    pages = client.square_orders(limit=7)
    orders = list(flat(pages))
    assert (
        len({order["id"] for order in orders}) == len(orders) == count(f"till_orders_as_of{AS_OF}")
    )
    busy = [
        order for order in orders if order["updated_at"].startswith(BUSY_SECOND.replace(" ", "T"))
    ]
    assert len(busy) == BUSY_ORDERS
    assert sum(any(order["id"].startswith("BUSY") for order in page) for page in pages) > 5


@pytest.mark.parametrize(
    ("root", "relation", "first"),
    [
        ("orders", f"web_orders_as_of{AS_OF}", 13),
        ("customers", f"web_customers_as_of{AS_OF}", 50),
        ("locations", "shops", 5),
    ],
)
def test_shopify_connections_are_complete(
    client: Client, root: str, relation: str, first: int
) -> None:
    pages = client.shopify(root, "id", first=first)
    ids = [node["id"] for node in flat(pages)]
    assert all(len(page) == first for page in pages[:-1])
    assert len(ids) == len(set(ids)) == count(relation) > first


def test_hubspot_pages_count_to_their_total(client: Client) -> None:
    path = "/crm/objects/2026-09/contacts/search"
    total = client.call("hubspot", "POST", path, json={"limit": 1})["total"]
    ids = [item["id"] for item in flat(client.hubspot("contacts", limit=37))]
    assert len(ids) == len(set(ids)) == total
    assert total == count(f"crm_contacts_as_of{AS_OF} WHERE archived_at IS NULL")


def test_ga4_and_pings_are_complete(client: Client) -> None:
    rows = list(flat(client.ga4("events_20260205", limit=11)))
    assert len(rows) == count("web_events WHERE event_date = '2026-02-05'") > 22
    ids = [event["_id"] for event in flat(client.pings(limit=1000))]
    assert len(ids) == len(set(ids)) == count("pings WHERE received_at <= '2026-02-19'") > 2000


def test_ping_windows_are_half_open_and_leave_no_gap(client: Client) -> None:
    edges = ["2026-02-04T00:00:00Z", "2026-02-04T12:00:00Z", "2026-02-05T00:00:00Z"]

    def ids(after: str, before: str) -> list[str]:
        return [e["_id"] for e in flat(client.pings(createdAfter=after, createdBefore=before))]

    assert ids(edges[0], edges[1]) != []
    assert sorted(ids(*edges[:2]) + ids(*edges[1:])) == sorted(ids(edges[0], edges[2]))


def test_a_cursor_belongs_to_one_query(client: Client) -> None:
    body: dict[str, Any] = {"limit": 1}
    cursor = client.call("square", "POST", "/v2/customers/search", json=body)["cursor"]
    stolen = client.raw(
        "square", "POST", "/v2/loyalty/accounts/search", json={"limit": 1, "cursor": cursor}
    )
    assert stolen.json()["errors"][0]["code"] == "INVALID_CURSOR"


def test_shopify_refuses_to_page_deeper_than_its_cap(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify, "DEEPEST", 60)
    with pytest.raises(AssertionError, match="Paging beyond 60 rows"):
        client.shopify("customers", "id", first=30)
    assert len(client.shopify("customers", "id", "updated_at:<'2000-01-01T00:00:00Z'")[0]) == 0


def test_a_page_run_stays_at_the_moment_it_began(client: Client) -> None:
    text = "query Some($after: String) { orders(first: 100, after: $after, sortKey: UPDATED_AT) {"
    text += " nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }"
    first = client.call("shopify", "POST", GRAPHQL, json={"query": text})["data"]["orders"]
    client.control("clock", now="2026-02-21T00:00:00Z")
    try:
        found = first["nodes"]
        while first["pageInfo"]["hasNextPage"]:
            after = first["pageInfo"]["endCursor"]
            body = {"query": text, "variables": {"after": after}}
            first = client.call("shopify", "POST", GRAPHQL, json=body)["data"]["orders"]
            found += first["nodes"]
    finally:
        client.control("clock", now=NOW)
    assert len(found) == count(f"web_orders_as_of{AS_OF}")
    assert max(node["updatedAt"] for node in found) < NOW


CONTACTS = "/services/data/v68.0/queryAll?q=SELECT Id, IsDeleted FROM Contact ORDER BY Id"


def salesforce(client: Client, path: str = CONTACTS, **how: Any) -> Any:
    return client.raw("salesforce", "GET", path, **how)


def signed_in(client: Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.salesforce_session()}"}


def test_salesforce_queries_are_complete_and_forget_what_left_the_recycle_bin(
    client: Client,
) -> None:
    session = signed_in(client)
    found: list[Any] = []
    path = CONTACTS
    while path:
        # The smallest batch that Salesforce allows.
        headers = {**session, "Sforce-Query-Options": "batchSize=1"}
        page = salesforce(client, path, headers=headers).json()
        assert len(page["records"]) <= 200
        found += page["records"]
        path = page.get("nextRecordsUrl", "")
        assert page["done"] is not bool(path)
    assert len({each["Id"] for each in found}) == len(found) == page["totalSize"] > 200
    deleted = "archived_at IS NOT NULL AND archived_at > TIMESTAMP '2026-02-04'"
    assert sum(each["IsDeleted"] for each in found) == count(
        f"crm_contacts_as_of{AS_OF} WHERE {deleted}"
    )
    assert len(found) == count(f"crm_contacts_as_of{AS_OF} WHERE archived_at IS NULL OR {deleted}")


def test_a_salesforce_locator_belongs_to_its_session(client: Client) -> None:
    headers = {**signed_in(client), "Sforce-Query-Options": "batchSize=200"}
    following = salesforce(client, headers=headers).json()["nextRecordsUrl"]
    stolen = salesforce(client, following, headers=signed_in(client))
    assert (stolen.status_code, stolen.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert salesforce(client, following, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id, Nothing__c FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Nothing = 1", "INVALID_FIELD"),
        ("SELECT FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact; DROP TABLE x", "MALFORMED_QUERY"),
    ],
)
def test_salesforce_says_what_is_wrong_with_a_query(client: Client, soql: str, code: str) -> None:
    path = f"/services/data/v68.0/queryAll?q={soql}"
    answer = salesforce(client, path, headers=signed_in(client))
    assert answer.status_code == 400
    assert [each["errorCode"] for each in answer.json()] == [code]

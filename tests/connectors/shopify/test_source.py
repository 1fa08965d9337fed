"""The requests of Shopify, against shapes from its published spec."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.shopify import source as shopify
from tests.connectors.shape import JUNE, run
from tests.connectors.shopify.shape import Shop, graphql_error
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.zone import Landing


def shop_with(vendor: Vendor, seconds: list[int]) -> Shop:
    """A shop with one order at each of these seconds of the last day of May."""
    shop = Shop(vendor)
    for number, second in enumerate(sorted(seconds)):
        shop.add(f"o{number}", JUNE - timedelta(days=1) + timedelta(seconds=second))
    return shop


def test_behaviour_4_shopify_deep_paging_is_split_by_update_time(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shopify, "DEEPEST", 1000)
    shop = shop_with(vendor, [number // 40 for number in range(2600)])
    found = run(tmp_path, "shopify", "orders", shop.connection)
    assert sorted(order["id"] for order in found) == sorted(o["id"] for o in shop.orders)
    assert len({variables["query"] for variables in shop.variables}) == 3


def test_behaviour_5_shopify_throttles_with_http_200(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    shop = shop_with(vendor, [1, 2])
    cost = {
        "requestedQueryCost": 300,
        "throttleStatus": {
            "maximumAvailable": 2000,
            "currentlyAvailable": 100,
            "restoreRate": 100,
        },
    }
    shop.troubles = {0: Answer(graphql_error("THROTTLED", cost=cost))}
    assert len(run(tmp_path, "shopify", "orders", shop.connection)) == 2
    assert waits == [2.0]


def test_a_shopify_query_that_costs_too_much_is_asked_in_smaller_pages(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = shop_with(vendor, list(range(100)))
    shop.troubles = dict.fromkeys(range(3), Answer(graphql_error("MAX_COST_EXCEEDED")))
    assert len(run(tmp_path, "shopify", "orders", shop.connection)) == 100
    assert [variables["first"] for variables in shop.variables] == [250, 125, 62, 31, 31, 31, 31]


def test_behaviour_6_a_shopify_cursor_that_expired_is_resumed(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = shop_with(vendor, list(range(600)))
    shop.troubles = {1: shop.expired}
    assert len(run(tmp_path, "shopify", "orders", shop.connection)) == 600
    assert "00:04:09" in shop.variables[2]["query"]


def test_behaviour_4_an_order_with_many_lines_and_parcels_lands_all_of_them(
    vendor: Vendor, tmp_path: Path
) -> None:
    """What does not fit into an order's nested lists is asked for, and lands beside the order."""
    shop = shop_with(vendor, [1, 2])
    info = {"hasNextPage": True, "endCursor": "99"}
    shop.orders[1]["lineItems"] = {"nodes": [{"id": "l0", "x": 1.10}], "pageInfo": info}
    shop.orders[1]["fulfillmentOrders"] = {"nodes": [{"id": "f0"}], "pageInfo": info}

    def rest(nodes: str, after: str | None) -> Answer:
        more = json.dumps({"hasNextPage": after is not None, "endCursor": after})
        return Answer(f'{{"nodes": {nodes}, "pageInfo": {more}}}'.encode())

    answers = {
        ("lineItems", "99"): rest('[{"id": "l1", "y": 1.10}]', "199"),
        ("lineItems", "199"): rest('[{"id": "l2"}]', None),
        ("fulfillmentOrders", "99"): rest('[{"id": "f1"}]', None),
    }

    def answer(request: Request) -> Any:
        variables = request.json["variables"]
        if "query" in variables:
            return shop.answer(request)
        assert variables["id"] == "o1"
        name = "lineItems" if "lineItems(" in request.json["query"] else "fulfillmentOrders"
        body = answers[name, variables["after"]].body.decode()
        return Answer(f'{{"data": {{"order": {{"{name}": {body}}}}}}}'.encode())

    vendor.on("POST", shopify.GRAPHQL, answer)
    found = run(tmp_path, "shopify", "orders", shop.connection)
    assert found[0] == shop.orders[0]
    assert found[1] == {
        **shop.orders[1],
        "moreLineItems": [{"id": "l1", "y": 1.10}, {"id": "l2"}],
        "moreFulfillmentOrders": [{"id": "f1"}],
    }
    payloads = pq.read_table(tmp_path / "shopify" / "orders")["_payload"].to_pylist()
    assert '"moreLineItems":[{"id": "l1", "y": 1.10},{"id": "l2"}]' in payloads[1]  # verbatim


def test_a_shopify_order_that_vanishes_while_it_is_read_commits_nothing(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = shop_with(vendor, [1])
    info = {"hasNextPage": True, "endCursor": "99"}
    shop.orders[0]["lineItems"] = {"nodes": [], "pageInfo": info}

    def answer(request: Request) -> Any:
        is_list = "query" in request.json["variables"]
        return shop.answer(request) if is_list else {"data": {"order": None}}

    vendor.on("POST", shopify.GRAPHQL, answer)
    with pytest.raises(ExtractFailed, match="the order o0 vanished while it was read"):
        run(tmp_path, "shopify", "orders", shop.connection)
    assert not list((tmp_path / "shopify" / "orders").glob("2*.parquet"))


def test_a_shopify_query_that_is_refused_is_an_error(vendor: Vendor, tmp_path: Path) -> None:
    shop = shop_with(vendor, [])
    shop.troubles = {0: Answer(graphql_error("undefinedField"))}
    with pytest.raises(ExtractFailed, match=r"shopify\.orders: the GraphQL query was refused"):
        run(tmp_path, "shopify", "orders", shop.connection)


def test_orders_that_shopify_does_not_have_any_more_are_deleted(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All ids are listed, beyond what one query may page through; each that is missing is asked."""
    monkeypatch.setattr(shopify, "DEEPEST", 2)
    gids = [f"gid://shopify/Order/{number}" for number in (8, 9, 10, 11, 12)]
    queries: list[Any] = []

    def answer(request: Request) -> Any:
        sent = request.json
        if sent["operationName"] == "Existing":
            queries.append(sent["variables"]["ids"])
            nodes = [None if gid == gids[3] else {"id": gid} for gid in sent["variables"]["ids"]]
            return {"data": {"nodes": nodes}}
        since = int(sent["variables"]["query"].removeprefix("id:>="))
        queries.append(since)
        # Two to a page; 8 is out of reach, 11 is gone, and 10 is left out by mistake.
        rows = [{"id": gid} for gid in (gids[1], gids[4]) if shopify.number(gid) >= since]
        info = {"hasNextPage": since == 0, "endCursor": "more" if since == 0 else None}
        return {"data": {"orders": {"nodes": rows, "pageInfo": info}}}

    vendor.on("POST", "/admin/oauth/access_token", Answer({"access_token": "t"}))
    vendor.on("POST", shopify.GRAPHQL, answer)
    place = Landing(str(tmp_path)).stream("shopify", "orders")
    place.ensure()
    with place.lock(), place.begin({}) as load:
        at = "2026-05-31T10:00:00Z"
        load.add([(gid, at, json.dumps({"id": gid, "updatedAt": at})) for gid in gids])
        load.commit({})
    stream = next(each for each in shopify.SOURCE.streams if each.name == "orders")
    quiet = replace(stream, read=lambda api, window: iter(()))
    source = replace(shopify.SOURCE, streams=(quiet,))
    connection = Connection(vendor.url, "id", "secret")
    extract(source, connection, str(tmp_path), JUNE)
    assert queries == [0, 12, [gids[2], gids[3]]]
    deleted = [row[0] for row in place.versions(gids) if '"deleted":true' in row[2]]
    assert deleted == [gids[3]]


def nodes(*rows: Any, more: str | None = None) -> dict[str, Any]:
    return {"nodes": list(rows), "pageInfo": {"hasNextPage": bool(more), "endCursor": more}}


def shop_that(vendor: Vendor, answer: Any) -> Connection:
    """A shop that answers each query by what a function of its operation and variables says."""

    def reply(request: Request) -> Any:
        return {"data": answer(request.json["operationName"], request.json["variables"])}

    vendor.on("POST", "/admin/oauth/access_token", Answer({"access_token": "t"}))
    vendor.on("POST", shopify.GRAPHQL, reply)
    return Connection(vendor.url, "id", "secret")


def test_gift_cards_are_read_back_to_the_window_and_no_farther(
    vendor: Vendor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They cannot be searched by time. Where the window is farther than one query may be paged, as
    at first, all are read by their id."""
    monkeypatch.setattr(shopify, "DEEPEST", 4)
    cards = [
        {"id": f"gid://shopify/GiftCard/{n}", "updatedAt": f"2026-05-{n:02}T10:00:00Z"}
        for n in range(1, 10)
    ]
    asked: list[tuple[str, Any]] = []

    def answer(operation: str, variables: dict[str, Any]) -> Any:
        asked.append((operation, variables.get("query") or variables["after"]))
        if operation == "AllGiftCards":
            since = int(variables["query"].removeprefix("id:>="))
            found = [card for card in cards if shopify.number(card["id"]) >= since]
            return {"giftCards": nodes(*found)}
        start = int(variables["after"] or 0)
        found = cards[::-1][start : start + 2]
        return {"giftCards": nodes(*found, more=str(start + 2))}

    connection = shop_that(vendor, answer)
    first = run(tmp_path, "shopify", "gift_cards", connection)
    assert sorted(card["id"] for card in first) == sorted(card["id"] for card in cards)
    assert asked[-1] == ("AllGiftCards", "id:>=0")

    asked.clear()
    cards[0]["updatedAt"] = "2026-05-31T10:00:00Z"
    cards.append(cards.pop(0))
    again = run(tmp_path, "shopify", "gift_cards", connection)
    assert asked == [("GiftCards", None), ("GiftCards", "2")]
    assert cards[-1] in again


def test_the_stock_of_a_location_that_is_no_more_is_nothing(vendor: Vendor, tmp_path: Path) -> None:
    def answer(operation: str, variables: dict[str, Any]) -> Any:
        if operation == "Locations":
            return {"locations": nodes({"id": "L1"}, {"id": "L2"}, None)}
        if variables["id"] == "L1":
            return {"location": None}
        level = {"id": "V2", "updatedAt": "2026-05-31T10:00:00Z"}
        return {"location": {"inventoryLevels": nodes(level)}}

    found = run(tmp_path, "shopify", "inventory_levels", shop_that(vendor, answer))
    assert [level["id"] for level in found] == ["V2"]


def test_stock_of_a_location_read_later_is_not_passed_over(vendor: Vendor, tmp_path: Path) -> None:
    """A location's newest change moves the state of the load, not of the locations after it."""
    changed = {"L1": "2026-05-31T12:00:00Z", "L2": "2026-05-31T08:00:00Z"}
    searched: list[str] = []

    def answer(operation: str, variables: dict[str, Any]) -> Any:
        if operation == "Locations":
            return {"locations": nodes(*({"id": name} for name in changed))}
        searched.append(variables["query"])
        level = {"id": f"V-{variables['id']}", "updatedAt": changed[variables["id"]]}
        return {"location": {"inventoryLevels": nodes(level)}}

    found = run(tmp_path, "shopify", "inventory_levels", shop_that(vendor, answer))
    assert {level["id"] for level in found} == {"V-L1", "V-L2"}
    assert len(set(searched)) == 1


def test_all_codes_of_a_discount_land(vendor: Vendor, tmp_path: Path) -> None:
    at = "2026-05-31T10:00:00Z"
    codes = {**nodes({"id": "c0", "code": "A"}, more="10")}
    found = {"__typename": "DiscountCodeBasic", "updatedAt": at, "codes": codes}

    def answer(operation: str, variables: dict[str, Any]) -> Any:
        if operation == "Discounts":
            return {"discountNodes": nodes({"id": "d1", "discount": found})}
        assert (variables["id"], variables["after"]) == ("d1", "10")
        return {"discountNode": {"discount": {"codes": nodes({"id": "c1", "code": "B"})}}}

    (landed,) = run(tmp_path, "shopify", "discounts", shop_that(vendor, answer))
    assert landed["moreCodes"] == [{"id": "c1", "code": "B"}]


def test_all_variants_of_a_product_land(vendor: Vendor, tmp_path: Path) -> None:
    first = nodes({"id": "v0", "price": "1.10"}, more="25")

    def answer(operation: str, variables: dict[str, Any]) -> Any:
        if operation == "Products":
            found = {"id": "p1", "updatedAt": "2026-05-31T10:00:00Z", "variants": first}
            return {"products": nodes(found)}
        assert variables["first"] == shopify.LARGEST_PAGE
        if variables["after"] == "25":
            return {"product": {"variants": nodes({"id": "v1"}, more="275")}}
        return {"product": {"variants": nodes({"id": "v2"})}}

    (landed,) = run(tmp_path, "shopify", "products", shop_that(vendor, answer))
    assert landed["moreVariants"] == [{"id": "v1"}, {"id": "v2"}]

"""Each fault changes exactly what its silo serves, and tells which shop and day it chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import requests

from demo.serving import running
from tests.demo.vendors.api_support import NOW, Client, ask_world, flat, world


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(world(), now=NOW) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    client = Client(url)
    yield client
    client.control("faults", faults=[])


def test_missing_till_day_hides_one_shops_orders_and_keeps_its_payments(client: Client) -> None:
    before = {order["id"]: order for order in flat(client.square_orders())}
    payments = [item["id"] for item in flat(client.square("payments"))]
    (chosen,) = client.control("faults", faults=["missing_till_day"])["faults"]
    assert requests.get(f"{client.url}/_sim/faults").json() == {"faults": [chosen]}
    after = {order["id"] for order in flat(client.square_orders())}
    missing = [order for key, order in before.items() if key not in after]
    assert missing
    assert after < set(before)
    place = ask_world(
        f"SELECT square_location_id FROM shops WHERE store_code = '{chosen['store_code']}'"
    )[0][0]
    for order in missing:
        assert order["location_id"] == place
        assert chosen["day_start"] <= order["created_at"][:19] < chosen["day_end"]
    assert [item["id"] for item in flat(client.square("payments"))] == payments


def test_missing_till_day_takes_a_shop_and_a_day(client: Client) -> None:
    fault = {"name": "missing_till_day", "store_code": "S005", "day": "2026-02-10"}
    (chosen,) = client.control("faults", faults=[fault])["faults"]
    assert (chosen["store_code"], chosen["day"]) == ("S005", "2026-02-10")
    # Tokyo's day begins nine hours before UTC's.
    assert chosen["day_start"] == "2026-02-09T15:00:00"


def test_doubled_crm_deals_appear_under_a_second_id(client: Client) -> None:
    def deals() -> list[dict[str, object]]:
        return list(flat(client.hubspot("deals", properties=["order_name", "amount"])))

    before = deals()
    (chosen,) = client.control("faults", faults=["doubled_crm_deals"])["faults"]
    after = deals()
    names = Counter(deal["properties"]["order_name"] for deal in after)  # type: ignore[index]
    doubled = {name for name, times in names.items() if times == 2}
    assert (
        doubled
        == {
            deal["properties"]["order_name"]  # type: ignore[index]
            for deal in before
            if str(deal["createdAt"])[:19] >= chosen["since"]
        }
    )
    assert doubled
    assert len({deal["id"] for deal in after}) == len(after) == len(before) + len(doubled)


def test_unknown_shop_is_known_to_square_alone(client: Client) -> None:
    (chosen,) = client.control("faults", faults=["unknown_shop"])["faults"]
    places = client.call("square", "GET", "/v2/locations")["locations"]
    (new,) = [item for item in places if item["id"] == chosen["location_id"]]
    assert new["name"].endswith(chosen["store_code"])
    orders = [o for o in flat(client.square_orders()) if o["location_id"] == new["id"]]
    assert orders
    assert all(order["line_items"] for order in orders)
    paid = {p["order_id"]: p for p in flat(client.square("payments"))}
    for order in orders:
        if order["net_amount_due_money"]["amount"] == 0:
            assert paid[order["id"]]["total_money"] == order["total_money"]
    shops = client.shopify("locations", "name")
    assert all(chosen["store_code"] not in node["name"] for node in flat(shops))


def test_claimed_conversions_are_multiplied(client: Client) -> None:
    query = (
        "SELECT campaign.id, segments.date, metrics.conversions, metrics.conversions_value,"
        " metrics.cost_micros FROM campaign"
        " WHERE segments.date BETWEEN '2026-02-01' AND '2026-02-18'"
    )
    before = list(flat(client.google_ads(query)))
    client.control("faults", faults=["claimed_conversions_x3"])
    after = list(flat(client.google_ads(query)))
    for old, new in zip(before, after, strict=True):
        old, new = old["metrics"], new["metrics"]
        assert new["costMicros"] == old["costMicros"]
        for name in ("conversions", "conversionsValue"):
            assert new[name] == pytest.approx(3 * old[name])
    assert sum(row["metrics"]["conversions"] for row in before) > 0


def test_stale_feed_stops_pings_and_counts(client: Client) -> None:
    (chosen,) = client.control("faults", faults=[{"name": "stale_feed", "days": 5}])["faults"]
    assert chosen["stopped_at"] == "2026-02-14T00:00:00"
    assert max(e["createdAt"] for e in flat(client.pings())) <= "2026-02-14T00:00:00.000Z"
    serial = client.call("store_sensors", "GET", "/counters")[0]["serial"]
    assert client.counts(serial, start="2026-02-15T00:00:00Z") == []
    assert client.counts(serial, start="2026-02-12T00:00:00Z") != []


def test_faults_combine_and_are_lifted(client: Client) -> None:
    usual = len(list(flat(client.square_orders())))
    chosen = client.control("faults", faults=["missing_till_day", "unknown_shop"])["faults"]
    assert [fault["name"] for fault in chosen] == ["missing_till_day", "unknown_shop"]
    assert len(list(flat(client.square_orders()))) != usual
    client.control("faults", faults=[])
    assert len(list(flat(client.square_orders()))) == usual


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("lost_and_found", "Known faults"),
        ({"name": "stale_feed", "hours": 3}, "takes days, stopped_at"),
        ({"name": "missing_till_day", "store_code": "S999"}, "S999"),
    ],
)
def test_a_fault_that_cannot_be_set_is_explained(client: Client, fault: object, says: str) -> None:
    answer = requests.put(f"{client.url}/_sim/faults", json={"faults": [fault]})
    assert answer.status_code == 400
    assert says in answer.json()["error"]

"""The requests of Adobe Commerce, against shapes from its published spec."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pyarrow.parquet as pq
import pytest

from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.adobe_commerce.shape import Shop, filters, second, sorting
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError

DAY = timedelta(days=1)
SOURCE = SOURCES["adobe_commerce"]
NOT_ALLOWED = Answer(
    {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": "Magento_Sales::actions_view"},
    },
    401,
)


def numbered(vendor: Vendor, path: str, rows: list[dict[str, Any]], claimed: int = 0) -> list[int]:
    """Serve rows by page number; returns the numbers that are asked for."""
    asked: list[int] = []

    def answer(request: Request) -> Any:
        size = int(request.query["searchCriteria[pageSize]"])
        asked.append(int(request.query["searchCriteria[currentPage]"]))
        at = (min(asked[-1], -(-len(rows) // size)) - 1) * size
        return {"items": rows[at : at + size], "total_count": claimed or len(rows)}

    vendor.on("GET", f"/rest/all/V1{path}", answer)
    return asked


def test_times_are_asked_for_in_utc_and_whole_seconds(vendor: Vendor, tmp_path: Path) -> None:
    shop = Shop(vendor)
    shop.add("a", JUNE - timedelta(minutes=1))
    zoned = {**shop.own.extra, "start_date": "2026-05-31"}
    run(tmp_path, "adobe_commerce", "orders", Connection(vendor.url, "", "token", zoned))
    query = vendor.seen("/rest/all/V1/orders")[0].query
    assert filters(query) == [
        ("updated_at", "gteq", "2026-05-31 00:00:00"),
        ("updated_at", "lteq", "2026-06-01 00:00:00"),
    ]
    assert sorting(query) == ["updated_at", "entity_id"]


def test_the_last_page_that_comes_again_counts_once(vendor: Vendor, tmp_path: Path) -> None:
    rows = [{"source_code": "s", "sku": f"{n}", "quantity": n} for n in range(200)]
    asked = numbered(vendor, "/inventory/source-items", rows)
    connection = Connection(vendor.url, password="token")
    assert len(run(tmp_path, "adobe_commerce", "source_items", connection)) == 200
    assert asked == [1, 2, 3]


@pytest.mark.parametrize("claimed", [100, 199])
def test_a_total_that_is_too_small_ends_no_list(
    vendor: Vendor, tmp_path: Path, claimed: int
) -> None:
    rows = [{"source_code": "s", "sku": f"{n}", "quantity": n} for n in range(200)]
    numbered(vendor, "/inventory/source-items", rows, claimed)
    connection = Connection(vendor.url, password="token")
    assert len(run(tmp_path, "adobe_commerce", "source_items", connection)) == 200


def test_a_page_size_that_the_shop_refuses_is_its_own(vendor: Vendor, tmp_path: Path) -> None:
    shop = Shop(vendor)
    shop.most = 20
    shop.fill([timedelta(seconds=number) for number in range(50)])
    assert len({row["entity_id"] for row in run(tmp_path, "adobe_commerce", "orders", shop.own)})
    sizes = [r.query["searchCriteria[pageSize]"] for r in vendor.seen("/rest/all/V1/orders")]
    assert sizes[0] == "100"
    assert set(sizes[1:]) == {"20"}
    landed = pq.read_table(tmp_path / "adobe_commerce" / "orders")["_key"].to_pylist()
    assert sorted(filter(None, landed), key=int) == sorted(
        (str(row["entity_id"]) for _, row in shop.records.values()), key=int
    )


def test_a_shop_that_does_not_tell_a_total_is_an_error(vendor: Vendor, tmp_path: Path) -> None:
    vendor.on("GET", "/rest/all/V1/orders", Answer({"items": []}))
    with pytest.raises(ExtractFailed, match="does not tell how many rows /orders has"):
        run(tmp_path, "adobe_commerce", "orders", Connection(vendor.url, password="token"))


@pytest.mark.parametrize("total", [0, 3])
def test_null_is_an_empty_list_only_where_there_is_nothing(
    vendor: Vendor, tmp_path: Path, waits: list[float], total: int
) -> None:
    """As older shops write it."""
    vendor.on("GET", "/rest/all/V1/orders", Answer({"items": None, "total_count": total}))
    (orders,) = [stream for stream in SOURCE.streams if stream.name == "orders"]
    connection = Connection(vendor.url, password="token")
    how: dict[str, Any] = {"streams": [orders.name]}
    if total:
        with pytest.raises(ExtractFailed, match="items is not an array"):
            extract(SOURCE, connection, str(tmp_path), JUNE, **how)
    else:
        (result,) = extract(SOURCE, connection, str(tmp_path), JUNE, **how)
        assert result.rows == 0


BROKEN = {
    "message": "The product that was requested doesn't exist. Verify the product and try again."
}


@pytest.mark.parametrize("status", [200, 404])
def test_one_broken_record_is_set_aside_and_stops_no_other(
    vendor: Vendor, tmp_path: Path, status: int
) -> None:
    """A page with an order of a product that was deleted is not shown at all."""
    shop = Shop(vendor, page_size=5)
    shop.fill([timedelta(seconds=number) for number in range(12)])
    bad = next(row for _, row in shop.records.values() if row["increment_id"] == "6")

    def page(request: Request) -> Any:
        found = Shop.page(shop, request)
        return Answer(BROKEN, status) if bad in found["items"] else found

    shop.page = page  # type: ignore[method-assign]
    (result,) = extract(SOURCE, shop.own, str(tmp_path), JUNE, streams=["orders"])
    found = newest(tmp_path, "orders")
    assert {each["increment_id"] for each in found.values()} == {*map(str, range(12))} - {"6"}
    assert result.quarantined > 0
    aside = pq.read_table(tmp_path / "_quarantine" / "adobe_commerce" / "orders").to_pylist()
    assert all("that was requested doesn't exist" in row["_reason"] for row in aside)
    assert all('"place"' in row["_raw"] for row in aside)


def test_a_shop_that_can_show_nothing_is_one_clear_error(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    vendor.on("GET", "/rest/all/V1/orders", Answer(BROKEN))
    with pytest.raises(ExtractFailed, match=r"HTTP 200.*The product that was requested"):
        run(tmp_path, "adobe_commerce", "orders", Connection(vendor.url, password="token"))
    assert len(vendor.requests) < 9


def test_requests_are_signed_with_all_four_credentials(vendor: Vendor, tmp_path: Path) -> None:
    shop = Shop(vendor)
    shop.add("a", JUNE - timedelta(minutes=1))
    extra = {"consumer_secret": "c&s", "access_token_secret": "t+s"}
    connection = Connection(vendor.url, "key", "token", extra)
    assert len(run(tmp_path, "adobe_commerce", "orders", connection)) == 1
    request = vendor.seen("/rest/all/V1/orders")[0]
    told = dict(re.findall(r'(\w+)="([^"]*)"', request.headers["Authorization"]))
    signature = told.pop("oauth_signature")
    assert told["oauth_consumer_key"] == "key"
    assert told["oauth_token"] == "token"
    assert told["oauth_signature_method"] == "HMAC-SHA256"
    sent = sorted((quote(n, ""), quote(v, "")) for n, v in {**request.query, **told}.items())
    parts = [
        "GET",
        f"http://{urlsplit(vendor.url).netloc}{request.path}",
        "&".join(f"{name}={value}" for name, value in sent),
    ]
    key = f"{quote('c&s', '')}&{quote('t+s', '')}".encode()
    text = "&".join(quote(part, "") for part in parts).encode()
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert signature == quote(expected, "")


def test_half_of_the_credentials_is_a_wrong_setting(vendor: Vendor, tmp_path: Path) -> None:
    connection = Connection(vendor.url, "key", "token", {"consumer_secret": "s"})
    with pytest.raises(SettingError, match="all four of an integration's credentials"):
        run(tmp_path, "adobe_commerce", "orders", connection)


@pytest.mark.parametrize("name", ["page_size", "requests_per_second"])
@pytest.mark.parametrize("said", ["0", "many", -5])
def test_what_must_be_a_number_is_one(vendor: Vendor, tmp_path: Path, name: str, said: Any) -> None:
    connection = Connection(vendor.url, password="token", extra={name: said})
    with pytest.raises(SettingError, match=rf"extra\.{name} must be a whole number above 0"):
        run(tmp_path, "adobe_commerce", "orders", connection)


def test_the_saas_edition_is_told_who_asks(vendor: Vendor, tmp_path: Path) -> None:
    shop = Shop(vendor)
    shop.add("a", JUNE - timedelta(minutes=1))
    run(tmp_path, "adobe_commerce", "orders", shop.connection)
    (granted, asked) = vendor.requests[:2]
    assert granted.form["grant_type"] == "client_credentials"
    assert "commerce.accs" in granted.form["scope"]
    assert asked.path == "/V1/orders"
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == "Bearer t1"
    assert headers["x-api-key"] == "id"
    assert headers["x-gw-ims-org-id"] == "o@AdobeOrg"


def test_a_resource_that_is_not_granted_is_named(
    vendor: Vendor, tmp_path: Path, waits: list[float]
) -> None:
    """The shop says so with the status of a wrong token, which no other token would mend."""
    shop = Shop(vendor)
    shop.lasting = NOT_ALLOWED
    shop.troubles = {0: NOT_ALLOWED}
    with pytest.raises(ExtractFailed, match="let them read Magento_Sales::actions_view"):
        run(tmp_path, "adobe_commerce", "orders", shop.connection)
    assert (shop.asked, shop.tokens) == (1, 1)


def newest(folder: Path, stream: str) -> dict[str, Any]:
    rows = pq.read_table(folder / "adobe_commerce" / stream).to_pylist()
    rows.sort(key=lambda row: (row["_cursor"], row["_load_id"]))
    return {row["_key"]: json.loads(row["_payload"]) for row in rows if row["_payload"]}


def test_what_a_customer_changes_without_their_update_time_lands_the_next_day(
    vendor: Vendor, tmp_path: Path
) -> None:
    """An address is saved beside the customer; the newsletter's state, too."""
    shop = Shop(vendor, page_size=2, key="id")
    for number in range(1, 6):
        shop.add(str(number), JUNE - number * DAY, addresses=[{"city": "Ulm"}])
    run(tmp_path, "adobe_commerce", "customers", shop.own)
    shop.records["4"][1]["addresses"] = [{"city": "Bonn"}]
    del shop.records["3"]
    extract(SOURCE, shop.own, str(tmp_path), JUNE + DAY, streams=["customers"])
    found = newest(tmp_path, "customers")
    assert found["4"]["addresses"] == [{"city": "Bonn"}]
    assert {key for key, each in found.items() if each.get("deleted")} == {"3"}


def test_a_product_that_is_deleted_while_all_are_listed_hides_no_other(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = Shop(vendor, page_size=2, key="id")
    for number in range(1, 10):
        shop.add(str(number), JUNE - number * DAY, price=1)
    run(tmp_path, "adobe_commerce", "products", shop.own)
    for _, row in shop.records.values():
        row["price"] = 2
    asked = shop.asked
    shop.meanwhile = lambda number: (
        shop.records.pop("1", None) if number == asked + 3 else None  # type: ignore[func-returns-value]
    )
    extract(SOURCE, shop.own, str(tmp_path), JUNE + DAY, streams=["products"])
    prices = {key: each["price"] for key, each in newest(tmp_path, "products").items()}
    del prices["1"]
    assert prices == dict.fromkeys(map(str, range(2, 10)), 2)


def test_an_order_that_an_extension_deleted_is_found_in_a_week(
    vendor: Vendor, tmp_path: Path
) -> None:
    shop = Shop(vendor)
    for number in range(1, 4):
        shop.add(str(number), JUNE - number * DAY)
    run(tmp_path, "adobe_commerce", "orders", shop.own)
    del shop.records["2"]
    extract(SOURCE, shop.own, str(tmp_path), JUNE + 7 * DAY, streams=["orders"])
    deleted = {key for key, each in newest(tmp_path, "orders").items() if "deleted" in each}
    assert deleted == {"2"}


def test_orders_of_one_second_are_read_by_their_id(vendor: Vendor, tmp_path: Path) -> None:
    shop = Shop(vendor)
    shop.fill([timedelta(0)] * 350)
    assert len(run(tmp_path, "adobe_commerce", "orders", shop.own)) == 350
    assert second(JUNE - DAY) in json.dumps([r.query for r in vendor.requests])


def test_the_first_load_reads_products_from_before_the_start_date(
    vendor: Vendor, tmp_path: Path
) -> None:
    """And later ones what was changed among them without a time."""
    shop = Shop(vendor, key="id")
    shop.add("1", JUNE - 900 * DAY, price=1)
    shop.add("2", JUNE - DAY, price=1)
    connection = Connection(
        vendor.url, password="token", extra={**shop.own.extra, "start_date": "2026-05-01"}
    )
    assert len(run(tmp_path, "adobe_commerce", "products", connection)) == 2
    shop.records["1"][1]["price"] = 2
    extract(SOURCE, connection, str(tmp_path), JUNE + DAY, streams=["products"])
    assert newest(tmp_path, "products")["1"]["price"] == 2


def test_what_a_shop_grants_is_tried_also_where_a_module_is_off(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Without Inventory Management its addresses are none."""
    no_route = Answer({"message": "Request does not match any route."}, 404)
    for path in ("store/storeConfigs", "orders", "invoices", "creditmemos", "customers/search"):
        vendor.on("GET", f"/rest/all/V1/{path}", Answer({"total_count": 1}))
    for path in ("products", "categories/list", "coupons/search"):
        vendor.on("GET", f"/rest/all/V1/{path}", NOT_ALLOWED)
    vendor.on("GET", "/rest/all/V1/inventory/sources", no_route)
    api = SOURCE.open(Connection(vendor.url, password="token"))
    assert SOURCE.granted is not None
    granted = SOURCE.granted(api)
    api.close()
    assert granted == {right.name for right in SOURCE.rights[:5]}

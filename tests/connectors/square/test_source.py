"""The requests of Square, against shapes from its published spec."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.shape import JUNE, TOKEN, run
from tests.connectors.square.shape import Seller
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.zone import Landing


def test_behaviour_4_square_orders_are_searched_for_ten_locations_at_a_time(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = Seller(vendor, locations=23).connection

    def search(request: Request) -> Any:
        asked = request.json["location_ids"]
        assert len(asked) <= 10
        assert request.headers["Square-Version"] == "2026-09-16"
        assert request.json["query"]["sort"]["sort_field"] == "UPDATED_AT"
        return {"orders": [{"id": f"o-{at}", "updated_at": "2026-05-31T10:00:00Z"} for at in asked]}

    vendor.on("POST", "/v2/orders/search", search)
    assert len(run(tmp_path, "square", "orders", connection)) == 23
    assert len(vendor.seen("/v2/orders/search")) == 3


def test_square_payments_are_listed_for_each_location(vendor: Vendor, tmp_path: Path) -> None:
    connection = Seller(vendor, locations=3).connection

    def listing(request: Request) -> Any:
        place = request.query["location_id"]
        more = {} if "cursor" in request.query else {"cursor": f"c-{place}"}
        payment = {"id": f"{place}-{len(more)}", "updated_at": "2026-05-31T10:00:00Z"}
        return {"payments": [payment], **more}

    vendor.on("GET", "/v2/payments", listing)
    assert len(run(tmp_path, "square", "payments", connection)) == 6
    assert vendor.requests[-1].query["begin_time"] < "2010"


@pytest.mark.parametrize("answer", [{}, {"locations": []}, {"locations": [None]}])
def test_a_seller_without_locations_is_an_error(
    vendor: Vendor, tmp_path: Path, waits: list[float], answer: Any
) -> None:
    """Orders are asked for by location: none would be success without a row."""
    connection = Seller(vendor).connection
    vendor.on("GET", "/v2/locations", Answer(answer))
    with pytest.raises(ExtractFailed, match=r"locations is missing|no location"):
        run(tmp_path, "square", "orders", connection)


def test_behaviour_6_a_square_cursor_that_expired_is_resumed(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = Seller(vendor, locations=1).connection

    def order(number: int) -> dict[str, str]:
        return {"id": str(number), "updated_at": f"2026-05-31T10:00:0{number}Z"}

    invalid = Answer({"errors": [{"code": "INVALID_CURSOR"}]}, 400)
    vendor.on(
        "POST",
        "/v2/orders/search",
        Answer({"orders": [order(1), order(2)], "cursor": "c"}),
        invalid,
        Answer({"orders": [order(2), order(3)]}),
    )
    assert [o["id"] for o in run(tmp_path, "square", "orders", connection)] == ["1", "2", "3"]
    updated = vendor.requests[-1].json["query"]["filter"]["date_time_filter"]["updated_at"]
    assert updated["start_at"] == "2026-05-31T10:00:02.000Z"


def test_behaviour_2_square_counts_more_customers_than_it_sends(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = Seller(vendor, locations=1).connection
    customers = [{"id": "1", "updated_at": "2026-05-31T10:00:00Z"}]
    vendor.on("POST", "/v2/customers/search", Answer({"customers": customers, "count": 2}))
    with pytest.raises(ExtractFailed, match="reports 2 rows and handed over 1"):
        run(tmp_path, "square", "customers", connection)


def test_square_bookings_are_read_by_start_31_days_at_a_time(
    vendor: Vendor, tmp_path: Path
) -> None:
    connection = Seller(vendor, locations=1).connection
    booked = {
        "old": ("2026-05-10T09:00:00Z", "2026-06-20T09:00:00Z"),
        "moved": ("2026-05-31T10:00:00Z", "2026-06-20T10:00:00Z"),
        "no_show": ("2026-05-31T11:00:00Z", "2026-05-04T12:00:00Z"),
        "far": ("2026-05-31T12:00:00Z", "2027-05-20T12:00:00Z"),
    }

    def listing(request: Request) -> Any:
        first, last = request.query["start_at_min"], request.query["start_at_max"]
        assert times.parse(last) - times.parse(first) <= timedelta(days=31)
        bookings = [
            {"id": name, "updated_at": updated, "start_at": start}
            for name, (updated, start) in booked.items()
            if first <= start <= last
        ]
        return {"bookings": bookings} if bookings else {}

    vendor.on("GET", "/v2/bookings", listing)
    since = datetime(2026, 5, 30, tzinfo=UTC)
    found = run(tmp_path, "square", "bookings", connection, since=since)
    assert {booking["id"] for booking in found} == {"moved", "no_show", "far"}
    edges = [request.query for request in vendor.seen("/v2/bookings")]
    assert all(
        before["start_at_max"] == after["start_at_min"]
        for before, after in itertools.pairwise(edges)
    ), "no gap between two windows"


def test_customers_that_square_does_not_find_any_more_are_deleted(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Square answers for each of them by itself; an error of another kind is no deletion."""
    vendor.on("POST", "/oauth2/token", TOKEN)
    listed = {"customers": [{"id": "a", "updated_at": "2026-05-31T10:00:00Z"}], "count": 1}
    vendor.on("POST", "/v2/customers/search", Answer(listed))
    responses = {
        "b": {"errors": [{"code": "NOT_FOUND"}]},
        "c": {"customer": {"id": "c"}},
        "d": {"errors": [{"code": "INTERNAL_SERVER_ERROR"}]},
    }
    vendor.on("POST", "/v2/customers/bulk-retrieve", Answer({"responses": responses}))
    place = Landing(str(tmp_path)).stream("square", "customers")
    place.ensure()
    with place.lock(), place.begin({}) as load:
        at = "2026-05-31T10:00:00Z"
        load.add([(name, at, json.dumps({"id": name, "updated_at": at})) for name in "abcd"])
        load.commit({})
    connection = Connection(vendor.url, "id", "secret", {"refresh_token": "r"})
    extract(SOURCES["square"], connection, str(tmp_path), JUNE, streams=["customers"])
    asked = vendor.seen("/v2/customers/bulk-retrieve")[0].json
    assert asked == {"customer_ids": ["b", "c", "d"]}
    deleted = [row[0] for row in place.versions("abcd") if '"deleted":true' in row[2]]
    assert deleted == ["b"]


def test_a_location_that_a_list_lacks_is_asked_for_all_the_same(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Its sales would be behind the others' newest when it is listed again."""
    listed = ["L1", "L2"]
    asked: list[list[str]] = []

    def search(request: Request) -> Any:
        asked.append(request.json["location_ids"])
        return {"orders": []}

    vendor.on("POST", "/oauth2/token", TOKEN)
    vendor.on("GET", "/v2/locations", lambda _: {"locations": [{"id": name} for name in listed]})
    vendor.on("POST", "/v2/orders/search", search)
    connection = Connection(vendor.url, "id", "secret", {"refresh_token": "r"})

    def load(**how: Any) -> list[str]:
        extract(SOURCES["square"], connection, str(tmp_path), JUNE, streams=["orders"], **how)
        return asked[-1]

    assert load() == ["L1", "L2"]
    listed[:] = ["L1", "L3"]
    assert load() == ["L1", "L3", "L2"]
    listed.clear()
    with pytest.raises(ExtractFailed, match="the seller has no location"):
        load()
    listed.append("L1")
    assert load() == ["L1", "L2", "L3"]
    assert load(accepted=lambda stream, day, part: part == "L2") == ["L1", "L3"]
    assert load() == ["L1", "L3"]


def test_the_number_of_a_gift_card_does_not_land(vendor: Vendor, tmp_path: Path) -> None:
    """Whoever knows it can pay with it; all other bytes stay as they came."""
    row = b'{"id": "c1", "gan" : "7783320006753271", "state": "ACTIVE", "x": 1.10}'
    moved = (
        b'{"id": "a1", "type": "REDEEM", "gift_card_gan":"AB-99\\u00e9 321", "gift_card_id": "c1",'
        b' "created_at": "2026-05-31T10:00:00Z"}'
    )
    vendor.on("POST", "/oauth2/token", Answer({"access_token": "t"}))
    vendor.on("GET", "/v2/gift-cards", Answer(b'{"gift_cards": [%b]}' % row))
    vendor.on("GET", "/v2/gift-cards/activities", Answer(b'{"gift_card_activities": [%b]}' % moved))
    connection = Connection(vendor.url, "id", "secret", {"refresh_token": "r"})
    run(tmp_path, "square", "gift_cards", connection)
    run(tmp_path, "square", "gift_card_activities", connection)
    payloads = pq.read_table(tmp_path / "square" / "gift_cards")["_payload"].to_pylist()
    assert payloads == ['{"id": "c1", "gan" : "3271", "state": "ACTIVE", "x": 1.10}']
    (told,) = pq.read_table(tmp_path / "square" / "gift_card_activities")["_payload"].to_pylist()
    assert "AB-99" not in told
    assert json.loads(told)["gift_card_gan"] == " 321"


def test_what_was_made_before_the_start_date_and_stands_is_read(
    vendor: Vendor, tmp_path: Path
) -> None:
    """Prices of today were set long before the day from which sales are wanted."""
    asked: list[str] = []

    def answer(request: Request) -> Any:
        asked.append(request.json["begin_time"])
        return {}

    vendor.on("POST", "/oauth2/token", Answer({"access_token": "t"}))
    vendor.on("POST", "/v2/catalog/search", answer)
    extra = {"refresh_token": "r", "start_date": "2026-05-01"}
    run(tmp_path, "square", "catalog", Connection(vendor.url, "id", "secret", extra))
    assert asked[0] < "2017"

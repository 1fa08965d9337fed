"""The requests of Clover, against what its guides say of them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.core import times
from connectors.core.errors import ExtractFailed
from connectors.core.settings import Connection
from connectors.extract import extract
from connectors.registry import SOURCES
from tests.connectors.clover.shape import MERCHANT, Merchant, asked_for
from tests.connectors.shape import JUNE, run
from tests.connectors.vendor_stub import Answer, Request, Vendor
from warehouse.landing.errors import SettingError

HOUR = timedelta(hours=1)
OTHER = "MERCHANTBBBB2"
CLOVER = SOURCES["clover"]
pytestmark = pytest.mark.usefixtures("waits")


def connection(vendor: Vendor, *merchants: str, **extra: Any) -> Connection:
    tokens = {name: {"token": f"token-of-{name}"} for name in merchants or (MERCHANT,)}
    extra = {"merchants": tokens, "start_date": "2026-05-25", **extra}
    return Connection(vendor.url, "", "", extra)


def listing(vendor: Vendor, path: str, *rows: dict[str, Any], merchant: str = MERCHANT) -> None:
    """A list without filters, which is paged by number."""

    def answer(request: Request) -> Any:
        begin = int(request.query["offset"])
        return {"elements": list(rows)[begin : begin + int(request.query["limit"])]}

    vendor.on("GET", f"/v3/merchants/{merchant}{path}", answer)


def landed(folder: Path, stream: str) -> list[dict[str, Any]]:
    rows = pq.read_table(folder / "clover" / stream)["_payload"].to_pylist()
    return [json.loads(row) for row in rows if row]


def load(connection: Connection, folder: Path, stream: str, **how: Any) -> None:
    extract(CLOVER, connection, str(folder), how.pop("until", JUNE), streams=[stream], **how)


def test_a_refresh_token_is_used_once_and_its_successor_is_kept_sealed(
    vendor: Vendor, tmp_path: Path
) -> None:
    shape = Merchant(vendor)
    load(shape.connection, tmp_path, "orders")
    load(shape.connection, tmp_path, "orders", until=JUNE + HOUR)
    assert shape.tokens == 1, "its access token has not ended"
    kept = [file for file in (tmp_path / "_kept").rglob("*") if file.is_file()]
    assert len(kept) == 1
    assert b"refresh-1" not in kept[0].read_bytes()
    shape.troubles[shape.asked] = Answer({"message": "expired"}, 401)
    load(shape.connection, tmp_path, "orders", until=JUNE + 2 * HOUR)
    assert shape.tokens == 2, "the second was traded for the first one's successor"


def test_a_spent_refresh_token_says_what_to_do(vendor: Vendor, tmp_path: Path) -> None:
    shape = Merchant(vendor)
    load(shape.connection, tmp_path / "here", "orders")
    with pytest.raises(ExtractFailed, match="authorise the application again"):
        load(shape.connection, tmp_path / "there", "orders")


def test_a_new_refresh_token_in_the_connection_begins_anew(vendor: Vendor, tmp_path: Path) -> None:
    shape = Merchant(vendor)
    load(shape.connection, tmp_path, "orders")
    merchants = {MERCHANT: {"refresh_token": "refresh-1"}}
    anew = replace(shape.connection, extra={**shape.connection.extra, "merchants": merchants})
    load(anew, tmp_path, "orders", until=JUNE + HOUR)
    assert shape.tokens == 2


def test_no_refresh_token_is_used_where_the_next_one_cannot_be_kept(vendor: Vendor) -> None:
    shape = Merchant(vendor)
    api = CLOVER.open(shape.connection)
    with pytest.raises(Exception, match="no place to keep"):
        api.client.auth.headers()
    assert shape.tokens == 0


@pytest.mark.parametrize(
    "merchants", ["", {}, "M1", [], {"M1": "token"}, {"M1": {}}, {"M1": None}], ids=str
)
def test_merchants_without_tokens_are_a_wrong_setting(merchants: Any) -> None:
    with pytest.raises(SettingError, match=r"extra\.merchants"):
        CLOVER.open(Connection("https://clover.test", extra={"merchants": merchants}))


def test_behaviour_4_no_window_is_longer_than_clover_answers(
    vendor: Vendor, tmp_path: Path
) -> None:
    shape = Merchant(vendor)
    shape.beyond_the_cap(None)
    assert len(run(tmp_path, "clover", "orders", shape.connection)) == 7
    for request in vendor.seen(f"/v3/merchants/{MERCHANT}/orders"):
        edges = asked_for(request).values()
        assert max(edges) - min(edges) < timedelta(days=90) / timedelta(milliseconds=1)


def test_a_list_that_is_cut_at_a_hundred_is_read_to_its_end(vendor: Vendor, tmp_path: Path) -> None:
    """A thousand were asked for, a hundred came: that need not be all."""
    rows = [{"id": f"D{number:03}"} for number in range(250)]
    listing(vendor, "/devices", *rows)
    cut = connection(vendor)

    def at_most_a_hundred(request: Request) -> Any:
        begin = int(request.query["offset"])
        return {"elements": rows[begin : begin + 100]}

    vendor.on("GET", f"/v3/merchants/{MERCHANT}/devices", at_most_a_hundred)
    assert len(run(tmp_path, "clover", "devices", cut)) == 250


def test_a_row_that_vanishes_while_a_list_is_paged_hides_no_other(
    vendor: Vendor, tmp_path: Path
) -> None:
    rows = [{"id": f"D{number}"} for number in range(10)]

    def answer(request: Request) -> Any:
        begin = int(request.query["offset"])
        page = rows[begin : begin + int(request.query["limit"])]
        if begin and {"id": "D0"} in rows:
            rows.remove({"id": "D0"})
            page = rows[begin : begin + int(request.query["limit"])]
        return {"elements": page}

    vendor.on("GET", f"/v3/merchants/{MERCHANT}/devices", answer)
    found = run(tmp_path, "clover", "devices", connection(vendor, page_size=4))
    assert {row["id"] for row in found} == {f"D{number}" for number in range(10)}


def test_lines_beyond_the_hundredth_are_read_from_the_order_itself(
    vendor: Vendor, tmp_path: Path
) -> None:
    lines = [{"id": f"LINE{number:09}"} for number in range(230)]
    order = {"id": "O1", "createdTime": 1, "modifiedTime": times.milliseconds(JUNE - HOUR)}

    def orders(request: Request) -> Any:
        if "deletedTime>" in asked_for(request):
            return {"elements": []}
        expanded = (
            {"lineItems": {"elements": lines[:100]}}
            if "lineItems" in request.query["expand"]
            else {}
        )
        return {"elements": [{**order, **expanded}]}

    def more(request: Request) -> Any:
        assert request.query["expand"] == "discounts,modifications,taxRates"
        begin = int(request.query["offset"])
        return {"elements": lines[begin : begin + 100]}

    vendor.on("GET", f"/v3/merchants/{MERCHANT}/orders", orders)
    vendor.on("GET", f"/v3/merchants/{MERCHANT}/orders/O1/line_items", more)
    (found,) = run(tmp_path, "clover", "orders", connection(vendor))
    both = found["lineItems"]["elements"] + found["moreLineItems"]["elements"]
    assert [line["id"] for line in both] == [line["id"] for line in lines]


def test_a_merchant_that_is_added_later_is_read_from_its_beginning(
    vendor: Vendor, tmp_path: Path
) -> None:
    old = {"id": "P1", "modifiedTime": times.milliseconds(JUNE - timedelta(days=5))}

    def payments(request: Request) -> Any:
        asked = asked_for(request)
        inside = asked["modifiedTime>"] <= old["modifiedTime"] <= asked["modifiedTime<"]
        return {"elements": [old] if inside else []}

    new = {"id": "P2", "modifiedTime": times.milliseconds(JUNE - HOUR)}
    vendor.on("GET", f"/v3/merchants/{MERCHANT}/payments", lambda _: {"elements": [new]})
    vendor.on("GET", f"/v3/merchants/{OTHER}/payments", payments)
    load(connection(vendor), tmp_path, "payments")
    load(connection(vendor, MERCHANT, OTHER), tmp_path, "payments", until=JUNE + HOUR)
    assert {(row["id"], row["merchant_id"]) for row in landed(tmp_path, "payments")} == {
        ("P1", OTHER),
        ("P2", MERCHANT),
    }


def test_a_merchant_without_a_token_any_more_is_missed(vendor: Vendor, tmp_path: Path) -> None:
    for merchant in (MERCHANT, OTHER):
        listing(vendor, "/devices", {"id": f"of {merchant}"}, merchant=merchant)
    load(connection(vendor, MERCHANT, OTHER), tmp_path, "devices")
    later = {"until": JUNE + timedelta(days=2)}
    with pytest.raises(ExtractFailed, match=f"no token for the merchant {OTHER}"):
        load(connection(vendor), tmp_path, "devices", **later)
    load(connection(vendor), tmp_path, "devices", accepted=lambda *_: True, **later)


def test_a_token_that_is_refused_says_whose_it_is(vendor: Vendor, tmp_path: Path) -> None:
    listing(vendor, "/devices", {"id": "D1"})
    vendor.on("GET", f"/v3/merchants/{OTHER}/devices", Answer({"message": "no"}, 401))
    with pytest.raises(ExtractFailed, match=f"merchant {OTHER}: the vendor refused"):
        load(connection(vendor, MERCHANT, OTHER), tmp_path, "devices")


def test_each_merchant_is_asked_with_its_own_token(vendor: Vendor, tmp_path: Path) -> None:
    for merchant in (MERCHANT, OTHER):
        listing(vendor, "/devices", {"id": f"of {merchant}"}, merchant=merchant)
    run(tmp_path, "clover", "devices", connection(vendor, MERCHANT, OTHER))
    for request in vendor.requests:
        assert request.path.split("/")[3] in request.headers["Authorization"]


def test_neither_pins_nor_bank_accounts_land(vendor: Vendor, tmp_path: Path) -> None:
    listing(vendor, "/employees", {"id": "E1", "name": "Ada", "pin": "4711", "unhashedPin": "4711"})
    properties = {
        "timezone": "Europe/Berlin",
        "abaAccountNumber": "4711",
        "ddaAccountNumber": "4711",
    }
    merchant = {"id": MERCHANT, "name": "Shop S001", "properties": properties}
    vendor.on("GET", f"/v3/merchants/{MERCHANT}", lambda _: merchant)
    (employee,) = run(tmp_path, "clover", "employees", connection(vendor))
    assert employee == {"id": "E1", "name": "Ada", "merchant_id": MERCHANT}
    (found,) = run(tmp_path, "clover", "merchants", connection(vendor))
    assert found["properties"] == {"timezone": "Europe/Berlin"}


def test_a_product_that_is_gone_says_so(vendor: Vendor, tmp_path: Path) -> None:
    at = times.milliseconds(JUNE - HOUR)
    rows = [{"id": name, "name": name, "price": 1, "modifiedTime": at} for name in ("I1", "I2")]
    listing(vendor, "/items", *rows)
    load(connection(vendor), tmp_path, "items")
    listing(vendor, "/items", rows[0])
    load(connection(vendor), tmp_path, "items", until=JUNE + timedelta(days=2))
    gone = [row for row in landed(tmp_path, "items") if row.get("deleted")]
    assert [row["id"] for row in gone] == ["I2"]


def test_a_refusal_is_no_word_that_a_product_is_gone(vendor: Vendor, tmp_path: Path) -> None:
    at = times.milliseconds(JUNE - HOUR)
    rows = [{"id": name, "name": name, "price": 1, "modifiedTime": at} for name in ("I1", "I2")]
    listing(vendor, "/items", *rows)
    load(connection(vendor), tmp_path, "items")
    listing(vendor, "/items", rows[0])
    vendor.on("GET", f"/v3/merchants/{MERCHANT}/items/I2", Answer({"message": "no"}, 400))
    with pytest.raises(ExtractFailed, match="what is gone could not be found out"):
        load(connection(vendor), tmp_path, "items", until=JUNE + timedelta(days=2))
    assert not [row for row in landed(tmp_path, "items") if row.get("deleted")]


def test_a_merchant_that_is_not_known_is_told(vendor: Vendor, tmp_path: Path) -> None:
    with pytest.raises(ExtractFailed, match="check the merchant's id"):
        load(connection(vendor), tmp_path, "merchants")


def test_all_stock_lands_at_first_and_then_what_changed(vendor: Vendor, tmp_path: Path) -> None:
    """However long ago it was counted, and whenever the first load is to begin."""
    old, new = (times.milliseconds(JUNE - timedelta(days=days)) for days in (400, 0))
    rows: list[dict[str, Any]] = [
        {"item": {"id": "I1"}, "quantity": 2.5, "modifiedTime": new},
        {"item": {"id": "I2"}, "quantity": 0, "modifiedTime": old},
        {"item": {"id": "I3"}, "quantity": 0},
    ]
    listing(vendor, "/item_stocks", *rows)
    load(connection(vendor), tmp_path, "item_stocks")
    found = sorted(row["item"]["id"] for row in landed(tmp_path, "item_stocks"))
    assert found == ["I1", "I2", "I3"]
    load(connection(vendor), tmp_path, "item_stocks", until=JUNE + HOUR)
    later = sorted(row["item"]["id"] for row in landed(tmp_path, "item_stocks"))
    assert later == ["I1", "I1", "I2", "I3", "I3"], "the edge is read again"

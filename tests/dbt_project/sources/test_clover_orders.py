"""What shops do with Clover, order by order, and what was reported of it elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.core import times
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e
AT = times.milliseconds(datetime(2026, 3, 1, 10, tzinfo=UTC))
LOAD = "20260601T000000.000000Z"
SHOP, YEN_SHOP, DINAR_SHOP = "M1", "M2", "M3"
MODELS = (
    "stg_clover__merchants stg_clover__orders stg_clover__payments stg_clover__refunds"
    " stg_clover__credits stg_clover__items stg_clover__customers stg_clover__item_stocks"
    " base_clover__lines clover__payments clover__orders clover__order_lines clover__refunds"
    " clover__products clover__prices clover__person_records clover__person_identifiers"
    " clover__inventory_levels"
)


def line(
    name: str, price: Any, *, discounts: Any = (), rate: int = 0, **more: Any
) -> dict[str, Any]:
    nested = {"discounts": list(discounts), "taxRates": [{"rate": rate}] if rate else []}
    expanded = {key: {"elements": value} for key, value in nested.items()}
    return {"id": name, "name": name, "price": price, "isRevenue": True, **expanded, **more}


ORDERS: dict[str, dict[str, Any]] = {}
PAYMENTS: dict[str, dict[str, Any]] = {}


def order(name: str, *lines: dict[str, Any], discounts: Any = (), **more: Any) -> None:
    ORDERS[name] = {
        "id": name,
        "merchant_id": SHOP,
        "currency": "USD",
        "state": "locked",
        "paymentState": "PAID",
        "createdTime": AT,
        "modifiedTime": AT,
        "lineItems": {"elements": list(lines)},
        "discounts": {"elements": list(discounts)},
        **more,
    }


def paid(order: str, amount: Any, tax: Any = 0, **more: Any) -> None:
    name = f"P{len(PAYMENTS)}"
    PAYMENTS[name] = {
        "id": name,
        "merchant_id": SHOP,
        "order": {"id": order},
        "amount": amount,
        "taxAmount": tax,
        "result": "SUCCESS",
        "createdTime": AT,
        "modifiedTime": AT,
        "tender": {"labelKey": "com.clover.tender.cash"},
        **more,
    }


order("cash-rounded", line("a", 408, rate=800_000), total=441, paymentState="PARTIALLY_PAID")
paid("cash-rounded", 440, 33)
order(
    "untaxed-delivery",
    line("pizza", 1810, rate=825_000),
    line("bread", 245, rate=825_000),
    line("delivery", 500),
    discounts=[{"name": "TEN", "amount": -206}],
    total=2505,
)
paid("untaxed-delivery", 2505, 156)
order("one-rate", line("food", 1600, rate=725_000), line("drink", 150), total=1866)
paid("one-rate", 1866, 116)
order("online", line("b", 120), total=125, state="OPEN")
paid("online", 125, 5, tipAmount=20)
order("weighed", line("cheese", 1999, unitQty=1250, unitName="kg"), total=2499)
paid("weighed", 2499)
modified = {"modifications": {"elements": [{"amount": 100}, {"amount": 50}]}}
order("modified", line("free", 0, **modified), total=150)
paid("modified", 150)
order(
    "percentages",
    line("c", 1000, discounts=[{"percentageDecimal": 125_000}]),
    line("d", 1000, discounts=[{"percentage": 10}]),
    discounts=[{"name": "VIP", "percentage": 50}],
    total=887,
)
paid("percentages", 887)
order("split", line("e", 3000), total=3000, payType="SPLIT_CUSTOM")
paid("split", 1000)
paid("split", 2000)
order("partly", line("f", 3000), total=3000, paymentState="PARTIALLY_PAID", state="open")
paid("partly", 1000)
order("never-written", line("g", 700, rate=1_000_000), paymentState="OPEN", state="open")
order("exchanged", line("h", 900, exchanged=True), line("i", 900), total=900)
paid("exchanged", 900)
order("refunded", line("j", 500, refunded=True), line("k", 500), total=500)
ORDERS["refunded"]["paymentState"] = "PARTIALLY_REFUNDED"
paid("refunded", 1000)
order("given-back-by-hand", line("k2", 1000), total=0, paymentState="MANUALLY_REFUNDED")
paid("given-back-by-hand", 1080, 80)
order("voided-payment", line("l", 800), total=800)
paid("voided-payment", 800, voidReason="USER_CANCEL", result="SUCCESS")
paid("voided-payment", 800)
order("gift-card", line("m", 5000, isRevenue=False), line("n", 100), total=5100)
paid("gift-card", 5100)
CARD = {"isRevenue": False}
ten_off, ten_percent = {"name": "TENNER", "amount": -1000}, {"name": "TEN", "percentage": 10}
beside = line("goods", 10_000, rate=800_000)
order("card-percent", beside, line("z-card", 5000, **CARD), discounts=[ten_percent], total=14_220)
paid("card-percent", 14_220, 720, tipAmount=300)
order("card-amount", beside, line("z-card", 5000, **CARD), discounts=[ten_off], total=14_747)
paid("card-amount", 14_747, 747)
order(
    "card-served",
    line("goods", 10_000, discounts=[{"name": "SCRATCH", "amount": -2000}]),
    line("y-fee", 500, isOrderFee=True),
    line("z-card", 4000, **CARD),
    discounts=[ten_off],
    serviceCharge={"percentage": 18},
    paymentState="OPEN",
    state="open",
)
order(
    "card-spared",
    line("goods", 10_000, discounts=[{"name": "MINE", "amount": -1000}]),
    line("z-card", 5000, **CARD),
    total=14_000,
)
paid("card-spared", 14_000)
order("deleted", line("o", 100), total=100, deletedTimestamp=AT, paymentState="OPEN")
order("test", line("p", 100), total=100, testMode=True)
paid("test", 100)
order("vat", line("q", 1190, rate=1_900_000, discounts=[{"amount": -119}]), total=1071, isVat=True)
paid("vat", 1071, 171)
order("service", line("r", 1000), total=1180, serviceCharge={"percentageDecimal": 180_000})
paid("service", 1180)
order("only-back", total=0, paymentState="CREDITED")
order("yen", line("s", 1500), currency="JPY", merchant_id=YEN_SHOP, total=1500)
paid("yen", 1500, merchant_id=YEN_SHOP)
order("dinar", line("t", 12_345), currency="KWD", merchant_id=DINAR_SHOP, total=12_345)
paid("dinar", 12_345, merchant_id=DINAR_SHOP)
order("free", line("u", 500, discounts=[{"percentage": 100}]), total=0)
order("euros-not-cents", line("v", "12,50"), total=1250)
order("no-currency", line("w", 100), currency=None)
order("no-times", line("x", 100), createdTime="yesterday")
paid("nobody-knows", 300)

LONG = [line(f"z{number:03}", 10) for number in range(130)]
order("many-lines", *LONG[:100], moreLineItems={"elements": LONG[100:]}, total=1300)
paid("many-lines", 1300)


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    warehouse = Warehouse(tmp_path_factory.mktemp("clover_orders"))
    warehouse.land_nothing()

    def land(
        stream: str, *records: dict[str, Any], key: Callable[[Any], str] = lambda r: r["id"]
    ) -> None:
        cursor = "2026-03-01T10:00:00.000Z"
        warehouse.land("clover", stream, LOAD, [(key(row), cursor, row) for row in records])

    shops = ((SHOP, "USD"), (YEN_SHOP, "JPY"), (DINAR_SHOP, "KWD"))
    land(
        "merchants",
        *({"id": name, "name": name, "defaultCurrency": currency} for name, currency in shops),
    )
    land("orders", *ORDERS.values())
    land("payments", *PAYMENTS.values())
    base = {"merchant_id": SHOP, "createdTime": AT}
    land(
        "refunds",
        {**base, "id": "R1", "orderRef": {"id": "refunded"}, "amount": 500, "status": "SUCCESS",
         "taxAmount": 40, "tipAmount": 60, "lineItems": {"elements": [{"id": "j"}]}},
        {**base, "id": "R2", "orderRef": {"id": "gift-card"}, "amount": 5000,
         "lineItems": {"elements": [{"id": "m"}]}},
        {**base, "id": "R3", "orderRef": {"id": "split"}, "amount": 10, "voided": True},
        {**base, "id": "R4", "orderRef": {"id": "split"}, "amount": 10, "status": "PENDING"},
        {**base, "id": "R5", "amount": 10},
    )  # fmt: skip
    land(
        "credits",
        {**base, "id": "C1", "orderRef": {"id": "only-back"}, "amount": 700, "taxAmount": 50},
    )
    item = {"merchant_id": SHOP, "name": "x", "modifiedTime": AT}
    land(
        "items",
        {**item, "id": "I1", "price": 100, "priceType": "FIXED", "sku": ""},
        {**item, "id": "I2", "price": 0, "priceType": "VARIABLE", "sku": "S2"},
        {**item, "id": "I3", "price": 250, "priceType": "PER_UNIT", "hidden": True},
        {**item, "id": "I4", "price": 1, "deleted": True},
    )
    land(
        "item_stocks",
        {"item": {"id": "I3"}, "merchant_id": SHOP, "quantity": -1.25, "modifiedTime": AT},
        {"item": {"id": "I1"}, "merchant_id": SHOP, "quantity": 0},
        key=lambda row: row["item"]["id"],
    )
    contact = {
        "emailAddresses": {"elements": [{"emailAddress": "a@x.test"}, {"emailAddress": "b@x.test"}]}
    }
    born = {"metadata": {"dobYear": 1984, "dobMonth": 2, "dobDay": 30}}
    land(
        "customers",
        {"id": "K1", "merchant_id": SHOP, **contact, **born},
        {"id": "K2", "merchant_id": SHOP},
    )
    alone = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
    warehouse.build("--select", *MODELS.split(), *alone)
    return warehouse


def found(till: Warehouse, columns: str, *names: str) -> list[tuple[Any, ...]]:
    where = f"source_order_id in {(*names, '')}"
    rows = till.rows(f"select source_order_id, {columns} from staging.clover__orders where {where}")
    return [row[1:] for name in names for row in rows if row[0] == name]


MONEY = "goods_minor, discount_minor, tax_minor, service_minor, tip_minor, total_minor, due_minor"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cash-rounded", (407, 0, 33, 0, 0, 440, 0)),
        ("untaxed-delivery", (2555, 206, 156, 0, 0, 2505, 0)),
        ("online", (120, 0, 5, 0, 20, 145, 0)),
        ("weighed", (2499, 0, 0, 0, 0, 2499, 0)),
        ("modified", (150, 0, 0, 0, 0, 150, 0)),
        ("percentages", (2000, 1113, 0, 0, 0, 887, 0)),
        ("split", (3000, 0, 0, 0, 0, 3000, 0)),
        ("partly", (3000, 0, 0, 0, 0, 3000, 2000)),
        ("never-written", (700, 0, 70, 0, 0, 770, 770)),
        ("exchanged", (900, 0, 0, 0, 0, 900, 0)),
        ("refunded", (1000, 0, 0, 0, 0, 1000, 0)),
        ("given-back-by-hand", (1000, 0, 80, 0, 0, 1080, 0)),
        ("voided-payment", (800, 0, 0, 0, 0, 800, 0)),
        ("vat", (1000, 100, 171, 0, 0, 1071, 0)),
        ("service", (1000, 0, 0, 180, 0, 1180, 0)),
        ("yen", (1500, 0, 0, 0, 0, 1500, 0)),
        ("dinar", (12_345, 0, 0, 0, 0, 12_345, 0)),
        ("free", (500, 500, 0, 0, 0, 0, 0)),
        ("many-lines", (1300, 0, 0, 0, 0, 1300, 0)),
    ],
)
def test_what_an_order_comes_to(till: Warehouse, name: str, expected: tuple[int, ...]) -> None:
    assert found(till, MONEY, name) == [expected]


def test_what_became_of_an_order(till: Warehouse) -> None:
    statuses = {
        "cash-rounded": "placed",
        "online": "placed",
        "partly": "open",
        "never-written": "open",
        "refunded": "placed",
        "given-back-by-hand": "placed",
        "deleted": "void",
        "test": "draft",
        "free": "placed",
    }
    assert found(till, "order_status", *statuses) == [(status,) for status in statuses.values()]
    assert found(till, "order_status", "only-back") == []


def test_a_gift_card_counts_beside_the_sale(till: Warehouse) -> None:
    assert found(till, "total_minor, gift_card_minor, item_count", "gift-card") == [(100, 5000, 1)]
    assert found(till, "coupon_code, item_count", "untaxed-delivery") == [("TEN", 3)]


@pytest.mark.parametrize(
    ("name", "money", "card", "coupon"),
    [
        # By Clover's own calculator: a discount of 10 % leaves 90.00 and 45.00, one of 10.00
        # 93.33 and 46.67.
        ("card-percent", (10_000, 1000, 720, 0, 300, 10_020, 0), 4500, "TEN"),
        ("card-amount", (10_000, 667, 747, 0, 0, 10_080, 0), 4667, "TENNER"),
        # Of 80.00 and 40.00 it leaves 73.33 and 36.67, takes 18 % of both, and nothing off the fee.
        ("card-served", (10_000, 2667, 0, 2480, 0, 9813, 13_480), 3667, "TENNER"),
        ("card-spared", (10_000, 1000, 0, 0, 0, 9000, 0), 5000, "MINE"),
    ],
)
def test_a_discount_of_the_order_falls_on_gift_cards_and_one_of_a_line_does_not(
    till: Warehouse, name: str, money: tuple[int, ...], card: int, coupon: str
) -> None:
    """As tills reckon it. What is to be spared must be given by line, and a fee is."""
    parts = "gift_card_minor, coupon_code, item_count"
    assert found(till, f"{MONEY}, {parts}", name) == [(*money, card, coupon, 1)]
    assert till.rows(
        f"""select line_kind, goods_minor - discount_minor from staging.clover__order_lines
        where source_order_id = '{name}' order by line_id"""
    ) == [("custom", money[0] - money[1]), ("gift_card", card)]


def test_tax_is_that_of_the_lines_that_have_a_rate(till: Warehouse) -> None:
    assert till.rows(
        """select line_id, quantity, current_quantity, goods_minor, discount_minor, tax_minor
        from staging.clover__order_lines
        where source_order_id in ('one-rate', 'weighed', 'refunded', 'exchanged') order by all"""
    ) == [
        ("cheese", 1.25, 1.25, 2499, 0, 0),
        ("drink", 1, 1, 150, 0, 0),
        ("food", 1, 1, 1600, 0, 116),
        ("i", 1, 1, 900, 0, 0),
        ("j", 1, 0, 500, 0, 0),
        ("k", 1, 1, 500, 0, 0),
    ]
    # Shared to the last cent: those of the order are by cost, and delivery has no rate.
    assert till.rows(
        """select line_id, discount_minor, tax_minor from staging.clover__order_lines
        where source_order_id = 'untaxed-delivery' order by all"""
    ) == [("bread", 20, 19), ("delivery", 40, 0), ("pizza", 146, 137)]


def test_payments_of_no_order_keep_their_shops_currency(till: Warehouse) -> None:
    assert till.rows(
        """select source_order_id, currency_code, payment_status from staging.clover__payments
        where source_order_id in ('nobody-knows', 'voided-payment', 'yen') order by all"""
    ) == [
        ("nobody-knows", "USD", "paid"),
        ("voided-payment", "USD", "cancelled"),
        ("voided-payment", "USD", "paid"),
        ("yen", "JPY", "paid"),
    ]


def test_refunds_tell_their_parts(till: Warehouse) -> None:
    assert till.rows(
        """select refund_id, source_order_id, goods_minor, tax_minor, tip_minor, gift_card_minor,
            refunded_minor, refund_status
        from staging.clover__refunds order by refund_id"""
    ) == [
        ("C1", None, 650, 50, 0, 0, 700, "refunded"),
        ("R1", "refunded", 400, 40, 60, 0, 500, "refunded"),
        ("R2", "gift-card", 0, 0, 0, 5000, 5000, "refunded"),
        ("R3", "split", 10, 0, 0, 0, 10, "failed"),
        ("R4", "split", 10, 0, 0, 0, 10, "pending"),
        ("R5", None, 10, 0, 0, 0, 10, "refunded"),
    ]


def test_odd_records_are_set_aside_and_stop_no_other(till: Warehouse) -> None:
    assert till.rows(
        "select _key, _faults from staging.stg_clover__orders where _faults is not null order by 1"
    ) == [
        ("euros-not-cents", "record|lineItems.elements[].price|minor|99,99"),
        ("no-currency", "record|currency|text|"),
        ("no-times", "record|createdTime|milliseconds|aaaaaaaaa"),
    ]


def test_products_and_their_prices(till: Warehouse) -> None:
    assert till.rows(
        "select product_id, product_code, is_active from staging.clover__products order by 1"
    ) == [("I1", "I1", True), ("I2", "S2", True), ("I3", "I3", False), ("I4", "I4", False)]
    assert till.rows(
        "select price_id, price_minor, currency_code from staging.clover__prices order by 1"
    ) == [("I1", 100, "USD"), ("I2", None, "USD"), ("I3", 250, "USD")]
    assert till.rows(
        "select product_id, on_hand_quantity from staging.clover__inventory_levels order by 1"
    ) == [("I1", 0), ("I3", -1.25)]


def test_a_customer_has_all_their_addresses_and_no_day_that_is_none(till: Warehouse) -> None:
    assert till.rows(
        """select record_id, email, birth_date from restricted.clover__person_records order by 1"""
    ) == [("K1", "a@x.test", None), ("K2", None, None)]
    assert till.rows(
        """select identifier_value from restricted.clover__person_identifiers
        where identifier_type = 'email' order by 1"""
    ) == [("a@x.test",), ("b@x.test",)]

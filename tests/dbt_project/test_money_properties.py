"""Money over random orders: parts make up wholes, and bookings what is left of each sale.

The models' own compiled SQL reads payloads that are made from the parts, so the parts are known.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.registry import SOURCES
from tests.dbt_project.warehouse import PROJECT, Row, Warehouse, run_dbt

pytestmark = pytest.mark.e2e
LOAD = "20260501T000000.000000Z"
START = datetime(2026, 3, 1, tzinfo=UTC)
EXPONENTS = {"EUR": 2, "JPY": 0, "KWD": 3}
MODELS = (
    "stg_shopify__orders", "stg_shopify__order_lines", "stg_shopify__order_refunds",
    "stg_shopify__locations", "shopify__orders", "shopify__order_lines", "shopify__refunds",
    "stg_square__orders", "stg_square__payments", "stg_square__refunds", "stg_square__catalog",
    "square__order_lines", "square__orders", "square__refunds", "orders", "order_lines", "refunds",
    "int_orders__priced", "int_orders__refunds", "int_orders__entries", "int_orders__all",
)  # fmt: skip
CONTRACTS = ("orders", "order_lines", "refunds")
AMOUNTS = st.integers(0, 30) | st.sampled_from([1, 99, 10_000, 123_456_789])
RATES = st.sampled_from([0, 7, 10, 19, 25])  # tax, percent

# quantity, unit price, discount (percent of the line), tax rate, whether a gift card
LINES = st.lists(
    st.tuples(st.integers(1, 3), AMOUNTS, st.sampled_from([0, 0, 15, 100]), RATES, st.booleans()),
    min_size=1,
    max_size=4,
)
ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "lines": LINES,
            "currency": st.sampled_from([*EXPONENTS]),
            "included": st.booleans(),
            "shipping": AMOUNTS,
            "free_shipping": st.booleans(),
            "tip": AMOUNTS,
            "fate": st.sampled_from(
                ["kept", "kept", "refunded", "partly", "goodwill", "edited", "cancelled", "voided"]
            ),
            "is_till": st.booleans(),
            "day": st.integers(0, 30),
        }
    ),
    min_size=1,
    max_size=5,
)
Order = dict[str, Any]


class Money:
    """The models over payloads that a test lands."""

    def __init__(self, home: Warehouse) -> None:
        self.home = home
        home.land_nothing()
        run_dbt(home, "compile", PROJECT, "--select", *MODELS)
        # What was read of a file is not kept: examples write to the same one within its second.
        self.con = duckdb.connect(config={"threads": 1, "enable_external_file_cache": False})
        for schema in ("seeds", "staging", "conformed", "intermediate"):
            self.con.execute(f"create schema {schema}")
        self.con.execute(f"create table seeds.currencies as from '{PROJECT}/seeds/currencies.csv'")
        self.con.execute(
            """
            create table intermediate.int_stores__locations (connection varchar,
                location_kind varchar, location_id varchar, valid_from date, valid_before date,
                store_id varchar);
            create table intermediate.int_stores__matched (store_id varchar, time_zone varchar,
                region_code varchar);
            create table intermediate.int_identity__persons (record_key varchar,
                customer_id varchar);
            create table intermediate.int_currencies__rates (currency_code varchar,
                valid_from date, valid_before date, minor_rate decimal(18, 9));
            insert into intermediate.int_currencies__rates values
                ('EUR', '1970-01-01', null, 1), ('JPY', '1970-01-01', null, 0.61),
                ('KWD', '1970-01-01', '2026-03-15', 0.3), ('KWD', '2026-03-15', null, 0.31)"""
        )
        self.sql = {}
        for model in MODELS:
            (file,) = (home.home / "target/compiled").rglob(f"{model}.sql")
            text = file.read_text().replace('"warehouse".', "")
            self.sql[model] = text.replace("'landing/", f"'{home.landing}/")

    def run(self, orders: list[Order]) -> None:
        web = [web_order(number, order) for number, order in enumerate(orders)]
        till = [till_order(number, order) for number, order in enumerate(orders)]
        self.home.land("shopify", "orders", LOAD, web)
        self.home.land("square", "orders", LOAD, [row for rows, _ in till for row in rows])
        self.home.land("square", "refunds", LOAD, [row for _, rows in till for row in rows])
        for model in MODELS:
            schema = (
                "conformed" if model in CONTRACTS
                else "intermediate" if model.startswith("int_") else "staging"
            )  # fmt: skip
            self.con.execute(f"create or replace table {schema}.{model} as {self.sql[model]}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.con.sql(query).fetchall()


@pytest.fixture(scope="module")
def money(tmp_path_factory: pytest.TempPathFactory) -> Money:
    used = (SOURCES["shopify"], SOURCES["square"])
    return Money(Warehouse(tmp_path_factory.mktemp("money"), connections=used))


def share(amount: int, percent: int) -> int:
    return (2 * amount * percent + 100) // 200


def priced(order: Order) -> list[dict[str, Any]]:
    """The lines in minor units: ``listed`` and ``off`` as the shop prices them, ``net`` and
    ``tax`` of what is left."""
    found = []
    for quantity, price, percent, rate, gift_card in order["lines"]:
        listed, rate = quantity * price, 0 if gift_card else rate
        off = listed * percent // 100
        paid = listed - off
        tax = paid - (2 * paid * 100 + 100 + rate) // (2 * (100 + rate)) if order["included"] else (
            share(paid, rate)
        )  # fmt: skip
        found.append(
            {"quantity": quantity, "price": price, "listed": listed, "off": off, "tax": tax,
             "net": paid - tax if order["included"] else paid, "gift_card": gift_card}
        )  # fmt: skip
    return found


def total(order: Order, lines: list[dict[str, Any]]) -> int:
    """All that is charged, gift cards and tip included; shipping is not taxed."""
    shipping = 0 if order["free_shipping"] else order["shipping"]
    return sum(line["net"] + line["tax"] for line in lines) + shipping + order["tip"]


def at(order: Order, days: int = 0) -> str:
    return (START + timedelta(order["day"] + days, hours=12)).strftime("%Y-%m-%dT%H:%M:%SZ")


def web_order(number: int, order: Order) -> Row:
    code, lines = order["currency"], priced(order)
    charged, tax = total(order, lines), sum(line["tax"] for line in lines)

    def bag(minor: int) -> dict[str, Any]:
        amount = str(Decimal(minor).scaleb(-EXPONENTS[code]))
        return {side: {"amount": amount, "currencyCode": code}
                for side in ("shopMoney", "presentmentMoney")}  # fmt: skip

    def refund(amount: int, back: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": f"gid://shopify/Refund/{number}", "createdAt": at(order, 40),
            "totalRefundedSet": bag(amount),
            "refundLineItems": {"nodes": [
                {"subtotalSet": bag(line["listed"] - line["off"]), "totalTaxSet": bag(line["tax"]),
                 "lineItem": {"isGiftCard": line["gift_card"]}}
                for line in back
            ]},
        }  # fmt: skip

    first = lines[:1]
    worth = first[0]["net"] + first[0]["tax"]
    goods = charged - order["tip"]
    refunds, current = {
        "refunded": ([refund(goods, lines)], order["tip"]),
        "partly": ([refund(worth, first)], charged - worth),
        "goodwill": ([refund(goods // 3, [])], charged),
        "edited": ([refund(0, first)], charged - worth),
    }.get(order["fate"], ([], charged))
    gone = {"refunded": tax, "partly": first[0]["tax"], "edited": first[0]["tax"]}
    gid = f"gid://shopify/Order/{number}"
    shipping = 0 if order["free_shipping"] else order["shipping"]
    subtotal = sum(line["listed"] - line["off"] for line in lines)
    return gid, at(order), {
        "id": gid, "name": f"#{number}", "createdAt": at(order), "processedAt": at(order),
        "updatedAt": at(order, 40), "currencyCode": code, "presentmentCurrencyCode": code,
        "cancelledAt": at(order, 50) if order["fate"] == "cancelled" else None,
        "displayFinancialStatus": "VOIDED" if order["fate"] == "voided" else "PAID",
        "sourceName": "pos" if order["is_till"] else "web", "taxesIncluded": order["included"],
        "subtotalPriceSet": bag(subtotal), "totalTaxSet": bag(tax), "totalPriceSet": bag(charged),
        "totalDiscountsSet": bag(
            sum(line["off"] for line in lines) + order["shipping"] - shipping
        ),
        "totalShippingPriceSet": bag(order["shipping"]), "totalTipReceivedSet": bag(order["tip"]),
        "shippingLines": {"nodes": [
            {"originalPriceSet": bag(order["shipping"]), "discountedPriceSet": bag(shipping)}
        ]},
        "currentTotalPriceSet": bag(current),
        "currentTotalTaxSet": bag(tax - gone.get(order["fate"], 0)),
        "refunds": refunds,
        "lineItems": {"nodes": [
            {"id": f"gid://shopify/LineItem/{number}{place}", "quantity": line["quantity"],
             "isGiftCard": line["gift_card"], "originalUnitPriceSet": bag(line["price"]),
             "discountAllocations": [{"allocatedAmountSet": bag(line["off"])}],
             "taxLines": [{"priceSet": bag(line["tax"])}]}
            for place, line in enumerate(lines)
        ]},
    }  # fmt: skip


def till_order(number: int, order: Order) -> tuple[list[Row], list[Row]]:
    """The ticket, with its return, and what was paid back; a till ships nothing."""
    code = order["currency"]
    lines = priced(order)
    charged = total({**order, "shipping": 0}, lines)
    tax = sum(line["tax"] for line in lines)

    def money(minor: int) -> dict[str, Any]:
        return {"amount": minor, "currency": code}

    def ticket(name: str, **other: Any) -> Row:
        return name, at(order), {
            "id": name, "location_id": "L1", "created_at": at(order), "updated_at": at(order),
            **other,
        }  # fmt: skip

    name = f"T{number}"
    rows = [
        ticket(
            name, total_money=money(charged), total_tax_money=money(tax),
            state="DRAFT" if order["fate"] == "voided" else "COMPLETED",
            total_discount_money=money(sum(line["off"] for line in lines)),
            total_tip_money=money(order["tip"]),
            taxes=[{"type": "INCLUSIVE" if order["included"] else "ADDITIVE"}],
            line_items=[
                {"uid": str(place), "quantity": str(line["quantity"]),
                 "item_type": "GIFT_CARD" if line["gift_card"] else "ITEM",
                 "total_money": money(line["net"] + line["tax"]),
                 "total_tax_money": money(line["tax"]), "total_discount_money": money(line["off"])}
                for place, line in enumerate(lines)
            ],
        )
    ]  # fmt: skip
    if order["fate"] != "refunded" or not charged:
        return rows, []
    amounts = {"total_money": money(charged), "tax_money": money(tax),
               "tip_money": money(order["tip"])}  # fmt: skip
    rows.append(
        ticket(
            f"{name}R", total_money=money(0), state="COMPLETED", return_amounts=amounts,
            returns=[
                {
                    **({"source_order_id": name} if order["is_till"] else {}),
                    "return_line_items": [
                        {"item_type": "GIFT_CARD", "total_money": money(line["net"])}
                        for line in lines
                        if line["gift_card"]
                    ],
                }
            ],
        )
    )  # fmt: skip
    ways = [charged // 3, charged - charged // 3]
    return rows, [
        (f"{name}B{way}", at(order), {
            "id": f"{name}B{way}", "order_id": f"{name}R", "location_id": "L1",
            "status": "COMPLETED", "amount_money": money(amount),
            "created_at": at(order, 40), "updated_at": at(order, 40),
        })
        for way, amount in enumerate(ways) if amount
    ]  # fmt: skip


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(orders=ORDERS)
def test_money_of_any_orders(money: Money, orders: list[Order]) -> None:
    money.run(orders)
    parts_are_those_that_each_order_was_made_of(money, orders)
    money_is_conserved(money, orders)


def money_is_conserved(money: Money, orders: list[Order]) -> None:
    assert money.rows(
        """select count(*), count(distinct order_id), count(*) filter (
            goods_minor - discount_minor + shipping_minor + tax_minor + tip_minor + service_minor
            <> total_minor)
        from conformed.orders"""
    ) == [(2 * len(orders), 2 * len(orders), 0)]
    assert money.rows(
        """select * from conformed.refunds where refunded_minor <> goods_minor + shipping_minor
            + tax_minor + tip_minor + service_minor + gift_card_minor"""
    ) == []  # fmt: skip
    # Order by order the bookings are what is left, in both currencies.
    assert money.rows(
        """select order_id from intermediate.int_orders__all as orders left join (
            select order_id, sum(revenue_minor) as revenue, sum(net_sales_minor) as net_sales,
                sum(revenue_reporting_minor) as reporting,
                sum(net_sales_reporting_minor) as net_sales_reporting
            from intermediate.int_orders__entries group by all
        ) as booked using (order_id)
        where (net_minor, net_sales_minor, net_reporting_minor, net_sales_reporting_minor)
            is distinct from (coalesce(revenue, 0), coalesce(net_sales, 0),
                coalesce(reporting, 0), coalesce(net_sales_reporting, 0))"""
    ) == []  # fmt: skip
    # And whatever way it is cut, parts sum to the whole, refunds of nobody's sale included.
    whole = money.rows(
        """select currency_code, sum(minor) from (
            select currency_code, net_minor as minor from intermediate.int_orders__all
            union all
            select currency_code, revenue_minor from intermediate.int_orders__entries
            where order_id is null
        ) as either group by all order by all"""
    )
    for part in ("order_channel", "source_system", "booked_date", "order_date", "entry_kind"):
        assert whole == money.rows(
            f"""with parts as (select currency_code, {part}, sum(revenue_minor) as revenue
                from intermediate.int_orders__entries group by all)
            select codes.currency_code, coalesce(sum(revenue), 0)
            from (select distinct currency_code from intermediate.int_orders__all) as codes
            left join parts using (currency_code) group by all order by all"""
        )


def parts_are_those_that_each_order_was_made_of(money: Money, orders: list[Order]) -> None:
    found = {
        name: amounts
        for name, *amounts in money.rows(
            """select order_id, goods_minor - discount_minor, shipping_minor, tax_minor, tip_minor,
                gift_card_minor
            from conformed.orders"""
        )
    }
    discounts = dict(money.rows("select order_id, discount_minor from conformed.orders"))
    for number, order in enumerate(orders):
        lines = priced(order)
        shipping = 0 if order["free_shipping"] else order["shipping"]
        goods = [line for line in lines if not line["gift_card"]]
        gift = sum(line["net"] for line in lines if line["gift_card"])
        net, tax = sum(line["net"] for line in goods), sum(line["tax"] for line in goods)
        off = sum(line["off"] for line in goods)
        if not order["included"]:  # what a discount is without its tax, conservation tells
            assert discounts[f"square:T{number}"] == off
        if not order["included"] and order["fate"] != "edited":
            assert discounts[f"shopify:{number}"] == off
        assert found[f"square:T{number}"] == [net, 0, tax, order["tip"], gift]
        if order["fate"] != "edited":
            assert found[f"shopify:{number}"] == [net, shipping, tax, order["tip"], gift]
        elif not lines[0]["gift_card"]:
            left = [net - lines[0]["net"], shipping, tax - lines[0]["tax"], order["tip"], gift]
            assert found[f"shopify:{number}"] == left

"""Acme: sales by the time of their last change.

A stand-in until the demo world has sales of its own for it: every tenth sale of the tills.
"""

# SQL is put together from our own column list and quoted literals.
# ruff: noqa: S608
from __future__ import annotations

import json
from typing import Any

from demo.vendors.core.faults import View
from demo.vendors.core.listing import Stream, with_new_field
from demo.vendors.core.sql import decimal_text, iso_ms, literal
from demo.vendors.core.state import Simulation
from demo.vendors.core.vendor import Record, Vendor
from demo.vendors.core.wire import Call, Problem, Reply, parse_time, reply_json, rows_json

NAME = "acme"
KEY = "acme-demo-key"  # made up, and good for nothing but this simulator
PAGE = 50
STATUS = {
    "rate_limited": 429,
    "unauthenticated": 401,
    "cursor_expired": 410,
    "invalid_cursor": 410,
    "not_found": 404,
    "invalid_request": 400,
}


def _index(view: View, since: Any, until: Any) -> str:
    return f"""
    SELECT order_id FROM {view.table("till_orders")} AS t
    WHERE return_of_order_id IS NULL AND hash(order_id) % 10 = 0
    AND visible_at >= {literal(since)} AND visible_at <= {literal(until)}
    ORDER BY visible_at, order_id"""


def _render(view: View, **_: Any) -> str:
    exponent = "CASE t.currency_code WHEN 'JPY' THEN 0 ELSE 2 END"
    amounts = {
        "goods": "t.subtotal_minor",
        "discount": "t.discount_minor",
        "tax": "t.tax_minor",
        "total": "t.total_minor",
        "refunded": "0",
    }
    money = ", ".join(f"'{name}': {decimal_text(sql, exponent)}" for name, sql in amounts.items())
    return f"""
    SELECT t.order_id, to_json({{
        'id': t.order_id, 'shop': s.store_code, 'sold_at': {iso_ms("t.created_at")},
        'updated_at': {iso_ms("t.visible_at")}, 'currency': t.currency_code, {money},
        'items': (SELECT sum(quantity) FROM till_order_lines AS l WHERE l.order_id = t.order_id),
        'coupon': t.coupon_code, 'voided': false,
        'customer': {{'name': c.given_name, 'email': c.email}}
    }})::VARCHAR
    FROM {view.table("till_orders")} AS t JOIN shops AS s USING (shop_no)
    LEFT JOIN till_customers AS c USING (square_customer_id)
    WHERE t.order_id IN (SELECT unnest($keys))"""


SALES = Stream("acme.sales", _index, _render)


def sales(sim: Simulation, call: Call) -> Reply:
    if call.bearer != KEY:
        raise Problem("unauthenticated", "The API key is not valid.")
    since, until = (
        parse_time(call.query.get(name, ""), name) for name in ("updated_since", "updated_until")
    )
    filters = {"since": since, "until": until}
    page, following = sim.page(call, SALES, filters, PAGE, call.query.get("page"))
    rows = with_new_field(page.rows, call.whims, "salePreview")
    return Reply(
        f'{{"sales":{rows_json(rows)},"next":{json.dumps(following)},"total":{page.total}}}'
    )


def refuse(problem: Problem) -> Reply:
    status = STATUS.get(problem.kind, problem.status if problem.kind == "server_error" else 400)
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return reply_json({"error": problem.kind, "message": problem.message}, status, headers)


def credentials(host: str) -> dict[str, Any]:
    return {"password": KEY}


VENDOR = Vendor(
    NAME,
    (("GET", "/v1/sales", sales),),
    refuse,
    credentials,
    tokens_expire=False,
    records={"order": Record("till_order")},
)

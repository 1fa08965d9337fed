"""What was promised for pick-ups and deliveries, and what became of it, beside ordinary sales.

All were ordered on 10 March at 10:00 UTC, by guests who leave no name.
"""

from __future__ import annotations

from typing import Any

from tests.dbt_project.ordinary_sales import LOAD, parcel, till_order, web_order
from tests.dbt_project.warehouse import Row, Warehouse

NEXT_DAY = "2026-03-11T16:30:00Z"


def at(hour: int) -> str:
    return f"2026-03-10T{hour}:00:00Z"


def part(
    method: str, status: str, promised: str | None = None, ship_by: str | None = None
) -> dict[str, Any]:
    written = parcel(method, status=status)
    return {
        **written, "fulfillBy": ship_by,
        "deliveryMethod": {"methodType": method, "maxDeliveryDateTime": promised},
    }  # fmt: skip


def sent(
    display: str, made: str, *, ready: str | None = None, over: str | None = None,
    status: str = "SUCCESS", of: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What Shopify tells of a parcel, or of what lies ready."""
    named = {"fulfillmentOrders": {"nodes": [{"id": of}]}} if of else {}
    return {
        "id": "gid://shopify/Fulfillment/1", "status": status, "displayStatus": display,
        "createdAt": made, "deliveredAt": over, **named,
        "events": {"nodes": [{"status": "READY_FOR_PICKUP", "happenedAt": ready}] if ready else []},
    }  # fmt: skip


def order(name: str, parts: list[dict[str, Any]], *parcels: dict[str, Any], **other: Any) -> Row:
    return web_order(
        name, "30.00", fulfillmentOrders={"nodes": parts}, fulfillments=[*parcels], **other
    )


def web_orders() -> list[Row]:
    by_two = at(14)
    fetched = sent("PICKED_UP", at(12), ready=at(12), over=NEXT_DAY)
    two = order(
        "P_TWO", [part("PICK_UP", "IN_PROGRESS", by_two), part("PICK_UP", "IN_PROGRESS", by_two)]
    )
    first, second = (each["id"] for each in two[2]["fulfillmentOrders"]["nodes"])  # type: ignore[index,call-overload]
    two[2]["fulfillments"] = [  # type: ignore[index]
        sent("READY_FOR_PICKUP", at(hour), ready=at(hour), of=gid)
        for hour, gid in ((12, first), (15, second))
    ]
    called_back = order(
        "D_CALLED_BACK", [part("SHIPPING", "CLOSED", NEXT_DAY), part("SHIPPING", "OPEN", NEXT_DAY)]
    )
    gone = called_back[2]["fulfillmentOrders"]["nodes"][0]["id"]  # type: ignore[index,call-overload]
    called_back[2]["fulfillments"] = [  # type: ignore[index]
        sent("CANCELED", at(11), status="CANCELLED", of=gone)
    ]
    return [
        order("P_KEPT", [part("PICK_UP", "CLOSED", by_two)], fetched),
        order(
            "P_NO_PROMISE", [part("PICK_UP", "CLOSED")],
            sent("PICKED_UP", at(12), ready=at(12), over="2026-03-11T17:20:00Z"),
        ),
        order(
            "P_LATE", [part("PICK_UP", "IN_PROGRESS", by_two)],
            sent("READY_FOR_PICKUP", at(15), ready=at(15)),
        ),
        order("P_UNTOLD", [part("PICK_UP", "CLOSED", by_two)], sent("FULFILLED", at(18))),
        order("P_EARLY", [part("PICK_UP", "CLOSED", by_two)], sent("FULFILLED", at(13))),
        order("P_BEGUN", [part("PICK_UP", "IN_PROGRESS", by_two)]),
        order("P_OPEN", [part("PICK_UP", "OPEN", by_two)]),
        order("P_PENDING", [part("PICK_UP", "OPEN", "2026-12-10T14:00:00Z")]),
        order("P_CANCELLED", [part("PICK_UP", "CANCELLED", by_two)], cancelledAt=at(11)),
        two,
        order(
            "D_KEPT", [part("SHIPPING", "CLOSED", "2026-03-13T10:00:00Z", ship_by=at(12))],
            sent("DELIVERED", at(11), over="2026-03-12T10:00:00Z"),
        ),
        order(
            "D_LATE", [part("SHIPPING", "CLOSED", "2026-03-13T10:00:00Z")],
            sent("DELIVERED", at(11), over="2026-03-15T10:00:00Z"),
        ),
        order(
            "D_ON_ITS_WAY", [part("SHIPPING", "CLOSED", NEXT_DAY, ship_by="2026-03-10T10:30:00Z")],
            sent("IN_TRANSIT", at(11)),
        ),
        called_back,
    ]  # fmt: skip


def till_orders() -> list[Row]:
    online = {"source": {"name": "Square Online"}}
    pickup = {
        # A wall clock with its offset: 12:00 UTC.
        "pickup_at": "2026-03-10T13:00:00+01:00", "ready_at": "2026-03-10T11:40:00.000Z",
    }  # fmt: skip
    return [
        till_order("SQ_KEPT", 3_000, **online, fulfillments=[{
            "uid": "F1", "type": "PICKUP", "state": "COMPLETED",
            "pickup_details": {**pickup, "picked_up_at": "2026-03-10T12:05:00Z"},
        }]),
        till_order("SQ_NOT_FETCHED", 3_100, **online, fulfillments=[
            {"uid": "F1", "type": "PICKUP", "state": "CANCELED", "pickup_details": pickup},
        ]),
        till_order("D_SQUARE", 3_200, **online, fulfillments=[{
            "uid": "F1", "type": "SHIPMENT", "state": "COMPLETED",
            "shipment_details": {"expected_shipped_at": at(12), "shipped_at": at(11)},
        }]),
    ]  # fmt: skip


def land(warehouse: Warehouse) -> None:
    warehouse.land("square", "orders", LOAD.replace("T000000", "T000002"), till_orders())
    warehouse.land("shopify", "orders", LOAD.replace("T000000", "T000002"), web_orders())

"""What one customer of ordinary days booked, bought and collected, landed beside ordinary sales.

Amanda is seen in Berlin, whose day ends an hour before that of UTC, from 29 March on two.
"""

from __future__ import annotations

from tests.dbt_project.ordinary_sales import LOAD, till_order
from tests.dbt_project.warehouse import Row, Warehouse

AMANDA = "AMANDA"


def booking(name: str, booked: str, starts: str, status: str = "ACCEPTED") -> Row:
    return name, booked, {
        "id": name, "location_id": "L1", "customer_id": AMANDA, "status": status,
        "start_at": starts, "created_at": booked, "updated_at": booked,
    }  # fmt: skip


def bookings() -> list[Row]:
    return [
        booking("CAME", "2026-03-01T10:00:00Z", "2026-03-10T10:00:00Z"),
        booking("CANCELLED", "2026-03-02T10:00:00Z", "2026-03-12T10:00:00Z", "CANCELLED_BY_SELLER"),
        # Booked on the 20th, and 23:30 in UTC is half past midnight on the 21st.
        booking("NIGHT", "2026-03-20T20:00:00Z", "2026-03-20T23:30:00Z"),
        booking("STAYED_AWAY", "2026-03-21T10:00:00Z", "2026-03-25T10:00:00Z", "NO_SHOW"),
        booking("AHEAD", "2026-04-10T10:00:00Z", "2026-05-20T10:00:00Z"),
    ]


def orders() -> list[Row]:
    return [
        till_order(name, total, customer_id=AMANDA, created_at=at, closed_at=at, updated_at=at)
        for name, total, at in (
            ("AT_THE_APPOINTMENT", 5_000, "2026-03-10T10:40:00Z"),
            ("ON_THE_12TH", 3_000, "2026-03-12T10:10:00Z"),
            ("AFTER_THE_NO_SHOW", 2_000, "2026-03-26T10:00:00Z"),
        )
    ]


def movement(name: str, at: str, kind: str, **told: int | str) -> Row:
    return name, at, {
        "id": name, "type": kind, "loyalty_account_id": "A1", "location_id": "L1",
        "created_at": at, kind.lower(): told,
    }  # fmt: skip


def points() -> list[Row]:
    return [
        movement("P1", "2026-03-10T10:41:00Z", "ACCUMULATE_POINTS", points=50,
                 order_id="AT_THE_APPOINTMENT"),
        # Half past midnight on the first of April.
        movement("P2", "2026-03-31T22:30:00Z", "ACCUMULATE_POINTS", points=120),
        movement("P3", "2026-04-02T10:00:00Z", "CREATE_REWARD", points=100, reward_id="R1"),
        movement("P4", "2026-04-03T10:00:00Z", "DELETE_REWARD", points=100, reward_id="R1"),
        movement("P5", "2026-04-10T10:00:00Z", "ADJUST_POINTS", points=-5),
        movement("P6", "2026-04-30T10:00:00Z", "EXPIRE_POINTS", points=20),
    ]  # fmt: skip


def land(warehouse: Warehouse) -> None:
    warehouse.land("square", "customers", LOAD, [(AMANDA, "2026-03-01T09:00:00Z", {
        "id": AMANDA, "email_address": "amanda@mail.example", "given_name": "Amanda",
        "family_name": "Berg", "created_at": "2026-03-01T09:00:00Z",
        "updated_at": "2026-03-01T09:00:00Z",
    })])  # fmt: skip
    warehouse.land("square", "orders", LOAD.replace("T000000", "T000001"), orders())
    warehouse.land("square", "bookings", LOAD, bookings())
    warehouse.land("square", "loyalty_events", LOAD, points())

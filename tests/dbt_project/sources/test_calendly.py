"""What Calendly serves of the world stands in the contracts as the world has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dbt_project.sources.built import START, Built

pytestmark = pytest.mark.e2e
# What changed before the connection's first day does not land.
SINCE = f"timestamp '{START}'"


@pytest.fixture(scope="module")
def calendly(places: Callable[[str], Built]) -> Built:
    return places("calendly")


def test_the_contracts_hold(calendly: Built) -> None:
    calendly.assert_contracts_hold()


def test_bookings(calendly: Built) -> None:
    """Whoever did not come is noted since the first day, though the booking is older."""
    calendly.assert_same(
        f"""select booking_id, created_at, start_at, start_at + to_minutes(duration_minutes),
            store_code || ', ' || street || ', ' || city, status like 'CANCELLED%',
            status = 'NO_SHOW', if(source = 'FIRST_PARTY_BUYER', 'web', 'store')
        from {calendly.world("bookings")} join {calendly.world("shops")} using (shop_no)
        where updated_at >= {SINCE}""",
        f"""select booking_id, booked_at, starts_at, ends_at, location_id, is_cancelled, is_no_show,
            booking_source
        from {calendly.contract("bookings")} where starts_at is not null""",
    )


def test_a_booking_is_at_the_store_whose_code_its_place_carries(calendly: Built) -> None:
    calendly.assert_same(
        f"""select booking_id, store_code
        from {calendly.world("bookings")} join {calendly.world("shops")} using (shop_no)
        where updated_at >= {SINCE}""",
        f"""select booking_id, store_code
        from {calendly.contract("bookings")} join {calendly.contract("locations")}
            using (connection, location_kind, location_id)""",
    )


def test_who_booked(calendly: Built) -> None:
    calendly.assert_same(
        f"""with booked as (
            select b.booking_id, c.* from {calendly.world("bookings")} as b
            join {calendly.world("till_customers")} as c using (square_customer_id)
            where b.updated_at >= {SINCE})
        select booking_id, 'email', coalesce(email, booking_id || '@guest.example') from booked
        union all
        select booking_id, 'phone', phone from booked where phone is not null""",
        f"""select record_id, identifier_type, identifier_value
        from {calendly.contract("person_identifiers")} where record_kind = 'booking'""",
    )

"""Bookings, points and paths against answers worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.dbt_project.ordinary_sales import rows
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e


def test_each_booking_has_its_end_and_its_local_days(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select split_part(booking_id, ':', 3), booking_status, showed_by, booked_date::varchar,
            starts_date::varchar, lead_time_days
        from marts.fct_bookings order by booked_at""",
    ) == [
        ("CAME", "showed", "sale", "2026-03-01", "2026-03-10", 9),
        ("CANCELLED", "cancelled", None, "2026-03-02", "2026-03-12", 10),
        # Nobody says whether she came, and she bought nothing on the 21st.
        ("NIGHT", "unknown", None, "2026-03-20", "2026-03-21", 1),
        ("STAYED_AWAY", "no_show", None, "2026-03-21", "2026-03-25", 4),
        ("AHEAD", "booked", None, "2026-04-10", "2026-05-20", 40),
    ]


def test_a_sale_is_of_the_newest_booking_that_was_kept(shops: Warehouse) -> None:
    """What was cancelled or not kept sells nothing; two sales of one booking count as two."""
    assert rows(
        shops,
        """select split_part(booking_id, ':', 3), bought_order_id, order_count, revenue_amount
        from marts.fct_bookings where order_count > 0 order by booked_at""",
    ) == [
        ("CAME", "square:AT_THE_APPOINTMENT", 2, Decimal("80.00")),
        ("NIGHT", "square:AFTER_THE_NO_SHOW", 1, Decimal("20.00")),
    ]


def test_the_funnel_of_bookings_adds_up(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select booked_month::varchar, store_id, booking_count, cancelled_count, ahead_count,
            no_show_count, showed_count, unknown_count, bought_count, revenue_amount, no_show_rate
        from marts.rpt_booking_funnel order by booked_month""",
    ) == [
        ("2026-03-01", "S001", 4, 1, 0, 1, 1, 1, 2, Decimal("100.00"), Decimal("0.333333")),
        ("2026-04-01", "S001", 1, 0, 1, 0, 0, 0, 0, Decimal("0.00"), None),
    ]


def test_points_close_month_by_month_on_the_shops_clock(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select loyalty_month::varchar, new_member_count, active_member_count, opening_points,
            earned_points, earned_till_points, redeemed_points, reversed_points, adjusted_points,
            expired_points, closing_points
        from marts.rpt_loyalty order by loyalty_month""",
    ) == [
        ("2026-03-01", 1, 1, 0, 50, 50, 0, 0, 0, 0, 50),
        ("2026-04-01", 0, 1, 50, 120, 120, -100, 100, -5, -20, 145),
    ]
    assert rows(
        shops, "select points_after from marts.fct_loyalty order by occurred_at desc limit 1"
    ) == [(145,)]


def test_touches_of_one_channel_in_a_row_are_one_step(shops: Warehouse) -> None:
    """Three appointments that stand led to the last sale; the cancelled one to none."""
    assert rows(
        shops,
        """select channel_path, step_count, touch_count, first_channel, path_days, revenue_amount
        from marts.fct_customer_journeys where conversion_id = 'square:AFTER_THE_NO_SHOW'""",
    ) == [("booking", 1, 3, "booking", 25, Decimal("20.00"))]
    assert rows(
        shops,
        """select from_channel, to_channel, position, journey_count from marts.rpt_path_steps
        where conversion_type = 'till_order'""",
    ) == [("booking", "converted", 1, 3)]

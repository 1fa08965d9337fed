"""What was promised for pick-ups and deliveries, and kept, as far as each source tells."""

from __future__ import annotations

import pytest

from tests.dbt_project.ordinary_sales import numbered, rows
from tests.dbt_project.warehouse import Warehouse

pytestmark = pytest.mark.e2e


def test_a_pick_up_has_the_times_that_are_told(shops: Warehouse) -> None:
    told = {
        name: outcome
        for name, *outcome in rows(
            shops,
            """select order_id, pickup_status, minutes_to_ready, minutes_to_pickup, promise_outcome,
                is_promise_kept from marts.fct_bopis""",
        )
    }
    expected = {
        "shopify:P_KEPT": ["picked_up", 120, 1830, "kept", True],
        "shopify:P_LATE": ["ready", 300, None, "late", False],
        "shopify:P_NO_PROMISE": ["picked_up", 120, 1880, "no_promise", None],
        # Whoever hands it over tells no time before that: it was ready by then, and not said when.
        "shopify:P_UNTOLD": ["picked_up", None, 480, "not_told", None],
        "shopify:P_EARLY": ["picked_up", None, 180, "kept", True],
        "shopify:P_BEGUN": ["in_progress", None, None, "not_told", None],
        "shopify:P_OPEN": ["open", None, None, "late", False],
        "shopify:P_PENDING": ["open", None, None, "pending", None],
        "shopify:P_CANCELLED": ["cancelled", None, None, "cancelled", None],
        # Ready with its last part, an hour after that was promised.
        "shopify:P_TWO": ["ready", 300, None, "late", False],
        "shopify:MOVED": ["open", None, None, "no_promise", None],
        "square:SQ_KEPT": ["picked_up", 100, 125, "kept", True],
        "square:ONLINE_PICKUP": ["not_told", None, None, "not_told", None],
    }
    named = {numbered(name): outcome for name, outcome in expected.items()}
    assert {name: told[name] for name in named} == named


def test_a_delivery_has_the_times_that_are_told(shops: Warehouse) -> None:
    assert rows(
        shops,
        """select o.order_name, d.delivery_status, d.minutes_to_ship, d.minutes_to_deliver,
            d.promise_outcome, d.is_promise_kept, d.is_ship_promise_kept
        from marts.fct_deliveries as d join marts.fct_orders as o using (order_id)
        where starts_with(o.order_name, '#D_') or o.order_id = 'square:D_SQUARE' order by all""",
    ) == [
        ("#D_CALLED_BACK", "cancelled", None, None, "cancelled", None, None),
        ("#D_CALLED_BACK", "open", None, None, "late", False, None),
        ("#D_KEPT", "handed_over", 60, 2880, "kept", True, True),
        ("#D_LATE", "handed_over", 60, 7200, "late", False, None),
        ("#D_ON_ITS_WAY", "shipped", 60, None, "not_told", None, False),
        (None, "shipped", 60, None, "no_promise", None, True),
    ]

"""Rows for each question of hotels and car dealers, 21 to 30, and the answers by hand."""

from __future__ import annotations

from tests.o2o.dictionary.answers_shops import STORES, Case

CASES: dict[int, Case] = {
    21: (
        {
            "dim_stores": STORES,
            "rpt_booking_funnel": [
                {"booking_kind": "room", "store_id": "S002", "booked_month": "2026-05-01",
                 "booking_count": 20, "cancelled_count": 3, "no_show_count": 1, "ahead_count": 6,
                 "showed_count": 8, "unknown_count": 2},
                {"booking_kind": "table", "store_id": "S002", "booked_month": "2026-05-01",
                 "booking_count": 7},
            ],
        },
        [[("Harbour", "2026-05-01", 20, 3, 1, 6, 10)]],
    ),
    22: (
        {
            "fct_customer_journeys": [
                {"conversion_type": kind, "last_channel": channel, "touch_count": touches,
                 "path_days": days}
                for kind, channel, touches, days in (
                    ("stay", "email", 3, 10),
                    ("repeat_stay", "email", 2, 20),
                    ("stay", "email", 1, 60),
                    ("stay", None, 0, None),
                    ("booking", "video", 1, 1),
                )
            ],
        },
        [[("email", 3, 2, 20), ("no touch known", 1, 0, None)]],
    ),
    23: (
        {
            "fct_customer_journeys": [
                {"conversion_type": kind, "converted_date": f"2026-05-{day:02}"}
                for day, kind in enumerate(["stay"] * 8 + ["repeat_stay"] * 2 + ["booking"], 1)
            ],
        },
        # Wilson, 2 of 10: (0.2 + 0.19208 ± 1.96 · sqrt(0.016 + 0.009604)) / 1.38416.
        [[("2026-05-01", 10, 0.2, 0.0567, 0.5098)]],
    ),
    24: (
        {
            "fct_bookings": [
                {"booking_kind": "room", "booking_source": source, "booking_status": status,
                 "revenue_amount": amount}
                for source, status, amount in (
                    ("web", "showed", 300),
                    ("web", "unknown", 100),
                    ("web", "cancelled", None),
                    ("portal", "no_show", None),
                    (None, "showed", 50),
                )
            ],
        },
        [[("web", 2, 400, 200), ("not known", 1, 50, 50), ("portal", 0, None, None)]],
    ),
    25: (
        {
            "dim_stores": STORES,
            "fct_bookings": [
                {"booking_kind": "room", "store_id": "S001", "lead_time_days": days,
                 "booking_status": status}
                for days, status in (
                    (3, "showed"), (10, "cancelled"), (40, "booked"), (None, "showed"),
                )
            ],
        },
        [[("Main street", 10, 4, 0.25)]],
    ),
    26: (
        {
            "fct_inquiries": [
                {"inquired_date": "2026-05-02", "booking_id": "1"},
                # Somebody who asked twice before they came.
                {"inquired_date": "2026-05-03", "booking_id": "1"},
                {"inquired_date": "2026-05-03", "booking_id": "2"},
                {"inquired_date": "2026-05-04", "booking_id": None},
            ],
            "fct_bookings": [
                {"booking_id": "1", "booking_status": "showed", "bought_order_id": "o"},
                {"booking_id": "2", "booking_status": "no_show"},
                {"booking_id": "3", "booking_status": "showed"},
            ],
        },
        [[("2026-05-01", 4, 3, 1, 1)]],
    ),
    27: (
        {
            "fct_inquiries": [
                {"inquiry_source": "site", "inquired_date": "2026-05-02", "booking_id": "1"},
                {"inquiry_source": "site", "inquired_date": "2026-05-02", "booking_id": "2"},
                {"inquiry_source": "fair", "inquired_date": "2026-05-02", "booking_id": "3"},
            ],
            "fct_bookings": [
                {"booking_id": "1", "bought_order_id": "a"},
                {"booking_id": "2", "bought_order_id": "b"},
                {"booking_id": "3"},
            ],
            "fct_orders": [
                {"order_id": "a", "order_date": "2026-05-12"},
                {"order_id": "b", "order_date": "2026-06-02"},
            ],
        },
        [[("site", 2, 20.5)]],
    ),
    28: (
        {
            "dim_stores": STORES,
            "fct_bookings": [
                {"booking_kind": "test_drive", "store_id": "S001", "booking_status": status,
                 "bought_order_id": order, "revenue_amount": amount}
                for status, order, amount in (
                    ("showed", "1", 20000), ("showed", None, 0), ("showed", None, None),
                    ("showed", "2", 30000), ("no_show", None, None),
                )
            ],
        },
        # Wilson, 2 of 4.
        [[("Main street", 4, 0.5, 0.15, 0.85, 12500)]],
    ),
    29: (
        {
            "fct_campaign_daily": [
                {"report_date": day, "channel": channel, "campaign_id": campaign,
                 "spend_amount": spend, "lead_count": leads}
                for day, channel, campaign, spend, leads in (
                    ("2026-05-02", "paid_search", "a", 60, "1.5"),
                    ("2026-05-31", "paid_search", "b", 30, "3"),
                    ("2026-05-02", "email", None, 0, "2"),
                    ("2026-05-02", "video", "c", 10, "0"),
                    ("2026-05-02", "direct", None, 0, "0"),
                )
            ],
        },
        [[
            ("2026-05-01", "paid_search", 90, 4.5, 20),
            ("2026-05-01", "video", 10, 0, None),
            ("2026-05-01", "email", 0, 2, 0),
        ]],
    ),
    30: (
        {
            "fct_customer_journeys": [
                {"conversion_type": kind, "first_channel": first, "last_channel": last,
                 "path_days": days}
                for kind, first, last, days in (
                    ("sale", "video", "direct", 30),
                    ("sale", "video", "direct", 40),
                    ("sale", None, None, None),
                    ("till_order", "email", "email", 1),
                )
            ],
        },
        [[("video", "direct", 2, 35), ("no touch known", "no touch known", 1, None)]],
    ),
}  # fmt: skip

"""Rows for each question about customers and plans, 13 to 19, and the answers by hand."""

from __future__ import annotations

from tests.o2o.dictionary.answers_shops import STORES, Case

CASES: dict[int, Case] = {
    13: (
        {
            "dim_stores": STORES,
            "rpt_nps": [
                {"asked_month": "2026-05-01", "store_id": "S001", "journey": "till",
                 "answer_count": 10, "nps": 30, "nps_low": -8, "nps_high": "58.25",
                 "response_rate": "0.25"},
            ],
            "rpt_csat": [
                {"asked_month": "2026-05-01", "store_id": None, "journey": "web",
                 "answer_count": 4, "csat": "0.75", "csat_low": "0.300642",
                 "csat_high": "0.954413", "no_response_rate_reason": "no_invitations"},
            ],
        },
        [[
            ("NPS", "2026-05-01", "Main street", "till", 10, 30, -8, 58.3, 0.25),
            ("CSAT, %", "2026-05-01", "no store", "web", 4, 75, 30.1, 95.4, None),
        ]],
    ),
    14: (
        {
            "fct_bookings": [
                {"booking_kind": "appointment", "lead_time_days": days, "booking_status": status,
                 "bought_order_id": order}
                for days, status, order in (
                    (2, "showed", "1"),
                    (7, "showed", None),
                    (3, "no_show", None),
                    (3, "unknown", None),
                    (3, "cancelled", None),
                    (8, "booked", None),  # still to begin: no rate yet
                    (-1, "showed", "2"),  # written down afterwards
                )
            ]
            + [{"booking_kind": "room", "booking_status": "no_show"}],
        },
        [[
            ("within a week", 5, 2, 1, 0.25),
            ("earlier", 1, 0, 0, None),
            ("same day", 1, 1, 1, 0),
        ]],
    ),
    15: (
        {
            "rpt_loyalty": [
                {"connection": "square", "loyalty_month": "2026-05-01", "active_member_count": 3,
                 "earned_web_points": 10, "earned_bopis_points": 5, "earned_till_points": 20,
                 "redeemed_points": -12, "expired_points": -4, "closing_points": 90},
            ],
        },
        [[("square", "2026-05-01", 3, 10, 5, 20, 12, 4, 90)]],
    ),
    16: (
        {
            "dim_stores": STORES,
            "dim_customers": [
                {"customer_id": "C-1", "rfm_segment": "loyal", "preferred_channel": "both",
                 "home_store_id": "S002", "order_count": 4, "days_since_last_order": 12,
                 "next_category": "Tea", "email_consent_status": "granted",
                 "sms_consent_status": "refused"},
                {"customer_id": "C-2"},
            ],
            "fct_customer_ltv": [
                {"customer_id": "C-1", "historic_value_amount": 210, "predicted_value_amount": 55},
            ],
            "rpt_segments": [
                {"rfm_segment": "loyal", "next_message": "thanks", "next_category": "Tea",
                 "consented_to": consent, "email_customer_count": mail, "sms_customer_count": text}
                for consent, mail, text in (
                    ("email", 5, 0), ("email_and_sms", 2, 2), ("nothing", 0, 0),
                )
            ],
        },
        [
            [("C-1", "loyal", "both", "Harbour", 4, 210, 55, 12, "Tea", "granted", "refused")],
            [("loyal", "thanks", "Tea", 7, 2)],
        ],
    ),
    17: (
        {
            "rpt_paths": [
                {"conversion_type": kind, "channel_path": path, "path_rank": rank,
                 "conversion_count": count, "conversion_share": share, "revenue_amount": amount}
                for kind, path, rank, count, share, amount in (
                    ("till_order", "email > direct", 2, 3, "0.3", 90),
                    ("till_order", "email", 1, 5, "0.5", 100),
                    ("till_order", "video", 11, 1, "0.1", 10),
                    ("till_order", None, None, 1, "0.1", 10),
                    ("web_order", "email", 1, 9, "1", 400),
                )
            ],
        },
        [[(1, "email", 5, 0.5, 100), (2, "email > direct", 3, 0.3, 90)]],
    ),
    18: (
        {
            "dim_campaigns": [
                {"campaign_id": "a", "campaign_name": "Spring", "currency_code": "EUR",
                 "daily_budget_micros": 10_000_000},
                {"campaign_id": "b", "campaign_name": "Ended", "currency_code": "USD"},
            ],
            "fct_ad_spend": [
                # April has 27 days left after the third; of the last seven days two are in April.
                {"campaign_id": "a", "spend_date": "2026-03-20", "cost_micros": 900_000_000},
                {"campaign_id": "a", "spend_date": "2026-03-28", "cost_micros": 14_000_000},
                {"campaign_id": "a", "spend_date": "2026-04-01", "cost_micros": 20_000_000},
                {"campaign_id": "a", "spend_date": "2026-04-03", "cost_micros": 8_000_000},
                {"campaign_id": "b", "spend_date": "2026-03-01", "cost_micros": 5_000_000},
            ],
        },
        # 28 + 42 / 7 · 27 = 190; 10 · 30 days.
        [[("Spring", "EUR", 28, 190, 300), ("Ended", "USD", None, 0, None)]],
    ),
    19: (
        {
            "dim_stores": STORES,
            "rpt_store_demand_forecast": [
                {"store_id": store, "measure": measure, "forecast_date": day, "horizon_days": ahead,
                 "expected": expected, "expected_low_80": low, "expected_high_80": high,
                 "no_forecast_reason": reason}
                for store, measure, day, ahead, expected, low, high, reason in (
                    ("S001", "footfall", "2026-06-14", 14, 80, 60, 104, None),
                    ("S001", "footfall", "2026-06-15", 15, 90, 70, 110, None),
                    ("S001", "sales", "2026-06-14", 14, 900, 700, 1100, None),
                    ("S002", "footfall", "2026-06-14", 14, None, None, None, "short_history"),
                )
            ],
        },
        [[
            ("Harbour", "2026-06-14", None, None, None, "short_history"),
            ("Main street", "2026-06-14", 80, 60, 104, None),
        ]],
    ),
}  # fmt: skip

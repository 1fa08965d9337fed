"""Rows for each question about shops, the web and goods, 1 to 12, and the answers by hand."""

from __future__ import annotations

from typing import Any

Rows = dict[str, list[dict[str, Any]]]
# Rows of the marts, and what each query of the question answers.
Case = tuple[Rows, list[list[tuple[Any, ...]]]]

STORES = [
    {"store_id": "S001", "store_name": "Main street"},
    {"store_id": "S002", "store_name": "Harbour"},
]

CASES: dict[int, Case] = {
    1: (
        {
            "dim_campaigns": [{"campaign_id": "a", "campaign_name": "Spring"}],
            "fct_campaign_daily": [
                {"campaign_id": "a", "report_date": "2026-03-01", "spend_amount": "60",
                 "visitor_count": "20.5"},
                {"campaign_id": "a", "report_date": "2026-03-31", "spend_amount": "30.00",
                 "visitor_count": "24.5"},
                # Spend without a visit has no cost; a channel without a campaign is none.
                {"campaign_id": "a", "report_date": "2026-04-01", "spend_amount": "5"},
                {"campaign_id": None, "report_date": "2026-03-02", "visitor_count": "9"},
            ],
        },
        [[("2026-03-01", "Spring", 90, 45, 2), ("2026-04-01", "Spring", 5, 0, None)]],
    ),
    2: (
        {
            "rpt_marketing_performance": [
                {"report_month": month, "channel": "paid_search", "spend_amount": 50,
                 "online_revenue_amount": 100, "store_revenue_amount": 60, "revenue_amount": 160,
                 "calibrated_online_revenue_amount": 80, "calibrated_store_revenue_amount": 10,
                 "calibrated_revenue_amount": 90}
                for month in ("2026-03-01", "2026-04-01")
            ]
            + [{"channel": "email", "revenue_amount": 500}],
        },
        [[("paid_search", 100, 2, 1.2, 3.2, 1.6, 0.2, 1.8)]],
    ),
    3: (
        {
            "dim_customers": [
                {"customer_id": "1", "first_purchase_channel": "web"},
                {"customer_id": "2", "first_purchase_channel": "web"},
                {"customer_id": "3", "first_purchase_channel": "till"},
            ],
            "fct_customer_ltv": [
                {"customer_id": "1", "historic_value_amount": 100, "predicted_value_amount": 40},
                {"customer_id": "2", "historic_value_amount": 50, "prediction_reason": "objected"},
                {"customer_id": "3", "historic_value_amount": 30, "predicted_value_amount": 20},
            ],
        },
        [[("web", 2, 75, 1, 40), ("till", 1, 30, 1, 20)]],
    ),
    4: (
        {
            "dim_stores": STORES,
            "fct_cohort_retention": [
                {"cohort_month": "2026-01-01", "first_purchase_channel": channel,
                 "first_store_id": store, "months_since": months, "is_complete": is_complete,
                 "cohort_customer_count": of, "active_customer_count": active}
                for channel, store, months, is_complete, of, active in (
                    ("till", "S001", 0, True, 10, 10),
                    ("till", "S001", 1, True, 10, 3),
                    ("till", "S001", 2, False, 10, 1),
                    # The same shop by another channel: cohorts add up.
                    ("bopis", "S001", 0, True, 6, 6),
                    ("bopis", "S001", 1, True, 6, 1),
                    ("web", None, 0, True, 4, 4),
                    ("web", None, 1, True, 4, 0),
                )
            ],
        },
        [[
            ("2026-01-01", "Main street", 0, 16, 16, 1),
            ("2026-01-01", "Main street", 1, 16, 4, 0.25),
            ("2026-01-01", "shipped", 0, 4, 4, 1),
            ("2026-01-01", "shipped", 1, 4, 0, 0),
        ]],
    ),
    5: (
        {
            "fct_orders": [
                {"order_date": day, "order_channel": channel, "customer_id": customer,
                 "customer_order_number": number, "is_new_customer": is_new, "is_sale": is_sale}
                for day, channel, customer, number, is_new, is_sale in (
                    ("2026-03-02", "web", "1", 1, True, True),
                    ("2026-03-30", "web", "1", 2, True, True),  # twice in the first month: new
                    ("2026-03-05", "web", "2", 4, False, True),
                    ("2026-03-06", "till", None, None, None, True),
                    ("2026-03-06", "web", "3", None, None, False),  # cancelled
                )
            ],
        },
        [[("2026-03-01", "till", 0, 0, 0, None, 1), ("2026-03-01", "web", 1, 1, 3, 0.6667, 0)]],
    ),
    6: (
        {
            "fct_orders": [
                {"order_id": order, "order_channel": channel, "order_date": "2026-03-02",
                 "is_sale": is_sale}
                for order, channel, is_sale in (
                    ("1", "bopis", True), ("2", "bopis", True), ("3", "bopis", True),
                    ("4", "web", True), ("5", "web", True), ("6", "bopis", False),
                    ("7", "till", True),
                )
            ],
            "fct_bopis": [
                {"order_id": order, "minutes_to_ready": ready, "minutes_to_pickup": fetched,
                 "is_promise_kept": kept, "has_cross_sell": along, "cross_sell_amount": amount}
                for order, ready, fetched, kept, along, amount in (
                    ("1", 30, 120, True, True, "19.90"),
                    ("2", 60, 400, False, False, None),
                    ("3", 90, None, None, None, None),  # not fetched yet, nothing promised
                    ("6", 999, 999, False, True, 500),
                )
            ],
        },
        [[("2026-03-01", 5, 3, 0.6, 60, 260, 0.5, 0.5, 19.9)]],
    ),
    7: (
        {
            "fct_coupons": [
                {"discount_name": "Spring", "coupon_code": "SPRING1", "is_listed": True,
                 "seen_count": 30, "redeemed_order_count": 5, "discount_amount": 50,
                 "net_amount": 400, "incremental_net_amount": 120},
                {"discount_name": "Spring", "coupon_code": "SPRING2", "is_listed": True,
                 "seen_count": 10, "redeemed_order_count": 1, "discount_amount": 10,
                 "net_amount": 90, "not_incremental_reason": "not_tested"},
                {"coupon_code": "FOUND", "redeemed_order_count": 2, "discount_amount": 4,
                 "net_amount": 70, "not_incremental_reason": "not_tested"},
            ],
        },
        [[
            ("Spring", 2, 40, 6, 60, 490, 120, "not_tested"),
            ("FOUND", 0, 0, 2, 4, 70, None, "not_tested"),
        ]],
    ),
    8: (
        {
            "dim_stores": STORES,
            "dim_dates": [
                {"calendar_date": "2026-05-01", "weekday": 5},
                {"calendar_date": "2026-05-08", "weekday": 5},
                {"calendar_date": "2026-05-15", "weekday": 5},
                {"calendar_date": "2026-05-22", "weekday": 5},
                {"calendar_date": "2026-12-25", "weekday": 5},
            ],
            "fct_store_daily": [
                # Holidays, closed and open, ordinary days, one whose footfall nobody knows among
                # them, and one on which it was closed.
                {"store_id": "S001", "business_date": "2026-05-01", "footfall_count": 0,
                 "is_public_holiday": True},
                {"store_id": "S001", "business_date": "2026-12-25", "footfall_count": 30,
                 "is_public_holiday": True},
                {"store_id": "S001", "business_date": "2026-05-22", "footfall_count": 0,
                 "is_public_holiday": False},
                {"store_id": "S001", "business_date": "2026-05-08", "footfall_count": 80,
                 "receipt_count": 20, "comparable_receipt_count": 20, "known_visit_count": 4,
                 "dwell_seconds": 2400},
                {"store_id": "S001", "business_date": "2026-05-15", "receipt_count": 30,
                 "known_visit_count": 1, "dwell_seconds": 600},
            ],
        },
        [[
            ("Main street", "5", 2, 1, 80, 0.25, 10),
            ("Main street", "public holiday", 1, 1, 30, 0, None),
        ]],
    ),
    9: (
        {
            "dim_stores": STORES,
            "fct_store_daily": [
                {"store_id": store, "business_date": day, "footfall_count": people,
                 "revenue_amount": amount}
                for store, day, people, amount in (
                    # 600 of 100 people: 6 each, off by 20 and -20 on the two days, so
                    # 1.96 · sqrt(2/1 · 800) / 100 = 0.784.
                    ("S001", "2026-05-01", 50, 320),
                    ("S001", "2026-05-02", 50, 280),
                    ("S001", "2026-05-03", None, 900),
                    # One day alone has no interval.
                    ("S002", "2026-05-01", 10, 70),
                )
            ],
        },
        [[(1, "Harbour", 7, None, None), (2, "Main street", 6, 5.22, 6.78)]],
    ),
    10: (
        {
            "fct_product_daily": [
                {"product_code": code, "product_name": name, "category": "Tea",
                 "order_channel": channel, "order_date": day, "sold_quantity": sold,
                 "returned_quantity": returned, "net_sales_amount": amount,
                 "returned_amount": returned_amount}
                for code, name, channel, day, sold, returned, amount, returned_amount in (
                    ("A", "Assam", "web", "2026-05-01", 5, 1, 50, 10),
                    ("A", "Assam", "web", "2026-05-02", 1, 0, 10, 0),
                    ("B", "Darjeeling", "web", "2026-05-02", 9, 0, 45, 0),
                    ("A", "Assam", "till", "2026-05-02", 2, 0, 20, 0),
                    (None, "Keyed in", "till", "2026-05-02", 1, 0, 99, 0),
                )
            ],
            "rpt_product_pairs": [
                {"first_product_name": "Assam", "second_product_name": "Cup",
                 "pair_order_count": 9, "lift": "1.5"},
                {"first_product_name": "Assam", "second_product_name": "Pot",
                 "pair_order_count": 6, "lift": "2.5"},
            ],
        },
        [
            [
                ("till", "Tea", "Assam", 2, 20),
                ("web", "Tea", "Assam", 5, 50),
                ("web", "Tea", "Darjeeling", 9, 45),
            ],
            [("Assam", "Pot", 6, 2.5), ("Assam", "Cup", 9, 1.5)],
        ],
    ),
    11: (
        {
            "dim_stores": STORES,
            "fct_price_parity": [
                {"product_code": code, "product_name": code, "store_id": store,
                 "currency_code": "EUR", "web_price_minor": web, "till_price_minor": till,
                 "is_different": web != till, "difference_amount": (till - web) / 100}
                for code, store, web, till in (
                    ("A", None, 1000, 1100),
                    ("B", "S002", 1000, 750),
                    ("C", None, 500, 500),
                )
            ]
            + [{"product_code": "D", "web_price_minor": 500, "parity_status": "only_web"}],
        },
        [[
            ("B", "B", "Harbour", "EUR", 1000, 750, -2.5),
            ("A", "A", "all tills", "EUR", 1000, 1100, 1),
        ]],
    ),
    12: (
        {
            "dim_stores": STORES,
            "fct_inventory_daily": [
                {"product_code": "A", "product_name": "Assam", "place_id": store,
                 "store_id": store, "stock_date": day, "is_stock_out": is_out,
                 "lost_quantity_estimate": lost, "fillable_web_line_count": fillable}
                for store, day, is_out, lost, fillable in (
                    ("S001", "2026-05-01", False, 0, 0),
                    ("S001", "2026-05-02", True, "1.5", 0),
                    ("S001", "2026-05-03", True, "2", 0),
                    ("S002", "2026-05-02", False, 0, 3),
                )
            ]
            + [{"product_code": "B", "place_id": "S002", "store_id": "S002"}],
        },
        [[("Main street", "Assam", 2, 3.5, 0), ("Harbour", "Assam", 0, 0, 3)]],
    ),
}  # fmt: skip

"""One fault per check on the warehouse of ``warehouse.sql``, and what it must name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

UNREAD = (
    "insert into intermediate.int_records__faults select 'shopify', 'shopify', 'orders',"
    " concat('order ', n), 'total', {}, 'amount', {}, '99,99', '2026-03-03'"
    " from range({}) as numbers (n)"
)

# Faults of one number share a warehouse, and so one audit. Then: check, fault, and the culprit it
# must name: place, day, unit, left, right, records named.
FAULTS: list[tuple[int, str, str, tuple[str, str | None, str, Any, Any, str | None]]] = [
    (
        0,
        "marts_keys_unique",
        "insert into marts.dim_campaigns from marts.dim_campaigns",
        ("dim_campaigns", None, "rows", 2, 1, None),
    ),
    (
        1,
        "marts_references_hold",
        "update marts.fct_store_visits set store_id = 'S777' where store_id = 'S002'",
        ("fct_store_visits.store_id", None, "rows", 2, 1, "visit-S002"),
    ),
    (
        0,
        "marts_ranges_hold",
        "update marts.fct_store_visits set dwell_seconds = -1 where store_id = 'S001'",
        ("visit ends after it began, within a day", None, "rows", 2, 1, "visit-S001"),
    ),
    (
        0,
        "order_parts_add_up",
        "update marts.fct_orders set discount_minor = 1 where order_id = 'shopify:103'",
        ("lines make up the goods", None, "orders", 150, 149, "shopify:103"),
    ),
    (
        1,
        "marts_values_accepted",
        "update marts.fct_orders set order_channel = 'phone' where order_id = 'shopify:103'",
        ("order channel", None, "rows", 150, 149, "shopify:103"),
    ),
    (
        2,
        "orders_conserved",
        "insert into marts.fct_orders select * replace ('copy' as order_id) from marts.fct_orders"
        " where order_id = 'square:L2-1-4'",
        ("square · USD", None, "orders", 60, 61, None),
    ),
    (
        2,
        "orders_rated",
        "update marts.fct_orders set sold_reporting_minor = null where order_id = 'shopify:101'",
        ("GBP", None, "orders", 15, 14, "shopify:101"),
    ),
    (
        3,
        "rates_current",
        "update marts.fct_exchange_rates set quoted_date = '2026-02-20',"
        " days_since_quoted = rate_date - date '2026-02-20' where currency_code = 'USD'",
        ("USD", "2026-03-03", "days", 11, 0, "rate of 2026-02-20"),
    ),
    (
        0,
        "ad_accounts_rated",
        "update marts.fct_ad_spend set spend_reporting_minor = null"
        " where spend_date = '2026-03-02'",
        ("google_ads account 1 · EUR", None, "campaign days", 3, 2, "google_ads:1:77"),
    ),
    (
        1,
        "spend_conserved",
        "update marts.fct_ad_spend set cost_micros = cost_micros - 1"
        " where spend_date = '2026-03-02'",
        ("google_ads campaign 77", None, "micros", 37037037, 37037036, None),
    ),
    (
        0,
        "credit_shares_conserved",
        # One share too high, another too low: the sum over all conversions still fits.
        "update marts.fct_attribution set credit_share = credit_share"
        " + case conversion_id when 'shopify:1' then 0.000000001 else -0.000000001 end"
        " where attribution_id in ('shopify:1-linear-0', 'shopify:2-linear-0')",
        ("linear · web_order", None, "conversions", 30, 28, "shopify:1, shopify:2"),
    ),
    (
        1,
        "credit_money_conserved",
        "update marts.fct_attribution set credit_minor = credit_minor + 1"
        " where attribution_id = 'shopify:1-last-0'",
        ("last model", None, "GBP", 15540, 15541, None),
    ),
    (
        1,
        "calibration_conserved",
        "update marts.rpt_calibrated_attribution set calibrated_credit_reporting_minor ="
        " calibrated_credit_reporting_minor + 1 where attribution_model = 'linear'",
        ("linear model", None, "EUR", 94395, 94396, None),
    ),
    (
        1,
        "report_conserved",
        "update marts.rpt_channel_performance set revenue_amount = revenue_amount + 0.01"
        " where attribution_model = 'position'",
        ("revenue · position model · cash", None, "EUR", 94395, 94396, None),
    ),
    (
        0,
        "claims_conserved",
        "update marts.rpt_platform_claims set claimed_value_amount = claimed_value_amount + 0.01"
        " where platform_claim_id = '2026-03-02-1-last'",
        ("campaign google_ads:1:77 · last model", None, "EUR", 16500, 16501, None),
    ),
    (
        1,
        "claims_within_ledger",
        "update marts.rpt_platform_claims set claimed_conversions = 41 where window_days = 28",
        ("all platforms", "2026-03-03", "conversions", 41, 30, None),
    ),
    (
        0,
        "footfall_conserved",
        "update marts.fct_footfall_attribution set anonymous_footfall_count = 70"
        " where footfall_attribution_id = 'S002-last'",
        ("S002 · last model", None, "anonymous people", 71, 70, None),
    ),
    (
        2,
        "doors_counted",
        "insert into marts.fct_store_footfall select fct_store_footfall.* replace"
        " (footfall_id || '-' || d as footfall_id, null as counted_entry_count,"
        " 'incomplete' as uncounted_reason)"
        " from marts.fct_store_footfall, range(6) as days (d) where store_id = 'S001'",
        ("S001", None, "days", 7, 1, "incomplete"),
    ),
    (
        2,
        "customers_counted_once",
        "update marts.dim_customers set order_count = 31",
        ("all customers", None, "orders", 30, 31, None),
    ),
    (
        0,
        "customers_are_one_person",
        "update marts.dim_customers set identity_fault = 'conflicting_names'",
        ("all customers", None, "customers", 1, 0, "customer-1"),
    ),
    (
        0,
        "deals_match_orders",
        "update conformed.deals set amount_minor = amount_minor - 1 where order_name = '#103'",
        ("web shop", "2026-03-02", "GBP", 5180, 5179, None),
    ),
    (
        1,
        "deals_single",
        "insert into conformed.deals select * replace ('X' || deal_id as"
        " deal_id) from conformed.deals where order_name in ('#100', '#103')",
        ("CRM", "2026-03-02", "deals", 12, 10, "#100, #103"),
    ),
    (
        3,
        "deals_have_orders",
        "delete from marts.fct_orders where order_name in ('#100', '#103')",
        ("web shop", "2026-03-02", "orders", 10, 8, "#100, #103"),
    ),
    (
        0,
        "surveys_have_orders",
        "update conformed.survey_responses set order_name = 'cut ' || order_name"
        " where order_name in ('#100', '101')",
        ("surveys", "2026-03-02", "orders", 10, 8, "cut #100, cut 101"),
    ),
    (
        3,
        "till_sales_match_payments",
        "delete from conformed.orders where source_order_id like 'L2-1-%'",
        ("S002", "2026-03-02", "USD", 0, sum(500 + i * 3 for i in range(20)), "PL2-1-0"),
    ),
    (
        0,
        "till_refunds_have_sales",
        "update conformed.refunds set source_order_id = 'elsewhere' where refund_id = 'R2'",
        ("S001", "2026-03-02", "EUR", 150, 100, "R2"),
    ),
    (
        2,
        "claims_match_orders",
        "update marts.fct_ad_spend set claimed_conversions = claimed_conversions * 12.01",
        (
            "google_ads",
            "2026-03-03",
            "conversions",
            Decimal("198.165"),
            30,
            "Spring: 198.2 claimed, 30 orders",
        ),
    ),
    (
        0,
        "paid_clicks_have_spend",
        # A platform whose links bring people, and which nobody connected.
        "insert into marts.fct_touchpoints by name select 'touch-t' || i as touchpoint_id,"
        " 'tiktok_ads' as platform, 'paid_click' as touch_type,"
        " timestamp '2026-03-02 12:00' as touched_at, 'ga4' as connection from range(21) as t (i)",
        ("tiktok_ads", "2026-03-03", "visits", 21, 0, None),
    ),
    (
        3,
        "stores_known_to_systems",
        "insert into marts.dim_stores values ('S099', 'Pop-up store', 'Europe/Berlin', 'L99', null,"
        " true, false, false, false)",
        ("S099", None, "stores in the web shop", 1, 0, "Pop-up store"),
    ),
    (
        0,
        "stores_known_to_sensors",
        "update marts.dim_stores set is_known_to_counters = false where store_id = 'S002'",
        ("S002", None, "stores with door counters", 1, 0, "Boston S002"),
    ),
    (
        1,
        "receipts_within_footfall",
        "update conformed.door_counts set in_count = 0"
        " where location_id = 'C1' and started_at between '2026-03-01 23:00' and"
        " '2026-03-02 22:00'",
        ("S001", "2026-03-02", "people", 20, 0, None),
    ),
    (
        0,
        "web_sessions_match_totals",
        "delete from conformed.web_events where event_date = '2026-02-23' and visitor_id < 'b2'",
        ("web", "2026-02-23", "sessions", 40, 28, None),
    ),
    (
        0,
        "records_readable",
        UNREAD.format("true", "n = 0", 2),
        ("shopify/orders", None, "records", 1, 0, "order 1: total is no amount"),
    ),
    (
        1,
        "records_set_aside_share",
        UNREAD.format("true", "false", 11),
        ("shopify/orders", None, "records", 11, 0, None),
    ),
    (
        2,
        "records_complete",
        UNREAD.format("false", "false", 16),
        ("shopify/orders", None, "records", 16, 0, None),
    ),
    (
        0,
        "sources_equally_fresh",
        "update staging.stg_store_sensors__pings set received_at = '2026-02-27 06:00'",
        ("beacon pings", "2026-02-27", "hours", 119, 0, "newest event 2026-02-27 06:00 UTC"),
    ),
]

{% from "_obeys.sql" import all_obey with context %}
{# An order in an unknown currency has no amounts: orders_rated names it. Whoever sleeps at a place stays for days: a
   visit told by room_entry, alone or beside other signals. #}
{{ all_obey([
    ("goods - discount + shipping + tax + tip + service = total", "fct_orders", "order_id",
        "currency_code is null"
        " or total_minor = goods_minor - discount_minor + shipping_minor + tax_minor + tip_minor + service_minor"),
    ("what is no sale has no revenue", "fct_orders", "order_id", "is_sale or (sold_minor = 0 and net_minor = 0)"),
    ("charged amount is not negative", "fct_orders", "order_id", "currency_code is null or total_minor >= 0"),
    ("refund is not negative", "fct_orders", "order_id", "currency_code is null or refunded_minor >= 0"),
    ("order date is the day of the order, give or take a time zone", "fct_orders", "order_id",
        "abs(" ~ days_between("order_date", "cast(ordered_at as date)") ~ ") <= 1"),
    ("order is not from the future", "fct_orders", "order_id",
        "ordered_at <= cast(current_timestamp as timestamp) + interval 1 day"),
    ("visit ends after it began, within a day", "fct_store_visits", "visit_id",
        "left_at >= arrived_at"
        " and dwell_seconds between 0 and case when signal in ('room_entry', 'several') then 8640000 else 86400 end"),
    ("footfall lies in its interval and holds the known visits", "fct_store_footfall", "footfall_id",
        "footfall_count is null"
        " or footfall_count between footfall_low_count and footfall_high_count"
        " and footfall_low_count >= known_visit_count"),
    ("what was picked up was ready before that", "fct_bopis", "order_id", "coalesce(minutes_waiting, 0) >= 0"),
    ("what arrived had left before that", "fct_deliveries", "delivery_id",
        "delivered_at is null or shipped_at is null or delivered_at >= shipped_at"),
    ("spend is not negative", "fct_ad_spend", "spend_id", "cost_micros >= 0 and coalesce(spend_minor, 0) >= 0"),
    ("no more clicks than impressions", "fct_ad_spend", "spend_id", "click_count <= impression_count"),
    ("credit is a share", "fct_attribution", "attribution_id", "credit_share between 0 and 1"),
    ("credited touch comes before the conversion", "fct_attribution", "attribution_id",
        "touched_at is null or touched_at <= converted_at"),
    ("conversion rate is between 0 and 1", "rpt_channel_performance", "channel_performance_id",
        "coalesce(online_to_offline_conversion_rate, 0) between 0 and 1"),
    ("no more persons came than were reached", "rpt_online_to_offline", "online_to_offline_id",
        "greatest(visiting_person_count, buying_person_count) <= converted_person_count"
        " and converted_person_count <= reached_person_count"
        " and conversion_rate between conversion_rate_low and conversion_rate_high"),
]) }}

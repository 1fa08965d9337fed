-- Days come to what the months of the report come to: spend, revenue, orders, known visits.
with

daily as (
    select
        coalesce(sum(spend_amount), 0) as spend_amount,
        coalesce(sum(online_revenue_amount), 0) as online_revenue_amount,
        coalesce(sum(store_revenue_amount), 0) as store_revenue_amount,
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(known_visit_count), 0) as known_visit_count
    from {{ ref('fct_campaign_daily') }}
),

monthly as (
    select
        coalesce(sum(spend_amount), 0) as spend_amount,
        coalesce(sum(online_revenue_amount), 0) as online_revenue_amount,
        coalesce(sum(store_revenue_amount), 0) as store_revenue_amount,
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(store_visit_count), 0) as known_visit_count
    from {{ ref('rpt_marketing_performance') }}
)

select daily.*
from daily
cross join monthly
where
    daily.spend_amount <> monthly.spend_amount
    or daily.online_revenue_amount <> monthly.online_revenue_amount
    or daily.store_revenue_amount <> monthly.store_revenue_amount
    -- Shares are rounded by day here and by month there.
    or abs(daily.order_count - monthly.order_count) > 0.01
    or abs(daily.known_visit_count - monthly.known_visit_count) > 0.01

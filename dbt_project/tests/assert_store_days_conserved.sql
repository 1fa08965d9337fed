-- Stores and days together come to what was booked in stores, as receipts and as money.
with

daily as (
    select
        cast(sum(receipt_count) as bigint) as receipt_count,
        cast(sum(pickup_order_count) as bigint) as pickup_order_count,
        sum(revenue_amount) as revenue_amount,
        sum(net_sales_amount) as net_sales_amount,
        cast(sum(footfall_count) as bigint) as footfall_count
    from {{ ref('fct_store_daily') }}
),

booked as (
    select
        sum(revenue_amount) as revenue_amount,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('fct_sales_entries') }}
    where booked_store_id is not null
),

counted as (
    select
        cast(sum(case when sold_store_id is not null then 1 else 0 end) as bigint) as receipt_count,
        cast(
            sum(case when order_channel = 'bopis' and pickup_store_id is not null then 1 else 0 end) as bigint
        ) as pickup_order_count
    from {{ ref('fct_orders') }}
    where is_sale
),

came as (
    select cast(sum(footfall_count) as bigint) as footfall_count
    from {{ ref('fct_store_footfall') }}
)

select
    daily.*,
    booked.revenue_amount as booked_revenue_amount,
    counted.receipt_count as counted_receipt_count
from daily
cross join booked
cross join counted
cross join came
where
    coalesce(daily.revenue_amount, 0) <> coalesce(booked.revenue_amount, 0)
    or coalesce(daily.net_sales_amount, 0) <> coalesce(booked.net_sales_amount, 0)
    or coalesce(daily.receipt_count, 0) <> coalesce(counted.receipt_count, 0)
    or coalesce(daily.pickup_order_count, 0) <> coalesce(counted.pickup_order_count, 0)
    or coalesce(daily.footfall_count, 0) <> coalesce(came.footfall_count, 0)

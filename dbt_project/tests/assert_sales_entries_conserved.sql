-- Order by order the bookings come to what is left of the sale; a refund without a known sale is only a booking.
with

booked as (
    select
        order_id,
        sum(revenue_minor) as revenue_minor,
        sum(revenue_reporting_minor) as revenue_reporting_minor,
        sum(net_sales_minor) as net_sales_minor,
        sum(net_sales_reporting_minor) as net_sales_reporting_minor
    from {{ ref('fct_sales_entries') }}
    where order_id is not null
    group by order_id
)

select
    orders.order_id,
    booked.revenue_minor,
    orders.net_minor,
    booked.revenue_reporting_minor,
    orders.net_reporting_minor,
    booked.net_sales_minor,
    orders.net_sales_minor as order_net_sales_minor
from {{ ref('fct_orders') }} as orders
full outer join booked
    on orders.order_id = booked.order_id
where
    coalesce(booked.revenue_minor, 0) <> coalesce(orders.net_minor, 0)
    or coalesce(booked.revenue_reporting_minor, 0) <> coalesce(orders.net_reporting_minor, 0)
    or coalesce(booked.net_sales_minor, 0) <> coalesce(orders.net_sales_minor, 0)
    or coalesce(booked.net_sales_reporting_minor, 0) <> coalesce(orders.net_sales_reporting_minor, 0)

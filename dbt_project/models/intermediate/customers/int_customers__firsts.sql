with

orders as (
    select * from {{ ref('int_orders__all') }}
    where customer_order_number = 1
),

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
    where customer_id is not null and has_analytics_consent
),

first_touches as (
    select
        customer_id,
        channel,
        touched_at
    from (
        select
            customer_id,
            channel,
            touched_at,
            row_number() over (partition by customer_id order by touched_at, touchpoint_id) as place
        from touchpoints
    ) as ranked
    where place = 1
)

select
    coalesce(orders.customer_id, first_touches.customer_id) as customer_id,
    orders.order_id as first_order_id,
    orders.order_date as first_order_date,
    orders.order_channel as first_purchase_channel,
    orders.store_id as first_store_id,
    first_touches.channel as first_touch_channel,
    first_touches.touched_at as first_touch_at
from orders
full outer join first_touches
    on orders.customer_id = first_touches.customer_id

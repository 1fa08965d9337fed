-- Bought online and picked up in a store is one order: online demand, store fulfilment, one row.
with

picked_up as (
    select
        order_id,
        fulfilment
    from {{ ref('orders') }}
    where sales_channel = 'web'
),

counted as (
    select
        order_id,
        count(*) as row_count,
        min(order_channel) as order_channel
    from {{ ref('fct_orders') }}
    group by order_id
)

select
    picked_up.order_id,
    counted.row_count,
    counted.order_channel
from picked_up
left join counted
    on picked_up.order_id = counted.order_id
where
    coalesce(counted.row_count, 0) <> 1
    or (picked_up.fulfilment = 'pick_up') <> (counted.order_channel = 'bopis')

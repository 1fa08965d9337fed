-- Bought online and picked up in a store is one order: online demand, store fulfilment, one row.
with

staged as (
    select
        shopify_order_id,
        {{ explode('fulfillment_orders') }} as fulfillment
    from {{ ref('stg_shopify__orders') }}
),

picked_up as (
    select distinct shopify_order_id
    from staged
    where fulfillment.deliveryMethod.methodType = 'PICK_UP'
),

counted as (
    select
        source_order_id,
        count(*) as row_count,
        min(order_channel) as order_channel
    from {{ ref('fct_orders') }}
    where source_system = 'shopify'
    group by source_order_id
)

select
    counted.source_order_id,
    counted.row_count,
    counted.order_channel
from counted
left join picked_up
    on counted.source_order_id = picked_up.shopify_order_id
where
    counted.row_count <> 1
    or (picked_up.shopify_order_id is not null) <> (counted.order_channel = 'bopis')

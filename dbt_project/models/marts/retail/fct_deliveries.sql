with

deliveries as (
    select * from {{ ref('int_orders__fulfilments') }}
    where fulfilment_kind = 'ship'
),

orders as (
    select * from {{ ref('int_orders__all') }}
)

select
    {{ hash_key(['deliveries.order_id', 'deliveries.fulfilment_id']) }} as delivery_id,
    deliveries.order_id,
    deliveries.fulfilment_id,
    deliveries.connection,
    orders.source_system,
    orders.customer_id,
    orders.region_code,
    orders.is_sale,
    orders.ordered_at,
    orders.order_date,
    deliveries.fulfilment_status as delivery_status,
    deliveries.promised_ship_at,
    deliveries.promised_at,
    deliveries.shipped_at,
    deliveries.handed_over_at as delivered_at,
    deliveries.cancelled_at,
    {{ minutes_between('orders.ordered_at', 'deliveries.shipped_at') }} as minutes_to_ship,
    {{ minutes_between('orders.ordered_at', 'deliveries.handed_over_at') }} as minutes_to_deliver,
    case when deliveries.fulfilment_status <> 'cancelled' then deliveries.shipped_at <= deliveries.promised_ship_at end
        as is_ship_promise_kept,
    deliveries.promise_outcome,
    case deliveries.promise_outcome when 'kept' then true when 'late' then false end as is_promise_kept
from deliveries
inner join orders
    on deliveries.order_id = orders.order_id

{{ config(materialized='view') }}

with

refunds as (
    select * from {{ ref('stg_square__refunds') }}
),

payments as (
    select * from {{ ref('stg_square__payments') }}
),

return_orders as (
    select * from {{ ref('stg_square__orders') }}
    where returned_order_id is not null
)

select
    refunds.connection,
    'square' as source_system,
    greatest(refunds._load_id, coalesce(payments._load_id, ''), coalesce(return_orders._load_id, '')) as _load_id,
    refunds.square_refund_id as refund_id,
    -- The sale that was paid, not the order that records the return.
    coalesce(payments.square_order_id, return_orders.returned_order_id) as source_order_id,
    'till' as location_kind,
    refunds.square_location_id as location_id,
    refunds.created_at as refunded_at,
    refunds.currency_code,
    refunds.amount_minor as refunded_minor,
    case
        when refunds.status in ('REJECTED', 'FAILED') then 'failed'
        when refunds.status = 'PENDING' then 'pending'
        else 'refunded'
    end as refund_status
from refunds
left join payments
    on
        refunds.connection = payments.connection
        and refunds.square_payment_id = payments.square_payment_id
left join return_orders
    on
        refunds.connection = return_orders.connection
        and refunds.return_order_id = return_orders.square_order_id

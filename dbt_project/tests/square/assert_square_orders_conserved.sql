-- Per currency, orders and money in the contract are those that were staged of the tills.
with

staged_orders as (
    select
        currency_code,
        total_minor
    from {{ ref('stg_square__orders') }}
    where {{ element_count('line_items') }} > 0 or returned_order_id is null
),

staged_refunds as (
    select
        refunds.currency_code,
        refunds.amount_minor as refunded_minor
    from {{ ref('stg_square__refunds') }} as refunds
    left join {{ ref('stg_square__payments') }} as payments
        on
            refunds.connection = payments.connection
            and refunds.square_payment_id = payments.square_payment_id
    left join {{ ref('stg_square__orders') }} as return_orders
        on
            refunds.connection = return_orders.connection
            and refunds.return_order_id = return_orders.square_order_id
    -- A refund whose sale the vendor does not list is the audit's to find (sales against payments).
    inner join {{ ref('stg_square__orders') }} as sales
        on
            refunds.connection = sales.connection
            and coalesce(payments.square_order_id, return_orders.returned_order_id) = sales.square_order_id
    where refunds.status not in ('REJECTED', 'FAILED')
),

{{ conserved_orders('square') }}

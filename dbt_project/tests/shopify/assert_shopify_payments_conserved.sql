-- What was taken stands in the payments, once and to the minor unit: sales and captures that were not voided, less the
-- change given back.
with

moves as (
    select * from {{ ref('stg_shopify__order_transactions') }}
    where status = 'SUCCESS'
),

taken as (
    select
        connection,
        shopify_order_id,
        sum(case when kind in ('SALE', 'CAPTURE') then amount_minor when kind = 'CHANGE' then -amount_minor else 0 end)
            as taken_minor
    from moves
    where (connection, shopify_transaction_id) not in (
        select
            voids.connection,
            voids.parent_transaction_id
        from moves as voids
        where voids.kind = 'VOID' and voids.parent_transaction_id is not null
    )
    group by connection, shopify_order_id
),

paid as (
    select
        connection,
        source_order_id as shopify_order_id,
        sum(amount_minor + tip_minor) as paid_minor
    from {{ ref('shopify__payments') }}
    where payment_status = 'paid'
    group by connection, source_order_id
)

select
    coalesce(taken.connection, paid.connection) as connection,
    coalesce(taken.shopify_order_id, paid.shopify_order_id) as shopify_order_id,
    taken.taken_minor,
    paid.paid_minor
from taken
full outer join paid
    on
        taken.connection = paid.connection
        and taken.shopify_order_id = paid.shopify_order_id
where coalesce(taken.taken_minor, 0) <> coalesce(paid.paid_minor, 0)

-- Per source and currency, orders and money in the mart are those that were staged: nothing is lost,
-- nothing counted twice.
with

staged_orders as (
    select
        'shopify' as source_system,
        currency_code,
        total_minor
    from {{ ref('stg_shopify__orders') }}
    union all
    select
        'square' as source_system,
        currency_code,
        total_minor
    from {{ ref('stg_square__orders') }}
    where {{ element_count('line_items') }} > 0 or returned_order_id is null
),

staged_refunds as (
    select
        'shopify' as source_system,
        currency_code,
        refunded_minor
    from {{ ref('stg_shopify__order_refunds') }}
    union all
    select
        'square' as source_system,
        refunds.currency_code,
        refunds.amount_minor as refunded_minor
    from {{ ref('stg_square__refunds') }} as refunds
    left join {{ ref('stg_square__payments') }} as payments
        on refunds.square_payment_id = payments.square_payment_id
    left join {{ ref('stg_square__orders') }} as return_orders
        on refunds.return_order_id = return_orders.square_order_id
    -- A refund whose sale the vendor does not list is the audit's to find (sales against payments).
    inner join {{ ref('stg_square__orders') }} as sales
        on coalesce(payments.square_order_id, return_orders.returned_order_id) = sales.square_order_id
    where refunds.status not in ('REJECTED', 'FAILED')
),

staged as (
    select
        source_system,
        coalesce(currency_code, '?') as currency_code,
        sum(order_count) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from (
        select
            source_system,
            currency_code,
            1 as order_count,
            total_minor,
            0 as refunded_minor
        from staged_orders
        union all
        select
            source_system,
            currency_code,
            0 as order_count,
            0 as total_minor,
            refunded_minor
        from staged_refunds
    ) as staged_amounts
    group by source_system, coalesce(currency_code, '?')
),

mart as (
    select
        source_system,
        currency_code,
        count(*) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from {{ ref('fct_orders') }}
    group by source_system, currency_code
)

select
    coalesce(staged.source_system, mart.source_system) as source_system,
    coalesce(staged.currency_code, mart.currency_code) as currency_code,
    staged.order_count as staged_order_count,
    mart.order_count as mart_order_count,
    staged.total_minor as staged_total_minor,
    mart.total_minor as mart_total_minor,
    staged.refunded_minor as staged_refunded_minor,
    mart.refunded_minor as mart_refunded_minor
from staged
full outer join mart
    on
        staged.source_system = mart.source_system
        and staged.currency_code = mart.currency_code
where
    coalesce(staged.order_count, 0) <> coalesce(mart.order_count, 0)
    or coalesce(staged.total_minor, 0) <> coalesce(mart.total_minor, 0)
    or coalesce(staged.refunded_minor, 0) <> coalesce(mart.refunded_minor, 0)

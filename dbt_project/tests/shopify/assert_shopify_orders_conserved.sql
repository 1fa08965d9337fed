-- Per currency, orders and money in the contract are those that were staged of the web shop.
with

staged as (
    select
        coalesce(currency_code, '?') as currency_code,
        sum(order_count) as order_count,
        sum(total_minor) as total_minor,
        sum(refunded_minor) as refunded_minor
    from (
        select
            currency_code,
            1 as order_count,
            total_minor,
            0 as refunded_minor
        from {{ ref('stg_shopify__orders') }}
        union all
        select
            currency_code,
            0 as order_count,
            0 as total_minor,
            refunded_minor
        from {{ ref('stg_shopify__order_refunds') }}
    ) as staged_amounts
    group by coalesce(currency_code, '?')
),

{{ conserved_orders('shopify') }}

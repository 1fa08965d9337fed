-- Per currency, orders and money in the contracts are those that were staged of the web shop. What an edit took off
-- was charged to nobody: it is what the shop's current total and the refunds leave of the first total.
with

refunded as (
    select
        connection,
        shopify_order_id,
        sum(refunded_minor) as refunded_minor
    from {{ ref('stg_shopify__order_refunds') }}
    group by connection, shopify_order_id
),

staged_orders as (
    select
        orders.currency_code,
        case
            when orders.cancelled_at is not null or orders.current_total_minor is null then orders.total_minor
            else greatest(
                orders.current_total_minor,
                least(orders.current_total_minor + coalesce(refunded.refunded_minor, 0), orders.total_minor)
            )
        end as charged_minor
    from {{ staged('stg_shopify__orders') }} as orders
    left join refunded
        on
            orders.connection = refunded.connection
            and orders.shopify_order_id = refunded.shopify_order_id
),

staged_refunds as (
    select
        currency_code,
        refunded_minor
    from {{ ref('stg_shopify__order_refunds') }}
),

{{ conserved_orders('shopify') }}

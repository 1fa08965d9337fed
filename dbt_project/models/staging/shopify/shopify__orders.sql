{{ config(materialized='table') }}

with

orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

order_refunds as (
    select * from {{ ref('stg_shopify__order_refunds') }}
),

order_lines as (
    select * from {{ ref('stg_shopify__order_lines') }}
),

fulfillments as (
    select
        connection,
        shopify_order_id,
        {{ explode('fulfillment_orders') }} as fulfillment
    from orders
),

locations as (
    select * from {{ ref('stg_shopify__locations') }}
),

refunds as (
    select
        connection,
        shopify_order_id,
        sum(refunded_minor) as refunded_minor,
        sum(shop_refunded_minor) as shop_refunded_minor
    from order_refunds
    group by connection, shopify_order_id
),

items as (
    select
        connection,
        shopify_order_id,
        sum(quantity) as item_count
    from order_lines
    group by connection, shopify_order_id
),

-- One pick-up makes the whole order BOPIS: one row, whatever else is shipped with it.
pickups as (
    select
        connection,
        shopify_order_id,
        min({{ gid_number('fulfillment.assignedLocation.location.id') }}) as shopify_location_id
    from fulfillments
    where fulfillment.deliveryMethod.methodType = 'PICK_UP'
    group by connection, shopify_order_id
),

mapped as (
    select
        concat(orders.connection, ':', orders.shopify_order_id) as order_id,
        orders.connection,
        'shopify' as source_system,
        orders._load_id,
        orders.shopify_order_id as source_order_id,
        orders.order_name,
        'web' as sales_channel,
        case when pickups.shopify_order_id is not null then 'pick_up' else 'ship' end as fulfilment,
        'web_shop' as location_kind,
        pickups.shopify_location_id as location_id,
        coalesce(orders.region_code, locations.region_code) as region_code,
        orders.created_at as ordered_at,
        orders.currency_code,
        -- Shopify's subtotal is after discounts.
        orders.discounted_subtotal_minor + orders.discount_minor as subtotal_minor,
        orders.discount_minor,
        orders.shipping_minor,
        orders.tax_minor,
        orders.total_minor,
        cast(coalesce(refunds.refunded_minor, 0) as bigint) as refunded_minor,
        orders.shop_currency_code as book_currency_code,
        orders.shop_total_minor as book_total_minor,
        cast(coalesce(refunds.shop_refunded_minor, 0) as bigint) as book_refunded_minor,
        cast(coalesce(items.item_count, 0) as bigint) as item_count,
        orders.discount_code as coupon_code,
        orders.cancelled_at is not null as is_cancelled,
        -- The shop stores the browser's id with the order only where analytics may know it. A shop that stores none
        -- says nothing.
        case when orders.browser_id is not null then true end as has_analytics_consent
    from orders
    left join refunds
        on
            orders.connection = refunds.connection
            and orders.shopify_order_id = refunds.shopify_order_id
    left join items
        on
            orders.connection = items.connection
            and orders.shopify_order_id = items.shopify_order_id
    left join pickups
        on
            orders.connection = pickups.connection
            and orders.shopify_order_id = pickups.shopify_order_id
    left join locations
        on
            pickups.connection = locations.connection
            and pickups.shopify_location_id = locations.shopify_location_id
)

select * from mapped

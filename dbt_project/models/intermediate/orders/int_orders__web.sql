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
        shopify_order_id,
        {{ explode('fulfillment_orders') }} as fulfillment
    from orders
),

locations as (
    select * from {{ ref('stg_shopify__locations') }}
),

rates as (
    select * from {{ ref('int_currencies__rates') }}
),

refunds as (
    select
        shopify_order_id,
        sum(refunded_minor) as refunded_minor,
        sum(shop_refunded_minor) as shop_refunded_minor
    from order_refunds
    group by shopify_order_id
),

items as (
    select
        shopify_order_id,
        sum(quantity) as item_count
    from order_lines
    group by shopify_order_id
),

-- One pick-up makes the whole order BOPIS: one row, whatever else is shipped with it.
pickups as (
    select
        shopify_order_id,
        min({{ gid_number('fulfillment.assignedLocation.location.id') }}) as shopify_location_id
    from fulfillments
    where fulfillment.deliveryMethod.methodType = 'PICK_UP'
    group by shopify_order_id
),

joined as (
    select
        concat('shopify:', orders.shopify_order_id) as order_id,
        case when pickups.shopify_order_id is not null then 'bopis' else 'web' end as order_channel,
        'shopify' as source_system,
        'shopify_order' as record_type,
        orders.shopify_order_id as source_order_id,
        orders.order_name,
        -- By the location's own code: a store may be listed twice.
        locations.store_code as store_id,
        -- Where it goes, or where it is picked up.
        coalesce(orders.region_code, locations.region_code) as region_code,
        orders.created_at as ordered_at,
        '{{ var("reporting_time_zone") }}' as time_zone,
        orders.currency_code,
        -- Shopify's subtotal is after discounts.
        orders.discounted_subtotal_minor + orders.discount_minor as subtotal_minor,
        orders.discount_minor,
        orders.shipping_minor,
        orders.tax_minor,
        orders.total_minor,
        cast(coalesce(refunds.refunded_minor, 0) as bigint) as refunded_minor,
        -- The shop books in its own currency at its own rate: take that where it is ours too.
        case
            when orders.shop_currency_code = rates.reporting_currency_code then orders.shop_total_minor
            else {{ to_reporting_minor('orders.total_minor', 'rates.minor_rate') }}
        end as total_reporting_minor,
        case
            when orders.shop_currency_code = rates.reporting_currency_code
                then cast(coalesce(refunds.shop_refunded_minor, 0) as bigint)
            else {{ to_reporting_minor('coalesce(refunds.refunded_minor, 0)', 'rates.minor_rate') }}
        end as refunded_reporting_minor,
        cast(coalesce(items.item_count, 0) as bigint) as item_count,
        orders.discount_code as coupon_code,
        orders.cancelled_at is not null as is_cancelled,
        -- The shop stores the browser's id with the order only where analytics may know it.
        orders.ga_client_id is not null as has_analytics_consent
    from orders
    left join refunds
        on orders.shopify_order_id = refunds.shopify_order_id
    left join items
        on orders.shopify_order_id = items.shopify_order_id
    left join pickups
        on orders.shopify_order_id = pickups.shopify_order_id
    left join locations
        on pickups.shopify_location_id = locations.shopify_location_id
    left join rates
        on
            orders.currency_code = rates.currency_code
            and cast(orders.created_at as date) >= rates.valid_from
            and cast(orders.created_at as date) < coalesce(rates.valid_before, date '9999-12-31')
)

select * from joined

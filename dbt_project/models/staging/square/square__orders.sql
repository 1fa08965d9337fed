{{ config(materialized='table') }}

with

orders as (
    select * from {{ ref('stg_square__orders') }}
),

lines as (
    select
        connection,
        square_order_id,
        {{ explode('line_items') }} as line_item
    from orders
),

items as (
    select
        connection,
        square_order_id,
        -- Quantities are decimal text: "1", or "0.5" of what is sold by weight.
        sum(cast(round(cast(line_item.quantity as decimal(18, 5))) as bigint)) as item_count
    from lines
    group by connection, square_order_id
),

refunds as (
    select
        connection,
        source_order_id as square_order_id,
        max(_load_id) as _load_id,
        sum(refunded_minor) as refunded_minor
    from {{ ref('square__refunds') }}
    where refund_status <> 'failed'
    group by connection, source_order_id
),

-- An order that only takes something back is no sale.
sales as (
    select * from orders
    where {{ element_count('line_items') }} > 0 or returned_order_id is null
),

mapped as (
    select
        concat(sales.connection, ':', sales.square_order_id) as order_id,
        sales.connection,
        'square' as source_system,
        greatest(sales._load_id, coalesce(refunds._load_id, '')) as _load_id,
        sales.square_order_id as source_order_id,
        {{ as_text('null') }} as order_name,
        'till' as sales_channel,
        'carried_out' as fulfilment,
        'till' as location_kind,
        sales.square_location_id as location_id,
        {{ as_text('null') }} as region_code,
        sales.created_at as ordered_at,
        sales.currency_code,
        sales.total_minor + sales.discount_minor - sales.tax_minor as subtotal_minor,
        sales.discount_minor,
        cast(0 as bigint) as shipping_minor,
        sales.tax_minor,
        sales.total_minor,
        cast(coalesce(refunds.refunded_minor, 0) as bigint) as refunded_minor,
        {{ as_text('null') }} as book_currency_code,
        cast(null as bigint) as book_total_minor,
        cast(null as bigint) as book_refunded_minor,
        cast(coalesce(items.item_count, 0) as bigint) as item_count,
        sales.coupon_code,
        sales.order_state = 'CANCELED' as is_cancelled,
        -- Nobody is tracked at a till: who is known there said so.
        true as has_analytics_consent
    from sales
    left join refunds
        on
            sales.connection = refunds.connection
            and sales.square_order_id = refunds.square_order_id
    left join items
        on
            sales.connection = items.connection
            and sales.square_order_id = items.square_order_id
)

select * from mapped

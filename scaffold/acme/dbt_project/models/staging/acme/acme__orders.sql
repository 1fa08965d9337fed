{{ config(materialized='table') }}

with

sales as (
    select * from {{ staged('stg_acme__sales') }}
),

mapped as (
    select
        concat(connection, ':', acme_sale_id) as order_id,
        connection,
        'acme' as source_system,
        _load_id,
        acme_sale_id as source_order_id,
        {{ as_text('null') }} as order_name,
        'till' as sales_channel,
        'carried_out' as fulfilment,
        case when is_voided then 'void' else 'placed' end as order_status,
        cast(null as timestamp) as cancelled_at,
        'till' as location_kind,
        shop_name as location_id,
        {{ as_text('null') }} as pickup_location_id,
        {{ as_text('null') }} as region_code,
        sold_at as ordered_at,
        currency_code,
        goods_minor,
        discount_minor,
        cast(0 as bigint) as shipping_minor,
        tax_minor,
        cast(0 as bigint) as tip_minor,
        cast(0 as bigint) as service_minor,
        total_minor,
        cast(0 as bigint) as gift_card_minor,
        cast(0 as bigint) as due_minor,
        false as has_taxes_included,
        {{ as_text('null') }} as book_currency_code,
        cast(null as bigint) as book_total_minor,
        item_count,
        coupon_code,
        {{ as_text('null') }} as device_id,
        {{ as_text('null') }} as staff_id,
        -- Nobody is tracked at a till: who is known there said so.
        true as has_analytics_consent
    from sales
)

select * from mapped

{{ config(materialized='view') }}

with

orders as (
    select * from {{ ref('stg_shopify__orders') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

exploded as (
    select
        shopify_order_id,
        currency_code,
        {{ explode('line_items') }} as line_item,
        connection,
        _load_id,
        _extracted_at
    from orders
),

renamed as (
    select
        {{ gid_number('exploded.line_item.id') }} as shopify_order_line_id,
        exploded.shopify_order_id,
        exploded.line_item.sku as sku,
        exploded.line_item.title as title,
        cast(exploded.line_item.quantity as bigint) as quantity,
        exploded.currency_code,
        {{ to_minor('exploded.line_item.originalUnitPriceSet.presentmentMoney.amount', 'currencies.exponent') }}
            as unit_price_minor,
        {{ to_minor('exploded.line_item.totalDiscountSet.presentmentMoney.amount', 'currencies.exponent') }}
            as discount_minor,
        exploded.connection,
        exploded._load_id,
        exploded._extracted_at
    from exploded
    left join currencies
        on exploded.currency_code = currencies.currency_code
)

select * from renamed

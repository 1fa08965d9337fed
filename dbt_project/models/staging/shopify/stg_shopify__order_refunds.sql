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
        shop_currency_code,
        {{ explode('refunds') }} as refund,
        connection,
        _load_id,
        _extracted_at
    from orders
),

renamed as (
    select
        {{ gid_number('exploded.refund.id') }} as shopify_refund_id,
        exploded.shopify_order_id,
        exploded.currency_code,
        {{ to_minor('exploded.refund.totalRefundedSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as refunded_minor,
        exploded.shop_currency_code,
        {{ to_minor('exploded.refund.totalRefundedSet.shopMoney.amount', 'shop_currencies.exponent') }}
            as shop_refunded_minor,
        {{ utc('exploded.refund.createdAt') }} as created_at,
        exploded.connection,
        exploded._load_id,
        exploded._extracted_at
    from exploded
    left join currencies as presentment_currencies
        on exploded.currency_code = presentment_currencies.currency_code
    left join currencies as shop_currencies
        on exploded.shop_currency_code = shop_currencies.currency_code
)

select * from renamed

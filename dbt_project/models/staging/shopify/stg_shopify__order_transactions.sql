{{ config(materialized='view') }}

with

orders as (
    select * from {{ staged('stg_shopify__orders') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

exploded as (
    select
        shopify_order_id,
        tip_minor,
        {{ explode('transactions') }} as move,
        connection,
        _load_id,
        _extracted_at
    from orders
),

renamed as (
    select
        {{ gid_number('exploded.move.id') }} as shopify_transaction_id,
        exploded.shopify_order_id,
        {{ gid_number('exploded.move.parentTransaction.id') }} as parent_transaction_id,
        {{ gid_number('exploded.move.location.id') }} as shopify_location_id,
        exploded.move.kind as kind,
        exploded.move.status as status,
        exploded.move.gateway as gateway,
        exploded.move.paymentDetails.{{ adapter.quote('__typename') }} as payment_details,
        currencies.currency_code,
        {{ to_minor('exploded.move.amountSet.presentmentMoney.amount', 'currencies.exponent') }} as amount_minor,
        exploded.tip_minor as order_tip_minor,
        coalesce({{ utc('exploded.move.processedAt') }}, {{ utc('exploded.move.createdAt') }}) as processed_at,
        exploded.connection,
        exploded._load_id,
        exploded._extracted_at
    from exploded
    left join currencies
        on exploded.move.amountSet.presentmentMoney.currencyCode = currencies.currency_code
    -- What tries out a gateway moves no money.
    where coalesce(exploded.move.test, 'false') <> 'true'
)

select * from renamed

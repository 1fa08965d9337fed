-- Per currency, orders and money in the contract are those that were staged of the web shop.
with

staged_orders as (
    select
        currency_code,
        total_minor
    from {{ ref('stg_shopify__orders') }}
),

staged_refunds as (
    select
        currency_code,
        refunded_minor
    from {{ ref('stg_shopify__order_refunds') }}
),

{{ conserved_orders('shopify') }}

{{ config(materialized='view') }}

{%- set lines = 'exploded.refund.refundLineItems.nodes' %}
{%- set shipping = 'exploded.refund.refundShippingLines.nodes' %}
{%- set parts = [
    (lines, "case when part.lineItem.isGiftCard = 'true' then part.subtotalSet.presentmentMoney.amount end", 'gift_card'),
    (shipping, 'part.subtotalAmountSet.presentmentMoney.amount', 'shipping'),
    (shipping, 'part.taxAmountSet.presentmentMoney.amount', 'shipping_tax'),
    (lines, 'part.totalTaxSet.presentmentMoney.amount', 'goods_tax'),
] %}

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
        currency_code,
        shop_currency_code,
        has_taxes_included,
        retail_location_id,
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
        -- Where the goods were put back on the shelf.
        coalesce(
            {{ gid_number(first_element(lines) ~ '.location.id') }}, exploded.retail_location_id
        ) as shopify_location_id,
        exploded.currency_code,
        exploded.has_taxes_included,
        {{ to_minor('exploded.refund.totalRefundedSet.presentmentMoney.amount', 'presentment_currencies.exponent') }}
            as refunded_minor,
        -- What came back, as it was sold: tax is in it where prices include it. Not all of a long refund's lines land.
        coalesce(exploded.refund.refundLineItems.pageInfo.hasNextPage = 'true', false) as has_more_lines,
        {%- for array, amount, name in parts %}
        {{ to_minor(sum_elements(array, amount), 'presentment_currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}
        exploded.shop_currency_code,
        {{ to_minor('exploded.refund.totalRefundedSet.shopMoney.amount', 'shop_currencies.exponent') }}
            as shop_refunded_minor,
        {{ utc('coalesce(exploded.refund.processedAt, exploded.refund.createdAt)') }} as refunded_at,
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

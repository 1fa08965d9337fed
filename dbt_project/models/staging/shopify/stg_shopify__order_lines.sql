{{ config(materialized='view') }}

{%- set unit_price = "exploded.line_item.originalUnitPriceSet." %}
{%- set quantity = counted('exploded.line_item.quantity') %}

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
        coalesce(exploded.line_item.isGiftCard = 'true', false) as is_gift_card,
        {{ quantity }} as quantity,
        coalesce({{ counted('exploded.line_item.currentQuantity') }}, {{ quantity }}) as current_quantity,
        exploded.currency_code,
        {{ to_minor(unit_price ~ 'presentmentMoney.amount', 'currencies.exponent') }} as unit_price_minor,
        {{ to_minor(
            amount(unit_price ~ 'presentmentMoney.amount') ~ ' * ' ~ quantity, 'currencies.exponent'
        ) }} as listed_minor,
        -- With the line's part of what was taken off the whole order, where the payload tells it.
        {%- for side, currency in (('presentmentMoney', 'currencies'), ('shopMoney', 'shop_currencies')) %}
        case
            when {{ element_count('exploded.line_item.discountAllocations') }} > 0
                then {{ to_minor(
                    sum_elements('exploded.line_item.discountAllocations', 'part.allocatedAmountSet.' ~ side ~ '.amount'),
                    currency ~ '.exponent',
                ) }}
            else {{ to_minor(
                'coalesce(exploded.line_item.totalDiscountSet.' ~ side ~ ".amount, '0')", currency ~ '.exponent'
            ) }}
        end as {{ 'shop_' if side == 'shopMoney' }}discount_minor,
        {%- endfor %}
        case
            when exploded.line_item.taxLines is not null
                then {{ to_minor(
                    sum_elements('exploded.line_item.taxLines', 'part.priceSet.presentmentMoney.amount'),
                    'currencies.exponent',
                ) }}
        end as tax_minor,
        {{ to_minor(
            amount(unit_price ~ 'shopMoney.amount') ~ ' * ' ~ quantity, 'shop_currencies.exponent'
        ) }} as shop_listed_minor,
        exploded.connection,
        exploded._load_id,
        exploded._extracted_at
    from exploded
    left join currencies
        on exploded.currency_code = currencies.currency_code
    left join currencies as shop_currencies
        on exploded.shop_currency_code = shop_currencies.currency_code
)

select * from renamed

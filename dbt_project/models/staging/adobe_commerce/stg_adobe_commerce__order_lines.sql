{{ config(materialized='view') }}

with

orders as (
    select * from {{ staged('stg_adobe_commerce__orders') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

exploded as (
    select
        connection,
        adobe_commerce_order_id,
        currency_code,
        base_currency_code,
        {{ explode('items') }} as item,
        _load_id,
        _extracted_at
    from orders
),

items as (
    select
        exploded.item.item_id as adobe_commerce_order_line_id,
        exploded.item.parent_item_id as parent_line_id,
        exploded.adobe_commerce_order_id,
        exploded.item.product_type as product_type,
        exploded.item.sku as sku,
        exploded.item.name as product_name,
        coalesce({{ amount('exploded.item.qty_ordered') }}, 0) as quantity,
        coalesce({{ amount('exploded.item.qty_canceled') }}, 0) as cancelled_quantity,
        coalesce({{ amount('exploded.item.qty_refunded') }}, 0) as refunded_quantity,
        coalesce({{ amount('exploded.item.qty_shipped') }}, 0) as shipped_quantity,
        exploded.currency_code,
        {%- for field, name in {
            'row_total': 'listed', 'discount_amount': 'discount', 'discount_tax_compensation_amount': 'compensation',
            'tax_amount': 'tax',
        }.items() %}
        {{ minor_of('exploded.item.' ~ field, 'currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}
        {%- for field, name in {'base_row_total': 'base_listed', 'base_discount_amount': 'base_discount'}.items() %}
        {{ minor_of('exploded.item.' ~ field, 'base_currencies.exponent') }} as {{ name }}_minor,
        {%- endfor %}
        exploded.connection,
        exploded._load_id,
        exploded._extracted_at
    from exploded
    left join currencies
        on exploded.currency_code = currencies.currency_code
    left join currencies as base_currencies
        on exploded.base_currency_code = base_currencies.currency_code
),

-- What a line is made of: the variant of a configurable product, without a price of its own whatever some releases
-- write there; the parts of a bundle, which carry discount and tax where the bundle's price is theirs.
parts as (
    select
        connection,
        adobe_commerce_order_id,
        parent_line_id,
        sum(listed_minor) as listed_minor,
        sum(discount_minor) as discount_minor,
        sum(compensation_minor) as compensation_minor,
        sum(tax_minor) as tax_minor,
        sum(base_listed_minor) as base_listed_minor,
        sum(base_discount_minor) as base_discount_minor,
        max(shipped_quantity) as shipped_quantity
    from items
    where parent_line_id is not null
    group by connection, adobe_commerce_order_id, parent_line_id
)

select
    items.adobe_commerce_order_line_id,
    items.adobe_commerce_order_id,
    items.product_type,
    items.sku,
    items.product_name,
    items.quantity,
    items.cancelled_quantity,
    items.refunded_quantity,
    greatest(items.shipped_quantity, coalesce(parts.shipped_quantity, 0)) as shipped_quantity,
    items.currency_code,
    {%- for name in ['listed', 'discount', 'compensation', 'tax', 'base_listed', 'base_discount'] %}
    cast(
        case
            when items.product_type = 'bundle' and items.{{ name }}_minor = 0
                then coalesce(parts.{{ name }}_minor, 0)
            else items.{{ name }}_minor
        end as bigint
    ) as {{ name }}_minor,
    {%- endfor %}
    items.connection,
    items._load_id,
    items._extracted_at
from items
left join parts
    on
        items.connection = parts.connection
        and items.adobe_commerce_order_id = parts.adobe_commerce_order_id
        and items.adobe_commerce_order_line_id = parts.parent_line_id
where items.parent_line_id is null

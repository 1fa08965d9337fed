{{ config(materialized='view') }}

with

orders as (
    select
        connection,
        _load_id,
        square_order_id,
        currency_code,
        has_taxes_included,
        {{ explode('line_items') }} as line_item
    from {{ staged('stg_square__orders') }}
),

lines as (
    select
        *,
        coalesce({{ minor('line_item.total_money.amount') }}, 0) as charged_minor,
        coalesce({{ minor('line_item.total_discount_money.amount') }}, 0) as listed_discount_minor,
        coalesce({{ minor('line_item.total_tax_money.amount') }}, 0) as tax_minor
    from orders
),

variations as (
    select * from {{ staged('stg_square__catalog') }}
    where object_type = 'ITEM_VARIATION'
),

netted as (
    select
        lines.*,
        variations.sku,
        case
            when has_taxes_included then {{ without_tax('listed_discount_minor', 'tax_minor', 'charged_minor') }}
            else listed_discount_minor
        end as discount_minor
    from lines
    left join variations
        on
            lines.connection = variations.connection
            and lines.line_item.catalog_object_id = variations.catalog_object_id
)

select
    connection,
    'square' as source_system,
    _load_id,
    square_order_id as source_order_id,
    line_item.uid as line_id,
    case
        when line_item.item_type = 'GIFT_CARD' then 'gift_card'
        when line_item.item_type = 'CUSTOM_AMOUNT' then 'custom'
        else 'goods'
    end as line_kind,
    coalesce(sku, line_item.metadata.sku, line_item.catalog_object_id) as product_code,
    line_item.name as product_name,
    cast({{ amount('line_item.quantity') }} as decimal(18, 5)) as quantity,
    cast({{ amount('line_item.quantity') }} as decimal(18, 5)) as current_quantity,
    currency_code,
    charged_minor - tax_minor + discount_minor as goods_minor,
    discount_minor,
    tax_minor
from netted

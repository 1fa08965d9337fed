{{ config(materialized='view') }}

with

lines as (
    select * from {{ ref('stg_shopify__order_lines') }}
),

orders as (
    select * from {{ staged('stg_shopify__orders') }}
),

taxed as (
    select
        lines.*,
        case when orders.has_taxes_included then coalesce(lines.tax_minor, 0) else 0 end as included_tax_minor
    from lines
    inner join orders
        on
            lines.connection = orders.connection
            and lines.shopify_order_id = orders.shopify_order_id
)

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_order_id as source_order_id,
    shopify_order_line_id as line_id,
    case when is_gift_card then 'gift_card' else 'goods' end as line_kind,
    sku as product_code,
    title as product_name,
    cast(quantity as decimal(18, 5)) as quantity,
    cast(current_quantity as decimal(18, 5)) as current_quantity,
    currency_code,
    listed_minor - discount_minor - included_tax_minor
    + {{ without_tax('discount_minor', 'included_tax_minor', 'listed_minor - discount_minor') }} as goods_minor,
    {{ without_tax('discount_minor', 'included_tax_minor', 'listed_minor - discount_minor') }} as discount_minor,
    tax_minor
from taxed

{{ config(materialized='view') }}

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    adobe_commerce_order_id as source_order_id,
    adobe_commerce_order_line_id as line_id,
    case when product_type = 'giftcard' then 'gift_card' else 'goods' end as line_kind,
    -- A configurable product's line has the SKU of the variant.
    sku as product_code,
    product_name,
    cast(quantity as decimal(18, 5)) as quantity,
    cast(greatest(quantity - cancelled_quantity - refunded_quantity, 0) as decimal(18, 5)) as current_quantity,
    currency_code,
    listed_minor as goods_minor,
    cast(discount_minor - compensation_minor as bigint) as discount_minor,
    tax_minor
from {{ ref('stg_adobe_commerce__order_lines') }}

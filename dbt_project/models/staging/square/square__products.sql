{{ config(materialized='view') }}

select
    connection,
    'square' as source_system,
    _load_id,
    square_variation_id as product_id,
    square_item_id as parent_product_id,
    coalesce(sku, square_variation_id) as product_code,
    barcode,
    item_name as product_name,
    variation_name as variant_name,
    category_name as category,
    case
        when product_type = 'GIFT_CARD' then 'gift_card'
        when product_type in ('APPOINTMENTS_SERVICE', 'EVENT') or product_type like 'LEGACY_SQUARE_ONLINE_%'
            then 'service'
        else 'goods'
    end as product_kind,
    is_active,
    cast(null as timestamp) as created_at,
    updated_at
from {{ ref('stg_square__variations') }}
where not is_deleted

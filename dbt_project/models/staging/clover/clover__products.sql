{{ config(materialized='view') }}

select
    connection,
    'clover' as source_system,
    _load_id,
    clover_item_id as product_id,
    clover_item_group_id as parent_product_id,
    coalesce(sku, clover_item_id) as product_code,
    barcode,
    item_name as product_name,
    {{ as_text('null') }} as variant_name,
    category,
    case when is_revenue then 'goods' else 'gift_card' end as product_kind,
    is_available and not is_deleted and not is_hidden as is_active,
    cast(null as timestamp) as created_at,
    updated_at
from {{ staged('stg_clover__items') }}

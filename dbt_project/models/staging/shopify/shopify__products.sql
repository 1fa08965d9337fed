{{ config(materialized='view') }}

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_variant_id as product_id,
    shopify_product_id as parent_product_id,
    coalesce(sku, shopify_variant_id) as product_code,
    barcode,
    product_title as product_name,
    variant_title as variant_name,
    category,
    case when is_gift_card then 'gift_card' else 'goods' end as product_kind,
    is_active,
    created_at,
    updated_at
from {{ ref('stg_shopify__variants') }}
where not is_deleted

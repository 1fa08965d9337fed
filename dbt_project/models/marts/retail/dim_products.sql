with

products as (
    select * from {{ ref('int_products__matched') }}
)

select
    product_key as product_id,
    connection,
    source_system,
    source_product_id,
    parent_product_key as parent_product_id,
    product_code,
    matched_product_key as matched_product_id,
    is_main,
    matched_count as matched_product_count,
    match_reason,
    sku,
    gtin,
    barcode,
    product_name,
    variant_name,
    category,
    product_kind,
    is_active,
    created_at,
    updated_at
from products

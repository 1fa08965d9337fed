{{ config(materialized='view') }}

select
    connection,
    'shopify' as source_system,
    _load_id,
    shopify_variant_id as price_id,
    shopify_variant_id as product_id,
    coalesce(sku, shopify_variant_id) as product_code,
    'web' as sales_channel,
    {{ as_text('null') }} as location_kind,
    {{ as_text('null') }} as location_id,
    currency_code,
    price_minor,
    case when compare_at_minor > price_minor then compare_at_minor end as regular_price_minor,
    cast(null as boolean) as has_taxes_included,
    variant_updated_at as updated_at
from {{ ref('stg_shopify__variants') }}
-- A draft, or what is archived, is sold at no price.
where is_active

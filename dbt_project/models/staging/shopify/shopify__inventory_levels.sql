{{ config(materialized='view') }}

with

levels as (
    select * from {{ staged('stg_shopify__inventory_levels') }}
),

-- A stock item is one variant's; in rare catalogues several share one.
variants as (
    select
        connection,
        inventory_item_id,
        max(_load_id) as _load_id,
        min(shopify_variant_id) as shopify_variant_id,
        min(sku) as sku
    from {{ ref('stg_shopify__variants') }}
    where inventory_item_id is not null
    group by connection, inventory_item_id
)

select
    levels.connection,
    'shopify' as source_system,
    greatest(levels._load_id, coalesce(variants._load_id, '')) as _load_id,
    -- Of a variant that did not land the stock counts all the same, under the stock item's own number.
    coalesce(variants.shopify_variant_id, concat('item:', levels.inventory_item_id)) as product_id,
    coalesce(
        variants.sku, levels.sku, variants.shopify_variant_id, concat('item:', levels.inventory_item_id)
    ) as product_code,
    'web_shop' as location_kind,
    levels.shopify_location_id as location_id,
    levels.updated_at as observed_at,
    cast(levels.on_hand_count as decimal(18, 5)) as on_hand_quantity,
    cast(levels.available_count as decimal(18, 5)) as available_quantity,
    cast(levels.incoming_count as decimal(18, 5)) as incoming_quantity,
    levels.is_tracked
from levels
left join variants
    on
        levels.connection = variants.connection
        and levels.inventory_item_id = variants.inventory_item_id

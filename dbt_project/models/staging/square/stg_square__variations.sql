{{ config(materialized='view') }}

with

objects as (
    select * from {{ staged('stg_square__catalog') }}
),

items as (
    select * from objects
    where object_type = 'ITEM'
),

categories as (
    select * from objects
    where object_type = 'CATEGORY'
)

select
    variations.catalog_object_id as square_variation_id,
    variations.item_object_id as square_item_id,
    variations.sku,
    variations.barcode,
    coalesce(items.item_name, variations.variation_name) as item_name,
    case
        when count(*) over (partition by variations.connection, variations.item_object_id) > 1
            then variations.variation_name
    end as variation_name,
    categories.category_name,
    items.product_type,
    not variations.is_deleted
    and coalesce(variations.is_sellable, true)
    and not coalesce(items.is_deleted, false)
    and not coalesce(items.is_archived, false) as is_active,
    variations.is_deleted,
    variations.pricing_type,
    variations.price_currency_code as currency_code,
    variations.price_minor,
    variations.location_overrides,
    variations.is_tracked,
    variations.updated_at as variation_updated_at,
    greatest(variations.updated_at, coalesce(items.updated_at, variations.updated_at)) as updated_at,
    variations.connection,
    greatest(variations._load_id, coalesce(items._load_id, ''), coalesce(categories._load_id, '')) as _load_id,
    variations._extracted_at
from objects as variations
left join items
    on
        variations.connection = items.connection
        and variations.item_object_id = items.catalog_object_id
left join categories
    on
        items.connection = categories.connection
        and items.category_object_id = categories.catalog_object_id
where variations.object_type = 'ITEM_VARIATION'

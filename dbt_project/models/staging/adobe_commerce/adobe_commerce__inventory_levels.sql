{{ config(materialized='view') }}

with

items as (
    select
        *,
        max(_load_id) over (partition by connection) as newest_load_id
    from {{ staged('stg_adobe_commerce__source_items') }}
),

products as (
    select * from {{ staged('stg_adobe_commerce__products') }}
    where not is_deleted
)

select
    items.connection,
    'adobe_commerce' as source_system,
    items._load_id,
    -- A shop takes stock also of what is no product.
    coalesce(products.adobe_commerce_product_id, concat('sku:', items.sku)) as product_id,
    items.sku as product_code,
    'web_shop' as location_kind,
    items.adobe_commerce_source_code as location_id,
    items.read_at as observed_at,
    items.quantity as on_hand_quantity,
    -- What is promised is a reservation, which the interface does not list.
    cast(null as decimal(18, 5)) as available_quantity,
    cast(null as decimal(18, 5)) as incoming_quantity,
    true as is_tracked
from items
left join products
    on
        items.connection = products.connection
        and lower(items.sku) = lower(products.sku)
-- All stock is read at once: what is not in the newest list is assigned to the place no more.
where items._load_id = items.newest_load_id

{{ config(materialized='view') }}

select
    stocks.connection,
    'clover' as source_system,
    stocks._load_id,
    stocks.clover_item_id as product_id,
    coalesce(items.sku, stocks.clover_item_id) as product_code,
    'till' as location_kind,
    stocks.clover_merchant_id as location_id,
    -- What nobody ever counted has no time: it is so as we read it.
    coalesce(stocks.updated_at, stocks.read_at) as observed_at,
    cast(stocks.quantity as decimal(18, 5)) as on_hand_quantity,
    cast(null as decimal(18, 5)) as available_quantity,
    cast(null as decimal(18, 5)) as incoming_quantity,
    stocks.quantity is not null as is_tracked
from {{ staged('stg_clover__item_stocks') }} as stocks
left join {{ staged('stg_clover__items') }} as items
    on stocks.connection = items.connection and stocks.clover_item_id = items.clover_item_id

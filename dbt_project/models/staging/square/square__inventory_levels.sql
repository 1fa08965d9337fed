{{ config(materialized='view') }}

with

counts as (
    select * from {{ staged('stg_square__inventory') }}
    -- What is sold, wasted or came back lies nowhere.
    where stock_state = 'IN_STOCK'
),

variations as (
    select * from {{ ref('stg_square__variations') }}
)

select
    counts.connection,
    'square' as source_system,
    greatest(counts._load_id, coalesce(variations._load_id, '')) as _load_id,
    counts.square_variation_id as product_id,
    coalesce(variations.sku, counts.square_variation_id) as product_code,
    'till' as location_kind,
    counts.square_location_id as location_id,
    counts.calculated_at as observed_at,
    -- There, and for sale: Square tells both in one number.
    counts.quantity as on_hand_quantity,
    counts.quantity as available_quantity,
    cast(null as decimal(18, 5)) as incoming_quantity,
    coalesce(variations.is_tracked, true) as is_tracked
from counts
left join variations
    on
        counts.connection = variations.connection
        and counts.square_variation_id = variations.square_variation_id

{{ config(materialized='view') }}

with

locations as (
    select * from {{ ref('stg_square__locations') }}
)

select
    'square' as source_system,
    'till' as location_kind,
    square_location_id as location_id,
    -- A till location without a code still sells: it is a store under its own id.
    coalesce(store_code, concat('square:', square_location_id)) as store_id,
    location_name,
    city,
    region_code,
    country_code,
    time_zone,
    currency_code
from locations

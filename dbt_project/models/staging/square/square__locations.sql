{{ config(materialized='view') }}

with

locations as (
    select * from {{ staged('stg_square__locations') }}
)

select
    connection,
    'square' as source_system,
    _load_id,
    'till' as location_kind,
    square_location_id as location_id,
    store_code,
    location_name,
    city,
    region_code,
    country_code,
    time_zone,
    currency_code,
    status <> 'INACTIVE' as is_open
from locations

{{ config(materialized='view') }}

with

locations as (
    select * from {{ staged('stg_shopify__locations') }}
)

select
    connection,
    'shopify' as source_system,
    _load_id,
    'web_shop' as location_kind,
    shopify_location_id as location_id,
    store_code,
    location_name,
    city,
    region_code,
    country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code,
    is_active as is_open
from locations

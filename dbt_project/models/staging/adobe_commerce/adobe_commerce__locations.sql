{{ config(materialized='view') }}

select
    connection,
    'adobe_commerce' as source_system,
    _load_id,
    'web_shop' as location_kind,
    adobe_commerce_source_code as location_id,
    store_code,
    source_name as location_name,
    city,
    region_code,
    country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code,
    is_enabled as is_open
from {{ staged('stg_adobe_commerce__sources') }}

{{ config(materialized='view') }}

select
    connection,
    'clover' as source_system,
    _load_id,
    'till' as location_kind,
    clover_merchant_id as location_id,
    store_code,
    location_name,
    city,
    region_code,
    country_code,
    time_zone,
    currency_code,
    -- Whose token is gone is no more in the newest list.
    _load_id = max(_load_id) over (partition by connection) as is_open
from {{ staged('stg_clover__merchants') }}

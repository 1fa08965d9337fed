with

stores as (
    select * from {{ ref('int_stores__matched') }}
)

select
    store_id,
    store_name,
    is_open,
    city,
    region_code,
    country_code,
    time_zone,
    currency_code,
    till_location_id,
    web_location_id,
    counter_serial,
    is_known_to_tills,
    is_known_to_web_shop,
    is_known_to_counters,
    is_known_to_beacons
from stores

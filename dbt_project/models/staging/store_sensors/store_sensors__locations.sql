{{ config(materialized='view') }}

with

counters as (
    select * from {{ staged('stg_store_sensors__counters') }}
),

pings as (
    select * from {{ staged('stg_store_sensors__pings') }}
),

-- What noticed a phone is known by its pings alone.
beacons as (
    select
        connection,
        place_id,
        max(_load_id) as _load_id,
        max(store_code) as store_code,
        max(place_name) as place_name
    from pings
    where place_id is not null
    group by connection, place_id
),

places as (
    select
        connection,
        _load_id,
        'counter' as location_kind,
        counter_serial as location_id,
        store_code,
        counter_name as location_name
    from counters
    union all
    select
        connection,
        _load_id,
        'beacon' as location_kind,
        place_id as location_id,
        store_code,
        place_name as location_name
    from beacons
)

select
    connection,
    'store_sensors' as source_system,
    _load_id,
    location_kind,
    location_id,
    store_code,
    location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code,
    cast(null as boolean) as is_open
from places

{{ config(materialized='view') }}

with

counters as (
    select * from {{ ref('stg_store_sensors__counters') }}
),

pings as (
    select * from {{ ref('stg_store_sensors__pings') }}
),

-- What noticed a phone is known by its pings alone; the app's position has no beacon.
beacons as (
    select
        store_code,
        coalesce(min(beacon_id), store_code) as beacon_id
    from pings
    where store_code is not null
    group by store_code
),

places as (
    select
        'counter' as location_kind,
        counter_serial as location_id,
        store_code as store_id,
        counter_name as location_name
    from counters
    union all
    select
        'beacon' as location_kind,
        beacon_id as location_id,
        store_code as store_id,
        {{ as_text('null') }} as location_name
    from beacons
)

select
    'store_sensors' as source_system,
    location_kind,
    location_id,
    store_id,
    location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code
from places

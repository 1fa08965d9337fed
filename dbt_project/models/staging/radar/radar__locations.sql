{{ config(materialized='view') }}

with

listed as (
    select
        connection,
        _load_id,
        radar_geofence_id as location_id,
        store_code,
        geofence_name as location_name,
        is_enabled
    from {{ staged('stg_radar__geofences') }}
    union all
    select
        connection,
        _load_id,
        radar_beacon_id as location_id,
        store_code,
        beacon_name as location_name,
        is_enabled
    from {{ staged('stg_radar__beacons') }}
),

-- What was deleted since is known by its events alone.
seen as (
    select
        connection,
        max(_load_id) as _load_id,
        place_id as location_id,
        max(store_code) as store_code,
        max(place_name) as location_name
    from {{ staged('stg_radar__events') }}
    where place_id is not null and is_live
    group by connection, place_id
)

select
    coalesce(listed.connection, seen.connection) as connection,
    'radar' as source_system,
    coalesce(listed._load_id, seen._load_id) as _load_id,
    'beacon' as location_kind,
    coalesce(listed.location_id, seen.location_id) as location_id,
    coalesce(listed.store_code, seen.store_code) as store_code,
    coalesce(listed.location_name, seen.location_name) as location_name,
    {{ as_text('null') }} as city,
    {{ as_text('null') }} as region_code,
    {{ as_text('null') }} as country_code,
    {{ as_text('null') }} as time_zone,
    {{ as_text('null') }} as currency_code,
    listed.is_enabled as is_open
from listed
full outer join seen
    on listed.connection = seen.connection and listed.location_id = seen.location_id

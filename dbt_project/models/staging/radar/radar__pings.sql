{{ config(materialized='view') }}

select
    connection,
    'radar' as source_system,
    _load_id,
    radar_event_id as ping_id,
    {{ record_key('app_device', 'app_device_id') }} as record_key,
    app_device_id,
    'beacon' as location_kind,
    place_id as location_id,
    signal,
    cast(null as integer) as rssi,
    accuracy_meters,
    observed_at,
    received_at
from {{ staged('stg_radar__events') }}
-- A trip, a place of the vendor's own or a conversion is at no store's, and a test is nobody.
where place_id is not null and is_live

{{ config(materialized='view') }}

select
    connection,
    'store_sensors' as source_system,
    _load_id,
    ping_id,
    {{ record_key('app_device', 'app_device_id') }} as record_key,
    app_device_id,
    'beacon' as location_kind,
    place_id as location_id,
    signal,
    rssi,
    accuracy_meters,
    observed_at,
    received_at
from {{ staged('stg_store_sensors__pings') }}

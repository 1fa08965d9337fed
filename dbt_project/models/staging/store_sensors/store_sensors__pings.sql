{{ config(materialized='view') }}

select
    'store_sensors' as source_system,
    ping_id,
    app_device_id,
    store_code as store_id,
    signal,
    rssi,
    accuracy_meters,
    observed_at
from {{ ref('stg_store_sensors__pings') }}

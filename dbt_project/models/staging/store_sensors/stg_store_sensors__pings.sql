{{ config(materialized='view') }}

select
    ping_id,
    received_date,
    app_device_id,
    shopify_customer_id,
    beacon_id,
    store_code,
    ping_type,
    rssi,
    accuracy_meters,
    observed_at,
    received_at,
    _load_id,
    _extracted_at
from {{ ref('base_store_sensors__pings') }}
where ping_id is not null

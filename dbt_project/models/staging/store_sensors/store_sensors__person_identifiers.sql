{{ config(materialized='view') }}

with

devices as (
    select
        connection,
        max(_load_id) as _load_id,
        app_device_id,
        user_id,
        min(observed_at) as observed_at,
        max(observed_at) as last_observed_at
    from {{ ref('stg_store_sensors__pings') }}
    where app_device_id is not null
    group by connection, app_device_id, user_id
)

{{ sightings('devices', 'app_device', 'app_device_id', 'observed_at', {'app_device_id': 'app_device_id'},
    last_observed_at='last_observed_at') }}
union all
-- Who logs in on a phone is a sighting of *their* record: the phone itself must not become a bridge
-- between the two customers who share it. The app logs in with the web shop's customer number.
{{ sightings('devices', 'customer', 'user_id', 'observed_at', {'app_device_id': 'app_device_id'},
    last_observed_at='last_observed_at', record_connection=none) }}

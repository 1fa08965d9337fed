{{ config(materialized='view') }}

{{ phones_seen('stg_store_sensors__pings') }}

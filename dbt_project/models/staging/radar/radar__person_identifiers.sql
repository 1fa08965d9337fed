{{ config(materialized='view') }}

{{ phones_seen('stg_radar__events', 'is_live') }}

{{ config(materialized='view') }}

select
    'store_sensors' as source_system,
    counter_serial as counter_id,
    started_at,
    ended_at,
    count_date,
    in_count,
    out_count
from {{ ref('stg_store_sensors__door_counts') }}

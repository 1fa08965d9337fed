{{ config(materialized='view') }}

select
    connection,
    'axis' as source_system,
    _load_id,
    'counter' as location_kind,
    counter_serial as location_id,
    started_at,
    ended_at,
    count_date,
    in_count,
    out_count
from {{ ref('stg_axis__door_counts') }}

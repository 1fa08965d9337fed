{{ config(materialized='view') }}

select
    door_count_id,
    count_date,
    counter_serial,
    counter_name,
    started_at,
    ended_at,
    in_count,
    out_count,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_axis__door_counts') }}
where door_count_id is not null

{{ config(materialized='view') }}

select
    connection,
    'axis' as source_system,
    max(_load_id) as _load_id,
    'door_counts' as contract_name,
    count_date as restated_date
from {{ ref('base_axis__door_counts') }}
group by connection, count_date

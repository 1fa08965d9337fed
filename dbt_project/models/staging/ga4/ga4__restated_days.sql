{{ config(materialized='view') }}

select
    connection,
    'ga4' as source_system,
    max(_load_id) as _load_id,
    'web_events' as contract_name,
    event_date as restated_date
from {{ ref('base_ga4__events') }}
group by connection, event_date

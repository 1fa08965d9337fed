{{ config(materialized='view') }}

select
    connection,
    'ga4_reports' as source_system,
    max(_load_id) as _load_id,
    'web_totals' as contract_name,
    total_date as restated_date
from {{ ref('base_ga4_reports__totals') }}
group by connection, total_date

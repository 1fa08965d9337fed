{{ config(materialized='view') }}

select
    connection,
    'ecb' as source_system,
    max(_load_id) as _load_id,
    'exchange_rates' as contract_name,
    rate_date as restated_date
from {{ ref('base_ecb__rates') }}
group by connection, rate_date

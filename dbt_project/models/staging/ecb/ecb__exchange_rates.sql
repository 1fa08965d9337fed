{{ config(materialized='view') }}

select
    connection,
    'ecb' as source_system,
    _load_id,
    rate_date,
    currency_code,
    'EUR' as base_currency_code,
    rate
from {{ ref('stg_ecb__rates') }}

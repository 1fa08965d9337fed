{{ config(materialized='view') }}

select
    rate_id,
    rate_date,
    currency_code,
    rate,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_ecb__rates') }}
where rate_id is not null

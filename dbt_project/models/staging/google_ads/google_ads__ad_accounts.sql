{{ config(materialized='view') }}

select
    connection,
    'google_ads' as source_system,
    _load_id,
    'google_ads' as platform,
    account_id,
    account_name,
    time_zone,
    currency_code
from {{ staged('stg_google_ads__customers') }}

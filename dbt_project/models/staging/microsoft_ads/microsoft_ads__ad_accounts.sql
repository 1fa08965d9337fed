{{ config(materialized='view') }}

select
    connection,
    'microsoft_ads' as source_system,
    _load_id,
    'microsoft_ads' as platform,
    account_id,
    account_name,
    time_zone,
    currency_code
from {{ staged('stg_microsoft_ads__accounts') }}

{{ config(materialized='view') }}

select
    connection,
    'tiktok_ads' as source_system,
    _load_id,
    'tiktok_ads' as platform,
    account_id,
    account_name,
    time_zone,
    currency_code
from {{ staged('stg_tiktok_ads__ad_accounts') }}

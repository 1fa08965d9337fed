{{ config(materialized='view') }}

select
    connection,
    'meta_ads' as source_system,
    _load_id,
    'meta_ads' as platform,
    account_id,
    account_name,
    time_zone,
    currency_code
from {{ staged('stg_meta_ads__ad_accounts') }}

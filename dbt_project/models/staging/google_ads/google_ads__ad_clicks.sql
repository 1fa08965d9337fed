{{ config(materialized='view') }}

select
    connection,
    'google_ads' as source_system,
    _load_id,
    'google_ads' as platform,
    click_id,
    account_id,
    campaign_id,
    click_date
from {{ ref('stg_google_ads__click_views') }}

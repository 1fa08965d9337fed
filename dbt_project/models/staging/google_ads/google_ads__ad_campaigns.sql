{{ config(materialized='view') }}

select
    connection,
    'google_ads' as source_system,
    _load_id,
    'google_ads' as platform,
    account_id,
    campaign_id,
    campaign_name,
    channel_type,
    status,
    start_date,
    end_date,
    daily_budget_micros
from {{ staged('stg_google_ads__campaigns') }}

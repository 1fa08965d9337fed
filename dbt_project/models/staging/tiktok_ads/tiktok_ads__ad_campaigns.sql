{{ config(materialized='view') }}

select
    connection,
    'tiktok_ads' as source_system,
    _load_id,
    'tiktok_ads' as platform,
    account_id,
    campaign_id,
    campaign_name,
    objective as channel_type,
    status,
    -- Its ad groups begin and end, each on a day of its own.
    cast(null as date) as start_date,
    cast(null as date) as end_date,
    case when budget_mode = 'BUDGET_MODE_DAY' then budget_micros end as daily_budget_micros
from {{ staged('stg_tiktok_ads__campaigns') }}

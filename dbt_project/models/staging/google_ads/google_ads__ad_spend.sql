{{ config(materialized='view') }}

select
    connection,
    'google_ads' as source_system,
    _load_id,
    'google_ads' as platform,
    account_id,
    campaign_id,
    report_date as spend_date,
    cost_micros,
    impression_count,
    click_count,
    claimed_conversions,
    claimed_value_amount,
    -- Those after a view alone are a figure of their own and no part of the claims.
    cast(0 as decimal(18, 6)) as claimed_view_conversions,
    cast(0 as decimal(18, 6)) as claimed_view_value_amount
from {{ ref('stg_google_ads__campaign_performance') }}

{{ config(materialized='view') }}

select
    connection,
    'tiktok_ads' as source_system,
    _load_id,
    'tiktok_ads' as platform,
    account_id,
    campaign_id,
    report_date as spend_date,
    cost_micros,
    impression_count,
    click_count,
    claimed_conversions,
    claimed_value_amount,
    least(view_conversions, claimed_conversions) as claimed_view_conversions,
    least(view_value_amount, claimed_value_amount) as claimed_view_value_amount
from {{ ref('stg_tiktok_ads__campaign_reports') }}

{{ config(materialized='view') }}

select
    connection,
    'meta_ads' as source_system,
    _load_id,
    'meta_ads' as platform,
    account_id,
    campaign_id,
    report_date as spend_date,
    cost_micros,
    impression_count,
    click_count,
    claimed_conversions,
    claimed_value_amount,
    -- The claims follow the account's own attribution setting, which may leave views out or know other clicks.
    least(view_conversions, greatest(claimed_conversions - click_7d_conversions, 0)) as claimed_view_conversions,
    least(view_value_amount, greatest(claimed_value_amount - click_7d_value_amount, 0)) as claimed_view_value_amount
from {{ ref('stg_meta_ads__campaign_insights') }}

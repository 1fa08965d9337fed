{{ config(materialized='view') }}

select
    campaign_id,
    report_date,
    account_id,
    impression_count,
    click_count,
    cost_micros,
    claimed_conversions,
    claimed_value_amount,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_google_ads__campaign_performance') }}
where report_key is not null

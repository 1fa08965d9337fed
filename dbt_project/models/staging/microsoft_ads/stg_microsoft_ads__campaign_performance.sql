{{ config(materialized='view') }}

select
    campaign_id,
    report_date,
    account_id,
    campaign_name,
    channel_type,
    status,
    currency_code,
    impression_count,
    click_count,
    cost_micros,
    claimed_conversions,
    claimed_value_amount,
    view_conversions,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_microsoft_ads__campaign_performance') }}
where report_key is not null

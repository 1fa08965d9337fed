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
    view_conversions,
    view_value_amount,
    click_7d_conversions,
    click_7d_value_amount,
    click_28d_conversions,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_meta_ads__campaign_insights') }}
where report_key is not null

{{ config(materialized='view') }}

select
    click_id,
    click_date,
    campaign_id,
    account_id,
    device,
    connection,
    _load_id,
    _extracted_at
from {{ staged('base_google_ads__click_views') }}
where report_key is not null

{{ config(materialized='view') }}

select
    event_id,
    event_date,
    browser_id,
    ga_session_id,
    ga_session_number,
    user_id,
    event_name,
    page_location,
    order_name,
    source,
    medium,
    campaign_id,
    campaign_name,
    click_id,
    device_category,
    platform,
    country,
    city,
    has_analytics_consent,
    has_ads_consent,
    occurred_at,
    batch_event_index,
    connection,
    _load_id,
    _extracted_at
from {{ ref('base_ga4__events') }}
where event_id is not null

{{ config(materialized='view') }}

select
    connection,
    'ga4' as source_system,
    _load_id,
    event_date,
    event_id,
    {{ record_key('browser', 'browser_id') }} as record_key,
    browser_id as visitor_id,
    {{ as_text('ga_session_id') }} as session_number,
    occurred_at,
    batch_event_index,
    coalesce(platform, 'WEB') <> 'WEB' as is_app,
    order_name,
    source,
    medium,
    campaign_id,
    click_id,
    has_analytics_consent,
    has_ads_consent
from {{ ref('stg_ga4__events') }}

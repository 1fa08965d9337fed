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
    host,
    order_name,
    -- Analytics was told not to count this host as a referrer.
    case when not coalesce(ignores_referrer and lower(medium) = 'referral', false) then source end as source,
    case when not coalesce(ignores_referrer and lower(medium) = 'referral', false) then medium end as medium,
    campaign_id,
    campaign_name,
    click_id_kind,
    click_id,
    traffic_type,
    browser,
    has_analytics_consent,
    has_ads_consent
from {{ ref('stg_ga4__events') }}

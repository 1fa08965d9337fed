with

touchpoints as (
    select * from {{ ref('int_touchpoints') }}
)

select
    touchpoint_id,
    customer_id,
    touched_at,
    {{ local_date('touched_at', "'" ~ var('reporting_time_zone') ~ "'") }} as touch_date,
    channel,
    touch_type,
    platform,
    campaign_id,
    campaign_matched_by,
    source,
    medium,
    store_id,
    has_analytics_consent,
    has_ads_consent,
    connection,
    source_system
from touchpoints

with

spend as (
    select * from {{ ref('int_campaigns__spend') }}
)

select
    {{ hash_key(['campaign_id', 'spend_date']) }} as spend_id,
    platform,
    account_id,
    campaign_id,
    platform_campaign_id,
    spend_date,
    time_zone,
    currency_code,
    cost_micros,
    spend_minor,
    spend_reporting_minor,
    impression_count,
    click_count,
    claimed_conversions,
    claimed_view_conversions,
    claimed_value_minor,
    claimed_view_value_minor,
    claimed_value_reporting_minor
from spend

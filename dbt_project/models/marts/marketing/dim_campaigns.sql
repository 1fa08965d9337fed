with

campaigns as (
    select * from {{ ref('int_campaigns__all') }}
)

select
    campaign_id,
    platform,
    account_id,
    platform_campaign_id,
    campaign_name,
    channel_type,
    channel,
    status,
    start_date,
    end_date,
    time_zone,
    currency_code,
    daily_budget_micros
from campaigns

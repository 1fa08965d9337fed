with

campaigns as (
    select * from {{ ref('stg_google_ads__campaigns') }}
),

accounts as (
    select * from {{ ref('stg_google_ads__customers') }}
),

performance as (
    select * from {{ ref('stg_google_ads__campaign_performance') }}
),

campaign_channels as (
    select * from {{ ref('campaign_channels') }}
    where platform = 'google_ads'
),

-- The platform may forget a campaign; its spend stays spent.
unlisted as (
    select
        performance.campaign_id,
        min(performance.account_id) as account_id
    from performance
    left join campaigns
        on performance.campaign_id = campaigns.campaign_id
    where campaigns.campaign_id is null
    group by performance.campaign_id
),

listed_and_unlisted as (
    select
        campaign_id,
        account_id,
        campaign_name,
        channel_type,
        status,
        start_date,
        end_date,
        daily_budget_micros
    from campaigns
    union all
    select
        campaign_id,
        account_id,
        {{ as_text('null') }} as campaign_name,
        {{ as_text('null') }} as channel_type,
        'UNLISTED' as status,
        cast(null as date) as start_date,
        cast(null as date) as end_date,
        cast(null as bigint) as daily_budget_micros
    from unlisted
),

joined as (
    select
        listed_and_unlisted.campaign_id,
        'google_ads' as platform,
        listed_and_unlisted.account_id,
        listed_and_unlisted.campaign_name,
        listed_and_unlisted.channel_type,
        coalesce(campaign_channels.channel, 'other') as channel,
        listed_and_unlisted.status,
        listed_and_unlisted.start_date,
        listed_and_unlisted.end_date,
        accounts.time_zone,
        accounts.currency_code,
        listed_and_unlisted.daily_budget_micros
    from listed_and_unlisted
    left join accounts
        on listed_and_unlisted.account_id = accounts.account_id
    left join campaign_channels
        on listed_and_unlisted.channel_type = campaign_channels.channel_type
)

select * from joined

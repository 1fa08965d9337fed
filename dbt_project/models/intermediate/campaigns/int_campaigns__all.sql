with

campaigns as (
    select * from {{ ref('ad_campaigns') }}
),

accounts as (
    select * from {{ ref('ad_accounts') }}
),

spend as (
    select * from {{ ref('ad_spend') }}
),

campaign_channels as (
    select * from {{ ref('campaign_channels') }}
),

-- The platform may forget a campaign; its spend stays spent.
unlisted as (
    select distinct
        spend.platform,
        spend.account_id,
        spend.campaign_id
    from spend
    left join campaigns
        on
            spend.platform = campaigns.platform
            and spend.account_id = campaigns.account_id
            and spend.campaign_id = campaigns.campaign_id
    where campaigns.campaign_id is null
),

listed_and_unlisted as (
    select
        platform,
        account_id,
        campaign_id,
        campaign_name,
        channel_type,
        status,
        start_date,
        end_date,
        daily_budget_micros
    from campaigns
    union all
    select
        platform,
        account_id,
        campaign_id,
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
        -- Two accounts, or two platforms, may number their campaigns alike.
        concat(
            listed_and_unlisted.platform, ':', listed_and_unlisted.account_id, ':', listed_and_unlisted.campaign_id
        ) as campaign_id,
        listed_and_unlisted.platform,
        listed_and_unlisted.account_id,
        listed_and_unlisted.campaign_id as platform_campaign_id,
        listed_and_unlisted.campaign_name,
        listed_and_unlisted.channel_type,
        coalesce(campaign_channels.channel, any_kind.channel, 'other') as channel,
        listed_and_unlisted.status,
        listed_and_unlisted.start_date,
        listed_and_unlisted.end_date,
        accounts.time_zone,
        accounts.currency_code,
        listed_and_unlisted.daily_budget_micros
    from listed_and_unlisted
    left join accounts
        on
            listed_and_unlisted.platform = accounts.platform
            and listed_and_unlisted.account_id = accounts.account_id
    left join campaign_channels
        on
            listed_and_unlisted.platform = campaign_channels.platform
            and listed_and_unlisted.channel_type = campaign_channels.channel_type
    -- What a platform is in one channel with, whatever a campaign is to bring there, and whether it is listed or not.
    left join campaign_channels as any_kind
        on
            listed_and_unlisted.platform = any_kind.platform
            and any_kind.channel_type = 'any'
)

select * from joined

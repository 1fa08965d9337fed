with

spend as (
    select * from {{ ref('ad_spend') }}
),

campaigns as (
    select * from {{ ref('int_campaigns__all') }}
),

currencies as (
    select * from {{ ref('currencies') }}
),

rates as (
    select * from {{ ref('int_currencies__rates') }}
),

joined as (
    select
        campaigns.campaign_id,
        spend.platform,
        spend.account_id,
        spend.campaign_id as platform_campaign_id,
        campaigns.channel,
        spend.spend_date,
        campaigns.time_zone,
        campaigns.currency_code,
        spend.cost_micros,
        -- Minor units, not rounded yet: a micro is a millionth of the currency's main unit.
        cast(
            cast(spend.cost_micros as decimal(18, 0))
            * case currencies.exponent
                when 0 then 0.000001 when 2 then 0.0001 when 3 then 0.001 when 4 then 0.01
            end as decimal(19, 6)
        ) as exact_minor,
        rates.minor_rate,
        spend.impression_count,
        spend.click_count,
        spend.claimed_conversions,
        spend.claimed_view_conversions,
        {{ to_minor('spend.claimed_value_amount', 'currencies.exponent') }} as claimed_value_minor,
        {{ to_minor('spend.claimed_view_value_amount', 'currencies.exponent') }} as claimed_view_value_minor
    from spend
    inner join campaigns
        on
            spend.platform = campaigns.platform
            and spend.account_id = campaigns.account_id
            and spend.campaign_id = campaigns.platform_campaign_id
    left join currencies
        on campaigns.currency_code = currencies.currency_code
    left join rates
        on
            campaigns.currency_code = rates.currency_code
            and spend.spend_date >= rates.valid_from
            and spend.spend_date < coalesce(rates.valid_before, date '9999-12-31')
),

cumulated as (
    select
        *,
        round(sum(exact_minor) over campaign_until_day) as cumulated_minor,
        round(sum(exact_minor * minor_rate) over campaign_until_day) as cumulated_reporting_minor,
        round(sum(cast(claimed_value_minor as decimal(18, 0)) * minor_rate) over campaign_until_day)
            as cumulated_claimed_minor
    from joined
    window campaign_until_day as (
        partition by campaign_id
        order by spend_date
        rows between unbounded preceding and current row
    )
),

rounded as (
    select
        *,
        cumulated_minor - lag(cumulated_minor, 1, 0) over campaign_days as spend_minor,
        cumulated_reporting_minor
        - lag(cumulated_reporting_minor, 1, 0) over campaign_days as spend_reporting_minor,
        cumulated_claimed_minor
        - lag(cumulated_claimed_minor, 1, 0) over campaign_days as claimed_value_reporting_minor
    from cumulated
    window campaign_days as (partition by campaign_id order by spend_date)
)

select
    campaign_id,
    platform,
    account_id,
    platform_campaign_id,
    channel,
    spend_date,
    time_zone,
    currency_code,
    cost_micros,
    cast(spend_minor as bigint) as spend_minor,
    cast(spend_reporting_minor as bigint) as spend_reporting_minor,
    impression_count,
    click_count,
    cast(claimed_conversions as decimal(18, 6)) as claimed_conversions,
    cast(claimed_view_conversions as decimal(18, 6)) as claimed_view_conversions,
    claimed_value_minor,
    claimed_view_value_minor,
    cast(claimed_value_reporting_minor as bigint) as claimed_value_reporting_minor
from rounded

-- Each campaign's landed cost arrives whole: exact in micros, and within half a minor unit in money.
with

landed as (
    select
        platform,
        account_id,
        campaign_id,
        sum(cost_micros) as cost_micros
    from {{ ref('ad_spend') }}
    group by platform, account_id, campaign_id
),

spent as (
    select
        ad_spend.platform,
        ad_spend.account_id,
        ad_spend.platform_campaign_id as campaign_id,
        sum(ad_spend.cost_micros) as cost_micros,
        sum(ad_spend.spend_minor) as spend_minor,
        max(case currencies.exponent when 0 then 1000000 when 2 then 10000 when 3 then 1000 when 4 then 100 end)
            as micros_per_minor
    from {{ ref('fct_ad_spend') }} as ad_spend
    left join {{ ref('currencies') }} as currencies
        on ad_spend.currency_code = currencies.currency_code
    group by ad_spend.platform, ad_spend.account_id, ad_spend.platform_campaign_id
)

select
    coalesce(landed.campaign_id, spent.campaign_id) as campaign_id,
    landed.cost_micros as landed_micros,
    spent.cost_micros as mart_micros,
    spent.spend_minor
from landed
full outer join spent
    on
        landed.platform = spent.platform
        and landed.account_id = spent.account_id
        and landed.campaign_id = spent.campaign_id
where
    landed.campaign_id is null
    or spent.campaign_id is null
    or landed.cost_micros <> spent.cost_micros
    or 2 * abs(spent.spend_minor * spent.micros_per_minor - landed.cost_micros) > spent.micros_per_minor

with reported as (
    select
        platform,
        account_id,
        campaign_id,
        sum(cost_micros) as cost
    from conformed.ad_spend
    group by platform, account_id, campaign_id
),

mart as (
    select
        platform,
        account_id,
        platform_campaign_id as campaign_id,
        sum(cost_micros) as cost
    from marts.fct_ad_spend
    group by platform, account_id, platform_campaign_id
)

select
    coalesce(r.platform, m.platform) || ' campaign ' || coalesce(r.campaign_id, m.campaign_id) as place,
    null as day,
    'micros' as unit,
    coalesce(r.cost, 0) as left_total,
    coalesce(m.cost, 0) as right_total,
    0 as tolerance,
    null as ids
from reported as r
full join mart as m
    on r.platform = m.platform and r.account_id = m.account_id and r.campaign_id = m.campaign_id

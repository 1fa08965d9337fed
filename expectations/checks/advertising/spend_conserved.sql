with reported as (
    select
        platform,
        campaign_id,
        sum(cost_micros) as cost
    from conformed.ad_spend
    group by platform, campaign_id
),

mart as (
    select
        platform,
        campaign_id,
        sum(cost_micros) as cost
    from marts.fct_ad_spend
    group by platform, campaign_id
)

select
    'campaign ' || coalesce(r.campaign_id, m.campaign_id) as place,
    null as day,
    'micros' as unit,
    coalesce(r.cost, 0) as left_total,
    coalesce(m.cost, 0) as right_total,
    0 as tolerance,
    null as ids
from reported as r full join mart as m on r.platform = m.platform and r.campaign_id = m.campaign_id

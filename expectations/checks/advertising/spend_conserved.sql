with reported as (
    select
        campaign_id,
        sum(cost_micros) as cost
    from staging.stg_google_ads__campaign_performance
    group by campaign_id
),

mart as (
    select
        campaign_id,
        sum(cost_micros) as cost
    from marts.fct_ad_spend
    where platform = 'google_ads'
    group by campaign_id
)

select
    'campaign ' || coalesce(r.campaign_id, m.campaign_id) as place,
    null as day,
    'micros' as unit,
    coalesce(r.cost, 0) as left_total,
    coalesce(m.cost, 0) as right_total,
    0 as tolerance,
    null as ids
from reported as r full join mart as m on r.campaign_id = m.campaign_id

{% from "_money.sql" import in_minor_units %}
with claimed as (
    select
        campaign_id,
        sum(claimed_conversions) as n,
        coalesce(sum(claimed_value_reporting_minor), 0) as money
    from marts.fct_ad_spend
    group by campaign_id
),

models as (select distinct attribution_model from marts.rpt_platform_claims),

report as (
    select
        campaign_id,
        attribution_model,
        max(currency_code) as currency_code,
        sum(claimed_conversions) as n,
        {{ in_minor_units("sum(claimed_value_amount)") }} as money
    from marts.rpt_platform_claims
    where window_days = 1
    group by campaign_id, attribution_model
),

both_sides as (
    select
        'campaign ' || c.campaign_id || ' · ' || m.attribution_model || ' model' as place,
        c.n,
        c.money,
        coalesce(r.n, 0) as report_n,
        coalesce(r.money, 0) as report_money,
        coalesce(r.currency_code, 'money') as currency_code
    from claimed as c
    cross join models as m
    left join report as r
        on c.campaign_id = r.campaign_id and m.attribution_model = r.attribution_model
)

select
    place,
    null as day,
    'conversions' as unit,
    n as left_total,
    report_n as right_total,
    0 as tolerance,
    null as ids
from both_sides
union all
select
    place,
    null as day,
    currency_code as unit,
    money as left_total,
    report_money as right_total,
    0 as tolerance,
    null as ids
from both_sides

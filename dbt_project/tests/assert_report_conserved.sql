-- Under each model the report holds all revenue and all spend: what no touch explains is a row, too.
with

report as (
    select
        attribution_model,
        sum(revenue_amount) as revenue_amount,
        sum(spend_amount) as spend_amount
    from {{ ref('rpt_channel_performance') }}
    group by attribution_model
),

revenue as (
    select {{ reporting_amount('coalesce(sum(net_reporting_minor), 0)') }} as revenue_amount
    from {{ ref('fct_orders') }}
    where not is_cancelled
),

spend as (
    select {{ reporting_amount('coalesce(sum(spend_reporting_minor), 0)') }} as spend_amount
    from {{ ref('fct_ad_spend') }}
)

-- From the list of models, so that a model that the report lacks is missed.
select
    attribution_models.attribution_model,
    report.revenue_amount as report_revenue_amount,
    revenue.revenue_amount,
    report.spend_amount as report_spend_amount,
    spend.spend_amount
from {{ ref('attribution_models') }} as attribution_models
cross join revenue
cross join spend
left join report
    on attribution_models.attribution_model = report.attribution_model
where
    coalesce(report.revenue_amount, 0) <> revenue.revenue_amount
    or coalesce(report.spend_amount, 0) <> spend.spend_amount

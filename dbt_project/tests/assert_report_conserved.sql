-- Under each model and in each view the report holds all revenue and all spend: what no touch explains
-- is a row, too.
with

report as (
    select
        attribution_model,
        credit_view,
        sum(revenue_amount) as revenue_amount,
        sum(spend_amount) as spend_amount
    from {{ ref('rpt_channel_performance') }}
    group by attribution_model, credit_view
),

revenue as (
    select {{ reporting_amount('coalesce(sum(net_reporting_minor), 0)') }} as revenue_amount
    from {{ ref('fct_orders') }}
    where is_sale
),

spend as (
    select {{ reporting_amount('coalesce(sum(spend_reporting_minor), 0)') }} as spend_amount
    from {{ ref('fct_ad_spend') }}
),

credit_views as (
    select 'cash' as credit_view
    union all
    select 'accrual' as credit_view
)

-- From the list of models and views, so that one that the report lacks is missed.
select
    attribution_models.attribution_model,
    credit_views.credit_view,
    report.revenue_amount as report_revenue_amount,
    revenue.revenue_amount,
    report.spend_amount as report_spend_amount,
    spend.spend_amount
from {{ ref('int_attribution__models') }} as attribution_models
cross join credit_views
cross join revenue
cross join spend
left join report
    on
        attribution_models.attribution_model = report.attribution_model
        and credit_views.credit_view = report.credit_view
where
    coalesce(report.revenue_amount, 0) <> revenue.revenue_amount
    or coalesce(report.spend_amount, 0) <> spend.spend_amount

-- The report holds all revenue, raw and calibrated, and all spend, each once; so any of its columns may be summed.
with

report as (
    select
        sum(revenue_amount) as revenue_amount,
        sum(calibrated_revenue_amount) as calibrated_revenue_amount,
        sum(spend_amount) as spend_amount
    from {{ ref('rpt_marketing_performance') }}
),

revenue as (
    select {{ reporting_amount('coalesce(sum(credit_reporting_minor), 0)') }} as revenue_amount
    from {{ ref('fct_attribution') }}
    where attribution_model = '{{ var("attribution_model") }}'
),

spend as (
    select {{ reporting_amount('coalesce(sum(spend_reporting_minor), 0)') }} as spend_amount
    from {{ ref('fct_ad_spend') }}
)

select
    report.*,
    revenue.revenue_amount as attributed_amount,
    spend.spend_amount as spent_amount
from report
cross join revenue
cross join spend
where
    coalesce(report.revenue_amount, 0) <> revenue.revenue_amount
    or coalesce(report.calibrated_revenue_amount, 0) <> revenue.revenue_amount
    or coalesce(report.spend_amount, 0) <> spend.spend_amount

-- Under each model the report of claims holds, day by day summed up, what the platforms claimed, what
-- was credited to their campaigns, and on each of its days what was sold.
with

report as (
    select
        attribution_model,
        sum(claimed_conversions) as claimed_conversions,
        sum(claimed_value_amount) as claimed_value_amount,
        sum(attributed_online_order_count + attributed_till_order_count) as order_count,
        sum(attributed_online_amount + attributed_till_amount) as credit_amount
    from {{ ref('rpt_platform_claims') }}
    where window_days = 1
    group by attribution_model
),

claimed as (
    select coalesce(sum(claimed_conversions), 0) as claimed_conversions
    from {{ ref('ad_spend') }}
),

claimed_value as (
    select {{ reporting_amount('coalesce(sum(claimed_value_reporting_minor), 0)') }} as claimed_value_amount
    from {{ ref('fct_ad_spend') }}
),

credited as (
    select
        attribution_model,
        sum(credit_share) as order_count,
        {{ reporting_amount('sum(credit_reporting_minor)') }} as credit_amount
    from {{ ref('fct_attribution') }}
    where
        campaign_id is not null
        and conversion_type in ('web_order', 'till_order')
    group by attribution_model
),

sold as (
    select
        {{ local_date('ordered_at', "'" ~ var('reporting_time_zone') ~ "'") }} as report_date,
        count(*) as order_count,
        {{ reporting_amount('sum(net_reporting_minor)') }} as net_amount
    from {{ ref('fct_orders') }}
    where is_sale
    group by {{ local_date('ordered_at', "'" ~ var('reporting_time_zone') ~ "'") }}
),

ledger as (
    select distinct
        report_date,
        ledger_online_order_count + ledger_till_order_count as order_count,
        ledger_online_amount + ledger_till_amount as net_amount
    from {{ ref('rpt_platform_claims') }}
    where window_days = 1
)

select
    attribution_models.attribution_model,
    cast(null as date) as report_date
from {{ ref('int_attribution__models') }} as attribution_models
cross join claimed
cross join claimed_value
left join report
    on attribution_models.attribution_model = report.attribution_model
left join credited
    on attribution_models.attribution_model = credited.attribution_model
where
    coalesce(report.claimed_conversions, 0) <> claimed.claimed_conversions
    or coalesce(report.claimed_value_amount, 0) <> claimed_value.claimed_value_amount
    or coalesce(report.order_count, 0) <> coalesce(credited.order_count, 0)
    or coalesce(report.credit_amount, 0) <> coalesce(credited.credit_amount, 0)
union all
select
    {{ as_text('null') }} as attribution_model,
    ledger.report_date
from ledger
left join sold
    on ledger.report_date = sold.report_date
where
    ledger.order_count <> coalesce(sold.order_count, 0)
    or ledger.net_amount <> coalesce(sold.net_amount, 0)

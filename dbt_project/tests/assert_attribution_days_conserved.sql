-- On every day and for every type, each model credits the conversions of the day (cash view), and
-- either view holds as much as the other in all.
with

conversions as (
    select
        conversion_type,
        {{ local_date('converted_at', "'" ~ var('reporting_time_zone') ~ "'") }} as cash_date,
        count(*) as conversion_count,
        sum(value_reporting_minor) as value_reporting_minor
    from {{ ref('int_conversions') }}
    group by conversion_type, {{ local_date('converted_at', "'" ~ var('reporting_time_zone') ~ "'") }}
),

credited as (
    select
        attribution_model,
        conversion_type,
        cash_date,
        sum(credit_share) as credit_share,
        sum(credit_reporting_minor) as credit_reporting_minor
    from {{ ref('fct_attribution') }}
    group by attribution_model, conversion_type, cash_date
),

report as (
    select
        attribution_model,
        sum(case when credit_view = 'cash' then revenue_amount else -revenue_amount end) as revenue_difference,
        sum(case when credit_view = 'cash' then attributed_order_count else -attributed_order_count end)
            as order_difference
    from {{ ref('rpt_channel_performance') }}
    group by attribution_model
)

select
    credited.attribution_model,
    credited.conversion_type,
    credited.cash_date,
    conversions.conversion_count,
    credited.credit_share,
    conversions.value_reporting_minor,
    credited.credit_reporting_minor
from credited
full outer join conversions
    on
        credited.conversion_type = conversions.conversion_type
        and credited.cash_date = conversions.cash_date
where
    conversions.conversion_type is null
    or credited.conversion_type is null
    or conversions.conversion_count <> credited.credit_share
    or conversions.value_reporting_minor <> credited.credit_reporting_minor
union all
select
    attribution_model,
    'all' as conversion_type,
    cast(null as date) as cash_date,
    cast(null as bigint) as conversion_count,
    order_difference as credit_share,
    cast(null as bigint) as value_reporting_minor,
    revenue_difference as credit_reporting_minor
from report
where revenue_difference <> 0 or order_difference <> 0

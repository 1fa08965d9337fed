-- Sales and revenue of known customers are the same by order, by cohort, by customer and by segment.
with

sides as (
    select
        'orders' as side,
        count(*) as order_count,
        sum(net_reporting_minor) as net_minor
    from {{ ref('fct_orders') }}
    where customer_order_number is not null
    union all
    select
        'cohorts' as side,
        sum(order_count) as order_count,
        sum(net_reporting_minor) as net_minor
    from {{ ref('fct_cohort_retention') }}
    union all
    select
        'ltv' as side,
        sum(order_count) as order_count,
        sum(historic_value_reporting_minor) as net_minor
    from {{ ref('fct_customer_ltv') }}
    union all
    select
        'segments' as side,
        sum(order_count) as order_count,
        sum(net_reporting_minor) as net_minor
    from {{ ref('rpt_segments') }}
    union all
    select
        'firsts' as side,
        count(*) as order_count,
        cast(null as bigint) as net_minor
    from {{ ref('fct_orders') }}
    where is_first_order
    union all
    select
        'customers' as side,
        count(*) as order_count,
        cast(null as bigint) as net_minor
    from {{ ref('fct_customer_ltv') }}
)

select
    max(order_count) as most_orders,
    max(net_minor) as most_revenue
from sides
group by case when side in ('firsts', 'customers') then 1 else 0 end
having
    min(coalesce(order_count, 0)) <> max(coalesce(order_count, 0))
    or min(coalesce(net_minor, 0)) <> max(coalesce(net_minor, 0))

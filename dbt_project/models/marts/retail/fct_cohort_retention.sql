{%- set parts = ['cohort_month', 'first_purchase_channel', 'first_store_id', 'first_touch_channel'] %}

with

orders as (
    select * from {{ ref('int_orders__all') }}
    where customer_order_number is not null
),

firsts as (
    select * from {{ ref('int_customers__firsts') }}
    where first_order_id is not null
),

members as (
    select
        firsts.customer_id,
        cast(date_trunc('month', firsts.first_order_date) as date) as cohort_month,
        firsts.first_purchase_channel,
        firsts.first_store_id,
        firsts.first_touch_channel
    from firsts
),

keyed as (
    select
        *,
        {{ hash_key(parts) }} as cohort_id
    from members
),

cohorts as (
    select
        cohort_id,
        {{ parts | join(',\n        ') }},
        count(*) as customer_count
    from keyed
    group by cohort_id, {{ parts | join(', ') }}
),

edges as (
    select
        min(order_date) as first_date,
        max(order_date) as until_date
    from {{ ref('int_orders__all') }}
    where is_sale
),

days as (
    select
        until_date,
        {{ explode(days_from('first_date', 'until_date')) }} as calendar_date
    from edges
    where first_date is not null
),

-- Of the newest day more may come: a month is over with the first day of the next.
months as (
    select distinct
        cast(date_trunc('month', calendar_date) as date) as activity_month,
        date_trunc('month', calendar_date) < date_trunc('month', until_date) as is_complete
    from days
),

activity as (
    select
        keyed.cohort_id,
        cast(date_trunc('month', orders.order_date) as date) as activity_month,
        count(distinct orders.customer_id) as customer_count,
        count(*) as order_count,
        sum(orders.net_reporting_minor) as net_minor
    from orders
    inner join keyed
        on orders.customer_id = keyed.customer_id
    group by keyed.cohort_id, cast(date_trunc('month', orders.order_date) as date)
),

-- A month in which nobody of a cohort came has a row, too, or its mean would be that of the others.
completed as (
    select
        cohorts.*,
        months.activity_month,
        months.is_complete,
        12 * (extract(year from months.activity_month) - extract(year from cohorts.cohort_month))
        + extract(month from months.activity_month) - extract(month from cohorts.cohort_month) as months_since
    from cohorts
    inner join months
        on cohorts.cohort_month <= months.activity_month
)

select
    {{ hash_key(['completed.cohort_id', 'completed.activity_month']) }} as cohort_retention_id,
    {%- for part in parts %}
    completed.{{ part }},
    {%- endfor %}
    cast(completed.months_since as bigint) as months_since,
    completed.activity_month,
    completed.is_complete,
    cast(completed.customer_count as bigint) as cohort_customer_count,
    cast(coalesce(activity.customer_count, 0) as bigint) as active_customer_count,
    {{ exact_ratio('coalesce(activity.customer_count, 0)', 'completed.customer_count', 6, precision=9) }}
        as retention_rate,
    {{ wilson('coalesce(activity.customer_count, 0)', 'completed.customer_count', 'low') }} as retention_rate_low,
    {{ wilson('coalesce(activity.customer_count, 0)', 'completed.customer_count', 'high') }} as retention_rate_high,
    cast(coalesce(activity.order_count, 0) as bigint) as order_count,
    cast(coalesce(activity.net_minor, 0) as bigint) as net_reporting_minor,
    {{ reporting_amount('coalesce(activity.net_minor, 0)') }} as net_amount
from completed
left join activity
    on
        completed.cohort_id = activity.cohort_id
        and completed.activity_month = activity.activity_month

with

sales as (
    select * from {{ ref('int_orders__all') }}
    where is_sale
),

-- Today is the newest day of any sale.
edges as (
    select
        max(order_date) as until_date,
        max({{ day_number('order_date') }}) as until_day
    from sales
),

-- Who buys twice on a day has come once.
purchase_days as (
    select
        customer_id,
        order_date,
        {{ day_number('order_date') }} as purchase_day,
        count(*) as order_count,
        sum(net_reporting_minor) as value_minor
    from sales
    where customer_id is not null
    group by customer_id, order_date
),

firsts as (
    select
        customer_id,
        min(purchase_day) as first_day
    from purchase_days
    group by customer_id
),

told as (
    select
        purchase_days.*,
        firsts.first_day,
        edges.until_date,
        edges.until_day,
        purchase_days.purchase_day > firsts.first_day as is_repeat
    from purchase_days
    inner join firsts
        on purchase_days.customer_id = firsts.customer_id
    cross join edges
)

select
    customer_id,
    min(order_date) as first_order_date,
    max(order_date) as last_order_date,
    max(until_date) as until_date,
    cast(sum(order_count) as bigint) as order_count,
    cast(coalesce(sum(value_minor), 0) as bigint) as net_reporting_minor,
    cast(count(*) - 1 as bigint) as repeat_count,
    max(purchase_day) - min(first_day) as recency_days,
    max(until_day) - min(first_day) as age_days,
    -- What was given back is no spending, and a currency without a rate tells none.
    cast(sum(case when is_repeat and value_minor is not null then 1 else 0 end) as bigint) as valued_repeat_count,
    cast(greatest(sum(case when is_repeat then coalesce(value_minor, 0) else 0 end), 0) as bigint)
        as repeat_reporting_minor
from told
group by customer_id

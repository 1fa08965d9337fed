{#- Four ends before the newest day, an eighth of all time apart: what is known of customers until each, and what they
    did later. -#}
with

customers as (
    select
        customer_id,
        until_date,
        {{ day_number('first_order_date') }} as first_day,
        {{ day_number('until_date') }} as until_day
    from {{ ref('int_customers__histories') }}
),

purchase_days as (
    select distinct
        customer_id,
        {{ day_number('order_date') }} as purchase_day
    from {{ ref('int_orders__all') }}
    where is_sale and customer_id is not null
),

edges as (
    select
        min(first_day) as first_day,
        max(until_day) as until_day
    from customers
),

ends as (
    {%- for part in range(1, 5) %}
    select
        {{ part }} as held_back_eighths,
        until_day - cast(floor((until_day - first_day) * {{ part }} / 8.0) as bigint) as end_day
    from edges
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

seen as (
    select
        customers.customer_id,
        customers.until_date,
        customers.first_day,
        customers.until_day - ends.end_day as later_days,
        ends.held_back_eighths,
        ends.end_day,
        sum(
            case
                when
                    purchase_days.purchase_day > customers.first_day
                    and purchase_days.purchase_day <= ends.end_day
                    then 1
                else 0
            end
        ) as repeat_count,
        max(case when purchase_days.purchase_day <= ends.end_day then purchase_days.purchase_day end) as last_day,
        sum(case when purchase_days.purchase_day > ends.end_day then 1 else 0 end) as later_repeat_count
    from customers
    inner join purchase_days
        on customers.customer_id = purchase_days.customer_id
    inner join ends
        on customers.first_day <= ends.end_day
    -- A shop of one day has no time before and after.
    where ends.end_day < customers.until_day
    group by
        customers.customer_id,
        customers.until_date,
        customers.first_day,
        customers.until_day,
        ends.held_back_eighths,
        ends.end_day
),

counted as (
    select
        held_back_eighths,
        later_days,
        until_date,
        cast(repeat_count as bigint) as repeat_count,
        last_day - first_day as recency_days,
        end_day - first_day as age_days,
        later_repeat_count
    from seen
)

select
    {{ hash_key(['held_back_eighths', 'repeat_count', 'recency_days', 'age_days']) }} as past_history_id,
    held_back_eighths,
    later_days,
    repeat_count,
    recency_days,
    age_days,
    max(until_date) as until_date,
    count(*) as customer_count,
    cast(sum(later_repeat_count) as bigint) as later_repeat_count
from counted
group by held_back_eighths, later_days, repeat_count, recency_days, age_days

with

histories as (
    select * from {{ ref('int_customers__histories') }}
),

channels as (
    select
        customer_id,
        count(*) as order_count,
        sum(case when order_channel = 'till' then 1 else 0 end) as till_order_count
    from {{ ref('int_orders__all') }}
    where is_sale and customer_id is not null
    group by customer_id
),

-- How many are below: who is alike is in one fifth, the lowest that one of them is in.
ranked as (
    select
        histories.*,
        channels.till_order_count,
        count(*) over () as customer_count,
        rank() over (order by histories.last_order_date) - 1 as earlier_count,
        rank() over (order by histories.order_count) - 1 as rarer_count,
        rank() over (order by histories.net_reporting_minor) - 1 as poorer_count
    from histories
    inner join channels
        on histories.customer_id = channels.customer_id
),

scored as (
    select
        *,
        {{ fifth('earlier_count', 'customer_count') }} as recency_score,
        {{ fifth('rarer_count', 'customer_count') }} as frequency_score,
        {{ fifth('poorer_count', 'customer_count') }} as monetary_score
    from ranked
)

select
    customer_id,
    first_order_date,
    last_order_date,
    age_days - recency_days as days_since_last_order,
    recency_score,
    frequency_score,
    monetary_score,
    case
        when order_count = 1 and recency_score >= 4 then 'new'
        when recency_score >= 4 and frequency_score >= 4 then 'champion'
        when recency_score >= 3 and frequency_score >= 3 then 'loyal'
        when recency_score >= 3 then 'promising'
        when frequency_score >= 4 and monetary_score >= 4 then 'cannot_lose'
        when frequency_score >= 3 then 'at_risk'
        else 'hibernating'
    end as rfm_segment,
    case
        when 3 * till_order_count > 2 * order_count then 'store'
        when 3 * till_order_count < order_count then 'web'
        else 'both'
    end as preferred_channel
from scored

-- Of a cohort never more are active than it has, all are in its own month, and its size is the same in every month.
-- A rate lies within its interval.
select
    cohort_month,
    first_purchase_channel,
    first_store_id,
    first_touch_channel
from {{ ref('fct_cohort_retention') }}
group by cohort_month, first_purchase_channel, first_store_id, first_touch_channel
having
    max(active_customer_count) > min(cohort_customer_count)
    or min(cohort_customer_count) <> max(cohort_customer_count)
    or min(months_since) <> 0
    or count(*) <> max(months_since) + 1
    or sum(case when months_since = 0 then active_customer_count else 0 end) <> min(cohort_customer_count)
    or min(retention_rate - retention_rate_low) < 0
    or min(retention_rate_high - retention_rate) < 0

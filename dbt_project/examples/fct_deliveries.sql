-- How many deliveries arrive when they were promised, by month?
select
    date_trunc('month', order_date) as order_month,
    count(*) filter (where is_promise_kept) / nullif(count(is_promise_kept), 0) as kept_rate
from marts.fct_deliveries
group by all
order by order_month;

-- How long are goods on their way, by region?
select region_code, median(minutes_to_deliver) / 1440 as median_days
from marts.fct_deliveries
group by all
order by median_days;

-- What was promised and is late?
select order_id, promised_at, delivery_status
from marts.fct_deliveries
where promise_outcome = 'late' and delivered_at is null
order by promised_at;

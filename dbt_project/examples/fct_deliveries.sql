-- How often does what is sent arrive when it was promised, by region?
select
    region_code,
    count(*) as delivery_count,
    count_if(is_promise_kept) / nullif(count(is_promise_kept), 0) as promise_kept_rate
from marts.fct_deliveries
group by region_code
order by delivery_count desc;

-- Of how many deliveries does nobody tell whether the promise was kept, and why?
select connection, promise_outcome, count(*) as delivery_count
from marts.fct_deliveries
group by connection, promise_outcome
order by delivery_count desc;

-- How many hours until an order leaves, and until it arrives?
select
    date_trunc('week', order_date) as order_week,
    avg(minutes_to_ship) / 60 as mean_hours_to_ship,
    avg(minutes_to_deliver) / 60 as mean_hours_to_deliver
from marts.fct_deliveries
group by order_week
order by order_week;

-- How long does it take each store to have an order ready, and how often in time?
select
    store_name,
    count(*) as order_count,
    avg(minutes_to_ready) as mean_minutes_to_ready,
    count_if(is_promise_kept) / nullif(count(is_promise_kept), 0) as promise_kept_rate
from marts.fct_bopis
inner join marts.dim_stores using (store_id)
group by store_name
order by promise_kept_rate;

-- Which orders lie ready in a store and have not been fetched, since when?
select order_id, store_id, ready_at
from marts.fct_bopis
where pickup_status = 'ready'
order by ready_at;

-- At how many pick-ups was something bought along, and for how much?
select
    date_trunc('month', order_date) as order_month,
    count_if(has_cross_sell) / nullif(count(has_cross_sell), 0) as cross_sell_rate,
    sum(cross_sell_amount) as cross_sell_amount
from marts.fct_bopis
group by order_month
order by order_month;

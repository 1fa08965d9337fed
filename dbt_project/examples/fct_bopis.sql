-- How long does it take until an order is ready, by store?
select stores.store_name, median(bopis.minutes_to_ready) as median_minutes, count(bopis.minutes_to_ready) as order_count
from marts.fct_bopis as bopis
inner join marts.dim_stores as stores using (store_id)
group by all
order by median_minutes;

-- Which promises are kept?
select promise_outcome, count(*) as order_count
from marts.fct_bopis
where is_sale
group by all
order by order_count desc;

-- What do people buy along when they pick up?
select
    count(*) filter (where has_cross_sell) / nullif(count(has_cross_sell), 0) as cross_sell_rate,
    sum(cross_sell_amount) as cross_sell_amount
from marts.fct_bopis;

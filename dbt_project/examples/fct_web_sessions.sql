-- How many sessions end in an order, by channel?
select channel, count(*) as session_count, count(*) filter (where is_converted) / count(*) as conversion_rate
from marts.fct_web_sessions
group by all
order by session_count desc;

-- How many sessions are there a day?
select session_date, count(*) as session_count
from marts.fct_web_sessions
group by all
order by session_date;

-- What do the orders come to that were seen bought in a session?
select sessions.channel, count(*) as order_count, sum(orders.revenue_amount) as revenue_amount
from marts.fct_web_sessions as sessions
inner join marts.fct_orders as orders using (order_id)
group by all
order by revenue_amount desc;

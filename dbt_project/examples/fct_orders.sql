-- What did we sell, by month and channel?
select date_trunc('month', order_date) as order_month, order_channel, count(*) as order_count, sum(revenue_amount) as revenue_amount
from marts.fct_orders
where is_sale
group by all
order by all;

-- What is a basket worth?
select order_channel, sum(net_sales_amount) / count(*) as net_sales_per_order, sum(item_count) / count(*) as units_per_order
from marts.fct_orders
where is_sale
group by all
order by all;

-- Which shops hand out most web orders?
select stores.store_name, count(*) as order_count
from marts.fct_orders as orders
inner join marts.dim_stores as stores on orders.pickup_store_id = stores.store_id
where orders.is_sale
group by all
order by order_count desc;

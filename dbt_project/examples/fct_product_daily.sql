-- What sold best in the newest month?
select product_name, sum(sold_quantity) as sold_quantity, sum(net_sales_amount) as net_sales_amount
from marts.fct_product_daily
where order_date >= (select date_trunc('month', max(order_date)) from marts.fct_product_daily)
group by all
order by net_sales_amount desc
limit 20;

-- What is sold online, and what in the shops?
select category, order_channel, sum(net_sales_amount) as net_sales_amount
from marts.fct_product_daily
group by all
order by all;

-- What comes back most?
select product_name, sum(returned_quantity) / nullif(sum(sold_quantity), 0) as return_rate
from marts.fct_product_daily
group by all
having sum(sold_quantity) >= 20
order by return_rate desc;

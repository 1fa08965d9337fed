-- What was in an order?
select product_name, quantity, net_sales_minor, currency_code
from marts.fct_order_lines
where order_id = 'shop:1';

-- Which categories sell, by channel?
select order_channel, category, sum(net_sales_amount) as net_sales_amount
from marts.fct_order_lines
where is_sale and line_kind <> 'gift_card'
group by all
order by net_sales_amount desc;

-- How much of what was bought is kept?
select category, sum(current_quantity) / nullif(sum(quantity), 0) as kept_rate
from marts.fct_order_lines
where is_sale and line_kind = 'goods'
group by all
order by kept_rate;

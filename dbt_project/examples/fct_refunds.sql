-- What was given back by month, in the month of the refund?
select date_trunc('month', refund_date) as refund_month, sum(revenue_amount) as given_back_amount
from marts.fct_refunds
where is_of_sale
group by all
order by refund_month;

-- How long after the sale do things come back?
select order_channel, median(days_since_order) as median_days, count(*) as refund_count
from marts.fct_refunds
where is_of_sale
group by all
order by order_channel;

-- Which shops take back what others, or the web, have sold?
select stores.store_name, refunds.order_channel, count(*) as refund_count
from marts.fct_refunds as refunds
inner join marts.dim_stores as stores on refunds.returned_store_id = stores.store_id
where refunds.store_id is distinct from refunds.returned_store_id
group by all
order by refund_count desc;

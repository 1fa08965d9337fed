-- How many customers buy online, in the shops, or both?
select preferred_channel, count(*) as customer_count, sum(net_reporting_minor) as net_reporting_minor
from marts.dim_customers
where order_count > 0
group by all
order by customer_count desc;

-- Whom may we write to that has not bought for half a year?
select customer_id, rfm_segment, days_since_last_order
from marts.dim_customers
where email_consent_status = 'granted' and days_since_last_order > 180
order by days_since_last_order;

-- Which channel touched customers first, by the shop they are at home in?
select stores.store_name, customers.first_touch_channel, count(*) as customer_count
from marts.dim_customers as customers
left join marts.dim_stores as stores on customers.home_store_id = stores.store_id
group by all
order by customer_count desc;

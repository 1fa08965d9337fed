-- How many visitors buy, by shop?
select store_id, sum(comparable_receipt_count) / sum(footfall_count) as conversion_rate
from marts.fct_store_daily
group by all
having sum(footfall_count) > 0
order by conversion_rate desc;

-- What did each shop take in by month?
select stores.store_name, date_trunc('month', days.business_date) as business_month, sum(days.revenue_amount) as revenue_amount
from marts.fct_store_daily as days
inner join marts.dim_stores as stores using (store_id)
group by all
order by all;

-- How busy is each weekday?
select dates.weekday, avg(days.footfall_count) as mean_footfall
from marts.fct_store_daily as days
inner join marts.dim_dates as dates on days.business_date = dates.calendar_date
group by all
order by dates.weekday;

-- Which days does the data cover?
select min(calendar_date) as first_date, max(calendar_date) as last_date
from marts.dim_dates;

-- Which days of the newest month are at a weekend?
select calendar_date
from marts.dim_dates
where is_weekend and calendar_date >= (select date_trunc('month', max(calendar_date)) from marts.dim_dates)
order by calendar_date;

-- On how many days of each ISO week did nobody order anything?
select dates.iso_year, dates.iso_week, count(*) filter (where orders.order_id is null) as empty_day_count
from marts.dim_dates as dates
left join marts.fct_orders as orders on dates.calendar_date = orders.order_date
group by all
order by all;

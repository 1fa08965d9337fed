-- Where do inquiries come from, and what becomes of them?
select inquiry_source, inquiry_status, count(*) as inquiry_count
from marts.fct_inquiries
group by all
order by all;

-- How many lead to a booking?
select date_trunc('month', inquired_date) as inquiry_month, count(booking_id) / count(*) as booking_rate
from marts.fct_inquiries
group by all
order by inquiry_month;

-- Which inquiries are still open after a month of the data?
select inquiry_id, inquired_date
from marts.fct_inquiries
where inquiry_status = 'open' and inquired_date < (select max(inquired_date) - 30 from marts.fct_inquiries)
order by inquired_date;

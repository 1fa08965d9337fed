-- What becomes of bookings?
select booking_kind, booking_status, count(*) as booking_count
from marts.fct_bookings
group by all
order by all;

-- How long ahead do people book?
select booking_kind, median(lead_time_days) as median_days
from marts.fct_bookings
group by all
order by booking_kind;

-- What do those who came spend?
select stores.store_name, sum(bookings.revenue_amount) / count(*) as revenue_per_booking
from marts.fct_bookings as bookings
inner join marts.dim_stores as stores using (store_id)
where bookings.booking_status = 'showed'
group by all
order by revenue_per_booking desc;

-- How many of those booked came, and bought?
select booked_month, sum(booking_count) as booking_count, sum(showed_count) as showed_count, sum(bought_count) as bought_count
from marts.rpt_booking_funnel
group by all
order by booked_month;

-- Where do people stay away?
select stores.store_name, sum(funnel.no_show_count) / nullif(sum(funnel.no_show_count + funnel.showed_count + funnel.unknown_count), 0) as no_show_rate
from marts.rpt_booking_funnel as funnel
inner join marts.dim_stores as stores using (store_id)
group by all
order by no_show_rate desc;

-- What is still ahead?
select booking_kind, sum(ahead_count) as ahead_count
from marts.rpt_booking_funnel
group by all
order by all;

-- How long do people stay?
select store_id, median(dwell_seconds) / 60 as median_minutes, count(*) as visit_count
from marts.fct_store_visits
group by all
order by all;

-- At what hour of the shop's day do people come?
select extract(hour from arrived_at at time zone 'UTC' at time zone time_zone) as hour_of_day, count(*) as visit_count
from marts.fct_store_visits
group by all
order by hour_of_day;

-- How many known customers come how often?
select visit_count, count(*) as customer_count
from (select customer_id, count(*) as visit_count from marts.fct_store_visits where customer_id is not null group by all)
group by all
order by visit_count;

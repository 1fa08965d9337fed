-- How many touches does a sale take?
select conversion_type, avg(touch_count) as mean_touch_count, median(path_days) as median_days
from marts.fct_customer_journeys
group by all
order by all;

-- Which channels begin journeys that another one ends?
select first_channel, last_channel, count(*) as journey_count
from marts.fct_customer_journeys
where first_channel <> last_channel
group by all
order by journey_count desc;

-- What led to a customer's purchases?
select converted_at, conversion_type, channel_path, revenue_amount
from marts.fct_customer_journeys
where customer_id = 'C-1'
order by converted_at;

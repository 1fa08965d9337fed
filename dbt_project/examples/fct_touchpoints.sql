-- Which channels touch people, by month?
select date_trunc('month', touch_date) as touch_month, channel, count(*) as touch_count
from marts.fct_touchpoints
group by all
order by touch_month, touch_count desc;

-- How many touches may be tied to a person?
select has_analytics_consent, has_ads_consent, count(*) as touch_count, count(customer_id) as known_count
from marts.fct_touchpoints
group by all
order by all;

-- What did a customer see before?
select touched_at, channel, source, medium
from marts.fct_touchpoints
where customer_id = 'C-1'
order by touched_at;

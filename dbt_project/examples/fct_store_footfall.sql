-- How many people came, and how sure is it?
select footfall_date, store_id, footfall_low_count, footfall_count, footfall_high_count, footfall_source
from marts.fct_store_footfall
order by all;

-- Why was a shop's door not counted?
select store_id, uncounted_reason, count(*) as day_count
from marts.fct_store_footfall
where uncounted_reason is not null
group by all
order by day_count desc;

-- How many of those who come are known by their phone?
select store_id, sum(known_visit_count) / sum(footfall_count) as known_rate
from marts.fct_store_footfall
where footfall_count > 0
group by all
order by known_rate desc;

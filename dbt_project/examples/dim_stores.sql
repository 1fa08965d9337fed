-- Which shops are there?
select store_id, store_name, city, time_zone, currency_code
from marts.dim_stores
where is_open
order by store_id;

-- Which shops does a system not know?
select store_id, store_name, is_known_to_tills, is_known_to_web_shop, is_known_to_counters, is_known_to_beacons
from marts.dim_stores
where not (is_known_to_tills and is_known_to_web_shop and is_known_to_counters and is_known_to_beacons)
order by store_id;

-- How many shops are there by country?
select country_code, count(*) as store_count
from marts.dim_stores
where is_open
group by all
order by store_count desc;

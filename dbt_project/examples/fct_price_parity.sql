-- Which products cost more at the tills?
select product_name, web_price_minor, till_price_minor, difference_rate
from marts.fct_price_parity
where difference_minor > 0
order by difference_rate desc;

-- How many prices can be compared, and how many differ?
select parity_status, count(*) as price_count
from marts.fct_price_parity
group by all
order by price_count desc;

-- Which shop asks for prices of its own?
select stores.store_name, count(*) as price_count, count(*) filter (where prices.is_different) as different_count
from marts.fct_price_parity as prices
inner join marts.dim_stores as stores using (store_id)
group by all
order by all;

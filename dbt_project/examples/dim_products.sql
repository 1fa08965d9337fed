-- Which products do web and tills both sell?
select product_code, product_name, match_reason
from marts.dim_products
where is_main and matched_product_count > 1
order by product_code;

-- Why are products not matched?
select match_reason, count(*) as product_count
from marts.dim_products
group by all
order by product_count desc;

-- What is for sale but never sold?
select products.product_code, products.product_name
from marts.dim_products as products
anti join marts.fct_product_daily as days using (product_code)
where products.is_main and products.is_active
order by all;

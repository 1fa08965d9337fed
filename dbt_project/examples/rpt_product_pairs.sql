-- What goes with a product?
select second_product_name, pair_order_count, second_given_first_rate, lift
from marts.rpt_product_pairs
where first_product_code = 'SKU-1'
order by lift desc;

-- Which pairs are bought together most often?
select first_product_name, second_product_name, pair_order_count
from marts.rpt_product_pairs
order by pair_order_count desc
limit 20;

-- Which products replace each other, as they are seldom in one basket?
select first_product_name, second_product_name, lift
from marts.rpt_product_pairs
where lift < 0.5
order by lift;

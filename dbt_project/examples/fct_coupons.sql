-- Which codes are used most, and what do they cost?
select coupon_code, redeemed_order_count, discount_amount, net_amount
from marts.fct_coupons
order by redeemed_order_count desc
limit 20;

-- How many of those who saw a code used it?
select discount_name, sum(redeemed_customer_count) / nullif(sum(seen_count), 0) as use_rate
from marts.fct_coupons
group by all
order by use_rate desc;

-- Which codes were used that nobody lists?
select coupon_code, redeemed_order_count, first_redeemed_at
from marts.fct_coupons
where not is_listed
order by redeemed_order_count desc;

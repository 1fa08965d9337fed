-- What is a customer's balance?
select loyalty_account_id, sum(points) as points
from marts.fct_loyalty
where customer_id = 'C-1'
group by all;

-- Where are points earned and burned?
select entry_kind, channel, sum(points) as points
from marts.fct_loyalty
group by all
order by all;

-- How many points wait to be burned?
select connection, sum(points) as open_points
from marts.fct_loyalty
group by all;

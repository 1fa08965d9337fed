-- Who will be worth most in the next year?
select customer_id, historic_value_amount, predicted_value_amount, probability_alive
from marts.fct_customer_ltv
order by predicted_value_amount desc nulls last
limit 20;

-- What is a customer of each segment worth?
select customers.rfm_segment, avg(worth.historic_value_amount) as mean_historic, avg(worth.predicted_value_amount) as mean_predicted
from marts.fct_customer_ltv as worth
inner join marts.dim_customers as customers using (customer_id)
group by all
order by mean_historic desc;

-- Of how many customers is nothing predicted, and why?
select prediction_reason, count(*) as customer_count
from marts.fct_customer_ltv
group by all
order by customer_count desc;

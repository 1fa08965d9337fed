-- How many customers buy again in each month after the first?
select months_since, sum(active_customer_count) / sum(cohort_customer_count) as retention_rate
from marts.fct_cohort_retention
where is_complete
group by all
order by months_since;

-- Do customers who began in a shop stay longer?
select first_purchase_channel, months_since, sum(active_customer_count) / sum(cohort_customer_count) as retention_rate
from marts.fct_cohort_retention
where is_complete
group by all
order by all;

-- What did each month's new customers bring until now?
select cohort_month, sum(net_amount) as net_amount
from marts.fct_cohort_retention
group by all
order by cohort_month;

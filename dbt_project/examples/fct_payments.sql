-- How do people pay, by channel?
select order_channel, tender, count(*) as payment_count, sum(payment_amount) as payment_amount
from marts.fct_payments
where is_paid
group by all
order by payment_amount desc;

-- How many payments fail?
select tender, count(*) filter (where payment_status = 'failed') / count(*) as failure_rate
from marts.fct_payments
group by all
order by failure_rate desc;

-- What tips does each shop get?
select stores.store_name, sum(payments.tip_amount) as tip_amount
from marts.fct_payments as payments
inner join marts.dim_stores as stores using (store_id)
where payments.is_paid
group by all
order by tip_amount desc;

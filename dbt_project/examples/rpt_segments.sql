-- How many customers are in each segment, and what are they worth?
select rfm_segment, sum(customer_count) as customer_count, sum(net_amount) as net_amount
from marts.rpt_segments
group by all
order by net_amount desc;

-- Whom may we write to, and what?
select next_message, sum(email_customer_count) as email_count, sum(sms_customer_count) as sms_count
from marts.rpt_segments
group by all
order by email_count desc;

-- How much value is out of reach, as nobody agreed to be written to?
select rfm_segment, sum(net_amount) as net_amount
from marts.rpt_segments
where consented_to = 'nothing'
group by all
order by net_amount desc;

-- What does a new customer cost, by channel?
select channel, sum(spend_amount) / nullif(sum(new_customer_count), 0) as cost_per_new_customer
from marts.fct_campaign_daily
group by all
order by cost_per_new_customer;

-- What was spent, claimed and credited by month?
select
    date_trunc('month', report_date) as report_month,
    sum(spend_amount) as spend_amount,
    sum(claimed_amount) as claimed_amount,
    sum(revenue_amount) as revenue_amount
from marts.fct_campaign_daily
group by all
order by report_month;

-- Which campaigns bring people into the shops?
select campaigns.campaign_name, sum(days.visitor_count) as visitor_count
from marts.fct_campaign_daily as days
inner join marts.dim_campaigns as campaigns using (campaign_id)
group by all
order by visitor_count desc;

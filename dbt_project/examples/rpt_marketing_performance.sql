-- What does each channel return on its spend, after experiments?
select channel, sum(calibrated_revenue_amount) / sum(spend_amount) as calibrated_return
from marts.rpt_marketing_performance
group by all
having sum(spend_amount) > 0
order by calibrated_return desc;

-- Which campaigns bring visits, by month?
select report_month, campaign_name, store_visit_count, calibrated_store_visit_count
from marts.rpt_marketing_performance
where store_visit_count > 0
order by report_month, store_visit_count desc;

-- How far do raw credit and experiments differ?
select channel, sum(revenue_amount) as revenue_amount, sum(calibrated_revenue_amount) as calibrated_revenue_amount
from marts.rpt_marketing_performance
where is_online_calibrated or is_store_calibrated
group by all
order by channel;

-- Which campaigns run now, by channel?
select channel, platform, campaign_name, status
from marts.dim_campaigns
where status ilike 'enabled' or status ilike 'active'
order by all;

-- What may be spent a day, by platform and currency?
select platform, currency_code, sum(daily_budget_micros) / 1e6 as daily_budget
from marts.dim_campaigns
group by all
order by all;

-- Which campaigns never spent anything?
select campaigns.campaign_id, campaigns.campaign_name
from marts.dim_campaigns as campaigns
anti join marts.fct_ad_spend as spend using (campaign_id)
order by all;

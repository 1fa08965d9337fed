-- What was spent by platform and month, in the reporting currency's minor units?
select platform, date_trunc('month', spend_date) as spend_month, sum(spend_reporting_minor) as spend_reporting_minor
from marts.fct_ad_spend
group by all
order by all;

-- What does a thousand impressions cost, by campaign, in the account's currency?
select
    campaigns.campaign_name,
    spend.currency_code,
    sum(spend.cost_micros) / 1e3 / nullif(sum(spend.impression_count), 0) as cost_per_thousand
from marts.fct_ad_spend as spend
inner join marts.dim_campaigns as campaigns using (campaign_id)
group by all
order by cost_per_thousand desc;

-- On which days did a campaign spend more than its budget of today?
select spend.spend_date, campaigns.campaign_name, spend.cost_micros / 1e6 as cost
from marts.fct_ad_spend as spend
inner join marts.dim_campaigns as campaigns using (campaign_id)
where spend.cost_micros > campaigns.daily_budget_micros
order by all;

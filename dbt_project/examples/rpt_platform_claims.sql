-- How much more do platforms claim than the web shop sold, over the last four weeks?
select report_date, sum(claimed_value_amount) as claimed_amount, any_value(ledger_online_amount) as sold_amount
from marts.rpt_platform_claims
where window_days = 28 and attribution_model = 'last_non_direct'
group by all
order by report_date desc;

-- Which campaigns claim most beyond what they are credited with?
select campaign_name, claimed_value_amount, attributed_online_amount, value_over_claim_factor
from marts.rpt_platform_claims
where
    window_days = 28
    and attribution_model = 'last_non_direct'
    and report_date = (select max(report_date) from marts.rpt_platform_claims)
order by value_over_claim_factor desc nulls last;

-- What do platforms not see: sales in the shops?
select platform, sum(attributed_till_amount) as attributed_till_amount
from marts.rpt_platform_claims
where window_days = 1 and attribution_model = 'last_non_direct'
group by all
order by platform;

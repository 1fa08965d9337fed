-- What is each channel credited with, by the last touch that is no direct visit?
select channel, sum(credit_reporting_minor) as credit_reporting_minor
from marts.fct_attribution
where attribution_model = 'last_non_direct'
group by all
order by credit_reporting_minor desc;

-- How much of the shops' sales is owed to ads and mails online?
select attribution_model, sum(credit_reporting_minor) as credit_reporting_minor
from marts.fct_attribution
where direction = 'online_to_offline'
group by all
order by attribution_model;

-- Why do sales have no touch?
select unattributed_reason, count(*) as conversion_count
from marts.fct_attribution
where attribution_model = 'last_non_direct' and touchpoint_id is null
group by all
order by conversion_count desc;

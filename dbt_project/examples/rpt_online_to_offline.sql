-- Of the people whom a channel reached, how many came to a shop?
select report_month, store_name, channel, conversion_rate, conversion_rate_low, conversion_rate_high
from marts.rpt_online_to_offline
where is_complete
order by all;

-- Which channel leads most people to a shop in the newest complete month?
select store_name, channel, converted_person_count, reached_person_count
from marts.rpt_online_to_offline
where report_month = (select max(report_month) from marts.rpt_online_to_offline where is_complete)
order by store_name, converted_person_count desc;

-- How many of those who came bought, too?
select report_month, store_name, channel, buying_person_count / nullif(visiting_person_count, 0) as buying_rate
from marts.rpt_online_to_offline
where is_complete
order by all;

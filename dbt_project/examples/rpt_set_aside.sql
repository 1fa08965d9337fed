-- What is left out of the other marts, and why?
select record_kind, reason, sum(record_count) as record_count
from marts.rpt_set_aside
group by all
order by record_count desc;

-- Does a connection suddenly have many of them?
select report_date, connection, sum(record_count) as record_count
from marts.rpt_set_aside
group by all
order by all;

-- How many sessions are robots'?
select date_trunc('month', report_date) as report_month, sum(record_count) as session_count
from marts.rpt_set_aside
where record_kind = 'web_session' and reason = 'bot'
group by all
order by report_month;

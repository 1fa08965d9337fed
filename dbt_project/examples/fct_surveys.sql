-- How many of those asked answer, by how they were asked?
select channel, count(*) filter (where is_answered) / count(*) as response_rate
from marts.fct_surveys
where is_invited and is_delivered is not false
group by all
order by response_rate desc;

-- How many begin and do not come to the end?
select survey_name, count(*) filter (where not is_complete) / count(*) as broken_off_rate
from marts.fct_surveys
where is_answered
group by all
order by all;

-- How soon do people answer?
select survey_name, median(date_diff('hour', invited_at, responded_at)) as median_hours
from marts.fct_surveys
where is_invited and is_answered
group by all
order by all;

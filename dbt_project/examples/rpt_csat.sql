-- How many are content, with its interval, by month and shop?
select asked_month, store_id, journey, csat, csat_low, csat_high, answer_count
from marts.rpt_csat
order by all;

-- How many of the whole chain are content?
select asked_month, sum(satisfied_count) / nullif(sum(answer_count), 0) as csat
from marts.rpt_csat
group by all
order by asked_month;

-- How many of those asked answer, by shop?
select stores.store_name, sum(scores.invited_response_count) / nullif(sum(scores.invitation_count - scores.undelivered_count), 0) as response_rate
from marts.rpt_csat as scores
inner join marts.dim_stores as stores using (store_id)
group by all
order by response_rate desc;

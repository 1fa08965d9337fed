-- Would people recommend us, with its interval, by month and shop?
select asked_month, store_id, journey, nps, nps_low, nps_high, answer_count
from marts.rpt_nps
order by all;

-- What is the score of the whole chain?
select asked_month, 100 * (sum(promoter_count) - sum(detractor_count)) / nullif(sum(answer_count), 0) as nps
from marts.rpt_nps
group by all
order by asked_month;

-- Do people who picked up judge otherwise than those who were sent goods?
select journey, sum(answer_count) as answer_count, 100 * (sum(promoter_count) - sum(detractor_count)) / nullif(sum(answer_count), 0) as nps
from marts.rpt_nps
group by all
order by journey;

-- What did experiments find, with their intervals?
select experiment_id, channel, metric, relative_effect, relative_low, relative_high, verdict
from marts.fct_experiments
order by all;

-- How many orders does a channel really bring?
select channel, experiment_id, effect, effect_low, effect_high
from marts.fct_experiments
where metric ilike '%order%' and method = 'did'
order by all;

-- Which experiments could not be measured, and why?
select experiment_id, metric, method, notes
from marts.fct_experiments
where verdict = 'not measured'
order by all;

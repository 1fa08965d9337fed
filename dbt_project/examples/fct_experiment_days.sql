-- How did what happened differ from what was expected, day by day?
select metric_date, metric, observed - expected as difference
from marts.fct_experiment_days
where is_test
order by all;

-- On how many days of the test was it outside the band?
select experiment_id, metric, count(*) filter (where observed not between expected_low and expected_high) as day_count
from marts.fct_experiment_days
where is_test
group by all
order by all;

-- How well did the control follow before the test?
select experiment_id, metric, corr(observed, expected) as correlation
from marts.fct_experiment_days
where not is_test
group by all
order by all;

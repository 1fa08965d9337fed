-- How many people will come to each shop in the next week?
select store_id, forecast_date, expected, expected_low_80, expected_high_80
from marts.rpt_store_demand_forecast
where measure = 'footfall' and horizon_days <= 7
order by all;

-- Is the forecast better than last week's figure?
select distinct store_id, measure, backtest_wape, backtest_naive_wape, backtest_coverage_rate
from marts.rpt_store_demand_forecast
order by all;

-- Which shops have no forecast, and why?
select distinct stores.store_name, forecast.measure, forecast.no_forecast_reason
from marts.rpt_store_demand_forecast as forecast
inner join marts.dim_stores as stores using (store_id)
where forecast.no_forecast_reason is not null
order by all;

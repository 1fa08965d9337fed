-- What do experiments make of each channel's credit?
select channel, conversion_type, sum(raw_conversion_count) as raw, sum(calibrated_conversion_count) as calibrated
from marts.rpt_calibrated_attribution
where attribution_model = 'last_non_direct'
group by all
order by all;

-- Which channels have been measured, and how surely?
select distinct channel, experiment_id, incremental_share, incremental_share_low, incremental_share_high
from marts.rpt_calibrated_attribution
where is_calibrated
order by all;

-- By what must a touch's credit be scaled?
select report_month, conversion_type, channel, calibration_factor
from marts.rpt_calibrated_attribution
where attribution_model = 'last_non_direct' and calibration_factor is not null
order by all;

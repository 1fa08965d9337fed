-- How sure is each channel's credit?
select report_month, channel, credit_reporting_minor, credit_low_reporting_minor, credit_high_reporting_minor
from marts.rpt_attribution_uncertainty
where attribution_model = 'last_non_direct' and conversion_type = 'till_order'
order by all;

-- Which channels' orders cannot be told from none?
select report_month, channel, conversion_count, conversion_count_high
from marts.rpt_attribution_uncertainty
where attribution_model = 'last_non_direct' and conversion_type = 'web_order' and conversion_count_low < 1
order by all;

-- Which model's credit moves least with another sample?
select attribution_model, avg(conversion_count_high - conversion_count_low) as mean_width
from marts.rpt_attribution_uncertainty
where conversion_type = 'till_order'
group by all
order by mean_width;

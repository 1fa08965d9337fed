-- Calibration moves credit between channels; it neither makes nor loses any.
select
    report_month,
    conversion_type,
    attribution_model,
    sum(raw_conversion_count) as raw_conversion_count,
    sum(calibrated_conversion_count) as calibrated_conversion_count,
    sum(raw_credit_reporting_minor) as raw_credit_reporting_minor,
    sum(calibrated_credit_reporting_minor) as calibrated_credit_reporting_minor
from {{ ref('rpt_calibrated_attribution') }}
group by report_month, conversion_type, attribution_model
having
    sum(raw_conversion_count) <> sum(calibrated_conversion_count)
    or sum(raw_credit_reporting_minor) <> sum(calibrated_credit_reporting_minor)

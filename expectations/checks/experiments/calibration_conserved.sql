select
    attribution_model || ' model' as place,
    null as day,
    currency_code as unit,
    (
        select coalesce(sum(net_reporting_minor), 0) from marts.fct_orders
        where is_sale
    ) as left_total,
    sum(calibrated_credit_reporting_minor) as right_total,
    0 as tolerance,
    null as ids
from marts.rpt_calibrated_attribution
group by attribution_model, currency_code

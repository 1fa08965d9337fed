with

models as (
    select * from {{ ref('stg_o2o__customer_models') }}
)

select
    until_date,
    horizon_days,
    customer_count,
    repeat_customer_count,
    r,
    alpha_days,
    a,
    b,
    p,
    q,
    {{ reporting_amount('mean_minor') }} as mean_purchase_amount,
    spend_correlation,
    purchases_reason,
    spend_reason,
    tested_days,
    tested_expected as tested_expected_count,
    tested_actual as tested_actual_count,
    test_reason,
    sum_low_factor,
    sum_high_factor
from models

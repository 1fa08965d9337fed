{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'customer_predictions') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'until_date': 'text', 'horizon_days': 'text', 'customer_count': 'text', 'repeat_customer_count': 'text',
            'r': 'text', 'alpha_days': 'text', 'a': 'text', 'b': 'text', 'p': 'text', 'q': 'text', 'v_minor': 'text',
            'spend_correlation': 'text', 'mean_minor': 'text', 'purchases_reason': 'text', 'spend_reason': 'text',
            'tested_days': 'text', 'tested_expected': 'text', 'tested_actual': 'text', 'test_reason': 'text',
            'sum_low_factor': 'text', 'sum_high_factor': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
    where _key = 'model'
)

select
    cast(payload.until_date as date) as until_date,
    cast(payload.horizon_days as bigint) as horizon_days,
    cast(payload.customer_count as bigint) as customer_count,
    cast(payload.repeat_customer_count as bigint) as repeat_customer_count,
    cast(payload.r as decimal(18, 6)) as r,
    cast(payload.alpha_days as decimal(18, 6)) as alpha_days,
    cast(payload.a as decimal(18, 6)) as a,
    cast(payload.b as decimal(18, 6)) as b,
    cast(payload.p as decimal(18, 6)) as p,
    cast(payload.q as decimal(18, 6)) as q,
    cast(payload.v_minor as decimal(18, 6)) as v_minor,
    cast(payload.spend_correlation as decimal(9, 6)) as spend_correlation,
    cast(payload.mean_minor as bigint) as mean_minor,
    payload.purchases_reason as purchases_reason,
    payload.spend_reason as spend_reason,
    cast(payload.tested_days as bigint) as tested_days,
    cast(payload.tested_expected as decimal(18, 1)) as tested_expected,
    cast(payload.tested_actual as bigint) as tested_actual,
    payload.test_reason as test_reason,
    cast(payload.sum_low_factor as decimal(9, 6)) as sum_low_factor,
    cast(payload.sum_high_factor as decimal(9, 6)) as sum_high_factor,
    _load_id,
    _extracted_at
from parsed

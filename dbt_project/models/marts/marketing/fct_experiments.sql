with

results as (
    select * from {{ ref('stg_o2o__experiment_results') }}
)

select
    {{ hash_key(['experiment_id', 'unit_type', 'metric', 'method']) }} as experiment_result_id,
    experiment_id,
    channel,
    campaign_id,
    design,
    unit_type,
    metric,
    method,
    start_date,
    end_date,
    treated_units,
    control_count,
    day_count,
    effect,
    effect_low,
    effect_high,
    relative_effect,
    relative_low,
    relative_high,
    p_value,
    placebo_p,
    fit_r2,
    incremental_share,
    share_low as incremental_share_low,
    share_high as incremental_share_high,
    case
        when effect is null then 'not measured'
        when effect_low > 0 then 'more'
        when effect_high < 0 then 'less'
        else 'not shown'
    end as verdict,
    inference,
    notes
from results

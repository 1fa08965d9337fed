with

results as (
    select * from {{ ref('stg_o2o__experiment_results') }}
),

points as (
    select
        experiment_id,
        unit_type,
        metric,
        method,
        start_date,
        {{ explode('series') }} as point
    from results
),

typed as (
    select
        experiment_id,
        unit_type,
        metric,
        method,
        start_date,
        cast(point.day as date) as metric_date,
        cast(point.observed as decimal(24, 6)) as observed,
        cast(point.expected as decimal(24, 6)) as expected,
        cast(point.margin as decimal(24, 6)) as margin
    from points
)

select
    {{ hash_key(['experiment_id', 'unit_type', 'metric', 'method', 'metric_date']) }} as experiment_day_id,
    experiment_id,
    unit_type,
    metric,
    method,
    metric_date,
    metric_date >= start_date as is_test,
    observed,
    expected,
    cast(expected - margin as decimal(24, 6)) as expected_low,
    cast(expected + margin as decimal(24, 6)) as expected_high
from typed

with

forecasts as (
    select * from {{ ref('stg_o2o__store_forecasts') }}
),

stores as (
    select * from {{ ref('int_stores__matched') }}
)

select
    {{ hash_key(['forecasts.store_id', 'forecasts.measure', 'forecasts.forecast_date']) }} as store_demand_forecast_id,
    forecasts.store_id,
    forecasts.measure,
    forecasts.forecast_date,
    stores.time_zone,
    case when forecasts.measure = 'sales' then '{{ var("reporting_currency") }}' else 'people' end as unit,
    forecasts.is_open,
    forecasts.is_public_holiday,
    forecasts.holiday_name,
    {%- for column, name in {
        'expected': 'expected', 'low_80': 'expected_low_80', 'high_80': 'expected_high_80',
        'low_95': 'expected_low_95', 'high_95': 'expected_high_95',
    }.items() %}
    case
        when forecasts.measure = 'sales' then {{ reporting_amount('forecasts.' ~ column) }}
        else {{ reporting_amount('forecasts.' ~ column ~ ' * 1' ~ '0' * (var('reporting_exponent') | int)) }}
    end as {{ name }},
    {%- endfor %}
    forecasts.model,
    forecasts.reason as no_forecast_reason,
    forecasts.trained_until,
    forecasts.horizon_days,
    forecasts.day_count,
    forecasts.backtest_days as backtest_day_count,
    forecasts.backtest_wape,
    forecasts.naive_wape as backtest_naive_wape,
    forecasts.backtest_coverage as backtest_coverage_rate
from forecasts
inner join stores
    on forecasts.store_id = stores.store_id

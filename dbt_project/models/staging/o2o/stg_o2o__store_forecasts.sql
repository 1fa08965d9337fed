{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'store_forecasts') }}
),

parsed as (
    select
        _key as store_forecast_id,
        {{ json_record('_payload', {
            'store_id': 'text', 'measure': 'text', 'forecast_date': 'text', 'trained_until': 'text',
            'horizon_days': 'text', 'day_count': 'text', 'is_open': 'text', 'model': 'text', 'reason': 'text',
            'is_public_holiday': 'text', 'holiday_name': 'text',
            'expected': 'text', 'low_80': 'text', 'high_80': 'text', 'low_95': 'text', 'high_95': 'text',
            'backtest_days': 'text', 'backtest_wape': 'text', 'naive_wape': 'text', 'backtest_coverage': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    store_forecast_id,
    payload.store_id as store_id,
    payload.measure as measure,
    cast(payload.forecast_date as date) as forecast_date,
    cast(payload.trained_until as date) as trained_until,
    cast(payload.horizon_days as bigint) as horizon_days,
    cast(payload.day_count as bigint) as day_count,
    cast(payload.is_open as boolean) as is_open,
    cast(payload.is_public_holiday as boolean) as is_public_holiday,
    payload.holiday_name as holiday_name,
    payload.model as model,
    payload.reason as reason,
    cast(payload.expected as bigint) as expected,
    cast(payload.low_80 as bigint) as low_80,
    cast(payload.high_80 as bigint) as high_80,
    cast(payload.low_95 as bigint) as low_95,
    cast(payload.high_95 as bigint) as high_95,
    cast(payload.backtest_days as bigint) as backtest_days,
    cast(payload.backtest_wape as decimal(9, 6)) as backtest_wape,
    cast(payload.naive_wape as decimal(9, 6)) as naive_wape,
    cast(payload.backtest_coverage as decimal(9, 6)) as backtest_coverage,
    _load_id,
    _extracted_at
from parsed

{{ config(materialized='table') }}

{%- set point = {'day': 'text', 'observed': 'text', 'expected': 'text', 'margin': 'text'} %}

with

landed as (
    {{ newest_load('o2o', 'experiment_results') }}
),

parsed as (
    select
        _key as experiment_result_id,
        {{ json_record('_payload', {
            'experiment_id': 'text', 'channel': 'text', 'campaign_id': 'text', 'design': 'text', 'unit_type': 'text',
            'metric': 'text', 'method': 'text', 'start_date': 'text', 'end_date': 'text',
            'treated_units': 'text', 'control_count': 'text', 'day_count': 'text',
            'effect': 'text', 'effect_low': 'text', 'effect_high': 'text',
            'relative_effect': 'text', 'relative_low': 'text', 'relative_high': 'text',
            'p_value': 'text', 'placebo_p': 'text', 'fit_r2': 'text',
            'incremental_share': 'text', 'share_low': 'text', 'share_high': 'text',
            'advertised_share': 'text', 'advertised_low': 'text', 'advertised_high': 'text',
            'inference': 'text', 'notes': 'text', 'series': [point],
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    experiment_result_id,
    payload.experiment_id as experiment_id,
    payload.channel as channel,
    payload.campaign_id as campaign_id,
    payload.design as design,
    payload.unit_type as unit_type,
    payload.metric as metric,
    payload.method as method,
    cast(payload.start_date as date) as start_date,
    cast(payload.end_date as date) as end_date,
    payload.treated_units as treated_units,
    cast(payload.control_count as bigint) as control_count,
    cast(payload.day_count as bigint) as day_count,
    cast(payload.effect as decimal(24, 6)) as effect,
    cast(payload.effect_low as decimal(24, 6)) as effect_low,
    cast(payload.effect_high as decimal(24, 6)) as effect_high,
    cast(payload.relative_effect as decimal(18, 6)) as relative_effect,
    cast(payload.relative_low as decimal(18, 6)) as relative_low,
    cast(payload.relative_high as decimal(18, 6)) as relative_high,
    cast(payload.p_value as decimal(9, 6)) as p_value,
    cast(payload.placebo_p as decimal(9, 6)) as placebo_p,
    cast(payload.fit_r2 as decimal(18, 6)) as fit_r2,
    cast(payload.incremental_share as decimal(18, 6)) as incremental_share,
    cast(payload.share_low as decimal(18, 6)) as share_low,
    cast(payload.share_high as decimal(18, 6)) as share_high,
    cast(payload.advertised_share as decimal(18, 6)) as advertised_share,
    cast(payload.advertised_low as decimal(18, 6)) as advertised_low,
    cast(payload.advertised_high as decimal(18, 6)) as advertised_high,
    payload.inference as inference,
    payload.notes as notes,
    payload.series as series,
    _load_id,
    _extracted_at
from parsed

{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'experiments') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'experiment_id': 'text', 'channel': 'text', 'design': 'text', 'unit_type': 'text',
            'unit_id': 'text', 'start_date': 'text', 'end_date': 'text', 'campaign_id': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    payload.experiment_id as experiment_id,
    payload.unit_id as unit_id,
    payload.channel as channel,
    payload.campaign_id as campaign_id,
    payload.design as design,
    payload.unit_type as unit_type,
    cast(payload.start_date as date) as start_date,
    cast(payload.end_date as date) as end_date,
    _load_id,
    _extracted_at
from parsed

{#- Each load is the whole plan: the newest counts, and only that. -#}
{{ config(materialized='table') }}

with

landed as (
    select * from {{ landed('o2o', 'experiments') }}
),

newest as (
    select max(_load_id) as _load_id
    from landed
),

parsed as (
    select
        {{ json_record('landed._payload', {
            'experiment_id': 'text', 'channel': 'text', 'design': 'text', 'unit_type': 'text',
            'unit_id': 'text', 'start_date': 'text', 'end_date': 'text', 'campaign_id': 'text',
        }) }} as payload,
        landed._load_id,
        landed._extracted_at
    from landed
    inner join newest
        on landed._load_id = newest._load_id
    -- A load of nothing is a row without a key.
    where landed._key is not null
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

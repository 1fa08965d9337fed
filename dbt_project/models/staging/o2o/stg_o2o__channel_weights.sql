{#- Each load is the whole solution: the newest counts, and only that. -#}
{{ config(materialized='table') }}

with

landed as (
    select * from {{ landed('o2o', 'channel_weights') }}
),

newest as (
    select max(_load_id) as _load_id
    from landed
),

parsed as (
    select
        landed._key as channel_weight_id,
        {{ json_record('landed._payload', {
            'conversion_type': 'text', 'attribution_model': 'text', 'channel': 'text', 'weight': 'text',
            'weight_standard_error': 'text', 'removal_effect': 'text', 'is_sampled': 'text',
            'is_negative': 'text',
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
    channel_weight_id,
    payload.conversion_type as conversion_type,
    payload.attribution_model as attribution_model,
    payload.channel as channel,
    cast(cast(payload.weight as decimal(13, 12)) * 1000000000000 as bigint) as weight_trillionths,
    cast(payload.weight_standard_error as decimal(14, 12)) as weight_standard_error,
    cast(payload.removal_effect as decimal(13, 12)) as removal_effect,
    cast(payload.is_sampled as boolean) as is_sampled,
    cast(payload.is_negative as boolean) as is_negative,
    _load_id,
    _extracted_at
from parsed

{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'channel_weights') }}
),

parsed as (
    select
        _key as channel_weight_id,
        {{ json_record('_payload', {
            'conversion_type': 'text', 'attribution_model': 'text', 'channel': 'text', 'weight': 'text',
            'weight_standard_error': 'text', 'removal_effect': 'text', 'is_sampled': 'text',
            'is_negative': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
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

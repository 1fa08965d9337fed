{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'identity_links') }}
),

parsed as (
    select
        _key as identity_link_id,
        {{ json_record('_payload', {
            'key_left': 'text', 'key_right': 'text', 'probability': 'text', 'explanation': 'text',
            'decision': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    identity_link_id,
    payload.key_left as left_record_key,
    payload.key_right as right_record_key,
    cast(payload.probability as decimal(9, 6)) as probability,
    payload.explanation as explanation,
    payload.decision as decision,
    _load_id,
    _extracted_at
from parsed

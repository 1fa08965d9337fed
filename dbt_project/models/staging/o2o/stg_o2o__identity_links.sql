{#- Each load is all that was proposed: the newest counts, and only that. -#}
{{ config(materialized='table') }}

with

landed as (
    select * from {{ landed('o2o', 'identity_links') }}
),

newest as (
    select max(_load_id) as _load_id
    from landed
),

parsed as (
    select
        landed._key as identity_link_id,
        {{ json_record('landed._payload', {
            'key_left': 'text', 'key_right': 'text', 'probability': 'text', 'explanation': 'text',
            'decision': 'text',
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
    identity_link_id,
    payload.key_left as left_record_key,
    payload.key_right as right_record_key,
    cast(payload.probability as decimal(9, 6)) as probability,
    payload.explanation as explanation,
    payload.decision as decision,
    _load_id,
    _extracted_at
from parsed

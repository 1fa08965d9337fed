{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'accepted_records') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'connection': 'text', 'stream': 'text', 'record_key': 'text', 'load_id': 'text', 'reason': 'text',
            'accepted_by': 'text', 'accepted_at': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    payload.connection as connection,
    payload.stream as stream,
    payload.record_key as record_key,
    payload.load_id as load_id,
    payload.reason as reason,
    payload.accepted_by as accepted_by,
    {{ utc('payload.accepted_at') }} as accepted_at,
    _load_id,
    _extracted_at
from parsed

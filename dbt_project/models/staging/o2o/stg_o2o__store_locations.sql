{{ config(materialized='table') }}

with

landed as (
    {{ newest_load('o2o', 'store_locations') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'store_id': 'text', 'connection': 'text', 'location_id': 'text', 'valid_from': 'text',
            'valid_before': 'text',
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
)

select
    payload.connection as connection,
    payload.location_id as location_id,
    coalesce(cast(payload.valid_from as date), date '1900-01-01') as valid_from,
    coalesce(cast(payload.valid_before as date), date '9999-12-31') as valid_before,
    payload.store_id as store_id,
    _load_id,
    _extracted_at
from parsed

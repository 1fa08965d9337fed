{{ entity_stream('counter_serial') }}

with

landed as (
    {{ newest_per_key('store_sensors', 'counters') }}
),

parsed as (
    select
        {{ json_record('_payload', {'serial': 'text', 'name': 'text'}) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.serial as counter_serial,
        {{ store_code('payload.name') }} as store_code,
        payload.name as counter_name,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'counter_serial') }}

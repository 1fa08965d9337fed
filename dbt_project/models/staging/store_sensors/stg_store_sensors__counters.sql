{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('store_sensors', 'counters') }}
),

parsed as (
    {{ opened('landed', {'serial': 'text!', 'name': 'text'}) }}
),

renamed as (
    select
        payload.serial as counter_serial,
        {{ store_code('payload.name') }} as store_code,
        payload.name as counter_name,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

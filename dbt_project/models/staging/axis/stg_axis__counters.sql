{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('axis', 'counters') }}
),

parsed as (
    {{ opened('landed', {'serial': 'text!', 'name': 'text', 'time_zone': 'zone?', 'api': 'text'}) }}
),

renamed as (
    select
        payload.serial as counter_serial,
        {{ store_code('payload.name') }} as store_code,
        payload.name as counter_name,
        {{ zone('payload.time_zone') }} as time_zone,
        payload.api as interface_name,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

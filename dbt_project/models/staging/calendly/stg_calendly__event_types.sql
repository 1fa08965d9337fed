{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('calendly', 'event_types') }}
),

parsed as (
    {{ opened('landed', {'uri': 'text!', 'name': 'text', 'active': 'flag', 'duration': 'count?', 'kind': 'text'}) }}
),

renamed as (
    select
        {{ extract_pattern('payload.uri', '([^/]+)$') }} as calendly_event_type_id,
        payload.name as event_type_name,
        {{ flag('payload.active') }} as is_active,
        {{ counted('payload.duration') }} as minutes,
        payload.kind as kind,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('calendly', 'scheduled_events') }}
),

parsed as (
    {{ opened('landed', {
        'uri': 'text!', 'name': 'text', 'status': 'text', 'event_type': 'text',
        'start_time': 'time!', 'end_time': 'time', 'created_at': 'time!', 'updated_at': 'time',
        'location': {'type': 'text', 'location': 'text'},
    }) }}
),

renamed as (
    select
        {{ extract_pattern('payload.uri', '([^/]+)$') }} as calendly_event_id,
        {{ extract_pattern('payload.event_type', '([^/]+)$') }} as calendly_event_type_id,
        payload.name as event_name,
        payload.status as status,
        payload.location.type as place_kind,
        -- What the host wrote down; of other kinds the place is the invitee's, or none.
        case
            when payload.location.type in ('physical', 'custom')
                then nullif(trim(payload.location.location), '')
        end as place_name,
        {{ utc('payload.start_time') }} as starts_at,
        {{ utc('payload.end_time') }} as ends_at,
        {{ utc('payload.created_at') }} as created_at,
        {{ utc('payload.updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

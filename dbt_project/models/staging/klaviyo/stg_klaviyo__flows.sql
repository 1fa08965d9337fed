{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('klaviyo', 'flows') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!',
        'attributes': {
            'created': 'time?', 'updated': 'time!', 'name': 'text', 'status': 'text', 'archived': 'flag?',
        },
    }) }}
),

renamed as (
    select
        payload.id as klaviyo_flow_id,
        payload.attributes.name as flow_name,
        payload.attributes.status as status_name,
        {{ flag('payload.attributes.archived') }} as is_archived,
        {{ utc('payload.attributes.created') }} as created_at,
        {{ utc('payload.attributes.updated') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

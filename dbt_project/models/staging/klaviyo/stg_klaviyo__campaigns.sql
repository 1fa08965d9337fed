{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('klaviyo', 'campaigns') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!',
        'attributes': {
            'created_at': 'time?', 'updated_at': 'time!', 'definition': {'name': 'text', 'archived': 'flag?'},
        },
    }) }}
),

renamed as (
    select
        payload.id as klaviyo_campaign_id,
        payload.attributes.definition.name as campaign_name,
        {{ flag('payload.attributes.definition.archived') }} as is_archived,
        {{ utc('payload.attributes.created_at') }} as created_at,
        {{ utc('payload.attributes.updated_at') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

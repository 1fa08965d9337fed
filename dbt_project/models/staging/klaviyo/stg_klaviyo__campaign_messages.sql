{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('klaviyo', 'campaign_messages') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'attributes': {'updated': 'time!', 'definition': {'name': 'text'}},
        'relationships': {
            'campaign': {'data': {'id': 'text!'}}, 'campaign-variations': {'data': [{'id': 'text'}]},
        },
    }) }}
),

renamed as (
    select
        payload.id as klaviyo_message_id,
        payload.relationships.campaign.data.id as klaviyo_campaign_id,
        payload.attributes.definition.name as message_name,
        payload.relationships.{{ adapter.quote('campaign-variations') }}.data as variations,
        {{ utc('payload.attributes.updated') }} as updated_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}

{{ entity_stream('hubspot_deal_id') }}

with

landed as (
    {{ newest_per_key('hubspot', 'deal_contacts') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'id': 'text', 'associations': {'contacts': [{'toObjectId': 'text'}]},
        }) }} as payload,
        connection,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.id as hubspot_deal_id,
        {{ first_element('payload.associations.contacts') }}.toObjectId as hubspot_contact_id,
        connection,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'hubspot_deal_id') }}

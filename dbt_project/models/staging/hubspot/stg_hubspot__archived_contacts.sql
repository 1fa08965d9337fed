{{ entity_stream('hubspot_contact_id') }}

with

landed as (
    {{ newest_per_key('hubspot', 'archived_contacts') }}
),

parsed as (
    select
        {{ json_record('_payload', {
            'id': 'text', 'createdAt': 'text', 'archivedAt': 'text',
            'properties': {'email': 'text', 'phone': 'text', 'firstname': 'text', 'loyalty_card_no': 'text'},
        }) }} as payload,
        _load_id,
        _extracted_at
    from landed
),

renamed as (
    select
        payload.id as hubspot_contact_id,
        payload.properties.email as email,
        payload.properties.phone as phone,
        payload.properties.firstname as first_name,
        payload.properties.loyalty_card_no as loyalty_card_no,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.archivedAt') }} as archived_at,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed', 'hubspot_contact_id') }}

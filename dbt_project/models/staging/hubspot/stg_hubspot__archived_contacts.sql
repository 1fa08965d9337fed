{{ entity_stream() }}

with

landed as (
    {{ newest_per_key('hubspot', 'archived_contacts') }}
),

parsed as (
    {{ opened('landed', {
        'id': 'text!', 'createdAt': 'time!', 'archivedAt': 'time',
        'properties': {
            'email': 'text', 'phone': 'text', 'firstname': 'text', 'lastname': 'text',
            'date_of_birth': 'day?', 'address': 'text', 'city': 'text', 'zip': 'text',
            'loyalty_card_no': 'text',
        },
    }) }}
),

renamed as (
    select
        payload.id as hubspot_contact_id,
        payload.properties.email as email,
        payload.properties.phone as phone,
        payload.properties.firstname as first_name,
        payload.properties.lastname as last_name,
        {{ birth_date('payload.properties.date_of_birth') }} as birth_date,
        payload.properties.address as street,
        payload.properties.city as city,
        payload.properties.zip as postal_code,
        payload.properties.loyalty_card_no as loyalty_card_no,
        {{ utc('payload.createdAt') }} as created_at,
        {{ utc('payload.archivedAt') }} as archived_at,
        connection,
        _key,
        _faults,
        _load_id,
        _extracted_at
    from parsed
)

{{ staged_entities('renamed') }}
